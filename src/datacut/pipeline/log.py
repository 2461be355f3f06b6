"""`datacut log`: what the newest run that built each cut did, as a review of a log asks, and every run in a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Table
from rich.text import Text

from datacut.errors import InputError
from datacut.pipeline.console import console
from datacut.pipeline.runlog import (
    Conversion,
    Ended,
    Event,
    Found,
    Merge,
    Phase,
    Records,
    Tasks,
    read_log,
    schema,
)
from datacut.pipeline.store import LOG

RUNS = 10
"""Runs of a cut that are listed, the newest last."""


def run_log(build: Path, cut: str | None, *, as_json: bool = False) -> int:
    """Print the log of a build folder, of one cut or all; as JSON, its events, a line each. Returns 0.

    Raises InputError where there is no run of the cut.
    """
    read = read_log(build)
    runs: dict[str, list[Event]] = {}
    for event in read.events:
        if cut in (None, event.cut):
            runs.setdefault(event.run, []).append(event)
    if not runs:
        raise InputError(f"{build / LOG}: no run{f' of {cut}' if cut else ''} here. Run `datacut build` first.")
    screen = console()
    if as_json:
        for events in runs.values():
            for event in events:
                screen.print(json.dumps(asdict(event), ensure_ascii=False), markup=False, soft_wrap=True)
    else:
        for name in dict.fromkeys(events[0].cut for events in runs.values()):
            _print_cut(name, [events for events in runs.values() if events[0].cut == name])
    if read.unread:
        lines = "1 line" if read.unread == 1 else f"{read.unread} lines"
        console(stderr=True).print(f"{build / LOG}: {lines} left unread (a killed run tears its last line)")
    return 0


def print_schema() -> None:
    """Print the JSON Schema of a line of the log."""
    console().print(json.dumps(schema(), indent=2), markup=False, soft_wrap=True)


def _print_cut(cut: str, runs: Sequence[Sequence[Event]]) -> None:
    _print(
        f"{cut}: runs",
        ("run", "time (UTC)", "state", "seconds", "peak MiB"),
        ((e[0].run, e[-1].time, *_ending(e)) for e in runs[-RUNS:]),
    )
    built = next((e for e in reversed(runs) if _ending(e)[0] == "built"), None)
    if built is None:
        console().print(f"{cut}: no run built it")
        return
    _print(f"{cut}: phases", ("phase", "seconds"), ((e.phase, e.seconds) for e in built if isinstance(e, Phase)))
    _print(
        f"{cut}: tasks", ("kind", "run", "reused"), ((e.kind, e.ran, e.reused) for e in built if isinstance(e, Tasks))
    )
    _print(
        f"{cut}: keys that stand several times on both sides of a call",
        ("step", "call", "source", "by", "keys", "rows here", "rows there"),
        ((e.step, e.call, e.source, _by(e), e.keys, e.rows_here, e.rows_there) for e in built if isinstance(e, Merge)),
    )
    _print(
        f"{cut}: conversions",
        ("step", "source", "kind", "value", "records"),
        ((e.step, e.source, e.kind, e.value, e.records) for e in built if isinstance(e, Conversion)),
    )
    _print(
        f"{cut}: records",
        ("dataset", "block", "source", "rows", "excluded", "not selected", "made"),
        (
            (e.dataset, e.block, e.source, e.rows, _reasons(e), e.not_selected, e.made)
            for e in built
            if isinstance(e, Records)
        ),
    )
    _print(
        f"{cut}: findings",
        ("rule", "severity", "causes", "places"),
        ((e.rule, e.severity, e.causes, e.places) for e in built if isinstance(e, Found)),
    )


def _ending(events: Sequence[Event]) -> tuple[str, object, object]:
    """State, seconds and memory of a run; of one that never ended, that it was killed."""
    last = events[-1]
    if isinstance(last, Ended):
        return last.state, last.seconds, last.memory_mib if last.memory_mib is not None else "unknown"
    return "no end: killed or at work", "", ""


def _by(merge: Merge) -> str:
    return ", ".join(merge.by) + ("" if merge.by == merge.source_by else f" = {', '.join(merge.source_by)}")


def _reasons(records: Records) -> str:
    return "; ".join(f"{reason}: {rows}" for reason, rows in records.excluded.items())


def _print(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table under its title; where there are no rows, a line that says so."""
    table = Table(*columns, title=title, title_justify="left", pad_edge=False)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    if table.row_count:
        console().print(table)
    else:
        console().print(f"{title}: none", markup=False)
