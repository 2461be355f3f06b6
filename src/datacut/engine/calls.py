"""One call of a verb as a task: made once for each content of the columns, arguments and context that it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from datacut.cache.content import digest_of, json_bytes, json_from
from datacut.cache.entries import Members
from datacut.cache.findings import findings_bytes, findings_from
from datacut.cache.frames import digest_column, frame_bytes, frame_from
from datacut.cache.tasks import Tasks
from datacut.engine.arguments import arguments
from datacut.engine.context import FILE, RID, ROW, Context, NewRecords, Reported
from datacut.errors import Finding, Findings, Severity
from datacut.spec.bound import BoundCall
from datacut.spec.where import Where, columns_of, settings_of

_ENGINE = "datacut.engine.calls"
_MAPPINGS = {
    "setting": "settings",
    "codelist": "codelists",
    "codelist of": "codelist_of",
    "field": "fields",
    "windows": "windows",
    "visit": "visits",
}
_WHOLE = {"units", "grading", "form_visits"}
_ALL = "*"


@dataclass(frozen=True)
class Made:
    """What a call made: the new columns, with the index of its frame, or new records; and what it told, of what it
    found and of the records it chose."""

    result: pd.DataFrame | NewRecords
    reported: tuple[Reported, ...] = ()
    findings: tuple[Finding, ...] = ()
    chosen: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class Planned:
    """A call that is made with others: its context, and the condition on the rows it is made of."""

    bound: BoundCall
    context: Context
    where: Where | None


@dataclass
class _Group:
    """What the calls of one task were given, and told."""

    reads: set[str] = field(default_factory=set)
    reported: list[Reported] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Calls:
    """Makes calls. sources: a dataset, form or table by name; functions: a registered function by name; tasks: where
    what calls make is kept, nowhere if None."""

    sources: Callable[[str], pd.DataFrame]
    functions: Callable[[str], Callable[..., object]]
    tasks: Tasks | None = None
    _digests: dict[tuple[str, int], tuple[object, str]] = field(default_factory=dict)
    _names: dict[str, int] = field(default_factory=dict)
    _group: _Group | None = None

    def make(
        self, bound: BoundCall, frame: pd.DataFrame, context: Context, source: str, writes: tuple[str, ...]
    ) -> Made:
        """What a call makes of a frame, of which it sees nothing but the columns and the order of the rows.

        source: what the frame is of, by its name; writes: columns wanted of a call that makes columns. Raises TypeError
        where it does not make what its verb promises.
        """
        seen = frame.drop(columns=[c for c in (FILE, ROW) if c in frame.columns]).reset_index(drop=True)
        if self._group is not None:
            watched = _Watched.of(context, self._group.reads)
            made = self._made(bound, seen, watched, writes)
            self._group.reported += made.reported
            self._group.findings += made.findings
            made = replace(made, reported=(), findings=())
        elif self.tasks is None:
            made = self._made(bound, seen, replace(context, findings=Findings(), heard=[], chosen=[]), writes)
        else:
            parts = self._parts(self.tasks, [Planned(bound, context, None)], seen, source)
            made = self._kept(self.tasks, parts, context, lambda: self._made_apart(bound, seen, context, writes))
        if isinstance(made.result, pd.DataFrame):
            return replace(made, result=made.result.set_axis(frame.index))
        return made

    def make_together(
        self,
        planned: Sequence[Planned],
        frame: pd.DataFrame,
        rows: Sequence[np.ndarray],
        source: str,
        work: Callable[[], pd.DataFrame],
    ) -> Made:
        """What many calls make of rows of one frame, as one task: a frame of as many rows. work: makes them."""
        if self.tasks is None:
            return Made(work())
        names = dict.fromkeys(c for p in planned for c in (*p.bound.reads, *(columns_of(p.where) if p.where else ())))
        keys = [p.context.keys for p in planned if p.bound.verb.wants_context]
        seen = frame[[c for c in dict.fromkeys([*names, *(k for own in keys for k in own), RID]) if c in frame.columns]]
        parts = self._parts(self.tasks, planned, seen, source)
        parts["rows"] = digest_of([taken.tolist() for taken in rows])

        def together() -> tuple[Made, set[str]]:
            group = self._group = _Group()
            try:
                made = work()
            finally:
                self._group = None
            return Made(made, tuple(group.reported), tuple(group.findings)), group.reads

        return self._kept(self.tasks, parts, replace(planned[0].context, variable="*"), together)

    def _kept(
        self, tasks: Tasks, parts: Mapping[str, str], context: Context, make: Callable[[], tuple[Made, set[str]]]
    ) -> Made:
        def work() -> tuple[Members, Iterable[str]]:
            made, reads = make()
            return _encoded(made), reads

        return _decoded(tasks.make(self._name(context), parts, work, lambda read: self._now(read, context)))

    def _made_apart(
        self, bound: BoundCall, frame: pd.DataFrame, context: Context, writes: tuple[str, ...]
    ) -> tuple[Made, set[str]]:
        reads: set[str] = set()
        return self._made(bound, frame, _Watched.of(context, reads), writes), reads

    def _made(self, bound: BoundCall, frame: pd.DataFrame, context: Context, writes: tuple[str, ...]) -> Made:
        values = arguments(bound, context.settings, lambda name: self._source(bound, name), self.functions)
        if bound.verb.wants_context:
            values["context"] = context
        result = bound.verb.function(frame, **values)
        if bound.kind == "records":
            if not isinstance(result, NewRecords):
                raise TypeError(f"{bound.verb.name} must return NewRecords")
        else:
            result = _columns(bound, result, frame, writes)
        chosen = pd.concat(context.chosen, ignore_index=True) if context.chosen else pd.DataFrame()
        return Made(result, tuple(context.heard or ()), tuple(context.findings), chosen)

    def _source(self, bound: BoundCall, name: str) -> pd.DataFrame:
        """A source with the columns that the call declares to read of it, and its record numbers; a table whole."""
        frame = self.sources(name)
        if name != bound.source:
            return frame
        return frame[[c for c in (*bound.source_reads, RID) if c in frame.columns]].reset_index(drop=True)

    def _name(self, context: Context) -> str:
        """The variable; with a number from the second call on that is made for it."""
        name = f"{context.dataset}.{context.variable}"
        self._names[name] = number = self._names.get(name, 0) + 1
        return name if number == 1 else f"{name} #{number}"

    def _parts(self, tasks: Tasks, planned: Sequence[Planned], frame: pd.DataFrame, source: str) -> dict[str, str]:
        """What a task is over: the calls with all they name, the columns of the frame, and the code they run."""
        parts = {f"{source}.{column}": digest_column(frame[column]) for column in frame.columns}
        parts["records"] = str(len(frame))
        modules: dict[str, None] = {}
        for number, (bound, context, where) in enumerate((p.bound, p.context, p.where) for p in planned):
            of = (context.dataset, context.variable, context.codelist, context.keys, bound.kind)
            call = (f"{bound.call}", repr(where or ""), repr(of), digest_of(repr(sorted(bound.values.items()))))
            parts[f"call {number + 1}"] = " ".join(call)
            settings = (*bound.settings, *(settings_of(where) if where else ()))
            parts |= {f"setting: {name}": repr(context.settings[name]) for name in settings}
            for name in (bound.source, *(f"study.{table}" for table in bound.tables)):
                given = self._source(bound, name) if name is not None else pd.DataFrame()
                parts |= {f"{name}.{c}": digest_column(given[c]) for c in given.columns if f"{name}.{c}" not in parts}
            functions = [bound.verb.function, *map(self.functions, bound.functions)]
            modules |= dict.fromkeys(f.__module__ for f in functions)
        return parts | {f"code: {module}": tasks.code.of(module, _ENGINE) for module in modules}

    def _now(self, read: str, context: Context) -> str:
        """Digest of what the context gives under the name of `_Watched`; of what it does not give, of that."""
        kind, _, name = read.partition(": ")
        held: Any = getattr(context, _MAPPINGS.get(kind, read))
        key = (read, id(held))
        if key not in self._digests:
            value = held if kind not in _MAPPINGS or name == _ALL else held.get(name)
            self._digests[key] = held, digest_of(value)  # held: what is let go gives its id to another
        return self._digests[key][1]


class _Reads[V](Mapping[str, V]):
    """A mapping that notes what is read of it."""

    def __init__(self, kind: str, held: Mapping[str, V], reads: set[str]) -> None:
        self._kind, self._held, self._reads = kind, held, reads

    def __getitem__(self, key: str) -> V:
        self._reads.add(f"{self._kind}: {key}")
        return self._held[key]

    def __iter__(self) -> Iterator[str]:
        self._reads.add(f"{self._kind}: {_ALL}")
        return iter(self._held)

    def __len__(self) -> int:
        self._reads.add(f"{self._kind}: {_ALL}")
        return len(self._held)


@dataclass(frozen=True)
class _Watched(Context):
    """A context that notes what is read of it."""

    reads: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, context: Context, reads: set[str]) -> _Watched:
        given = {f.name: getattr(context, f.name) for f in fields(Context)}
        given |= {name: _Reads(kind, given[name], reads) for kind, name in _MAPPINGS.items()}
        return cls(**{**given, "findings": Findings(), "heard": [], "chosen": [], "reads": reads})

    def __getattribute__(self, name: str) -> Any:
        if name in _WHOLE:
            object.__getattribute__(self, "reads").add(name)
        return object.__getattribute__(self, name)


def _columns(bound: BoundCall, result: object, frame: pd.DataFrame, writes: tuple[str, ...]) -> pd.DataFrame:
    """The columns wanted of what a call of a column or mapping verb returns."""
    if isinstance(result, pd.Series) and len(writes) == 1:
        result = result.to_frame(writes[0])
    if not isinstance(result, pd.DataFrame) or not result.index.equals(frame.index):
        what = "a series" if bound.kind == "mapping" else "its frame"
        raise TypeError(f"{bound.verb.name} must return {what} with the same rows")
    absent = [w for w in writes if w not in result.columns]
    if absent:
        raise TypeError(f"{bound.verb.name} did not write {', '.join(absent)}")
    return result[list(writes)]


def _encoded(made: Made) -> Members:
    if isinstance(made.result, NewRecords):
        members = {"rows": frame_bytes(made.result.rows), "parents": frame_bytes(made.result.parents)}
    else:
        members = {"columns": frame_bytes(made.result)}
    if len(made.chosen):
        members["chosen"] = frame_bytes(made.chosen)
    members["reported"] = json_bytes([asdict(item) for item in made.reported])
    return members | {"findings": findings_bytes(made.findings)}


def _decoded(members: Members) -> Made:
    reported = tuple(
        Reported(**{**item, "severity": Severity(item["severity"]), "records": tuple(item["records"])})
        for item in json_from(members["reported"])
    )
    result: pd.DataFrame | NewRecords
    if "rows" in members:
        result = NewRecords(frame_from(members["rows"]), frame_from(members["parents"]))
    else:
        result = frame_from(members["columns"])
    chosen = frame_from(members["chosen"]) if "chosen" in members else pd.DataFrame()
    return Made(result, reported, tuple(findings_from(members["findings"])), chosen)
