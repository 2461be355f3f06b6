"""Glucocorticoids as prednisone: equivalents by drug, daily doses by schedule, mean daily dose of a window.

Source: standard anti-inflammatory equivalence of drug labels and textbook tables [V]; deflazacort and the lower
betamethasone figure differ between tables [R]. How a visit's daily dose is averaged is a project convention [P].
Doses are multiplied and divided as fractions, so that 0.75 mg of dexamethasone is exactly 5 mg.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from datacut.compute.courses import pair_with_courses

EQUAL_TO_5_MG: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PREDNISONE": "5",
        "PREDNISOLONE": "5",
        "METHYLPREDNISOLONE": "4",
        "TRIAMCINOLONE": "4",
        "DEXAMETHASONE": "0.75",
        "BETAMETHASONE": "0.6",
        "HYDROCORTISONE": "20",
        "CORTISONE": "25",
        "DEFLAZACORT": "6",
    }
)
"""Milligrams equal to 5 mg of prednisone. Fludrocortisone is a mineralocorticoid and not in it."""
MG: Final[Mapping[str, Fraction]] = MappingProxyType({"mg": Fraction(1), "g": Fraction(1000), "ug": Fraction(1, 1000)})
TIMES_A_DAY: Final[Mapping[str, Fraction]] = MappingProxyType(
    {
        "QD": Fraction(1),
        "QAM": Fraction(1),
        "QPM": Fraction(1),
        "QHS": Fraction(1),
        "Q24H": Fraction(1),
        "BID": Fraction(2),
        "Q12H": Fraction(2),
        "TID": Fraction(3),
        "Q8H": Fraction(3),
        "QID": Fraction(4),
        "Q6H": Fraction(4),
        "Q4H": Fraction(6),
        "QN": Fraction(1),
        "QOD": Fraction(1, 2),
        "Q48H": Fraction(1, 2),
        "Q3D": Fraction(1, 3),
        "Q7D": Fraction(1, 7),
        "EVERY WEEK": Fraction(1, 7),
        "2 TIMES PER WEEK": Fraction(2, 7),
        "3 TIMES PER WEEK": Fraction(3, 7),
        "4 TIMES PER WEEK": Fraction(4, 7),
        "5 TIMES PER WEEK": Fraction(5, 7),
        "EVERY 2 WEEKS": Fraction(1, 14),
        "EVERY 3 WEEKS": Fraction(1, 21),
        "EVERY 4 WEEKS": Fraction(1, 28),
        "ONCE": Fraction(1),
    }
)
"""Administrations a day by CDISC frequency; `ONCE` is one on its day (see `course_bounds`, once)."""
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


def _exact(number: object) -> Fraction | None:
    return None if pd.isna(number) else Fraction(str(number))  # type: ignore[call-overload]


def _column(values: list[Fraction | None], index: pd.Index[Any]) -> pd.Series[Any]:
    return pd.Series([None if v is None else float(v) for v in values], index=index, dtype="Float64")


def is_systemic_glucocorticoid(drug: pd.Series[Any], route: pd.Series[Any]) -> pd.Series[Any]:
    """Whether a record counts towards the prednisone equivalent: nullable boolean.

    drug: generic name, any case; route: CDISC term. A drug outside `EQUAL_TO_5_MG` does not count; one of them by a
    route outside `SYSTEMIC_ROUTES` (topical, inhaled, intra-articular, ...) does not; by an unknown route is unknown.
    An unknown drug is unknown. Source: [V].
    """
    known = drug.str.strip().str.upper()
    listed = known.isin(list(EQUAL_TO_5_MG)).astype("boolean").mask(known.isna())
    way = route.str.strip().str.upper()
    systemic = way.isin(list(SYSTEMIC_ROUTES)).astype("boolean")
    return listed & systemic.mask(way.isna() | way.isin(["UNKNOWN", "UNASSIGNED"]))


def compute_prednisone_equivalent(
    drug: pd.Series[Any],
    dose: pd.Series[Any],
    unit: pd.Series[Any],
    *,
    betamethasone_mg: float = 0.6,
    deflazacort_mg: float = 6,
) -> pd.Series[Any]:
    """Prednisone equivalent in mg of one dose, Float64: dose x 5 / mg equal to 5 mg.

    drug: generic name, any case; unit: mg, g or ug. betamethasone_mg, deflazacort_mg [P]: mg equal to 5 mg (tables
    print 0.6 or 0.75, and 6 or 7.5). Another drug, an unknown dose or unit: missing, never 0. A negative dose is
    missing. Source: [V], the two settings [R].
    """
    table = {**EQUAL_TO_5_MG, "BETAMETHASONE": betamethasone_mg, "DEFLAZACORT": deflazacort_mg}
    equal = {name: Fraction(str(mg)) for name, mg in table.items()}
    amounts: list[Fraction | None] = []
    for name, amount, measure in zip(drug.str.strip().str.upper(), dose, unit, strict=True):
        exact, factor, mg = _exact(amount), equal.get(name), MG.get(measure)
        known = exact is not None and exact >= 0 and factor is not None and mg is not None
        amounts.append(exact * mg * 5 / factor if known else None)  # type: ignore[operator]
    return _column(amounts, dose.index)


def compute_daily_dose(dose: pd.Series[Any], frequency: pd.Series[Any]) -> pd.Series[Any]:
    """Amount a day of a schedule, Float64, unit of the dose: dose x administrations a day.

    frequency: CDISC term of `TIMES_A_DAY`; alternate days halve, weekly divides by 7. The schedule counts, not the
    days that fall in a window. Another or no frequency (as needed, say), or no dose: missing. Source: [P].
    """
    amounts: list[Fraction | None] = []
    for amount, schedule in zip(dose, frequency, strict=True):
        exact, times = _exact(amount), TIMES_A_DAY.get(schedule)
        amounts.append(None if exact is None or times is None else exact * times)
    return _column(amounts, dose.index)


def compute_mean_daily_dose(
    subject: pd.Series[Any], date: pd.Series[Any], courses: pd.DataFrame, pred_window_days: int = 7
) -> pd.DataFrame:
    """Mean amount a day over the `pred_window_days` days that end on each visit: columns `dose` (Float64), `reason`.

    subject, date: one row per visit. courses: `subject`, the bounds of `course_bounds`, and `daily` (amount a day;
    missing if unknown). Concurrent courses add up, pulses count on their days; no course in the window is 0. Missing,
    with the reason: the visit has no date; a course in the window has no amount; or it is not known on how many days of
    the window a course was given. Source: [P].
    """
    pairs = pair_with_courses(subject, date, courses, pred_window_days)
    sums = [Fraction(0)] * len(subject)
    reasons: list[str | None] = ["no date of the visit" if missing else None for missing in date.isna()]
    amounts = courses["daily"].tolist()
    counted = zip(pairs["visit"], pairs["course"], pairs["known_days"], pairs["possible_days"], strict=True)
    for visit, course, known, possible in counted:
        daily = _exact(amounts[course])
        if possible == 0 or daily == 0:
            continue
        if daily is None:
            reasons[visit] = "a dose or its schedule is unknown"
        elif known != possible:
            reasons[visit] = reasons[visit] or "the dates of a dose are unknown"
        else:
            sums[visit] += daily * int(known)
    doses = [None if why else total / pred_window_days for total, why in zip(sums, reasons, strict=True)]
    return pd.DataFrame(
        {"dose": _column(doses, date.index), "reason": pd.Series(reasons, index=date.index, dtype="str")}
    )
