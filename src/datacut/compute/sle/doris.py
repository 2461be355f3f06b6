"""DORIS remission (2021), and whether background therapy was stable.

Source: van Vollenhoven RF et al. Lupus Sci Med 2021;8:e000538 [V]. PGA is below 0.5 (older papers: at most), prednisone
at most 5 mg (one table prints "<"). "Stable" is not defined in numbers; the rule here is a project convention [P].
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

import pandas as pd

from datacut.compute.boundaries import at_most, below, is_out_of_range
from datacut.compute.courses import pair_with_courses
from datacut.compute.threeway import combine_criteria, from_yn, sure

QUIET: Final = "clinical SLEDAI 0"
PGA_LOW: Final = "PGA low"
DOSE_LOW: Final = "prednisone low"
STABLE: Final = "therapy stable"


def compute_doris(
    *,
    clinical: pd.Series[Any],
    pga: pd.Series[Any],
    prednisone: pd.Series[Any],
    stable: pd.Series[Any],
    doris_pga: float = 0.5,
    doris_pred_mg: float = 5,
) -> pd.DataFrame:
    """DORIS 2021 remission per visit: columns of `combine_criteria` for `QUIET`, `PGA_LOW`, `DOSE_LOW`, `STABLE`.

    clinical: clinical SLEDAI, 0-101 (serology does not matter); pga: 0-3, must lie below `doris_pga`; prednisone:
    equivalent in mg a day, at most `doris_pred_mg`; stable: nullable boolean of `compute_stable_therapy`. Source: [V].
    """
    score = clinical.astype("Float64").mask(is_out_of_range(clinical, 0, 101))
    return combine_criteria(
        {
            QUIET: (score == 0).astype("boolean"),
            PGA_LOW: below(pga.astype("Float64").mask(is_out_of_range(pga, 0, 3)), doris_pga),
            DOSE_LOW: at_most(prednisone, doris_pred_mg),
            STABLE: stable.astype("boolean"),
        }
    )


def doris_without_lldas(doris: pd.Series[Any], lldas: pd.Series[Any]) -> pd.Series[Any]:
    """Where DORIS is Y and LLDAS N at the same visit: plain boolean, a warning and not an error.

    A clinical score of 0 is a low total too; LLDAS may still fail by a new feature, haemolysis, gastrointestinal
    activity or maintenance therapy. doris, lldas: observed `Y`, `N` or missing.
    """
    return sure(from_yn(doris) & ~from_yn(lldas))


def compute_stable_therapy(
    subject: pd.Series[Any], date: pd.Series[Any], courses: pd.DataFrame, doris_stable_days: int = 30
) -> pd.Series[Any]:
    """Whether no drug was started or increased in the days before each visit: nullable boolean.

    subject, date: one row per visit. courses: `subject`, `drug`, `daily` (amount a day, one unit per drug) and the
    bounds of `course_bounds`, of the drugs that must be stable. The days run from `doris_stable_days` before the visit
    to the day before it. A course that starts then is a start if none of its drug was being given the day before, an
    increase if the drug's total is higher than the day before; a fall or a stop is allowed. Unknown where a date or
    amount that decides is. Source: [P].
    """
    day_before = pd.Series(date.to_numpy(), index=date.index) - pd.Timedelta(days=1)
    pairs = pair_with_courses(subject, day_before, courses, doris_stable_days)
    begins = pairs[(pairs["start_max"] >= pairs["first"]) & (pairs["start_min"] <= pairs["last"])]
    found: list[bool | None] = [None if missing else True for missing in date.isna()]
    rows = [_Course(*row) for row in zip(*(courses[c] for c in _Course.COLUMNS), strict=True)]
    of_drug: dict[tuple[object, object], list[_Course]] = {}
    for row in rows:
        if not pd.isna(row.drug):
            of_drug.setdefault((row.subject, row.drug), []).append(row)
    for visit, course in zip(begins["visit"], begins["course"], strict=True):
        started = rows[course]
        more = _increased(started, of_drug.get((started.subject, started.drug), []))
        if more:
            found[visit] = False
        elif more is None and found[visit]:
            found[visit] = None
    return pd.Series(found, index=date.index, dtype="boolean")


class _Course:
    """One course of a drug: between bounds, with an amount a day."""

    COLUMNS: Final = ("subject", "drug", "daily", "start_min", "start_max", "end_min", "end_max")

    def __init__(self, *cells: Any) -> None:
        self.subject, self.drug, daily, *bounds = cells
        self.daily = None if pd.isna(daily) else Fraction(str(daily))
        self.start_min, self.start_max, self.end_min, self.end_max = bounds

    def is_on(self, day: int) -> bool | None:
        """Whether it was being given on a day; None if its bounds leave that open."""
        if self.start_max <= day <= self.end_min:
            return True
        return None if self.start_min <= day <= self.end_max else False


def _level(courses: Sequence[_Course], day: int) -> tuple[bool | None, Fraction | None]:
    """Whether any is given on a day, and their total; None if unknown."""
    states = [course.is_on(day) for course in courses]
    given = True if True in states else (None if None in states else False)
    amounts = [course.daily for course, state in zip(courses, states, strict=True) if state is not False]
    if None in states or None in amounts:
        return given, None
    return given, sum((a for a in amounts if a is not None), Fraction(0))


def _increased(started: _Course, drug: Sequence[_Course]) -> bool | None:
    if started.start_min != started.start_max or not drug:
        return None
    given, before = _level(drug, started.start_min - 1)
    if given is False:
        return True
    _, after = _level(drug, started.start_min)
    if given is None or before is None or after is None:
        return None
    return after > before
