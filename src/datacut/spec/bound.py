"""A call that fits its verb: what a verb is, and what one call of it reads, writes and holds."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from datacut.spec.calls import Call, CasesValue, Given, ListValue, MapValue, Text, Value, Word, codes_in
from datacut.spec.plain import PLAIN, is_plain
from datacut.spec.tokens import GrammarError
from datacut.spec.where import Comparison, Compound, Missing, SettingRef, Where, columns_of, parse_where, settings_of

type VerbKind = Literal["mapping", "column", "records", "method", "cell", "function"]

CODES = ("Code", "Codes", "CodeMap", "SourceCodeMap", "NewCodes", "NewCodeMap")
"""Annotations of codes."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a verb: its name, what it takes (name of the annotation) and whether it may be left out."""

    name: str
    takes: str
    optional: bool
    default: object = None


@dataclass(frozen=True)
class Verb:
    """A registered verb.

    reads, writes: columns it always reads (of its Source too, if it has one) and writes, beside those its arguments
    name; says: its words, by the parameter whose column they are of (`spec.wording`); may_lack: parameters whose
    columns a fault may have left without values.
    """

    name: str
    kinds: tuple[VerbKind, ...]
    function: Callable[..., object]
    parameters: tuple[Parameter, ...]
    wants_context: bool
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    gives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    number: bool = False
    says: str | Mapping[str, str] = field(default_factory=dict)
    may_lack: tuple[str, ...] = ()

    @property
    def kind(self) -> VerbKind:
        """What it is where it can stand as either."""
        return self.kinds[0]

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.function) or "").partition("\n")[0]


def conditions_in(given: Given | None) -> Iterator[Where]:
    """The condition that a value is, or those that its cases have."""
    match given:
        case CasesValue(items):
            yield from (when for when, _ in items)
        case Comparison() | Missing() | Compound():
            yield given


@dataclass(frozen=True)
class BoundCall:
    """A call that fits its verb: values by parameter, what it is here, and what it reads and writes.

    reads: own columns; source: name of the other dataset it reads, source_reads: its columns; uses: settings with what
    their parameter takes; tables: those of study.yml; codes: of the frame, read and made; rules: words of functions.
    """

    verb: Verb
    kind: VerbKind
    call: Call
    values: Mapping[str, Given]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    source: str | None = None
    source_reads: tuple[str, ...] = ()
    uses: tuple[tuple[str, str], ...] = ()
    functions: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    rules: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)

    def conditions(self, takes: str) -> Iterator[Where]:
        """The conditions given to parameters that take a `Condition` or `Cases`, or a `SourceCondition`."""
        of_frame = ("Condition", "Cases")
        for parameter in self.verb.parameters:
            if parameter.takes in (of_frame if takes in of_frame else (takes,)):
                yield from conditions_in(self.values.get(parameter.name))

    @property
    def settings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _ in self.uses))


