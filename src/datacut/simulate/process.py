"""How subjects enter one after another: cohorts at rising levels, a watched first subject, reviews, then expansion.

A subject depends only on those before it, so that a larger study begins with the same subjects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from datacut.errors import InputError
from datacut.simulate.clock import parse_iso
from datacut.simulate.course import Draw
from datacut.simulate.draws import number, stream
from datacut.simulate.evaluate import evaluate, limiting_event
from datacut.simulate.model import Simulation
from datacut.simulate.subjects import FAILED, TREATED, UNTREATED, Slot, Subject, build_subject
from datacut.spec.study import Visit

_STUDY = 0


@dataclass(frozen=True)
class Review:
    """One meeting about a level: what was seen and what was decided."""

    number: int
    day: int
    stage: str
    level: str
    treated: int
    evaluable: int
    limiting: int
    decision: str
    next_level: str


@dataclass(frozen=True)
class Course:
    """All subjects in order of their numbers, and the reviews."""

    subjects: tuple[Subject, ...]
    reviews: tuple[Review, ...]


def run_process(spec: Simulation, plan: Mapping[str, Visit], subjects: int, seed: int) -> Course:
    """Let candidates enter until `subjects` are treated."""
    return _Process(spec, plan, seed).run(subjects)


class _Process:
    def __init__(self, spec: Simulation, plan: Mapping[str, Visit], seed: int) -> None:
        self._spec, self._plan, self._seed = spec, plan, seed
        self._rng = stream(seed, _STUDY, "process")
        self._made: list[Subject] = []
        self._reviews: list[Review] = []
        self._candidates = 0
        self._order = 0
        self._day = parse_iso(spec.process.start)

    def run(self, subjects: int) -> Course:
        if subjects < 1:
            raise InputError(f"{subjects} subjects cannot be simulated. Ask for at least 1.")
        self._escalate(subjects)
        self._expand(subjects)
        return Course(tuple(self._made), tuple(self._reviews))

    def _escalate(self, subjects: int) -> None:
        rule = self._spec.process.escalation
        at, cohort, seen = 0, 0, set[str]()
        while self._order < min(subjects, rule.most):
            cohort, level = cohort + 1, rule.levels[at]
            size = min(rule.cohort, rule.most - self._order)
            for place in range(size):
                if self._order >= subjects:
                    return
                subject = self._enter(rule.stage, level, cohort, _weekday(self._day))
                watched = place == 0 and level not in seen
                wait = rule.sentinel if watched else 0
                self._day = subject.slot.anchor + wait + max(1, round(self._draw(rule.gap)))
            seen.add(level)
            last = self._made[-1].slot.anchor
            met = _weekday(last + rule.watch + max(1, round(self._draw(rule.review_gap))))
            at = self._review(level, at, met)
            self._day = met + max(1, round(self._draw(rule.restart_gap)))

    def _review(self, level: str, at: int, met: int) -> int:
        """Hold the meeting on day `met`; returns the position of the next level."""
        rule, window = self._spec.process.escalation, self._spec.window
        here = [s for s in self._made if s.slot.order and s.slot.level == level and s.slot.stage == rule.stage]
        states = [evaluate(s, self._spec, met) for s in here]
        evaluable = sum(1 for s in states if s.evaluable == "Y")
        limiting = sum(1 for s in here if limiting_event(s, window, met) is not None)
        rate = limiting / evaluable if evaluable else 0.0
        decision, following = "S", at
        if evaluable and rate <= rule.escalate and at + 1 < len(rule.levels):
            decision, following = "E", at + 1
        elif evaluable and rate >= rule.deescalate and at > 0:
            decision, following = "D", at - 1
        self._reviews.append(
            Review(
                len(self._reviews) + 1,
                met,
                rule.stage,
                level,
                len(here),
                evaluable,
                limiting,
                decision,
                rule.levels[following],
            )
        )
        return following

    def _expand(self, subjects: int) -> None:
        rule = self._spec.process.expansion
        first, day = self._order, float(self._day)
        while self._order < subjects:
            cohort = (self._order - first) // rule.cohort
            level = rule.levels[cohort % len(rule.levels)]
            self._enter(rule.stage, level, cohort + 1, int(day))
            day += max(0.0, self._draw(rule.gap))

    def _enter(self, stage: str, level: str, cohort: int, day: int) -> Subject:
        """The next treated subject, and before it the candidates that do not get so far."""
        process = self._spec.process
        while True:
            self._candidates += 1
            slot = Slot(self._candidates, 0, FAILED, stage, level, cohort, day)
            if process.failed_every and self._candidates % process.failed_every == 0:
                self._keep(slot)
            elif process.untreated_every and self._candidates % process.untreated_every == 0:
                self._keep(replace(slot, status=UNTREATED))
            else:
                break
        self._order += 1
        return self._keep(replace(slot, order=self._order, status=TREATED))

    def _keep(self, slot: Slot) -> Subject:
        subject = build_subject(slot, self._spec, self._plan, self._seed)
        self._made.append(subject)
        return subject

    def _draw(self, draw: Draw) -> float:
        return number(draw, self._rng, {})


def _weekday(day: int) -> int:
    """The day itself, or the Monday after a weekend."""
    weekday = date.fromordinal(day).weekday()
    return day + 7 - weekday if weekday >= 5 else day
