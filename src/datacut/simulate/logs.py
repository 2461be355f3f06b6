"""Logs kept over the whole study: courses of treatment, history, procedures, deviations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from datacut.errors import InputError, nearest
from datacut.simulate.draws import number, pick, sample
from datacut.simulate.events import Event
from datacut.simulate.forms import LogEntry, LogSpec, LogStep
from datacut.simulate.subjects import Subject

ENTRY_LAG = 4
"""Most days from a line being true to its entry."""
TOGETHER = 7
"""Days within which events of other kinds are treated together with one."""


@dataclass(frozen=True)
class Line:
    """One line: first and last day after the anchor (None = it goes on), day of entry, row variables."""

    day: int
    end: int | None
    known: int
    variables: dict[str, str]


def log_lines(
    log: LogSpec, subject: Subject, numbers: Mapping[Event, tuple[int, int]], rng: np.random.Generator
) -> list[Line]:
    """The lines of one subject in order of entry. numbers: number of each event and the day it was entered."""
    if log.since not in subject.milestones:
        known = nearest(log.since, subject.milestones)
        raise InputError(f"specs/simulate.yml: a log begins at {log.since}, no milestone. {known}")
    first = subject.milestones[log.since]
    lines = [line for entry in log.entries for line in _entry(entry, log, subject, numbers, first, rng)]
    blank = {name: "" for e in log.entries for row in (e.row, *(s.row for s in e.steps)) for name in row}
    filled = [replace(line, variables={**blank, **line.variables}) for line in lines]
    return sorted(filled, key=lambda line: (line.known, line.day))


def _entry(
    entry: LogEntry,
    log: LogSpec,
    subject: Subject,
    numbers: Mapping[Event, tuple[int, int]],
    first: int,
    rng: np.random.Generator,
) -> Iterator[Line]:
    for zero, events in _occasions(entry, subject):
        happens = rng.random() < entry.probability
        day = zero + int(number(entry.start, rng, subject.scope))
        join = pick(log.joins, rng)
        named = join.join(str(n) for n in sorted(numbers[e][0] for e in events if e in numbers))
        told = max([first, *(numbers[e][1] for e in events if e in numbers)])
        for step in entry.steps:
            end = _end(step, day, rng, subject)
            row = {**entry.row, **step.row}
            texts = {k: _text(sample(v, rng, subject.scope)) for k, v in row.items()}
            lag = int(rng.integers(0, ENTRY_LAG + 1))
            if not happens or day > subject.ending.day:
                continue
            seen = end if end is not None and end <= subject.ending.day else None
            before = "Y" if day < first else ""
            yield Line(day, seen, max(day, told) + lag, {**texts, "events": named, "before": before})
            if end is None:
                return
            day = end + 1


def _occasions(entry: LogEntry, subject: Subject) -> Iterator[tuple[int, tuple[Event, ...]]]:
    """Day 0 of each time the entry happens, and the events it is about."""
    if any(str(subject.scope.get(name)) not in values for name, values in entry.when.items()):
        return
    if entry.relapse is not None:
        day = subject.curves[entry.relapse].parameters.get("relapse_day")
        if day is not None:
            yield int(day), ()
    elif entry.event is not None:
        for event in subject.events:
            if event.key == entry.event and event.grade >= entry.grade:
                near = (e for e in subject.events if e.key in entry.beside and abs(e.day - event.day) <= TOGETHER)
                yield int(event.day), (event, *near)
    else:
        yield 0, ()


def _end(step: LogStep, day: int, rng: np.random.Generator, subject: Subject) -> int | None:
    if step.until is not None:
        return max(day, int(number(step.until, rng, subject.scope)))
    if step.days is not None:
        return day + max(0, round(number(step.days, rng, subject.scope)) - 1)
    return None


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