class Binding:
    """Collects the typed values of one call and what they read and write."""

    def __init__(self, verb_: Verb, kind: VerbKind) -> None:
        self.verb = verb_
        self.kind = kind
        self.values: dict[str, Given] = {}
        self.reads = list(verb_.reads)
        self.writes = list(verb_.writes)
        self.source: str | None = None
        self.source_reads: list[str] = []
        self.keys: list[str] = []
        self.codes: list[str] = []
        self.uses: list[tuple[str, str]] = []
        self.functions: list[str] = []
        self.tables: list[str] = []

    def take(self, parameter: Parameter, value: Value) -> None:
        name = parameter.name
        match parameter.takes:
            case "Column":
                self.reads.append(self._word(name, value))
            case "Columns":
                self.reads += self._words(name, value)
            case "Keys":
                self.keys += self._words(name, value)
                self.reads += self.keys
            case "NewColumn":
                self.writes.append(self._word(name, value))
            case "NewColumns":
                self.writes += self._words(name, value)
            case "Source":
                self.source = self._word(name, value)
            case "SourceColumn":
                self.source_reads.append(self._word(name, value))
            case "SourceColumns":
                self.source_reads += self._words(name, value)
            case "ColumnMap":
                pairs = self._pairs(name, value)
                self.writes += [k for k, _ in pairs]
                self.source_reads += [self._word(name, v) for _, v in pairs]
            case takes if takes in CODES:
                codes = self._codes(name, takes, value)
                if takes != "SourceCodeMap":
                    self.codes += codes
            case "Table":
                self.tables.append(self._word(name, value))
            case "Function":
                self.functions.append(self._word(name, value))
            case "Condition" | "SourceCondition":
                where = self._condition(name, value)
                self.uses += [(s, parameter.takes) for s in settings_of(where)]
                (self.reads if parameter.takes == "Condition" else self.source_reads).extend(columns_of(where))
                self.values[name] = where
                return
            case "Cases":
                cases = self._cases(name, value)
                for where, then in cases.items:
                    self.uses += [(s, "Condition") for s in settings_of(where)]
                    self.reads.extend(columns_of(where))
                    self._plain(name, "str | float", then)
                self.values[name] = cases
                return
            case takes:
                self._plain(name, takes, value)
        self.values[name] = value

    def finish(self, call: Call, new: str | None, rules: Mapping[str, str | Mapping[str, str]]) -> BoundCall:
        writes = dict.fromkeys(self.writes)
        if self.kind == "column" and new is not None and new not in writes:
            raise GrammarError(f"{self.verb.name}: the call writes {', '.join(writes) or 'nothing'}, not {new}")
        if self.kind == "mapping" and new is not None:
            writes[new] = None
        self.source_reads += self.keys if "source_by" not in self.values else []
        self.source_reads += self.verb.reads if self.source is not None else ()
        return BoundCall(
            verb=self.verb,
            kind=self.kind,
            call=call,
            values=self.values,
            reads=tuple(dict.fromkeys(self.reads)),
            writes=tuple(writes),
            source=self.source,
            source_reads=tuple(dict.fromkeys(self.source_reads)),
            uses=tuple(dict.fromkeys(self.uses)),
            functions=tuple(self.functions),
            tables=tuple(dict.fromkeys(self.tables)),
            codes=tuple(self.codes),
            rules=rules,
        )

    def _fault(self, name: str, what: str, value: object) -> GrammarError:
        return GrammarError(f"{self.verb.name}: {name} takes {what}, not {value}")

    def _word(self, name: str, value: Value) -> str:
        if not isinstance(value, Word):
            raise self._fault(name, "a bare name", value)
        return value.text

    def _words(self, name: str, value: Value) -> list[str]:
        items = value.items if isinstance(value, ListValue) else (value,)
        return [self._word(name, item) for item in items]

    def _codes(self, name: str, takes: str, value: Value) -> list[str]:
        """The codes of a value, bare or quoted."""
        items = codes_in(value) if takes != "Code" or isinstance(value, Word | Text) else None
        if items is None or (isinstance(value, MapValue) and not takes.endswith("Map")):
            raise self._fault(name, "a code" if takes == "Code" else "codes", value)
        return items

    def _pairs(self, name: str, value: Value) -> tuple[tuple[str, Value], ...]:
        if isinstance(value, MapValue):
            return value.items
        return tuple((w, Word(w)) for w in self._words(name, value))

    def _condition(self, name: str, value: Value) -> Where:
        if not isinstance(value, Text):
            raise self._fault(name, "a quoted condition", value)
        return parse_where(value.text)

    def _cases(self, name: str, value: Value) -> CasesValue:
        if not isinstance(value, MapValue) or not value.items:
            raise self._fault(name, "a map of quoted conditions and what each gives", value)
        return CasesValue(tuple((parse_where(when), then) for when, then in value.items))

    def _plain(self, name: str, takes: str, value: Value) -> None:
        """Check a value that names no column; a setting fits anywhere but for true and false."""
        item = "float" if takes in ("list[float]", "dict[str, float]") else "str"
        match value:
            case ListValue(items) if takes.startswith("list"):
                good = all(is_plain(item, i) for i in items)
                self.uses += [(i.name, item) for i in items if isinstance(i, SettingRef)]
            case MapValue(pairs) if takes.startswith("dict"):
                good = all(is_plain(item, v) for _, v in pairs)
                self.uses += [(v.name, item) for _, v in pairs if isinstance(v, SettingRef)]
            case SettingRef(setting):
                good = takes != "bool"
                self.uses.append((setting, takes))
            case _:
                good = is_plain(item if takes.startswith("list") else takes, value)
        if not good:
            raise self._fault(name, PLAIN[takes], value)
