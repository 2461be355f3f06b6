"""Whether a dose was assigned or given before the dose review that allows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from datacut.compute.courses import FAR

type Days = tuple[int, int]
"""First and last possible day."""


class HeldReview(NamedTuple):
    """A review: the day it was held, and the planned dose that it lets the next participants have."""

    day: int
    dose: float


def _allowed(day: int, dose: float, cohort: int | None, reviews: Sequence[HeldReview], lowest: float) -> bool:
    """Whether the reviews held by `day` (in order) let a participant of this cohort have this dose."""
    held = [review for review in reviews if review.day <= day]
    if cohort is not None and len(held) < cohort - 1:
        return False
    return dose <= (held[-1].dose if held else lowest)


def is_before_review(
    step: Days, dose: float, cohort: int | None, reviews: Sequence[HeldReview], lowest: float
) -> bool | None:
    """Whether a step of a participant was taken before the review that allows the dose; None where that is open.

    step: possible days; dose: planned dose of the assigned level; cohort: number of the participant's cohort, None if
    not known; reviews: those of the stage, in order of their days; lowest: the lowest planned dose. The last review
    held on or before the day of the step stands: it allows its dose and lower ones; before any review the lowest dose
    alone is allowed, and cohort k needs k - 1 reviews. Without a cohort the dose alone is judged. Project convention
    [P].
    """
    first, last = step
    turns = [r.day for r in reviews if first < r.day <= last]
    answers = {not _allowed(day, dose, cohort, reviews, lowest) for day in (first, *turns)}
    return answers.pop() if len(answers) == 1 else None


def allowing_review(
    step: Days, dose: float, cohort: int | None, reviews: Sequence[HeldReview], lowest: float
) -> int | None:
    """Place of the review that allows the dose: the one that stood at the step, else the first after it that does.

    As `is_before_review`; None where none was needed, none has allowed it yet, or the day of the step is not known.
    """
    if -FAR in step or FAR in step:
        return None
    held = [i for i, review in enumerate(reviews) if review.day <= step[0]]
    if _allowed(step[0], dose, cohort, reviews, lowest):
        return held[-1] if held else None
    later = (i for i, r in enumerate(reviews) if r.day > step[0] and _allowed(r.day, dose, cohort, reviews, lowest))
    return next(later, None)


def steps_before_review(
    steps: pd.DataFrame, dose: pd.Series[Any], cohort: pd.Series[Any], reviews: Sequence[HeldReview], lowest: float
) -> pd.DataFrame:
    """Which steps of each participant were taken before the review that allows the dose.

    steps: a column a step, cells the possible days as a pair, missing where the step was not taken. Columns: `before`
    (names of the steps surely before it, joined by "; ", missing if none is), `any` (nullable boolean; missing where it
    is open, or the dose is not known) and `review` (place in `reviews`, Int64, of the one that allows the first step).
    """
    rows: list[tuple[str | None, bool | None, int | None]] = []
    for taken, amount, number in zip(steps.to_dict("records"), dose, cohort, strict=True):
        done = {str(name): days for name, days in taken.items() if isinstance(days, tuple)}
        if pd.isna(amount) or not done:
            rows.append((None, None, None))
            continue
        place = None if pd.isna(number) else int(number)
        judged = {n: is_before_review(days, float(amount), place, reviews, lowest) for n, days in done.items()}
        early = [name for name, before in judged.items() if before]
        known = True if early else None if None in judged.values() else False
        first = next(iter(done.values()))
        rows.append(("; ".join(early) or None, known, allowing_review(first, float(amount), place, reviews, lowest)))
    made = pd.DataFrame(rows, columns=["before", "any", "review"], index=steps.index)
    return made.astype({"before": "str", "any": "boolean", "review": "Int64"})
