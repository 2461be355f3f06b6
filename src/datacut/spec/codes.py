"""What texts a column can hold, as far as the specs alone decide it: the codes of a dataset before any data.

A column is closed if every call that writes it says what it writes: fixed texts, terms of a codelist, texts of a table
or of another closed column. It is open (None) as soon as one of them takes over what is collected: of an open column
nothing is known to be wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from types import NoneType

from datacut.spec.bind import LABELS
from datacut.spec.bound import BoundCall
from datacut.spec.calls import CasesValue, Given, ListValue, MapValue, Number, Text, Word, codes_in
from datacut.spec.dataset import DatasetSpec, VariableSpec
from datacut.spec.load import Specs
from datacut.spec.plan import Block, Step
from datacut.spec.where import Comparison, Compound, Missing, SettingRef

type Texts = frozenset[str] | None
"""The texts a column can hold; None if it can hold any."""

Condition = Comparison | Compound | Missing
NOTHING: frozenset[str] = frozenset()


def topic_of(columns: Collection[str]) -> str | None:
    """The column that holds the code of a record: PARAMCD, else --TESTCD or TSPARMCD; None without one."""
    if "PARAMCD" in columns:
        return "PARAMCD"
    return next((c for c in columns if c.endswith(("TESTCD", "PARMCD"))), None)


@dataclass
class Codes:
    """The texts of each column of each dataset and form of a study, worked out when asked for."""

    specs: Specs
    steps: tuple[Step, ...]
    known: dict[tuple[str, str], Texts] = field(default_factory=dict)
    _open: list[tuple[str, str]] = field(default_factory=list)
    _circle: bool = False

    def __post_init__(self) -> None:
        self.settings = self.specs.settings
        self.writers: dict[tuple[str, str], list[Step]] = {}
        self.blocks: dict[str, list[Block]] = {}
        self.rows = {s.dataset for s in self.steps if s.kind == "rows"}
        for step in self.steps:
            self.blocks.setdefault(step.dataset, []).extend(step.blocks)
            for column in step.writes if step.kind == "column" else ():
                self.writers.setdefault((step.dataset, column), []).append(step)
            if step.kind == "rows" and step.call is not None:
                for column in step.call.writes:
                    self.writers.setdefault((step.dataset, column), []).append(step)

    def texts(self, dataset: str, column: str) -> Texts:
        """The texts that `column` of a dataset, of `raw.<form>` or of a table can hold; None if it can hold any."""
        place = (dataset, column)
        if place in self.known:
            return self.known[place]
        if place in self._open:
            self._circle = True
            return NOTHING
        self._open.append(place)
        found = self._texts(dataset, column)
        self._open.pop()
        if not self._open or not self._circle:
            self.known[place] = found
        if not self._open:
            self._circle = False
        return found

    def fixed(self, call: BoundCall, column: str, dataset: str) -> frozenset[str]:
        """The texts that stand in a call itself and that it writes to a column of the dataset it makes."""
        gives = [g for g in call.verb.gives.get(_name_of(call, column), ()) if g in call.values]
        found = {t for g in gives if _is_fixed(call, g) for t in self._literal(call.values[g])}
        spec = self.specs.sdtm.get(dataset) or self.specs.adam[dataset]
        if column == topic_of(spec.variables):
            new = [p.name for p in call.verb.parameters if p.takes in ("NewCodes", "NewCodeMap")]
            found |= {t for n in new if n in call.values for t in self._literal(call.values[n])}
        return frozenset(found)

    # -- a column --------------------------------------------------------------------------------------------

    def _texts(self, dataset: str, column: str) -> Texts:
        if dataset.startswith("raw."):
            return self._collected(dataset.removeprefix("raw."), column)
        if dataset.startswith("study."):
            return self._tabled(dataset.removeprefix("study."), column)
        spec = self.specs.sdtm.get(dataset) or self.specs.adam.get(dataset)
        if spec is None:
            parent = dataset.removeprefix("SUPP")
            return self.texts(parent, column) if parent in self.specs.sdtm and parent != dataset else None
        if spec.parameters and column in LABELS:
            return self._labels(spec, column)
        variable = spec.variables.get(column)
        made = list(self._made(dataset, column))
        if made and all(m is not None for m in made):
            return frozenset(t for m in made if m is not None for t in m)
        name = variable.codelist if variable is not None else None
        return self.terms(name) if name else None

    def terms(self, codelist: str) -> Texts:
        """The values of a codelist of the study; None if it is none."""
        found = self.specs.codelists.get(codelist)
        return frozenset(t.value for t in found.terms) if found else None

    def _labels(self, spec: DatasetSpec, column: str) -> Texts:
        match column:
            case "PARAMCD":
                return frozenset(spec.parameters)
            case "PARAM":
                return frozenset(p.param for p in spec.parameters.values())
            case "PARCAT1":
                return frozenset(p.parcat1 for p in spec.parameters.values() if p.parcat1)
            case _:
                return None

    def _collected(self, form: str, column: str) -> Texts:
        """The spellings of the codelist of a field."""
        found = self.specs.forms.get(form)
        collected = self.specs.columns(found).get(column) if found else None
        codelist = self.specs.codelists.get(collected.codelist) if collected and collected.codelist else None
        if codelist is None:
            return None
        return frozenset(s for t in codelist.terms for s in (t.value, t.decode, *t.collected))

    def _tabled(self, table: str, column: str) -> Texts:
        if table == "visits":
            visits = self.specs.study.visits
            texts = {"ID": visits, "VISIT": [v.visit.upper() for v in visits.values()]}
            texts["EPOCH"] = [v.epoch for v in visits.values() if v.epoch]
            return frozenset(texts[column]) if column in texts else None
        found = self.specs.study.tables.get(table)
        if found is None or found.columns.get(column) != "text":
            return None
        return frozenset(str(row[column]) for row in found.rows if row.get(column) not in (None, ""))

    # -- what makes it ---------------------------------------------------------------------------------------

    def _made(self, dataset: str, column: str) -> Iterator[Texts]:
        """What each block and each step that writes the column can write."""
        for block in self.blocks.get(dataset, []):
            made = [m for m in block.mapped if m.name == column]
            if made:
                shared = (self.specs.sdtm.get(dataset) or self.specs.adam[dataset]).variables.get(column)
                yield from (self._written(m.call, column, _Frame(self, dataset, block), shared) for m in made)
            elif block.call is not None and column in block.call.writes:
                yield self._written(block.call, column, _Frame(self, dataset, block, of_source=True), None, dataset)
            elif column in block.carried:
                yield self.texts(block.records.source, column)
        for step in self.writers.get((dataset, column), []):
            if step.void or (step.early and dataset in self.rows):
                yield None
            elif step.predecessor is not None:
                yield self.texts(*step.predecessor)
            elif step.call is not None:
                yield self._written(step.call, column, _Frame(self, dataset), None, dataset)

    def _written(
        self, call: BoundCall, column: str, frame: _Frame, shared: VariableSpec | None, made: str | None = None
    ) -> Texts:
        """What a call writes to a column, from what its verb says it gives."""
        for parameter in call.verb.parameters:
            value = call.values.get(parameter.name)
            if parameter.takes == "ColumnMap" and call.source is not None:
                pairs = _pairs(value)
                if column in pairs:
                    return self.texts(call.source, pairs[column])
            if parameter.takes in ("NewCodes", "NewCodeMap") and made is not None:
                spec = self.specs.sdtm.get(made) or self.specs.adam[made]
                if column == topic_of(spec.variables) and not isinstance(value, NoneType | Condition | CasesValue):
                    return frozenset(codes_in(value) or ())
        gives = call.verb.gives.get(_name_of(call, column))
        if gives is None:
            if call.verb.name.startswith("assign"):
                name = _text(call.values.get("codelist")) or (shared.codelist if shared else None)
                return self.terms(name) if name else None
            return None
        parts = [self._given(call, item, frame) for item in gives]
        return None if any(p is None for p in parts) else frozenset(t for p in parts if p is not None for t in p)

    def _given(self, call: BoundCall, item: str, frame: _Frame) -> Texts:
        """One item of what a verb gives: a quoted text, what a parameter holds, `visits` or `epochs` of study.yml."""
        if item.startswith('"'):
            return frozenset([item.strip('"')])
        if item in ("visits", "epochs"):
            return self._tabled("visits", "VISIT" if item == "visits" else "EPOCH")
        parameter = next(p for p in call.verb.parameters if p.name == item)
        value = call.values.get(item)
        if value is None:
            return frozenset([parameter.default]) if isinstance(parameter.default, str) else NOTHING
        if isinstance(value, Condition) or {"prefix", "suffix"} & set(call.values):
            return None
        match parameter.takes:
            case "Column" | "Columns":
                found = [frame.texts(name) for name in codes_in(value) or ()]
            case "SourceColumn":
                found = [self.texts(call.source or "", name) for name in codes_in(value) or ()]
            case _ if item == "windows":
                found = [frozenset(w.avisit for w in self.specs.study.windows.get(_text(value) or "", ()))]
            case _ if item == "codelist":
                terms = self.specs.codelists.get(_text(value) or "")
                found = [frozenset(t.decode or t.value for t in terms.terms) if terms else None]
            case _:
                given = [then for _, then in value.items] if isinstance(value, CasesValue) else [value]
                found = [None if isinstance(v, Number) else frozenset(self._literal(v)) for v in given]
        return None if any(f is None for f in found) else frozenset(t for f in found if f is not None for t in f)

    def _literal(self, value: Given) -> Iterator[str]:
        match value:
            case CasesValue(cases):
                for _, item in cases:
                    yield from self._literal(item)
            case Text(text) | Word(text):
                yield text
            case SettingRef(name):
                setting = self.specs.study.settings.get(name)
                if setting is not None:
                    held = setting.value if isinstance(setting.value, tuple) else (setting.value,)
                    yield from (*map(str, held), *setting.alternatives)
            case ListValue(items):
                for item in items:
                    yield from self._literal(item)
            case MapValue(pairs):
                for _, item in pairs:
                    yield from self._literal(item)
            case _:
                return


@dataclass
class _Frame:
    """The frame a call works on: the dataset, or the source of a block or what the call of the block made."""

    codes: Codes
    dataset: str
    block: Block | None = None
    of_source: bool = False

    def texts(self, column: str) -> Texts:
        if self.block is None:
            return self.codes.texts(self.dataset, column)
        if self.block.call is None or self.of_source:
            return self.codes.texts(self.block.records.source, column)
        return None


def _is_fixed(call: BoundCall, name: str) -> bool:
    takes = next(p.takes for p in call.verb.parameters if p.name == name)
    return takes in ("str", "str | float", "list[str]", "dict[str, str]", "Cases") and not {"prefix", "suffix"} & set(
        call.values
    )


def _pairs(value: Given | None) -> dict[str, str]:
    match value:
        case MapValue(pairs):
            return {k: str(v) for k, v in pairs}
        case ListValue() | Word():
            return {c: c for c in codes_in(value) or ()}
        case _:
            return {}


def _text(value: Given | None) -> str | None:
    return value.text if isinstance(value, Text | Word) else None


def _name_of(call: BoundCall, column: str) -> str:
    """The parameter that names the column; the column itself where a verb always writes it, blank for a mapping."""
    if call.verb.kind == "mapping":
        return ""
    named = {_text(v): n for n, v in call.values.items()}
    news = {p.name for p in call.verb.parameters if p.takes == "NewColumn"}
    return named[column] if named.get(column) in news else column
