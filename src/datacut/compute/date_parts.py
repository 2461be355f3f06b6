"""The six components of a date and time, and reading them back from ISO 8601 text."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

PARTS: Final = ("year", "month", "day", "hour", "minute", "second")

_ISO: Final = (
    r"^(?P<year>\d{4}|-)(?:-(?P<month>\d\d|-)(?:-(?P<day>\d\d|-)"
    r"(?:T(?P<hour>\d\d|-)(?::(?P<minute>\d\d|-)(?::(?P<second>\d\d)(?:\.\d+)?)?)?)?)?)?(?<!-)$"
)
_MONTH_DAYS: Final = np.array([31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_HIGHEST: Final = {"year": 9999, "month": 12, "day": 31, "hour": 23, "minute": 59, "second": 59}


def iso_parts(dtc: pd.Series[Any]) -> pd.DataFrame:
    """The components of ISO 8601 texts: columns year ... second as zero-padded text, missing where unknown.

    A row that is missing, not ISO or not a real date (2026-02-31, 24:00) has no part at all. Fractions of a
    second are dropped.
    """
    codes, texts = pd.factorize(dtc.astype("str"))
    unique = pd.Series(texts, dtype="str")
    parts = unique.str.extract(_ISO)[list(PARTS)]
    parts = parts.where(parts != "-")
    number = {name: parts[name].fillna("-1").astype("int64").to_numpy() for name in PARTS}
    legal = np.ones(len(unique), dtype=bool)
    for name, top in _HIGHEST.items():
        bottom = 1 if name in {"year", "month", "day"} else 0
        legal &= (number[name] == -1) | ((number[name] >= bottom) & (number[name] <= top))
    legal &= number["day"] <= last_day_of_month(number["year"], np.where(legal, number["month"], -1))
    parts = parts.where(pd.Series(legal))
    rows = parts.reindex(pd.Index(codes).where(codes >= 0, -1))  # -1 names no row: all missing
    return rows.set_axis(dtc.index, axis=0).astype("str")


def last_day_of_month(year: np.ndarray[Any, Any], month: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The last possible day of each month; -1 is unknown: the year may be a leap year, the month have 31."""
    leap = (year < 0) | ((year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0)))
    days = _MONTH_DAYS[np.where(month < 0, 0, month)]
    return np.where((month == 2) & ~leap, 28, days)
