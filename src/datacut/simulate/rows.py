"""Which rows a form has for one subject, before any field is filled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from datacut.errors import InputError, nearest
from datacut.simulate.draws import stream
from datacut.simulate.events import Event, daily_grades
from datacut.simulate.forms import FormSpec
from datacut.simulate.logs import log_lines
from datacut.simulate.model import Simulation
from datacut.simulate.process import Review
from datacut.simulate.subjects import TREATED, Contact, Subject
from datacut.spec.crf import CrfForm

NEVER = 10**7


@dataclass
class Rows:
    """Rows of one form and subject, by column.

    key: entry of the schedule; ordinal, minute: the row's own moment; day: days after the anchor, with the time of day;
    created: day of entry; closes: day from which the row is complete (0 = at once, NEVER); variables: what `row:` in a
    field names; moments: days that `date:` in a field names.
    """

    anchor: int
    key: list[str]
    ordinal: NDArray[np.int64]
    minute: NDArray[np.int64]
    day: NDArray[np.float64]
    created: NDArray[np.int64]
    closes: NDArray[np.int64]
    variables: dict[str, list[str]]
    moments: dict[str, list[int | None]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True)
class _Row:
    """One row on its way: its day after the anchor and its variables."""

    key: str
    day: int
    lag: int
    variables: dict[str, str]
    end: int | None = None
    closes: int = 0


def subject_rows(subject: Subject, form: CrfForm, sim: FormSpec, spec: Simulation, seed: int) -> Rows | None:
    """The rows of a form for one subject; None if the subject does not have the form."""
    if subject.slot.status not in sim.status:
        return None
    for name, allowed in sim.subjects.items():
        if name not in subject.scope:
            raise InputError(f"specs/simulate.yml: no subject variable {name}. {nearest(name, subject.scope)}")
        if subject.scope[name] not in allowed:
            return None
    if sim.rows == "log":
        rng = stream(seed, subject.slot.number, f"rows:{form.form}")
        made = _log(subject, form, sim, seed, rng)
    else:
        rng = stream(seed, subject.slot.number, f"rows:{sim.numbered_as or form.form}")
        made = _SOURCES[sim.rows](subject, form, sim, spec, rng)
    made = [r for r in made if all(r.variables.get(n) in values for n, values in sim.where.items())]
    if not made:
        return None
    repeats: Sequence[dict[str, str]] = sim.repeat or ({},)
    rows = [(row, repeat) for row in made for repeat in repeats]
    low, high = (round(h * 60) for h in sim.hours)
    minutes = np.repeat(rng.integers(low, high + 1, size=len(made)), len(repeats))
    return _table(subject.slot.anchor, round(subject.anchor_hour * 60), rows, minutes, sim.lag)


def study_rows(reviews: Sequence[Review], sim: FormSpec) -> Rows:
    """One row a meeting."""
    rows = [
        _Row(
            "",
            review.day,
            0,
            {
                "number": str(review.number),
                "stage": review.stage,
                "level": review.level,
                "treated": str(review.treated),
                "evaluable": str(review.evaluable),
                "limiting": str(review.limiting),
                "decision": review.decision,
                "next_level": review.next_level,
                "seq": str(number),
                "name": "",
            },
        )
        for number, review in enumerate(reviews, 1)
    ]
    minutes = np.full(len(rows), round(sim.hours[0] * 60), dtype=np.int64)
    return _table(0, 0, [(row, {}) for row in rows], minutes, sim.lag)


def _table(
    anchor: int,
    anchor_minute: int,
    rows: Sequence[tuple[_Row, dict[str, str]]],
    minutes: NDArray[np.int64],
    lag: int,
) -> Rows:
    day = np.array([row.day for row, _ in rows], dtype=np.int64)
    created = anchor + day + np.array([row.lag for row, _ in rows], dtype=np.int64) + lag
    order = list(dict.fromkeys(name for row, repeat in rows for name in (*row.variables, *repeat)))
    variables = {name: [repeat.get(name, row.variables.get(name, "")) for row, repeat in rows] for name in order}
    closes = np.array([row.closes for row, _ in rows], dtype=np.int64)
    ends = [anchor + row.end if row.end is not None else None for row, _ in rows]
    return Rows(
        anchor,
        [row.key for row, _ in rows],
        anchor + day,
        minutes,
        day + (minutes - anchor_minute) / 1440,
        created,
        closes,
        variables,
        {"end": ends} if any(e is not None for e in ends) else {"end": [None] * len(rows)},
    )


def _contact_row(contact: Contact, happened: bool) -> _Row:
    variables = {
        "key": contact.key,
        "name": contact.name,
        "number": f"{contact.number:g}" if contact.planned else f"{contact.number:.2f}",
        "happened": "Y" if happened else "N",
        "reason": contact.reason if contact.planned else "",
        "extra_reason": "" if contact.planned else contact.reason,
        "seq": "1",
    }
    return _Row(contact.key, contact.day, contact.lag, variables)


def _once(subject: Subject, form: CrfForm, sim: FormSpec, _spec: Simulation, rng: np.random.Generator) -> list[_Row]:
    if sim.at not in subject.milestones:
        known = nearest(str(sim.at), subject.milestones)
        raise InputError(f"specs/simulate.yml: form {form.form} is at {sim.at}, no milestone. {known}")
    return [_Row("", subject.milestones[str(sim.at)], int(rng.integers(0, 3)), {"seq": "1", "name": ""})]


def _attended(
    subject: Subject, form: CrfForm, sim: FormSpec, _spec: Simulation, rng: np.random.Generator
) -> list[_Row]:
    out: list[_Row] = []
    for contact in subject.contacts:
        left_out = rng.random() < sim.missed
        wanted = contact.key in form.visits if contact.planned else sim.unscheduled
        if wanted and contact.happened and not left_out:
            out.append(_contact_row(contact, happened=True))
    return out


def _planned(subject: Subject, form: CrfForm, sim: FormSpec, _spec: Simulation, rng: np.random.Generator) -> list[_Row]:
    out: list[_Row] = []
    for contact in subject.contacts:
        left_out = rng.random() < sim.missed
        if contact.key in form.visits if contact.planned else sim.unscheduled:
            out.append(_contact_row(contact, happened=contact.happened and not left_out))
    return out


def _events(subject: Subject, _f: CrfForm, sim: FormSpec, spec: Simulation, rng: np.random.Generator) -> list[_Row]:
    _require_kinds(sim, spec)
    rows: list[tuple[int, str, _Row]] = []
    for event, lag in _lags(subject, rng):
        start = int(event.day)
        end = int(event.end) if event.end is not None else None
        known = start + lag
        closes = NEVER if end is None else subject.slot.anchor + max(end + 1, known)
        rows.append((known, event.key, _Row("", start, lag, _event_variables(event, subject, spec), end, closes)))
    rows.sort(key=lambda r: r[0])
    kept = [(line, row) for line, (_, key, row) in enumerate(rows, 1) if not sim.events or key in sim.events]
    return [
        _Row(row.key, row.day, row.lag, {**row.variables, "seq": str(n), "line": str(line)}, row.end, row.closes)
        for n, (line, row) in enumerate(kept, 1)
    ]


def _require_kinds(sim: FormSpec, spec: Simulation) -> None:
    for key in sim.events:
        if key not in spec.events:
            raise InputError(f"specs/simulate.yml: a form has the events {key}. {nearest(key, spec.events)}")


def _daily(subject: Subject, _f: CrfForm, sim: FormSpec, spec: Simulation, rng: np.random.Generator) -> list[_Row]:
    """Row variables: each kind of event names its grade of the day, 0 without; `<kind>_first` is Y on its first day.

    Only a day without a grade may be left out, so that the days tell the same course as the event.
    """
    _require_kinds(sim, spec)
    last = subject.ending.day
    grades: dict[str, dict[int, int]] = {key: {} for key in sim.events}
    for event in subject.events:
        for day, grade in daily_grades(event, last).items() if event.key in grades else ():
            grades[event.key][day] = max(grade, grades[event.key].get(day, 0))
    starts = {key: {int(e.day) for e in subject.events if e.key == key} for key in sim.events}
    planned = range(sim.days[0], min(sim.days[1], last) + 1)
    rows: list[_Row] = []
    for day in sorted({*planned, *(d for days in grades.values() for d in days)}):
        left_out, lag = rng.random() < sim.missed, int(rng.integers(0, 3))
        if left_out and not any(day in days for days in grades.values()):
            continue
        variables = {"seq": str(len(rows) + 1), "name": "", "day": str(day)}
        for key, days in grades.items():
            variables[key] = str(days.get(day, 0))
            variables[f"{key}_first"] = "Y" if day in starts[key] else ""
        rows.append(_Row("", day, lag, variables))
    return rows


def _lags(subject: Subject, rng: np.random.Generator) -> list[tuple[Event, int]]:
    """Days from the onset of each event to its entry."""
    return [(event, int(rng.integers(0, 6))) for event in subject.events]


def _numbers(subject: Subject, form: str, seed: int) -> dict[Event, tuple[int, int]]:
    """The number of each event in the form that lists them, and the day it was entered."""
    lags = _lags(subject, stream(seed, subject.slot.number, f"rows:{form}"))
    known = sorted(((int(event.day) + lag, event) for event, lag in lags), key=lambda k: k[0])
    return {event: (number, day) for number, (day, event) in enumerate(known, 1)}


def _log(subject: Subject, form: CrfForm, sim: FormSpec, seed: int, rng: np.random.Generator) -> list[_Row]:
    if sim.log is None:
        raise InputError(f"specs/simulate.yml: form {form.form} has rows of a log and no `log`. Add it.")
    numbers = _numbers(subject, sim.numbered_as, seed) if sim.numbered_as else {}
    rows = []
    for number, line in enumerate(log_lines(sim.log, subject, numbers, rng), 1):
        closes = NEVER if line.end is None else subject.slot.anchor + max(line.end + 1, line.known)
        words = {**line.variables, "name": "", "seq": str(number)}
        rows.append(_Row("", line.day, line.known - line.day, words, line.end, closes))
    return rows


def _event_variables(event: Event, subject: Subject, spec: Simulation) -> dict[str, str]:
    entry = spec.events[event.key]
    if entry.term not in spec.dictionary:
        known = nearest(entry.term, spec.dictionary)
        raise InputError(f"specs/simulate.yml: event {event.key} has the term {entry.term}. {known}")
    stage = spec.process.escalation.stage
    judged = subject.slot.stage == stage and 0 <= event.day <= spec.window.days
    limits = judged and bool(event.rule) and event.relation in spec.window.related
    serious = event.grade >= entry.serious_from
    return {
        **spec.dictionary[entry.term],
        "event": event.key,
        "words": event.words,
        "term": entry.term,
        "grade": str(event.grade),
        "relation": event.relation,
        "relation_other": event.relation_other,
        "category": entry.category,
        "action": entry.action,
        "vague": "Y" if entry.vague else "",
        "serious": "Y" if serious else "N",
        "criterion": {4: "life", 5: "death"}.get(event.grade, "hospital") if serious else "",
        "limiting": ("Y" if limits else "N") if judged else "",
        "rule": event.rule if limits else "",
        "outcome": "fatal" if event.grade == 5 else "resolved",
        "name": "",
    }


def _ends(subject: Subject, _f: CrfForm, _s: FormSpec, spec: Simulation, rng: np.random.Generator) -> list[_Row]:
    ending = subject.ending
    whole = {
        "what": "whole",
        "end_status": ending.status,
        "end_words": ending.words,
        "fatal": "Y" if ending.fatal else "",
        "name": "",
        "seq": "2" if subject.slot.status == TREATED else "1",
    }
    rows = [_Row("", ending.day, int(rng.integers(0, 4)), whole)]
    if subject.slot.status == TREATED:
        given = {
            **whole,
            "what": "anchor",
            "end_status": spec.ends.completed.status,
            "end_words": "",
            "fatal": "",
            "seq": "1",
        }
        rows.insert(0, _Row("", 0, int(rng.integers(0, 3)), given))
    return rows


def _none(_a: Subject, _b: CrfForm, _c: FormSpec, _d: Simulation, _e: np.random.Generator) -> list[_Row]:
    return []


_SOURCES: dict[str, Callable[[Subject, CrfForm, FormSpec, Simulation, np.random.Generator], list[_Row]]] = {
    "once": _once,
    "attended": _attended,
    "planned": _planned,
    "events": _events,
    "daily": _daily,
    "ends": _ends,
    "decisions": _none,
}
