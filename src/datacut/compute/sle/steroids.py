"""Glucocorticoids as prednisone: equivalents by drug, and the daily dose around a day.

Source: standard anti-inflammatory equivalence of drug labels and textbook tables [V]; which milligrams equal 5 mg of
prednisone is the caller's table, as tables differ. How a visit's daily dose is averaged is a project convention [P].
Doses are multiplied and divided as fractions, so that 0.75 mg of dexamethasone is exactly 5 mg.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

import pandas as pd

from datacut.compute.courses import day_number
from datacut.compute.regimen import Course, amount_on, mean_amount, regimens
from datacut.compute.schedules import exact, fractions

SYSTEMIC_ROUTES: Final = frozenset(
    {
        "ORAL",
        "INTRAVENOUS",
        "INTRAVENOUS BOLUS",
        "INTRAVENOUS DRIP",
        "INTRAMUSCULAR",
        "SUBCUTANEOUS",
        "PARENTERAL",
        "ENTERAL",
        "NASOGASTRIC",
        "SUBLINGUAL",
    }
)


def is_systemic_glucocorticoid(
    drug: pd.Series[Any],
    route: pd.Series[Any],
    of_class: pd.Series[Any],
    equal_to_5_mg: Mapping[str, float | None],
) -> pd.Series[Any]:
    """Whether a record counts towards the prednisone equivalent: nullable boolean.

    drug: folded name; route: CDISC term; of_class: nullable boolean, coded as a glucocorticoid; equal_to_5_mg: the
    drugs with an equivalent, of None one that does not count (a mineralocorticoid). A drug of the class or of the table
    counts, by a route outside `SYSTEMIC_ROUTES` (topical, inhaled, intra-articular, ...) it does not; by an unknown
    route it is unknown, and so is a drug without a class that the table does not have. Source: [V].
    """
    listed = drug.isin([name for name, mg in equal_to_5_mg.items() if mg is not None])
    never = drug.isin([name for name, mg in equal_to_5_mg.items() if mg is None])
    one = (of_class.astype("boolean") | listed).mask(never, False)
    way = route.str.strip().str.upper()
    systemic = way.isin(list(SYSTEMIC_ROUTES)).astype("boolean")
    return one & systemic.mask(way.isna() | way.isin(["UNKNOWN", "UNASSIGNED"]))


def compute_prednisone_equivalent(
    drug: pd.Series[Any], milligrams: pd.Series[Any], equal_to_5_mg: Mapping[str, float | None]
) -> pd.Series[Any]:
    """Prednisone equivalent in mg: milligrams x 5 / mg equal to 5 mg; Float64.

    drug: folded name. A drug without an equivalent, an unknown or a negative dose: missing, never 0. Source: [V].
    """
    amounts: list[Fraction | None] = []
    for name, amount in zip(drug, map(exact, milligrams), strict=True):
        equal = exact(equal_to_5_mg.get(str(name)))
        amounts.append(None if amount is None or amount < 0 or equal is None else amount * 5 / equal)
    return fractions(amounts, milligrams.index)


def compute_mean_daily_dose(
    subject: pd.Series[Any], date: pd.Series[Any], courses: pd.DataFrame, pred_window_days: int = 7, peak: bool = False
) -> pd.DataFrame:
    """Mean amount a day over the `pred_window_days` days that end on each visit, between the bounds of what is known.

    subject, date: one row per visit. courses: as `regimens` takes them. Columns (Float64): `low` and `high`, the lowest
    and highest possible mean (a missing `high` has no bound), `dose` where they are equal, and `reason` where not.
    peak: the larger of the mean and the amount of the visit's own day. Concurrent courses add up, pulses count on their
    days; no course in the window is 0. Source: [P].
    """
    plan = regimens(courses)
    lows: list[Fraction | None] = []
    highs: list[Fraction | None] = []
    reasons: list[str | None] = []
    for who, day in zip(subject, day_number(date), strict=True):
        if pd.isna(day):
            lows.append(None)
            highs.append(None)
            reasons.append("no date of the visit")
            continue
        own, last = plan.get(who, []), int(day)
        low, high = mean_amount(own, last - pred_window_days + 1, last)
        if peak:
            least, most = amount_on(own, last)
            low = max(low or Fraction(0), least or Fraction(0))
            high = None if high is None or most is None else max(high, most)
        lows.append(low)
        highs.append(high)
        reasons.append(None if low == high else _why(own, last - pred_window_days + 1, last))
    frame = pd.DataFrame({"low": fractions(lows, date.index), "high": fractions(highs, date.index)})
    frame["dose"] = frame["low"].where(frame["low"].eq(frame["high"]).fillna(False))
    frame["reason"] = pd.Series(reasons, index=date.index, dtype="str")
    return frame


def _why(courses: list[Course], first: int, last: int) -> str:
    near = [c for c in courses if c.given(first, last) is not False]
    if any(c.low != c.high for c in near):
        return "a dose or its schedule is unknown"
    if any(not c.sure for c in near):
        return "whether a dose counts is unknown"
    return "the dates of a dose are unknown"
