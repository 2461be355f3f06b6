"""RESCFL, MOREGCFL, MAINTFL and STABLEFL of a visit, from the courses of ADCM. Days are ordinals of dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd
from tests.e2e.define_alone.define import Define, quoted, read
from tests.e2e.define_alone.reading import Load, Truth, all_of, any_of, exact, known, missing, span

FAR = 10**7
SEARCHED = 1100
"""Days after the reference in which a start that may be any day is looked for."""
ABOVE_NONE = Fraction(1, 10**6)
"""An amount of which nothing is known is above 0."""

type Amounts = tuple[Fraction, Fraction | None]
"""The least and the most that an amount can be; None: without bound."""


@dataclass(frozen=True)
class Course:
    """A record of ADCM: when it can begin and end, and how much a day it can be. sure: it counts, not only perhaps."""

    record: Any
    drug: str | None
    group: Any
    amount: Amounts
    start: tuple[int, int]
    end: tuple[int, int]
    once: bool
    sure: bool

    def given(self, day: int) -> Truth:
        if self.sure and self.start[1] <= day <= self.end[0]:
            return True
        return None if self.start[0] <= day <= self.end[1] else False

    def begun(self, day: int) -> Course:
        """The course if it begins on a day."""
        last = day if self.once else max(self.end[1], day)
        return replace(self, start=(day, day), end=(min(max(self.end[0], day), last), last))


@dataclass(frozen=True)
class _Rise:
    """How much more is more: "by N or more", "by N percent of it or more", "on each of the N days"."""

    least: Fraction
    percent: Fraction
    days: int
    restart: int | None


type Therapy = Callable[[str, date | None, date], dict[str, Truth]]


def therapy(load: Load, define: Define) -> Therapy:
    """A function that judges a visit of a participant: date of its assessment, if any, and of the visit."""
    method = {v: define.method("ADEFF", v) for v in ("RESCFL", "MOREGCFL", "MAINTFL", "STABLEFL")}
    classes = {v: quoted(read(method[v], r"CMCLAS in \(([^)]*)\)", str)) for v in ("RESCFL", "MAINTFL", "STABLEFL")}
    rises = {v: _rise(method[v]) for v in ("RESCFL", "MOREGCFL")}
    country = read(method["MAINTFL"], r"approved in (\w+),", str)
    stable_days = read(method["STABLEFL"], r"in the (\d+) days before ADT, else", int)
    allowed = define.tables["Table standard_maintenance"]
    subjects = load("ADSL").set_index("USUBJID")
    records = load("ADCM")

    def of_class(who: str, variable: str) -> list[Course]:
        own = records.loc[records["USUBJID"] == who]
        listed = own["CMCLAS"].isin(classes[variable])
        sure = own["CMINDC"].eq("SLE") & listed
        perhaps = (own["CMINDC"].isna() | own["CMINDC"].eq("SLE")) & (own["CMCLAS"].isna() | listed)
        return _courses(own, sure, perhaps, "ADOSDYLO", "ADOSDYHI")

    def glucocorticoids(who: str) -> list[Course]:
        own = records.loc[records["USUBJID"] == who]
        sure = own["SYSGCFL"].eq("Y") & own["CMINDC"].eq("SLE")
        perhaps = (own["SYSGCFL"].isna() | own["SYSGCFL"].eq("Y")) & (own["CMINDC"].isna() | own["CMINDC"].eq("SLE"))
        return _courses(own, sure, perhaps, "PREDEQLO", "PREDEQHI")

    def judge(who: str, assessed: date | None, visit: date) -> dict[str, Truth]:
        begun = known(subjects.loc[who].BLREFDT)
        reference = None if begun is None else begun.toordinal() - 1
        day = None if assessed is None else assessed.toordinal()
        weight = exact(subjects.loc[who].WEIGHTBL)
        background = of_class(who, "MAINTFL")
        parts = [replace(c, amount=_part(c, allowed, country, weight)) for c in background]
        return {
            "RESCFL": _increased(of_class(who, "RESCFL"), reference, visit.toordinal(), rises["RESCFL"]),
            "MOREGCFL": _increased(glucocorticoids(who), reference, visit.toordinal(), rises["MOREGCFL"]),
            "MAINTFL": None if day is None else _standard(parts, day),
            "STABLEFL": None if day is None else _stable(of_class(who, "STABLEFL"), day - stable_days, day - 1),
        }

    return judge


def _rise(method: str) -> _Rise:
    """A number that is 0 is not told, nor is a pause where all drugs count together."""
    said = method[method.index("More: an amount a day") :]
    least, percent, restart = (
        found[1] if (found := re.search(pattern, said)) else None
        for pattern in (
            r", by (\d+(?:\.\d+)?) or more",
            r", by (\d+(?:\.\d+)?) percent of it or more",
            r"begun after more than (\d+) days without it",
        )
    )
    days = read(said, r"on each of the (\d+) days from", int)
    return _Rise(Fraction(least or 0), Fraction(percent or 0), days, None if restart is None else int(restart))


def _courses(own: pd.DataFrame, sure: pd.Series[bool], perhaps: pd.Series[bool], low: str, high: str) -> list[Course]:
    made = []
    counts = sure | perhaps
    for record, is_sure in zip(own.loc[counts].itertuples(), sure[counts], strict=True):
        start, end = _days(record)
        lowest, once = exact(getattr(record, low)), record.CMDOSFRQ == "ONCE"
        amount = (ABOVE_NONE if lowest is None else lowest, exact(getattr(record, high)))
        made.append(Course(record, known(record.ADRUG), record.ACRSNUM, amount, start, end, once, bool(is_sure)))
    begun = {(c.drug, c.start[0]) for c in made if c.start[0] == c.start[1] and c.drug is not None and c.sure}
    return [_changed_over(c, begun) for c in made]


def _days(record: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """The days on which a course can begin and end."""
    begins = span(record.CMSTDTC)
    start = (-FAR, FAR) if begins is None else (begins[0].toordinal(), begins[1].toordinal())
    begun_by = FAR if missing(record.BEGUNDT) else record.BEGUNDT.toordinal()
    if start[0] < start[1] and start[0] <= begun_by:
        start = (start[0], min(start[1], begun_by))
    ends = span(record.CMENDTC)
    end = (FAR, FAR) if ends is None else (ends[0].toordinal(), ends[1].toordinal())
    if record.CMDOSFRQ == "ONCE":
        end = start
    if end[1] < start[0]:
        return (end[0], start[1]), (end[0], start[1])
    return (start[0], min(start[1], end[1])), (max(start[0], end[0]), end[1])


def _changed_over(course: Course, begun: set[tuple[str | None, int]]) -> Course:
    """A course that ends on the known day on which another of its drug begins ends the day before."""
    first, last = course.end
    if first == last and course.start[1] < first and (course.drug, first) in begun:
        return replace(course, end=(first - 1, first - 1))
    return course


def _groups(courses: Iterable[Course]) -> list[list[Course]]:
    """Records of one course, which count once on a day."""
    found: dict[Any, list[Course]] = {}
    for course in courses:
        found.setdefault(course.group, []).append(course)
    return list(found.values())


def _bounds(group: list[Course]) -> Amounts:
    most = [c.amount[1] for c in group]
    return min(c.amount[0] for c in group), None if None in most else max(m for m in most if m is not None)


def _amount(courses: Iterable[Course], day: int) -> Amounts:
    """The least and the most that the amount of a day can be."""
    low, high = Fraction(0), Fraction(0)
    bounded = True
    for group in _groups(courses):
        state, (least, most) = any_of(*(c.given(day) for c in group)), _bounds(group)
        low += least if state else 0
        if state is not False:
            bounded, high = bounded and most is not None, high + (most or 0)
    return low, high if bounded else None


def _change(courses: Iterable[Course], before: int, after: int) -> tuple[Fraction | None, Fraction | None]:
    """The least and the most by which the amount of one day can be above that of another."""
    low: Fraction | None = Fraction(0)
    high: Fraction | None = Fraction(0)
    for group in _groups(courses):
        then, now = (any_of(*(c.given(d) for c in group)) for d in (before, after))
        least, most = _bounds(group)
        # "What goes on at one dose over both days cancels out"
        ends: list[tuple[Fraction | None, Fraction | None]] = []
        if (now is not True and then is not True) or (now is not False and then is not False):
            ends.append((Fraction(0), Fraction(0)))
        if now is not False and then is not True:
            ends.append((least, most))
        if now is not True and then is not False:
            ends.append((None if most is None else -most, -least))
        lows, highs = [e[0] for e in ends], [e[1] for e in ends]
        low = None if low is None or None in lows else low + min(x for x in lows if x is not None)
        high = None if high is None or None in highs else high + max(x for x in highs if x is not None)
    return low, high


def _above(rise: tuple[Fraction | None, Fraction | None], least: Fraction, *, also_equal: bool) -> Truth:
    low, high = rise
    if low is not None and (low > least or (also_equal and low == least)):
        return True
    return False if high is not None and (high < least or (not also_equal and high == least)) else None


def _more(courses: list[Course], before: int, day: int, rule: _Rise) -> Truth:
    """Whether the amount is above that of the day `before` on `day` and as many days as the rule asks."""
    states: list[Truth] = []
    low, high = _amount(courses, before)
    for later in range(day, day + rule.days):
        rise = _change(courses, before, later)
        states += [_above(rise, Fraction(0), also_equal=False), _above(rise, rule.least, also_equal=True)]
        if rule.percent:
            share = rule.percent / 100
            enough = high is not None and rise[0] is not None and rise[0] >= high * share
            never = rise[1] is not None and rise[1] < low * share
            states.append(True if enough else False if never else None)
    return all_of(*states)


def _increased(courses: list[Course], reference: int | None, visit: int, rule: _Rise) -> Truth:
    """Whether by the visit more was given than on the reference day."""
    if reference is None:
        return None
    found: list[Truth] = [False]
    for place, course in enumerate(courses):
        first, last = max(course.start[0], reference + 1), min(course.start[1], reference + SEARCHED)
        if first > min(last, visit):
            continue
        states = [_of_start(courses, place, day, reference, rule) for day in range(first, last + 1)]
        certain = course.start[0] > reference and course.start[1] == last <= visit
        if certain and all(states):
            return True
        found.append(None if any(s is not False for s in states[: visit - first + 1]) else False)
    return any_of(*found)


def _of_start(courses: list[Course], place: int, day: int, reference: int, rule: _Rise) -> Truth:
    """Whether the course at a place, if it begins on a day, makes more."""
    begun = courses[place].begun(day)
    others = [c for n, c in enumerate(courses) if n != place]
    if rule.restart is None:
        return _more([*others, begun], reference, day, rule)
    if begun.drug is None:
        return None
    others = [c for c in others if c.drug == begun.drug]
    own = [*others, begun]
    pause = range(day - 1 - rule.restart, day)
    taken = any_of(*(c.given(d) for c in others for d in pause))
    anew: Truth = True if begun.sure else None
    if taken is False:
        return anew
    more = _more(own, reference, day, rule)
    before = [d for d in pause if d <= reference and any(c.given(d) for c in others)]
    if before and before[-1] < reference:
        more = all_of(more, _more(own, before[-1], day, rule))
    return more if taken or more is anew else None


def _stable(courses: list[Course], first: int, last: int) -> Truth:
    """Whether no course begins from the first to the last day with more of its drug than on the day before."""
    found: list[Truth] = [True]
    for place, course in enumerate(courses):
        begin, end = max(course.start[0], first), min(course.start[1], last)
        if begin > end:
            continue
        states: list[Truth] = []
        for day in range(begin, end + 1):
            own = [c.begun(day) if n == place else c for n, c in enumerate(courses) if c.drug == course.drug]
            states.append(_above(_change(own, day - 1, day), Fraction(0), also_equal=False))
        surely = (begin, end) == course.start and all(states)
        found.append(False if surely else None if any(s is not False for s in states) else True)
    return all_of(*found)


def _part(course: Course, allowed: list[dict[str, str]], country: str, weight: Fraction | None) -> Amounts:
    """The amount a day of a course as a part of the standard maintenance dose; above 1 of a drug not approved."""
    record = course.record
    rows = [r for r in allowed if r["DRUG"] == course.drug and r["ROUTE"] in ("", record.CMROUTE)]
    approved = [r for r in rows if not r["COUNTRIES"] or country in r["COUNTRIES"].split()]
    if rows and not approved:
        return Fraction(2), Fraction(2)
    unit = known(record.ADOSDYU)
    if not approved or unit is None or (approved[0]["UNIT"] != unit and not weight):
        return ABOVE_NONE, None
    whole = Fraction(approved[0]["AMOUNT"]) / Fraction(approved[0]["DAYS"])
    if approved[0]["UNIT"] != unit and weight is not None:
        whole = whole * weight if unit == "mg" else whole / weight
    least, most = course.amount
    return least / whole, None if most is None else most / whole


def _standard(parts: list[Course], day: int) -> Truth:
    """Whether the parts of each drug of the day add up to the whole at most."""
    states = []
    for drug in dict.fromkeys(c.drug for c in parts):
        low, high = _amount([c for c in parts if c.drug == drug], day)
        states.append(True if high is not None and high <= 1 else False if low > 1 else None)
    return all_of(*states)
