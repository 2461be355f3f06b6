"""Check of an output spec before any data is read: names, calls and the columns they read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from datacut.ard.columns import SUBJECT
from datacut.ard.source import SUBJECTS
from datacut.errors import Finding, Findings, Location, Severity, SpecError, nearest, unplaced
from datacut.spec.bound import VerbKind, conditions_in
from datacut.spec.calls import Call, ListValue, Text, Word
from datacut.spec.check_codes import compared, fault_of
from datacut.spec.codes import Texts
from datacut.spec.comparison import Holds, mismatches
from datacut.spec.conditional import Conditional, When
from datacut.spec.document import Loc
from datacut.spec.output import Analysis, OutputLibrary, OutputSpec, RecordsShown, Subset
from datacut.spec.plan import Place
from datacut.spec.registry import Registry
from datacut.spec.resolve_output import resolve_output
from datacut.spec.settings import never, unfit
from datacut.spec.study import Study
from datacut.spec.tokens import GrammarError
from datacut.spec.where import Where, columns_of, settings_of

type Locate = Callable[[Loc], Location]


@dataclass
class Known:
    """What an output may name.

    columns: of every ADaM dataset, holds: what they hold; codelists: their ids; texts: what texts a column can have;
    lost: columns, parameters and records (`*`) of datasets that are missing for a fault.
    """

    library: OutputLibrary
    study: Study
    registry: Registry
    columns: Mapping[str, Collection[str]]
    codelists: Collection[str] = field(default_factory=tuple)
    holds: Mapping[str, Mapping[str, Holds]] = field(default_factory=dict)
    setting_at: Callable[[str], Location] = unplaced
    texts: Callable[[str, str], Texts] = lambda _dataset, _column: None
    lost: Collection[Place] = frozenset()


def check_output(spec: OutputSpec, known: Known, locate: Locate) -> list[Finding]:
    """Every fault of one output that can be seen without data; locate gives file and line of a place in its file.

    One that reads what is missing for a fault elsewhere would print it as nothing: a warning, and it is not made.
    """
    check = _Check(known, locate)
    try:
        shown = resolve_output(spec, known.library)
    except SpecError as fault:
        return fault.findings
    check.output(shown, len(shown.analyses) - len(spec.analyses))
    if check.missing and not check.findings:
        what, remedy = "is not made: what it reads is missing", "Mend the fault for which it is missing."
        missing = ", ".join(check.missing)
        return [Finding(Severity.WARNING, "spec.output.missing", locate(()), what, missing, remedy)]
    return list(check.findings)


class _Check:
    def __init__(self, known: Known, locate: Locate) -> None:
        self.known = known
        self.locate = locate
        self.settings = {name: setting.value for name, setting in known.study.settings.items()}
        self.findings = Findings()
        self.missing: dict[str, None] = {}

    def output(self, spec: OutputSpec, inherited: int) -> None:
        """The whole output; its first `inherited` analyses come from the template."""
        library = self.known.library
        self.name(spec.population, self.known.study.analysis_sets, "analysis set", ("population",))
        self.when(spec.when, ("when",))
        if self.left_out(spec):
            return
        self.population(spec.population)
        if spec.columns is not None and self.name(spec.columns, library.columns, "columns", ("columns",)):
            for group in library.columns[spec.columns].groups:
                for name in (*group.within, *((group.by,) if group.by else ())):
                    if self.name(name, self.known.study.groupings, "grouping", ("columns",)):
                        self.made(SUBJECTS, [self.known.study.groupings[name].variable])
                for subset in group.subsets.values():
                    self.among(subset, ("columns",))
                self.when(group.when, ("columns",))
        self.among(spec.among, ("among",))
        if spec.unless_same is not None:
            sets = self.known.study.analysis_sets
            self.name(spec.unless_same.population, sets, "analysis set", ("unless_same", "population"))
        for name in (*library.first, *spec.footnotes, *library.last):
            self.name(name, library.footnotes, "footnote", ("footnotes",))
        for number, (_, analysis) in enumerate(spec.identified):
            self.analysis(spec, analysis, ("analyses", number - inherited) if number >= inherited else ("template",))
        if spec.records is not None:
            self.records(spec.records, ("records",))
        for name, layer in (spec.figure.layers if spec.figure else {}).items():
            self.records(layer, ("figure", "layers", name))

    def analysis(self, spec: OutputSpec, analysis: Analysis, loc: Loc) -> None:
        dataset = str(analysis.dataset)
        if analysis.population is not None:
            self.name(analysis.population, self.known.study.analysis_sets, "analysis set", (*loc, "population"))
        self.when(analysis.when, (*loc, "when"))
        if self.left_out(analysis) or not self.name(dataset, self.known.columns, "dataset", (*loc, "dataset")):
            return
        self.made(dataset, ())
        self.population(analysis.population)
        self.call(analysis.call, dataset, (*loc, "call"))
        self.condition(analysis.where, dataset, (*loc, "where"))
        self.among(analysis.among, (*loc, "among"))
        for by in (*((spec.pages,) if spec.pages else ()), *(analysis.by or ())):
            self.reads([c for c in (by.variable, by.order, by.text) if c], dataset, loc)
            if by.window is not None:
                self.name(by.window, self.known.study.windows, "windows", loc)
            self.said(dataset, ((by.variable, level) for level in (*by.levels, *by.omit)), loc)
            for where in by.subjects.values():
                self.condition(where, SUBJECTS, loc)

    def records(self, records: RecordsShown, at: Loc) -> None:
        if not self.name(records.dataset, self.known.columns, "dataset", (*at, "dataset")):
            return
        self.made(records.dataset, ())
        self.condition(records.where, records.dataset, (*at, "where"))
        self.reads((*records.one_per, *records.sort), records.dataset, (*at, "sort"))
        self.names(records.keys, records.columns, "column of the listing", (*at, "keys"))
        self.names(records.repeat, records.columns, "column of the listing", (*at, "repeat"))
        for key, column in records.columns.items():
            loc = (*at, "columns", key)
            dataset = column.dataset or records.dataset
            self.when(column.when, loc)
            if not self.left_out(column) and self.name(dataset, self.known.columns, "dataset", loc):
                self.call(column.call, dataset, loc, "cell")
                self.condition(column.where, dataset, loc)
                self.reads(column.match, dataset, loc)
                self.reads(column.match, records.dataset, loc)

    def call(self, call: Call, dataset: str, loc: Loc, kind: VerbKind = "method") -> None:
        try:
            bound = self.known.registry.bind(call, (kind,))
        except GrammarError as error:
            self.findings.error("spec.call", self.locate(loc), str(error), value=str(call), remedy="Mend the call.")
            return
        self.reads(bound.reads, dataset, loc)
        self.names(bound.settings, self.known.study.settings, "setting", loc)
        for name, takes in bound.uses:
            needs = unfit(self.settings[name], takes) if name in self.settings else None
            if needs is not None:
                what, told = f"{bound.verb.name} takes {needs} for {name}", str(self.settings[name])
                place, remedy = self.known.setting_at(name), f"Write {needs}."
                self.findings.error("spec.setting", place, what, value=told, remedy=remedy)
        for given in bound.values.values():
            for condition in conditions_in(given):
                self.compared(condition, dataset, loc)
        groupings = self.known.study.groupings
        patterns = dict.fromkeys(("pattern", "worst_pattern"), self.known.library.patterns)
        known = {**patterns, "codelist": self.known.codelists, "grouping": groupings}
        for parameter, names in (*known.items(), ("groupings", groupings)):
            value = bound.values.get(parameter)
            for item in value.items if isinstance(value, ListValue) else (value,):
                if isinstance(item, Text | Word):
                    self.name(item.text, names, parameter.removesuffix("s"), loc)
        default = next((p.default for p in bound.verb.parameters if p.name == "pattern"), None)
        if isinstance(default, str) and "pattern" not in bound.values:
            self.name(default, self.known.library.patterns, "pattern", loc)

    def among(self, subset: Subset | None, loc: Loc) -> None:
        if subset is not None and self.name(subset.dataset, self.known.columns, "dataset", loc):
            self.condition(subset.where, subset.dataset, loc)

    def condition(self, where: Where | None, dataset: str, loc: Loc) -> None:
        if where is not None:
            self.reads(columns_of(where), dataset, loc)
            self.names(settings_of(where), self.known.study.settings, "setting", loc)
            self.compared(where, dataset, loc)

    def compared(self, where: Where, dataset: str, loc: Loc) -> None:
        """What a condition compares, and the texts it compares columns with."""
        holds = {**self.known.holds.get(SUBJECTS, {}), **self.known.holds.get(dataset, {})}
        for found in mismatches(where, holds, self.settings):
            self.findings.error("spec.condition", self.locate(loc), found.what, value=found.value, remedy=found.remedy)
        self.said(dataset, compared(where, self.settings), loc)

    def said(self, dataset: str, texts: Iterable[tuple[str, str]], loc: Loc) -> None:
        """Texts that no record can have in a column, of the dataset or else of the subjects."""
        for column, text in dict.fromkeys(texts):
            of = dataset if column in self.known.columns[dataset] else SUBJECTS
            if column == "PARAMCD":
                self.made(of, [text])
            fault = fault_of(of, column, text, self.known.texts)
            if fault is not None:
                what, value, remedy = fault
                self.findings.error("spec.code", self.locate(loc), what, value=value, remedy=remedy)

    def reads(self, names: Iterable[str], dataset: str, loc: Loc) -> None:
        names = tuple(names)
        columns = self.known.columns[dataset]
        joined = self.known.columns.get(SUBJECTS, ()) if SUBJECT in columns else ()
        self.names(names, (*columns, *joined), f"column of {dataset} or {SUBJECTS}", loc)
        self.made(dataset, (name for name in names if name in columns))
        self.made(SUBJECTS, (name for name in names if name not in columns))

    def population(self, name: str | None) -> None:
        """What the subjects of an analysis set are chosen by."""
        if name in self.known.study.analysis_sets:
            self.made(SUBJECTS, columns_of(self.known.study.analysis_sets[name].where))

    def made(self, dataset: str, names: Iterable[str]) -> None:
        """Notes what is missing of a dataset: its records, or columns or parameters of it that are read."""
        lost = self.known.lost
        self.missing |= {dataset: None} if (dataset, "*") in lost else {}
        self.missing |= {f"{dataset}.{name}": None for name in names if (dataset, name) in lost}

    def left_out(self, part: Conditional) -> bool:
        """Whether the settings leave it out; what it reads may then be left out too."""
        return all(name in self.settings for name in part.when) and not part.holds(self.settings)

    def when(self, when: When, loc: Loc) -> None:
        self.names(when, self.known.study.settings, "setting", loc)
        for name, value in never(when, self.known.study.settings):
            remedy = nearest(value, self.known.study.settings[name].alternatives)
            what = f"a value that {name} never has"
            self.findings.error("spec.setting", self.locate(loc), what, value=value, remedy=remedy)

    def names(self, names: Iterable[str], known: Collection[str], what: str, loc: Loc) -> None:
        for name in dict.fromkeys(names):
            self.name(name, known, what, loc)

    def name(self, name: str, known: Collection[str], what: str, loc: Loc) -> bool:
        """Whether `name` is known; a finding with the nearest known one if not."""
        if name in known:
            return True
        remedy = nearest(name, known)
        self.findings.error("spec.output", self.locate(loc), f"no such {what}", value=name, remedy=remedy)
        return False
