"""`build/run.jsonl`: what each run did, one event a line; the only place where clocks of runs are kept.

Every line names its run, cut and time. Lines are appended whole; of a run that was killed the last one may be torn, and
whoever reads says how many lines were left unread. `run_log.schema.json` beside this module is the JSON Schema of a
line (`schema()`, printed by `datacut log --schema`).
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

if TYPE_CHECKING:
    from pydantic import TypeAdapter

from datacut.pipeline.store import LOG

Kind = Literal["not a number", "number changed", "unit changed", "partial date", "imputed"]
"""Kinds of conversions."""
State = Literal["built", "up to date", "failed"]
"""How a run ended."""


@dataclass(frozen=True, kw_only=True)
class _Line:
    """What every event says: its run, the cut, and when (ISO 8601, UTC)."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": True}

    run: str = ""
    cut: str = ""
    time: str = ""


@dataclass(frozen=True, kw_only=True)
class Began(_Line):
    """A run began. version: of datacut; workers: processes that share its work; only: outputs asked for, else all."""

    event: Literal["began"] = "began"
    version: str
    workers: int
    only: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Phase(_Line):
    """A phase of a build ended, after so many seconds."""

    event: Literal["phase"] = "phase"
    phase: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Tasks(_Line):
    """Pieces of work of one kind: run, and reused since nothing they read had changed."""

    event: Literal["tasks"] = "tasks"
    kind: str
    ran: int
    reused: int


@dataclass(frozen=True, kw_only=True)
class Records(_Line):
    """One record block: rows of its source, left out by reason, not selected by its condition, and records made."""

    event: Literal["records"] = "records"
    dataset: str
    block: str
    source: str
    rows: int
    excluded: dict[str, int]
    not_selected: int
    made: int


@dataclass(frozen=True, kw_only=True)
class Merge(_Line):
    """A call whose keys stand several times on both sides: it is the call that says what becomes of them.

    step: dataset and variable; by: the keys here, source_by: in the source; keys: different keys that stand several
    times here and there; rows_here, rows_there: rows that have them.
    """

    event: Literal["merge"] = "merge"
    step: str
    call: str
    source: str
    by: list[str]
    source_by: list[str]
    keys: int
    rows_here: int
    rows_there: int


@dataclass(frozen=True, kw_only=True)
class Conversion(_Line):
    """Values of a variable that are not what was collected: how many records, and of what kind.

    not a number: a result without a number; number changed, unit changed: the standard result is another than the
    collected one; partial date: a date or time of SDTM without its day; imputed: what a date imputation flag says.
    """

    event: Literal["conversion"] = "conversion"
    step: str
    source: str
    kind: Kind
    value: str = ""
    records: int


@dataclass(frozen=True, kw_only=True)
class Found(_Line):
    """Findings of one rule: causes, and the places where they were found."""

    event: Literal["found"] = "found"
    rule: str
    severity: str
    causes: int
    places: int


@dataclass(frozen=True, kw_only=True)
class Ended(_Line):
    """A run ended. memory_mib: the most that this process, or one of its workers, had; null where it is not known."""

    event: Literal["ended"] = "ended"
    state: State
    seconds: float
    memory_mib: int | None


type Event = Began | Phase | Tasks | Records | Merge | Conversion | Found | Ended


def schema() -> dict[str, Any]:
    """The JSON Schema of one line."""
    made = _reader().json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A line of run.jsonl", **made}


def _reader() -> TypeAdapter[Event]:
    """Reads a line; here, since a run that has nothing to do should not wait for pydantic."""
    from pydantic import Field, TypeAdapter

    return TypeAdapter(Annotated[Event, Field(discriminator="event")])


class RunLog:
    """Appends the events of one run of one cut to the log of a build folder."""

    def __init__(self, build: Path, cut: str) -> None:
        self.path = build / LOG
        self.cut = cut
        self.run = secrets.token_hex(6)

    def add(self, *events: Event) -> None:
        """Append events, each stamped with run, cut and time."""
        stamp = {"run": self.run, "cut": self.cut, "time": datetime.now(UTC).isoformat(timespec="milliseconds")}
        lines = [json.dumps({**asdict(e), **stamp}, ensure_ascii=False) + "\n" for e in events]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab+") as log:
            end = log.seek(0, os.SEEK_END)
            if end:
                log.seek(end - 1)
                if log.read(1) != b"\n":  # a killed run left its last line torn
                    log.write(b"\n")
            log.write("".join(lines).encode())


@dataclass(frozen=True)
class Read:
    """The events of a log in their order, and how many of its lines could not be read."""

    events: tuple[Event, ...]
    unread: int


def read_log(build: Path) -> Read:
    """What the log of a build folder says; nothing where there is none."""
    from pydantic import ValidationError

    path, reader = build / LOG, _reader()
    lines: Iterable[bytes] = path.read_bytes().splitlines() if path.is_file() else ()
    events, unread = [], 0
    for line in filter(None, lines):
        try:
            events.append(reader.validate_json(line))
        except ValidationError:
            unread += 1
    return Read(tuple(events), unread)


def peak_memory() -> int | None:
    """The most memory this process or a worker had, in MiB; None where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource

    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return most // (1024 * 1024 if sys.platform == "darwin" else 1024)
