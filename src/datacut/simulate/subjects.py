"""One subject from its own streams: variables, schedule, events, end and curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from datacut.errors import InputError, nearest
from datacut.simulate.course import Cause, Planted
from datacut.simulate.curves import Curve, Onset, build_curves
from datacut.simulate.draws import number, pick, sample, stream
from datacut.simulate.events import Event, build_events
from datacut.simulate.model import Simulation
from datacut.spec.study import Visit

FAILED, UNTREATED, TREATED = "failed", "untreated", "treated"


@dataclass(frozen=True)
class Slot:
    """How a candidate enters: number, order among the treated (0 = not), meant stage and level, (planned) anchor."""

    number: int
    order: int
    status: str
    stage: str
    level: str
    cohort: int
    anchor: int


@dataclass(frozen=True)
class Contact:
    """One entry of the schedule of one subject: planned or not, taken place or not; day after the anchor."""

    key: str
    name: str
    number: float
    day: int
    happened: bool
    reason: str
    planned: bool
    lag: int


@dataclass(frozen=True)
class Ending:
    """The end of participation, on a day after the anchor."""

    day: int
    status: str
    words: str
    fatal: bool


@dataclass(frozen=True)
class Subject:
    """Everything that is to be known about one subject before any form is filled."""

    slot: Slot
    scope: dict[str, str | float]
    contacts: tuple[Contact, ...]
    milestones: dict[str, int]
    events: tuple[Event, ...]
    ending: Ending
    curves: dict[str, Curve]
    planted: tuple[Planted, ...] = field(default=())

    @property
    def id(self) -> str:
        return str(self.scope["id"])

    @property
    def anchor_hour(self) -> float:
        return float(self.scope["_anchor_hour"])


def build_subject(slot: Slot, spec: Simulation, plan: Mapping[str, Visit], seed: int) -> Subject:
    """Make one subject; nothing here depends on any other subject."""
    scope = _scope(slot, spec, seed)
    planted = tuple(p for p in spec.planted if slot.order and p.order == slot.order)
    days = _planned_days(slot, spec, plan, seed)
    ending = _ending(slot, spec, planted, days, scope, seed)
    events = build_events(spec.events, seed, slot.number, slot.level, scope, planted) if slot.status == TREATED else []
    fatal = next((e for e in events if e.grade == 5), None)
    if fatal is not None and int(fatal.day) <= ending.day:
        words = spec.ends.fatal.words.replace("{term}", fatal.words)
        ending = Ending(int(fatal.end or fatal.day), spec.ends.fatal.status, words, fatal=True)
    events = [_followed(e, ending) for e in events if e.day <= ending.day]
    onsets: dict[str, list[Onset]] = {}
    for event in events:
        onsets.setdefault(event.key, []).append(Onset(event.day, event.grade))
    scale = {name: by for p in planted for name, by in p.scale.items()}
    curves = build_curves(spec.curves, seed, slot.number, scope, onsets, scale)
    contacts = _contacts(slot, spec, plan, days, ending, seed)
    milestones = _milestones(slot, spec, days, scope, seed)
    return Subject(slot, scope, contacts, milestones, tuple(events), ending, curves, planted)


def _followed(event: Event, ending: Ending) -> Event:
    """Nobody sees an event end after the subject has left."""
    return replace(event, end=None) if event.end is not None and event.end > ending.day else event


def _scope(slot: Slot, spec: Simulation, seed: int) -> dict[str, str | float]:
    scope: dict[str, str | float] = {
        "number": str(slot.number),
        "padded": f"{slot.number:03d}",
        "stage": slot.stage,
        "level": slot.level,
        "cohort": str(slot.cohort),
        "status": slot.status,
    }
    scope["id"] = spec.process.subject_id.replace("{padded}", str(scope["padded"]))
    for name, text in spec.process.levels.get(slot.level, {}).items():
        scope[name] = _number_or_text(text)
    for name, draw in spec.subject.items():
        scope[name] = sample(draw, stream(seed, slot.number, f"subject:{name}"), scope)
    if spec.anchor_hour not in scope:
        raise InputError(
            f"specs/simulate.yml: anchor_hour names {spec.anchor_hour}, no subject variable. "
            f"{nearest(spec.anchor_hour, scope)}"
        )
    scope["_anchor_hour"] = round(float(scope[spec.anchor_hour]) * 60) / 60
    return scope


def _number_or_text(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _planned_days(slot: Slot, spec: Simulation, plan: Mapping[str, Visit], seed: int) -> dict[str, int]:
    """The day of every entry of the schedule that has a target, should it take place."""
    rng = stream(seed, slot.number, "schedule")
    days: dict[str, int] = {}
    for key, entry in plan.items():
        z = rng.standard_normal()
        if entry.target is None:
            continue
        low, high = spec.schedule.ranges.get(
            key,
            (
                entry.low if entry.low is not None else entry.target,
                entry.high if entry.high is not None else entry.target,
            ),
        )
        half = max(high - entry.target, entry.target - low)
        days[key] = int(np.clip(entry.target + round(z * spec.schedule.spread * half), low, high))
    return days


def _ending(
    slot: Slot,
    spec: Simulation,
    planted: tuple[Planted, ...],
    days: Mapping[str, int],
    scope: Mapping[str, str | float],
    seed: int,
) -> Ending:
    rng = stream(seed, slot.number, "end")
    ends = spec.ends
    if slot.status != TREATED:
        cause = ends.failed if slot.status == FAILED else ends.untreated
        return _ended(cause, int(number(cause.day, rng, scope)))
    if ends.planned not in days:
        raise InputError(f"specs/simulate.yml: ends.planned is {ends.planned}. {nearest(ends.planned, days)}")
    last = _ended(ends.completed, days[ends.planned] + int(number(ends.after, rng, scope)))
    for cause in ends.causes:
        u, day = rng.random(), int(number(cause.day, rng, scope))
        if u < cause.probability and day < last.day:
            last = _ended(cause, day)
    for plant in planted:
        if plant.end is not None:
            last = _ended(plant.end, int(number(plant.end.day, rng, scope)))
        elif plant.event is not None and plant.grade == 5:
            last = _ended(ends.completed, days[ends.planned])
    return last


def _ended(cause: Cause, day: int) -> Ending:
    return Ending(day, cause.status, cause.words, fatal=False)


def _contacts(
    slot: Slot, spec: Simulation, plan: Mapping[str, Visit], days: Mapping[str, int], ending: Ending, seed: int
) -> tuple[Contact, ...]:
    schedule = spec.schedule
    rng = stream(seed, slot.number, "contacts")
    low, high = schedule.entry_lag
    made: list[Contact] = []
    for key, entry in plan.items():
        missed = rng.random() < schedule.missed and key in schedule.can_miss
        reason = pick(schedule.missed_reasons, rng) if schedule.missed_reasons else ""
        lag = int(rng.integers(low, high + 1))
        day = days.get(key, ending.day)
        if entry.target is None and (slot.status == FAILED or ending.status in schedule_silent(spec)):
            continue
        if day <= ending.day:
            made.append(
                Contact(
                    key, entry.visit, entry.visitnum, day, not missed, reason if missed else "", planned=True, lag=lag
                )
            )
    if slot.status == TREATED:
        made += _unscheduled(slot, spec, made, ending, seed)
    return tuple(sorted(made, key=lambda c: (c.day, c.number)))


def schedule_silent(spec: Simulation) -> tuple[str, ...]:
    """Statuses whose subjects have no last contact."""
    return (*spec.ends.silent, spec.ends.fatal.status)


def _unscheduled(slot: Slot, spec: Simulation, made: list[Contact], ending: Ending, seed: int) -> list[Contact]:
    schedule = spec.schedule
    rng = stream(seed, slot.number, "unscheduled")
    low, high = schedule.unscheduled_days
    taken = {c.day for c in made}
    wanted = sorted({int(d) for d in rng.integers(low, high + 1, size=int(rng.poisson(schedule.unscheduled)))} - taken)
    extra: list[Contact] = []
    for day in wanted:
        reason = pick(schedule.unscheduled_reasons, rng) if schedule.unscheduled_reasons else ""
        lag = int(rng.integers(schedule.entry_lag[0], schedule.entry_lag[1] + 1))
        if day >= ending.day:
            continue
        before = max((c for c in made if c.day < day), key=lambda c: c.number).number
        same = sum(1 for c in extra if int(c.number) == int(before))
        count = round(before + 0.01 * (same + 1), 2)
        name = schedule.unscheduled_name.replace("{number}", f"{count:.2f}")
        extra.append(Contact("", name, count, day, happened=True, reason=reason, planned=False, lag=lag))
    return extra


def _milestones(
    slot: Slot, spec: Simulation, days: Mapping[str, int], scope: Mapping[str, str | float], seed: int
) -> dict[str, int]:
    rng = stream(seed, slot.number, "milestones")
    out: dict[str, int] = {}
    for name, milestone in spec.milestones.items():
        offset = int(number(milestone.day, rng, scope)) if milestone.day is not None else 0
        if milestone.planned is not None and milestone.planned not in days:
            raise InputError(
                f"specs/simulate.yml: milestone {name} names {milestone.planned}. {nearest(milestone.planned, days)}"
            )
        out[name] = offset + (days[milestone.planned] if milestone.planned is not None else 0)
    return out
