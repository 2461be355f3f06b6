"""What one person is given on a day, from courses between bounds: the lowest and the highest possible amount.

Courses at one time add up. Records that say the same (one `group`) count once where they overlap. On a day on which
one course of a drug ends and another begins, the later counts alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import pandas as pd

from datacut.compute.courses import BOUNDS
from datacut.compute.schedules import SOME, exact

type Amounts = tuple[Fraction | None, Fraction | None]
"""Lowest and highest possible amount; None has no bound."""


@dataclass(frozen=True)
class Course:
    """One course of a drug.

    start_min ... end_max: days since 1970-01-01, as `course_bounds` makes them; low, high: possible amount a day (None
    is without bound); group: courses of one group say the same; sure: whether it counts at all.
    """

    drug: object
    group: object
    low: Fraction
    high: Fraction | None
    start_min: int
    start_max: int
    end_min: int
    end_max: int
    sure: bool = True
    once: bool = False

    def begun(self, day: int) -> Course:
        """The same course if it begins on `day`."""
        end_max = day if self.once else max(self.end_max, day)
        return replace(
            self, start_min=day, start_max=day, end_min=min(max(self.end_min, day), end_max), end_max=end_max
        )

    def given(self, first: int, last: int) -> bool | None:
        """Whether it is given on a day from `first` to `last`; None if that is open."""
        if max(self.start_max, first) <= min(self.end_min, last) and self.sure:
            return True
        return None if max(self.start_min, first) <= min(self.end_max, last) else False


COLUMNS: Final = ("drug", "group", "low", "high", *BOUNDS, "sure", "once")


def regimens(courses: pd.DataFrame) -> dict[object, list[Course]]:
    """The courses of each subject, change-over days given to the later one.

    courses: `subject`, `drug`, `group` (missing: a group of its own), `low` and `high` (amount a day, one unit a
    drug; a missing `low` is `SOME`, a missing `high` has no bound), `BOUNDS`, `sure` and `once` (boolean). A course
    that ends on the known day on which another of its drug begins ends the day before, if it began earlier.
    """
    made: dict[object, list[Course]] = {}
    columns = [courses[name].tolist() for name in ("subject", *COLUMNS)]
    for number, (subject, drug, group, low, *rest) in enumerate(zip(*columns, strict=True)):
        least = exact(low)
        course = Course(
            None if pd.isna(drug) else drug,
            ("record", number) if pd.isna(group) else group,
            SOME if least is None else least,
            exact(rest[0]),
            *rest[1:],
        )
        made.setdefault(subject, []).append(course)
    return {subject: _changed_over(own) for subject, own in made.items()}


def _changed_over(courses: Sequence[Course]) -> list[Course]:
    begun = {(c.drug, c.start_min) for c in courses if c.start_min == c.start_max and c.drug is not None and c.sure}
    return [
        replace(c, end_min=c.end_min - 1, end_max=c.end_max - 1)
        if c.end_min == c.end_max and c.start_max < c.end_min and (c.drug, c.end_min) in begun
        else c
        for c in courses
    ]


def of_drug(courses: Iterable[Course], drug: object) -> list[Course]:
    """The courses of one drug."""
    return [c for c in courses if c.drug == drug]


def groups(courses: Iterable[Course]) -> list[list[Course]]:
    """Courses by their group, in order."""
    found: dict[object, list[Course]] = {}
    for course in courses:
        found.setdefault(course.group, []).append(course)
    return list(found.values())


def any_given(courses: Iterable[Course], first: int, last: int) -> bool | None:
    """Whether any is given on a day from `first` to `last`; None if that is open."""
    states = [course.given(first, last) for course in courses]
    return True if True in states else None if None in states else False


def amount_on(courses: Iterable[Course], day: int) -> Amounts:
    """The lowest and highest possible amount of a day."""
    return mean_amount(courses, day, day)


def mean_amount(courses: Iterable[Course], first: int, last: int) -> Amounts:
    """The lowest and highest possible mean a day over the days from `first` to `last`."""
    low, high = Fraction(0), Fraction(0)
    bounded = True
    for group in groups(courses):
        states = [any_given(group, day, day) for day in range(first, last + 1)]
        longest = sum(1 if c.once else c.end_max - c.start_min + 1 for c in group)
        low += min(c.low for c in group) * states.count(True)
        possible = min(len(states) - states.count(False), longest)
        if possible:
            most = _most(group)
            bounded = bounded and most is not None
            high += (most or 0) * possible
    days = last - first + 1
    return low / days, high / days if bounded else None


def change(courses: Iterable[Course], before: int, after: int) -> Amounts:
    """The least and the greatest possible rise from one day to another; what goes on at an unknown dose cancels out."""
    low: Fraction | None = Fraction(0)
    high: Fraction | None = Fraction(0)
    for group in groups(courses):
        steps = {
            now - then
            for then in _possible(any_given(group, before, before))
            for now in _possible(any_given(group, after, after))
        }
        least, most = min(c.low for c in group), _most(group)
        rises: list[Fraction | None] = [Fraction(0)] if 0 in steps else []
        falls = list(rises)
        if 1 in steps:
            rises.append(most)
            falls.append(least)
        if -1 in steps:
            rises.append(-least)
            falls.append(None if most is None else -most)
        top = None if None in rises else max(r for r in rises if r is not None)
        bottom = None if None in falls else min(f for f in falls if f is not None)
        high = None if high is None or top is None else high + top
        low = None if low is None or bottom is None else low + bottom
    return low, high


def _possible(state: bool | None) -> tuple[int, ...]:
    return (0, 1) if state is None else (int(state),)


def _most(group: Sequence[Course]) -> Fraction | None:
    highs = [c.high for c in group]
    return None if None in highs else max(h for h in highs if h is not None)


def is_more(rise: Amounts, least: Fraction = Fraction(0)) -> bool | None:
    """Whether a rise, to six places, is above nothing and at least `least`; None if that is open."""
    low, high = (None if bound is None else round(bound, 6) for bound in rise)
    if low is not None and low > 0 and low >= least:
        return True
    return False if high is not None and (high <= 0 or high < least) else None
