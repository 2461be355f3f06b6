"""Standard maintenance doses: which drugs, by which route and in which country, at most how much and how often.

Source: Golder V et al. Arthritis Res Ther 2016;18:260 for the first six [V]; others by their labels; the table is the
caller's. Doses of one drug at one time add up, as parts of what the table allows.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import pandas as pd

from datacut.compute.courses import day_number
from datacut.compute.regimen import amount_on, of_drug, regimens
from datacut.compute.schedules import exact

TOO_MUCH: Final = 2
"""Part of the allowed dose of a drug that is not approved in the country: more than the whole, at any dose."""


def share_of_allowed(
    drug: pd.Series[Any],
    route: pd.Series[Any],
    low: pd.Series[Any],
    high: pd.Series[Any],
    unit: pd.Series[Any],
    weight: pd.Series[Any],
    table: pd.DataFrame,
    country: str,
) -> pd.DataFrame:
    """Each course as a part of the standard dose of its drug and route: Float64 columns `low`, `high`; 1 is the whole.

    drug: folded names; low, high: amount a day in `unit`, mg or mg/kg; weight: kg, needed where the unit is not that of
    the table. table: one row a drug and route with columns `DRUG`, `ROUTE` (blank: any), `AMOUNT`, `UNIT` (mg or
    mg/kg), `DAYS` (between two doses) and `COUNTRIES` (blank: everywhere). A drug or route the table does not have, and
    an amount that cannot be brought into its unit, have no known part; a drug not approved in the country has more than
    the whole.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_dict("records"):
        rows.setdefault(str(row["DRUG"]), []).append({str(k): v for k, v in row.items()})
    lows: list[float | None] = []
    highs: list[float | None] = []
    cells = zip(drug, route, map(exact, low), map(exact, high), unit, map(exact, weight), strict=True)
    for name, way, least, most, measure, mass in cells:
        fitting = [r for r in rows.get(str(name), []) if pd.isna(r["ROUTE"]) or r["ROUTE"] == way]
        approved = [r for r in fitting if pd.isna(r["COUNTRIES"]) or country in str(r["COUNTRIES"]).split()]
        if fitting and not approved:
            lows.append(TOO_MUCH)
            highs.append(TOO_MUCH)
            continue
        whole = _whole(approved[0], measure, mass) if approved else None
        lows.append(None if whole is None or least is None else float(least / whole))
        highs.append(None if whole is None or most is None else float(most / whole))
    return pd.DataFrame({"low": pd.Series(lows, dtype="Float64"), "high": pd.Series(highs, dtype="Float64")}).set_axis(
        drug.index
    )


def _whole(row: dict[str, Any], measure: object, mass: Fraction | None) -> Fraction | None:
    """What the table allows a day, in the unit of the course; None if the weight that it takes is not known."""
    a_day = Fraction(str(row["AMOUNT"])) / Fraction(str(row["DAYS"]))
    if row["UNIT"] == measure:
        return a_day
    if mass is None or mass <= 0 or pd.isna(measure):  # type: ignore[call-overload]
        return None
    return a_day * mass if row["UNIT"] == "mg/kg" else a_day / mass


def compute_maintenance(subject: pd.Series[Any], date: pd.Series[Any], courses: pd.DataFrame) -> pd.Series[Any]:
    """Whether every drug of the day of each visit is at a standard maintenance dose: nullable boolean.

    courses: as `regimens` takes them, amounts as parts of the whole (`share_of_allowed`). No drug: True. Unknown
    without a date, or where what is unknown decides.
    """
    plan = regimens(courses)
    states: list[bool | None] = []
    for who, day in zip(subject, day_number(date), strict=True):
        own = plan.get(who, [])
        if pd.isna(day):
            states.append(None)
            continue
        parts = [amount_on(of_drug(own, drug), int(day)) for drug in dict.fromkeys(c.drug for c in own)]
        above = any(low is not None and _rounded(low) > 1 for low, _ in parts)
        within = all(high is not None and _rounded(high) <= 1 for _, high in parts)
        states.append(False if above else True if within else None)
    return pd.Series(states, index=date.index, dtype="boolean")


def _rounded(part: Fraction) -> Fraction:
    return round(part, 6)
