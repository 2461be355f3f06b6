"""Whether a subject counts in the escalation, as it is known on a day: the truth that a derivation must find again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datacut.simulate.course import Window
from datacut.simulate.events import Event
from datacut.simulate.model import Simulation
from datacut.simulate.subjects import TREATED, Subject


@dataclass(frozen=True)
class Evaluation:
    """evaluable: Y, N or `pending`; reason in words."""

    evaluable: str
    reason: str


def limiting_event(subject: Subject, window: Window, known: int) -> Event | None:
    """The first event that limits escalation: in the window, by a rule, related, begun by day `known`."""
    for event in subject.events:
        due = subject.slot.anchor + int(event.day) <= known
        if due and event.rule and 0 <= event.day <= window.days and event.relation in window.related:
            return event
    return None


def evaluate(subject: Subject, spec: Simulation, known: int) -> Evaluation:
    """Evaluability as known on the ordinal day `known`; an early end is read in the liberal way."""
    slot, window = subject.slot, spec.window
    if slot.status != TREATED or slot.stage != spec.process.escalation.stage:
        return Evaluation("N", "not treated in the escalation")
    if slot.anchor > known:
        return Evaluation("pending", "not treated yet")
    if limiting_event(subject, window, known) is not None:
        return Evaluation("Y", "limiting event in the window")
    followed = min(subject.ending.day, known - slot.anchor)
    ended = slot.anchor + subject.ending.day <= known
    share = float(subject.scope[spec.given_amount]) / float(subject.scope[spec.planned_amount])
    if share < window.min_fraction:
        return Evaluation("N", "amount below the minimum")
    if _seen(subject, window, known):
        return Evaluation("Y", "window completed")
    if not ended:
        over = known - slot.anchor >= window.days
        return Evaluation("pending", "not seen at the end of the window" if over else "window not completed")
    if followed >= window.days:
        return Evaluation("N", "not seen at the end of the window")
    return _early(subject, spec, window)


def _seen(subject: Subject, window: Window, known: int) -> bool:
    """Whether by day `known` there was a contact, or an event began or ended, at the end of the window or later."""
    days = [c.day for c in subject.contacts if c.happened]
    days += [int(day) for e in subject.events for day in (e.day, e.end) if day is not None]
    return any(day >= window.days and subject.slot.anchor + day <= known for day in days)


def _early(subject: Subject, spec: Simulation, window: Window) -> Evaluation:
    ending = subject.ending
    if ending.status not in window.early_statuses:
        return Evaluation("N", f"left before the end of the window: {ending.status}")
    days = np.arange(0, max(ending.day, 0) + 1, dtype=np.float64)
    if float(subject.curves[spec.truth.kinetics].at(days).max()) >= window.no_expansion:
        return Evaluation("N", f"left before the end of the window, with expansion: {ending.status}")
    related = [e for e in subject.events if e.relation in window.related]
    if any(e.grade >= window.early_grade for e in related):
        return Evaluation("N", f"left before the end of the window, with a related event: {ending.status}")
    if any(e.end is None and e.grade >= window.pending_grade for e in related):
        return Evaluation("N", f"early, with a related event pending: {ending.status}")
    return Evaluation("Y", f"early completion: {ending.status} without expansion or related event")
