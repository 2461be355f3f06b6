"""Scheduled doses: what a record orders, as an amount a day between a lowest and a highest possible one.

Amounts are exact fractions. A lowest amount missing is unknown; a highest amount missing has no bound. An amount that
is not known is more than nothing: `SOME`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

MG: Final[Mapping[str, Fraction]] = MappingProxyType(
    {
        "mg": Fraction(1),
        "g": Fraction(1000),
        "ug": Fraction(1, 1000),
        "mg/kg": Fraction(1),
        "g/kg": Fraction(1000),
        "ug/kg": Fraction(1, 1000),
    }
)
"""Milligrams, or milligrams a kilogram, of one unit."""
SOME: Final = Fraction(1, 1000)
"""Milligrams a day of a dose that is not known: less than any that is given, and more than none."""

_DAILY: Final[Mapping[str, Fraction]] = MappingProxyType(
    {
        **dict.fromkeys(("QD", "QAM", "QPM", "QHS", "QN", "Q24H", "DAILY", "ONCE"), Fraction(1)),
        **dict.fromkeys(("BID", "Q12H"), Fraction(2)),
        **dict.fromkeys(("TID", "Q8H"), Fraction(3)),
        **dict.fromkeys(("QID", "Q6H"), Fraction(4)),
        "Q4H": Fraction(6),
        **dict.fromkeys(("QOD", "Q48H", "Q2D"), Fraction(1, 2)),
        "Q3D": Fraction(1, 3),
        "Q4D": Fraction(1, 4),
        **dict.fromkeys(("Q7D", "QW", "EVERY WEEK"), Fraction(1, 7)),
        **{f"{times} TIMES PER WEEK": Fraction(times, 7) for times in range(2, 8)},
        **dict.fromkeys(("BIW",), Fraction(2, 7)),
        **dict.fromkeys(("TIW",), Fraction(3, 7)),
        **{
            name: Fraction(1, 7 * weeks)
            for weeks in (2, 3, 4, 5, 6, 8, 12, 16, 24)
            for name in (f"EVERY {weeks} WEEKS", f"Q{weeks}W")
        },
    }
)
_VARIABLE: Final[Mapping[str, tuple[Fraction, Fraction | None]]] = MappingProxyType(
    {"QM": (Fraction(1, 31), Fraction(1, 28)), "PRN": (Fraction(0), None)}
)


def exact(number: object) -> Fraction | None:
    """A number as the fraction its decimals say; None of a missing one."""
    return None if pd.isna(number) else Fraction(str(number))  # type: ignore[call-overload]


def fractions(values: list[Fraction | None], index: pd.Index[Any]) -> pd.Series[Any]:
    """Float64 of fractions."""
    return pd.Series([None if v is None else float(v) for v in values], index=index, dtype="Float64")


def convert_to_mg(
    dose: pd.Series[Any], unit: pd.Series[Any], weight: pd.Series[Any] | None = None
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Doses in milligrams or, without a weight, milligrams a kilogram; and which of the two (`mg`, `mg/kg`, missing).

    unit: mg, g, ug, each also a kilogram; weight: kg. Missing: another or no unit, no dose, a negative one.
    """
    amounts: list[Fraction | None] = []
    units: list[str | None] = []
    weights = [None] * len(dose) if weight is None else [exact(w) for w in weight]
    for amount, measure, mass in zip(map(exact, dose), unit, weights, strict=True):
        factor = None if pd.isna(measure) else MG.get(measure)
        relative = factor is not None and str(measure).endswith("/kg")
        times = mass if relative and mass is not None and mass > 0 else Fraction(1)
        amounts.append(None if factor is None or amount is None or amount < 0 else amount * factor * times)
        units.append(None if factor is None else "mg/kg" if relative and times is not mass else "mg")
    return fractions(amounts, dose.index), pd.Series(units, index=dose.index, dtype="str")


def administrations_a_day(frequency: object) -> tuple[Fraction, Fraction | None] | None:
    """Fewest and most administrations a day of a CDISC frequency or its usual short form; None if it has no number.

    A month has 28 to 31 days; as needed is none or any number; ONCE is one on its day (`course_bounds`, once). The
    schedule counts, not the days that fall in a window.
    """
    if pd.isna(frequency):  # type: ignore[call-overload]
        return None
    name = " ".join(str(frequency).upper().split())
    times = _DAILY.get(name)
    return _VARIABLE.get(name) if times is None else (times, times)


def compute_scheduled_dose(dose: pd.Series[Any], frequency: pd.Series[Any]) -> pd.DataFrame:
    """Lowest and highest possible amount a day of a schedule: dose x administrations a day; Float64 `low`, `high`.

    Unit of the dose. A dose or frequency that is not known gives `SOME` and no highest amount; one as needed gives 0
    and no highest amount. Source: [P].
    """
    lows: list[Fraction | None] = []
    highs: list[Fraction | None] = []
    for amount, times in zip(map(exact, dose), map(administrations_a_day, frequency), strict=True):
        if amount == 0:
            lows.append(Fraction(0))
            highs.append(Fraction(0))
        elif amount is None or times is None:
            lows.append(Fraction(0) if times is not None and times[0] == 0 else SOME)
            highs.append(None)
        else:
            lows.append(amount * times[0])
            highs.append(None if times[1] is None else amount * times[1])
    return pd.DataFrame({"low": fractions(lows, dose.index), "high": fractions(highs, dose.index)})
