"""Verbs: the closed list of what a spec may call, and the check of a call against a verb's signature.

A verb is a function marked with `@verb(...)`. Its first parameter is the frame it works on; the annotations of the
others (the aliases below) say what a value must be, and so which columns a call reads and writes before any data is
there. A parameter named `context` is given by the builder.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from datacut.errors import Finding, nearest
from datacut.spec.calls import Call, ListValue, MapValue, Text, Value, Word, codes_in
from datacut.spec.plain import PLAIN, is_plain
from datacut.spec.tokens import GrammarError
from datacut.spec.where import Comparison, Compound, Missing, SettingRef, Where, columns_of, parse_where, settings_of

if TYPE_CHECKING:
    import pandas as pd

type Column = str
"""A column of the frame, read."""
type Columns = list[str]
"""Columns of the frame, read."""
type Keys = list[str]
"""Key columns of the frame, read; of the Source too, unless a parameter `source_by` names others."""
type NewColumn = str
"""A column the verb writes; left out, it is the variable being defined."""
type Source = pd.DataFrame
"""Another dataset or raw form, by name."""
type SourceColumn = str
"""A column of the verb's Source, read."""
type SourceColumns = list[str]
"""Columns of the verb's Source, read."""
type ColumnMap = dict[str, str]
"""`{NEW: OLD}`: columns written, from columns of the Source."""
type Condition = Where
"""A quoted condition on the frame."""
type SourceCondition = Where
"""A quoted condition on the Source."""
type Code = str
"""A code of the records of the frame, read: of PARAMCD, or of --TESTCD where they have none."""
type Codes = list[str]
"""Codes of the records of the frame, read."""
type CodeMap = dict[str, str]
"""`{part: CODE}`: the part that each of the codes of the frame plays; a list of codes gives each its own name."""
type SourceCodeMap = dict[str, str]
"""`{part: CODE}`, of the records of the verb's Source."""
type NewCodes = list[str]
"""Codes of the records that the verb makes."""
type NewCodeMap = dict[str, str]
"""`{part: CODE}`, of the records that the verb makes."""
type Table = pd.DataFrame
"""A table of study.yml, by name: a frame of its columns, texts and numbers (`Float64`), blank cells missing."""
type Function = Callable[..., pd.Series]
"""A registered `compute_` or `study.` function, by name."""

type VerbKind = Literal["mapping", "column", "records", "method", "cell", "function"]

