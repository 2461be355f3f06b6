"""Whether background therapy was stable before a visit: nothing begun, nothing raised.

"Stable" is not defined in numbers by the remission that asks for it; the rule here is a project convention [P].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from datacut.compute.courses import day_number
from datacut.compute.regimen import Course, change, is_more, of_drug, regimens


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
