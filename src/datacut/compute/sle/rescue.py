"""Rescue: a drug begun, or a dose raised, after a reference day; by the dates of the courses themselves.

What counts [P]: a start of a drug that was not being taken, or a scheduled daily dose above that of the reference day,
whether or not a visit sees it. A reduction, the same dose entered again, another salt, and a restart after a short
pause at no higher dose are none.
Every possible start of a course is judged; what holds for all of them is known, and so is what holds for none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import pandas as pd

from datacut.compute.courses import day_number
from datacut.compute.regimen import Amounts, Course, amount_on, any_given, change, is_more, regimens

SEARCH_DAYS: Final = 1100
"""Days after the reference in which a start that has no latest day is looked for."""


@dataclass(frozen=True)
class Rule:
    """How much more is more: at least `amount` a day and `percent` of the reference, for `days` days.

    restart: days without a drug after which it counts as begun anew; None: only the amount counts, of all drugs
    together.
    """

    amount: Fraction = Fraction(0)
    percent: Fraction = Fraction(0)
    days: int = 1
    restart: int | None = None


def compute_increase(
    subject: pd.Series[Any], date: pd.Series[Any], reference: pd.Series[Any], courses: pd.DataFrame, rule: Rule
) -> pd.DataFrame:
    """Whether a drug was begun or a dose raised after the reference day and by each visit.

    subject, date (of the visit), reference (day whose doses are compared with): one row per visit. courses: as
    `regimens` takes them. Columns: `state` (nullable boolean: known either way, or open), `by` (datetime64[s]: the day
    by which the first sure event has begun) and `reason` (of an open state). Open too without a visit date or
    reference. Source: [P].
    """
    plan = regimens(courses)
    days, references = day_number(date), day_number(reference)
    known: dict[tuple[object, int], list[_Event]] = {}
    states: list[bool | None] = []
    sure_days: list[int | None] = []
    reasons: list[str | None] = []
    for who, day, zero in zip(subject, days, references, strict=True):
        if pd.isna(zero):
            states.append(None)
            sure_days.append(None)
            reasons.append("the reference day is not known")
            continue
        if (who, zero) not in known:
            known[who, zero] = _events(plan.get(who, []), int(zero), rule)
        events = known[who, zero]
        sure = min((e.sure for e in events if e.sure is not None), default=None)
        open_ = [] if pd.isna(day) else [e for e in events if e.earliest <= day]
        by_then = sure is not None and not pd.isna(day) and sure <= day
        states.append(None if pd.isna(day) else True if by_then else None if open_ else False)
        sure_days.append(sure)
        first = min(open_, key=lambda e: e.earliest, default=None)
        reasons.append("no date of the visit" if pd.isna(day) else first.why if first and not by_then else None)
    dates = pd.to_datetime(pd.Series(sure_days, index=date.index, dtype="Int64"), unit="D").astype("datetime64[s]")
    return pd.DataFrame(
        {
            "state": pd.Series(states, index=date.index, dtype="boolean"),
            "by": dates,
            "reason": pd.Series(reasons, index=date.index, dtype="str"),
        }
    )


@dataclass(frozen=True)
class _Event:
    """A start that is or may be an event: its earliest possible day, and the day by which it is sure if it is."""

    earliest: int
    sure: int | None
    why: str


def _events(courses: Sequence[Course], zero: int, rule: Rule) -> list[_Event]:
    found = []
    for place, course in enumerate(courses):
        first, last = max(course.start_min, zero + 1), min(course.start_max, zero + SEARCH_DAYS)
        verdicts: dict[int, bool | None] = {}
        for day in range(first, last + 1):
            begun = course.begun(day)
            verdicts[day] = _verdict([*courses[:place], begun, *courses[place + 1 :]], begun, zero, rule)
        maybe = [day for day, verdict in verdicts.items() if verdict is not False]
        if maybe:
            always = course.start_min > zero and course.start_max == last and all(verdicts.values())
            found.append(_Event(min(maybe), last if always else None, _why(course)))
    return found


def _why(course: Course) -> str:
    name = "a drug" if course.drug is None else str(course.drug)
    if course.start_min != course.start_max:
        return f"the start of {name} is not known"
    if not course.sure:
        return f"whether {name} counts is not known"
    return f"the dose of {name}, or of what it is compared with, is not known"


def _verdict(courses: Sequence[Course], begun: Course, zero: int, rule: Rule) -> bool | None:
    """Whether a start is an event."""
    if rule.restart is None:
        return _raised(courses, zero, begun.start_min, rule)
    if begun.drug is None:
        return None
    day = begun.start_min
    others = [c for c in courses if c.drug == begun.drug]
    anew = True if begun.sure else None
    taken = any_given([c for c in others if c is not begun], day - 1 - rule.restart, day - 1)
    if taken is False:
        return anew
    higher = _raised(others, zero, day, rule)
    if higher is not False:
        # Between the last dose before the reference and the start the drug may have paused: then that dose counts.
        last = _last_given(others, begun, day - 1 - rule.restart, min(zero, day - 1))
        if last is not None and last < zero:
            higher = _both(higher, _raised(others, last, day, rule))
    return higher if taken is True or higher is anew else None


def _raised(courses: Sequence[Course], zero: int, day: int, rule: Rule) -> bool | None:
    """Whether the amount is above that of the day `zero` on `day` and for as long as the rule asks."""
    low, high = amount_on(courses, zero)
    share = rule.percent / 100
    result: bool | None = True
    for later in range(day, day + rule.days):
        rise = change(courses, zero, later)
        more = is_more(rise, rule.amount)
        if share:
            enough = _of_reference(rise, (low or Fraction(0)) * share, None if high is None else high * share)
            more = _both(more, enough)
        result = _both(result, more)
    return result


def _of_reference(rise: Amounts, least: Fraction, most: Fraction | None) -> bool | None:
    if most is not None and rise[0] is not None and rise[0] >= most:
        return True
    return False if rise[1] is not None and rise[1] < least else None


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _last_given(courses: Sequence[Course], begun: Course, first: int, last: int) -> int | None:
    """The last day from `first` to `last` on which another course was surely given."""
    ends = [min(c.end_min, last) for c in courses if c is not begun and c.given(first, last) is True]
    return max(ends, default=None)
