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
from typing import TYPE_CHECKING

from datacut.errors import Finding, nearest
from datacut.spec.bound import CODES, Binding, BoundCall, Parameter, Verb, VerbKind
from datacut.spec.calls import Call, Value, Word
from datacut.spec.plain import PLAIN
from datacut.spec.tokens import GrammarError
from datacut.spec.where import Where

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
type NewColumns = list[str]
"""Columns the verb writes beside it."""
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
type Cases = list[tuple[Where, str | float]]
"""`{"condition": value}`: quoted conditions on the frame in order, each with a text or a number."""
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

_DEFAULTED = ("Column", "Columns", "Keys", "Source", "SourceColumn", "SourceColumns")
_CONDITIONS = ("Condition", "SourceCondition", "Cases")
_NAMING = (*_DEFAULTED, "NewColumn", "NewColumns", "ColumnMap", *_CONDITIONS, *CODES, "Table", "Function")


@dataclass(frozen=True)
class _Mark:
    kinds: tuple[VerbKind, ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    gives: Mapping[str, tuple[str, ...]]
    number: bool
    says: str | Mapping[str, str]
    may_lack: tuple[str, ...]


def verb[F: Callable[..., object]](
    *kinds: VerbKind,
    reads: tuple[str, ...] = (),
    writes: tuple[str, ...] = (),
    gives: Mapping[str, tuple[str, ...]] | None = None,
    number: bool = False,
    says: str | Mapping[str, str] | None = None,
    may_lack: tuple[str, ...] = (),
) -> Callable[[F], F]:
    """Mark a function as a verb of the given kinds; `Registry.add_module` finds the mark.

    mapping: raw frame in, one series out; column: frame in, frame with new columns out, rows and index kept; records:
    frame in, `NewRecords` out; method: frame in, results out; cell: frame in, what a column shows of each record out;
    function: series in, series out, named by another verb.
    A column verb that is a mapping too is one in `set:` of a block, where its new column is the variable that is set.
    gives: what a column can hold, by its parameter (blank: the variable of a mapping) or name: quoted texts, parameters
    whose texts, columns or terms it takes, `visits` and `epochs` of study.yml. Left out, it can hold any text. number:
    the new column holds numbers, so that a variable it makes need not say so. says: its words (`spec.wording`),
    one text, or one for each parameter whose column, or name of a column, it writes; `""` for the others. may_lack:
    parameters without whose columns it is still right, so that a fault there does not cost it (`spec.missing`).
    """

    def mark(function: F) -> F:
        function.__verb__ = _Mark(kinds, reads, writes, gives or {}, number, says or {}, may_lack)  # type: ignore[attr-defined]
        return function

    return mark


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
        return (v for v in self.verbs.values() if set(v.kinds) & set(kinds))

    @property
    def numeric(self) -> frozenset[str]:
        """Verbs whose new column holds numbers."""
        return frozenset(name for name, v in self.verbs.items() if v.number)

    def bind(self, call: Call, kinds: tuple[VerbKind, ...], new: str | None = None) -> BoundCall:
        """Check `call` against its verb; `new` is the variable being defined. Raises GrammarError with the remedy."""
        verb_ = self.verbs.get(call.verb)
        kind = next((k for k in verb_.kinds if k in kinds), None) if verb_ is not None else None
        if verb_ is None or kind is None:
            known = [v.name for v in self.of_kind(*kinds)]
            what = "no such verb" if verb_ is None else f"a {verb_.kind} verb cannot stand here"
            raise GrammarError(f"{call.verb}: {what}. {self._remedy(call.verb, known)}")
        values = _match(verb_, call, new)
        bound = Binding(verb_, kind)
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
        places = ", ".join(str(f.where) for f in self.unloaded if name.startswith("study."))
        return f"It may stand in code that was not loaded: {places}." if places else nearest(name, known)


def _verb(name: str, function: Callable[..., object], mark: _Mark) -> Verb:
    if "function" in mark.kinds:
        return Verb(name, mark.kinds, function, (), wants_context=False, says=mark.says)
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
    about = (mark.reads, mark.writes, mark.gives, mark.number, mark.says, mark.may_lack)
    return Verb(name, mark.kinds, function, tuple(parameters), "context" in signature.parameters, *about)


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
