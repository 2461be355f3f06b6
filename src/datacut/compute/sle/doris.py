"""DORIS remission (2021), and whether background therapy was stable.

Source: van Vollenhoven RF et al. Lupus Sci Med 2021;8:e000538 [V]. PGA is below 0.5 (older papers: at most), prednisone
at most 5 mg (one table prints "<"). "Stable" is not defined in numbers; the rule here is a project convention [P].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from datacut.compute.boundaries import below, is_out_of_range, surely_at_most
from datacut.compute.courses import day_number
from datacut.compute.regimen import Course, change, is_more, of_drug, regimens
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
    prednisone_high: pd.Series[Any] | None = None,
    doris_pga: float = 0.5,
    doris_pred_mg: float = 5,
) -> pd.DataFrame:
    """DORIS 2021 remission per visit: columns of `combine_criteria` for `QUIET`, `PGA_LOW`, `DOSE_LOW`, `STABLE`.

    clinical: clinical SLEDAI, 0-101 (serology does not matter); pga: 0-3, must lie below `doris_pga`; prednisone:
    equivalent in mg a day, at most `doris_pred_mg`, the lowest possible where prednisone_high gives the highest
    (missing: no bound); stable: nullable boolean of `compute_stable_therapy`. Source: [V].
    """
    score = clinical.astype("Float64").mask(is_out_of_range(clinical, 0, 101))
    return combine_criteria(
        {
            QUIET: (score == 0).astype("boolean"),
            PGA_LOW: below(pga.astype("Float64").mask(is_out_of_range(pga, 0, 3)), doris_pga),
            DOSE_LOW: surely_at_most(prednisone, prednisone_high, doris_pred_mg),
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

    subject, date: one row per visit. courses: as `regimens` takes them, of the drugs that must be stable. The days run
    from `doris_stable_days` before the visit to the day before it. A course that starts then is an increase if the
    amount of its drug, all courses together, is higher than the day before (a drug not given then was at none); a fall
    or a stop is allowed. Unknown where a date or amount that decides is. Source: [P].
    """
    plan = regimens(courses)
    states: list[bool | None] = []
    for who, day in zip(subject, day_number(date), strict=True):
        if pd.isna(day):
            states.append(None)
            continue
        own = plan.get(who, [])
        more = [_increased(own, n, int(day) - doris_stable_days, int(day) - 1) for n in range(len(own))]
        states.append(False if True in more else None if None in more else True)
    return pd.Series(states, index=date.index, dtype="boolean")


def _increased(courses: Sequence[Course], place: int, first: int, last: int) -> bool | None:
    """Whether the start of one course, if it lies from `first` to `last`, raised the amount of its drug."""
    course = courses[place]
    start, end = max(course.start_min, first), min(course.start_max, last)
    if start > end:
        return False
    if course.drug is None:
        return None
    verdicts = []
    for day in range(start, end + 1):
        begun = [*courses[:place], course.begun(day), *courses[place + 1 :]]
        verdicts.append(is_more(change(of_drug(begun, course.drug), day - 1, day)))
    if not any(verdict is not False for verdict in verdicts):
        return False
    return True if (start, end) == (course.start_min, course.start_max) and all(verdicts) else None
