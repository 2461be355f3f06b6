"""The event catalogue at work: which events a subject has, and whether they limit the escalation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from datacut.errors import InputError, nearest
from datacut.simulate.course import EventSpec, Limiting, Planted
from datacut.simulate.draws import Scope, number, pick, stream


@dataclass(frozen=True)
class Event:
    """One event: onset and end in days after the anchor (end None = it never ends), grade, relations, limiting rule."""

    key: str
    words: str
    day: float
    end: float | None
    grade: int
    relation: str
    relation_other: str
    rule: str


def build_events(
    catalogue: Mapping[str, EventSpec],
    seed: int,
    subject: int,
    level: str,
    scope: Scope,
    planted: Sequence[Planted],
) -> list[Event]:
    """All events of one subject by onset. A planted event replaces the random ones of its kind."""
    events: list[Event] = []
    plants = {p.event: p for p in planted if p.event is not None}
    for unknown in sorted(set(plants) - set(catalogue)):
        raise InputError(
            f"specs/simulate.yml: planted event {unknown} is not in `events`. {nearest(unknown, catalogue)}"
        )
    quiet = any(p.quiet for p in planted)
    for key, spec in catalogue.items():
        rng = stream(seed, subject, f"event:{key}")
        plant = plants.get(key)
        if plant is not None:
            relation = plant.relation or pick(spec.relation, rng)
            events.append(_event(key, spec, plant.day, plant.day + plant.days, plant.grade, relation, rng))
            continue
        chance = 0.0 if quiet else spec.incidence.get(level, spec.incidence.get("any", 0.0))
        for _ in range(spec.most):
            happens = rng.random() < chance
            day, length = number(spec.onset, rng, scope), number(spec.duration, rng, scope)
            goes_on = rng.random() < spec.ongoing
            grade, relation = int(pick(spec.grades, rng)), pick(spec.relation, rng)
            if happens:
                end = None if goes_on else float(int(day) + max(1, round(length)))
                events.append(_event(key, spec, float(int(day)), end, grade, relation, rng))
    return sorted(events, key=lambda e: (e.day, e.key))


def _event(
    key: str, spec: EventSpec, day: float, end: float | None, grade: int, relation: str, rng: np.random.Generator
) -> Event:
    words = spec.words[int(rng.integers(len(spec.words)))] if spec.words else spec.term
    other = pick(spec.relation_other, rng)
    rule = spec.limiting.rule if spec.limiting and _limits(spec.limiting, grade, day, end) else ""
    return Event(key, words, day, end, grade, relation, other, rule)


def daily_grades(event: Event, last: int) -> dict[int, int]:
    """Grade of an event on each of its days, both ends included, up to day `last`.

    An event that meets a limiting rule stays at its grade; another rises and falls by one a day around its worst day,
    the end of its first third, and is of grade 1 at least.
    """
    start = int(event.day)
    end = min(int(event.end), last) if event.end is not None else last
    whole = int(event.end) if event.end is not None else last
    worst = start + (whole - start) // 3
    return {day: event.grade if event.rule else max(1, event.grade - abs(day - worst)) for day in range(start, end + 1)}


def _limits(spec: Limiting, grade: int, day: float, end: float | None) -> bool:
    if grade >= spec.always:
        return True
    return grade >= spec.grade and (end is None or end - day > spec.longer)