_DEFAULTED = ("Column", "Columns", "Keys", "Source", "SourceColumn", "SourceColumns")
CODES = ("Code", "Codes", "CodeMap", "SourceCodeMap", "NewCodes", "NewCodeMap")
"""Annotations of codes."""
_NAMING = (*_DEFAULTED, "NewColumn", "ColumnMap", "Condition", "SourceCondition", *CODES, "Table", "Function")


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
    name; says: its words, by the parameter whose column they are of (`spec.wording`).
    """

    name: str
    kind: VerbKind
    function: Callable[..., object]
    parameters: tuple[Parameter, ...]
    wants_context: bool
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    gives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    number: bool = False
    says: str | Mapping[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.function) or "").partition("\n")[0]


@dataclass(frozen=True)
class _Mark:
    kind: VerbKind
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    gives: Mapping[str, tuple[str, ...]]
    number: bool
    says: str | Mapping[str, str]


def verb[F: Callable[..., object]](
    kind: VerbKind,
    *,
    reads: tuple[str, ...] = (),
    writes: tuple[str, ...] = (),
    gives: Mapping[str, tuple[str, ...]] | None = None,
    number: bool = False,
    says: str | Mapping[str, str] | None = None,
) -> Callable[[F], F]:
    """Mark a function as a verb of the given kind; `Registry.add_module` finds the mark.

    mapping: raw frame in, one series out; column: frame in, frame with new columns out, rows and index kept; records:
    frame in, `NewRecords` out; method: frame in, results out; cell: frame in, what a column shows of each record out;
    function: series in, series out, named by another verb.
    gives: what a column can hold, by its parameter (blank: the variable of a mapping) or name: quoted texts, parameters
    whose texts, columns or terms it takes, `visits` and `epochs` of study.yml. Left out, it can hold any text. number:
    the new column holds numbers, so that a variable it makes need not say so. says: its words (`spec.wording`),
    one text, or one for each parameter whose column, or name of a column, it writes; `""` for the others.
    """

    def mark(function: F) -> F:
        function.__verb__ = _Mark(kind, reads, writes, gives or {}, number, says or {})  # type: ignore[attr-defined]
        return function

    return mark


@dataclass(frozen=True)
class BoundCall:
    """A call that fits its verb: values by parameter, and what it reads and writes.

    reads: own columns; source: name of the other dataset it reads, source_reads: its columns; uses: settings with what
    their parameter takes; tables: those of study.yml; codes: of the frame, read and made; rules: words of functions.
    """

    verb: Verb
    call: Call
    values: Mapping[str, Value | Where]
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
        """The conditions given to parameters that take a `Condition`, or a `SourceCondition`."""
        given = (self.values.get(p.name) for p in self.verb.parameters if p.takes == takes)
        yield from (w for w in given if isinstance(w, Comparison | Missing | Compound))

    @property
    def settings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _ in self.uses))


@dataclass
class Registry:
    """The verbs a build knows, those of the study as `study.<name>`; unloaded: its files that could not be loaded."""

    verbs: dict[str, Verb] = field(default_factory=dict)
    unloaded: list[Finding] = field(default_factory=list)

    def add_module(self, module: ModuleType, prefix: str = "") -> None:
        """Register every marked function that `module` itself defines."""
        for name, function in sorted(vars(module).items()):
            mark = getattr(function, "__verb__", None)
            if isinstance(mark, _Mark) and function.__module__ == module.__name__:
                if prefix + name in self.verbs:
                    raise ValueError(f"verb {prefix + name} is defined twice")
                self.verbs[prefix + name] = _verb(prefix + name, function, mark)

    def of_kind(self, *kinds: VerbKind) -> Iterator[Verb]:
        return (v for v in self.verbs.values() if v.kind in kinds)

    @property
    def numeric(self) -> frozenset[str]:
        """Verbs whose new column holds numbers."""
        return frozenset(name for name, v in self.verbs.items() if v.number)

    def bind(self, call: Call, kinds: tuple[VerbKind, ...], new: str | None = None) -> BoundCall:
        """Check `call` against its verb; `new` is the variable being defined. Raises GrammarError with the remedy."""
        verb_ = self.verbs.get(call.verb)
        if verb_ is None or verb_.kind not in kinds:
            known = [v.name for v in self.of_kind(*kinds)]
            what = "no such verb" if verb_ is None else f"a {verb_.kind} verb cannot stand here"
            raise GrammarError(f"{call.verb}: {what}. {self._remedy(call.verb, known)}")
        values = _match(verb_, call, new)
        bound = _Binding(verb_)
        for parameter in verb_.parameters:
            if parameter.name in values:
                bound.take(parameter, values[parameter.name])
            elif parameter.takes in _DEFAULTED and isinstance(parameter.default, str):
                bound.take(parameter, Word(parameter.default))
        for name in bound.functions:
            if name not in self.verbs or self.verbs[name].kind != "function":
                known = [v.name for v in self.of_kind("function")]
                raise GrammarError(f"{call.verb}: no function {name}. {self._remedy(name, known)}")
        return bound.finish(call, new, {name: self.verbs[name].says for name in bound.functions})

    def _remedy(self, name: str, known: list[str]) -> str:
        """What to do for a verb that is not there: it may stand in a file that could not be loaded."""
        places = ", ".join(f.where for f in self.unloaded if name.startswith("study."))
        return f"It may stand in code that was not loaded: {places}." if places else nearest(name, known)


def _verb(name: str, function: Callable[..., object], mark: _Mark) -> Verb:
    if mark.kind == "function":
        return Verb(name, mark.kind, function, (), wants_context=False, says=mark.says)
    parameters: list[Parameter] = []
    signature = inspect.signature(function)
    annotations = inspect.get_annotations(function)
    for parameter in list(signature.parameters.values())[1:]:
        if parameter.name == "context":
            continue
        optional = parameter.default is not inspect.Parameter.empty
        takes = _takes(annotations[parameter.name])
        if takes not in _NAMING and takes not in PLAIN:
            raise TypeError(f"{name}: parameter {parameter.name} has an annotation no spec can fill: {takes}")
        parameters.append(Parameter(parameter.name, takes, optional, parameter.default if optional else None))
    about = (mark.reads, mark.writes, mark.gives, mark.number, mark.says)
    return Verb(name, mark.kind, function, tuple(parameters), "context" in signature.parameters, *about)


def _takes(annotation: object) -> str:
    """The alias a parameter is annotated with, `| None` taken off."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", None)
    if text is None or not isinstance(annotation, str | type | typing.TypeAliasType):
        text = str(annotation)
    return text.replace("| None", "").strip()


def _match(verb_: Verb, call: Call, new: str | None) -> dict[str, Value]:
    """Values by parameter; the first new column that is needed and not given is the variable being defined."""
    names = [p.name for p in verb_.parameters]
    if len(call.args) > len(names):
        takes = f"at most {len(names)} values ({', '.join(names)})" if names else "no values"
        raise GrammarError(f"{call.verb} takes {takes}")
    values = dict(zip(names, call.args, strict=False))
    for name, value in call.named:
        if name not in names:
            raise GrammarError(f"{call.verb} has no parameter {name}. {nearest(name, names)}")
        if name in values:
            raise GrammarError(f"{call.verb}: {name} is given twice")
        values[name] = value
    needed = [p for p in verb_.parameters if not p.optional]
    first_new = next((p.name for p in needed if p.takes == "NewColumn"), None)
    if first_new is not None and new is not None:
        values.setdefault(first_new, Word(new))
    missing = [p.name for p in needed if p.name not in values]
    if missing:
        raise GrammarError(f"{call.verb} needs {', '.join(missing)}")
    return values


class _Binding:
    """Collects the typed values of one call and what they read and write."""

    def __init__(self, verb_: Verb) -> None:
        self.verb = verb_
        self.values: dict[str, Value | Where] = {}
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
            case takes:
                self._plain(name, takes, value)
        self.values[name] = value

    def finish(self, call: Call, new: str | None, rules: Mapping[str, str | Mapping[str, str]]) -> BoundCall:
        writes = dict.fromkeys(self.writes)
        if self.verb.kind == "column" and new is not None and new not in writes:
            raise GrammarError(f"{self.verb.name}: the call writes {', '.join(writes) or 'nothing'}, not {new}")
        if self.verb.kind == "mapping" and new is not None:
            writes[new] = None
        self.source_reads += self.keys if "source_by" not in self.values else []
        self.source_reads += self.verb.reads if self.source is not None else ()
        return BoundCall(
            verb=self.verb,
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
