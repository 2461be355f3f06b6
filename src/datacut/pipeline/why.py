"""Why a task of the last build of a cut ran: what of its key was another, and where that change came from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datacut.pipeline.store import STORE, TASKS, write_json

if TYPE_CHECKING:  # a build that is up to date must not wait for pandas
    from datacut.cache.tasks import Done, Tasks

_RUNS = "runs"
_SHORT = 12
_LONG = 60


@dataclass(frozen=True)
class Change:
    """One part of the key of a task that ran: its old and new value, blank where there is none, and the first input
    that it goes back to."""

    task: str
    part: str
    old: str
    new: str
    first: str

    def __str__(self) -> str:
        back = f", from {self.first}" if self.first != self.part else ""
        return f"{self.task}: {self.part}: {_shown(self.old)} -> {_shown(self.new)}{back}"


def keep_run(build: Path, cut: str, tasks: Tasks, *, partly: bool) -> None:
    """Keep what the keys of the tasks of a run were over, and why those that ran did.

    Where only some outputs were asked for (`partly`), what the run before kept of the others stays.
    """
    before = read_run(build, cut)["tasks"]
    parts = {name: dict(told["parts"]) for name, told in before.items()}
    why = [str(change) for change in changes(tasks.done, parts, tasks.copies)] if parts else []
    now = {d.name: {"parts": dict(d.parts), "key": d.key, "base": d.base} for d in tasks.done}
    folder = build / STORE / TASKS / _RUNS
    folder.mkdir(parents=True, exist_ok=True)
    content = {"tasks": {**(before if partly else {}), **now}, "why": why, "spoilt": tasks.entries.spoilt}
    write_json(folder / f"{cut}.json", content)


def read_run(build: Path, cut: str) -> dict[str, Any]:
    """What is kept of the last run of a cut: `tasks`, each with the parts of its key, `why` those that ran did (a line
    for each part that had changed; none of a first run), and `spoilt`, keys of entries that were not whole.

    All are empty where there was none, or where its record cannot be read.
    """
    try:
        told = json.loads((build / STORE / TASKS / _RUNS / f"{cut}.json").read_text(encoding="utf-8"))
        tasks = {name: {key: task[key] for key in ("parts", "key", "base")} for name, task in told["tasks"].items()}
        return {"tasks": tasks, "why": list(told["why"]), "spoilt": list(told["spoilt"])}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {"tasks": {}, "why": [], "spoilt": []}


def keys_of_runs(build: Path) -> set[str]:
    """The keys of all entries that the last run of any cut made or took."""
    cuts = [path.stem for path in (build / STORE / TASKS / _RUNS).glob("*.json")]
    tasks = [task for cut in cuts for task in read_run(build, cut)["tasks"].values()]
    return {key for task in tasks for key in (task["key"], task["base"])}


def changes(done: Iterable[Done], before: Mapping[str, Mapping[str, str]], copies: Mapping[str, str]) -> list[Change]:
    """What changed of every task that ran, in the order of the run.

    before: the parts of each task of the run before; copies: variables that are copies of another (`ADAE.AETERM` of
    `AE.AETERM`), by name.
    """
    ran = {d.name: d for d in done if not d.reused}
    told = []
    for task in ran.values():
        old = before.get(task.name)
        if old is None:
            told.append(Change(task.name, "the task", "", "new", "the task"))
            continue
        told += [
            Change(task.name, part, old.get(part, ""), task.parts.get(part, ""), _first(part, ran, before, copies))
            for part in sorted(old.keys() | task.parts.keys())
            if old.get(part) != task.parts.get(part)
        ]
        if old == task.parts:
            told.append(Change(task.name, "its entry", "", "gone, or not as it was written", "its entry"))
    return told


def _first(
    part: str, ran: Mapping[str, Done], before: Mapping[str, Mapping[str, str]], copies: Mapping[str, str]
) -> str:
    """The first input that a changed part goes back to: one that no task of this run made."""
    seen: set[str] = set()
    while part not in seen:
        seen.add(part)
        if part in copies:
            part = copies[part]
            continue
        for task in _makers(part, ran):
            old = before.get(task.name)
            if old is None:
                return task.name
            changed = [p for p in sorted(old.keys() | task.parts.keys()) if old.get(p) != task.parts.get(p)]
            onward = [p for p in changed if p != "records" and p not in seen]
            if onward:
                part = onward[0]
                break
    return part


def _makers(part: str, ran: Mapping[str, Done]) -> Iterator[Done]:
    """Tasks that ran and made a column: of its variable, else of all its dataset maps."""
    dataset = part.partition(".")[0]
    for name in (part, f"{dataset}.*"):
        yield from (task for task_name, task in ran.items() if task_name.partition(" #")[0] == name)


def _shown(value: str) -> str:
    """A value of a key: a digest by its first characters, another text as it stands."""
    if len(value) == 64 and set(value) <= set("0123456789abcdef"):
        return value[:_SHORT]
    return (value if len(value) <= _LONG else f"{value[: _LONG - 3]}...") or "none"
