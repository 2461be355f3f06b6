"""The six components of a date and time, and reading them back from ISO 8601 text."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import pandas as pd

PARTS: Final = ("year", "month", "day", "hour", "minute", "second")

_ISO: Final = re.compile(
    r"^(\d{4}|-)(?:-(\d\d|-)(?:-(\d\d|-)(?:T(\d\d|-)(?::(\d\d|-)(?::(\d\d)(?:\.\d+)?)?)?)?)?)?(?<!-)$"
)
_MONTH_DAYS: Final = np.array([31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_RANGES: Final = ((1, 9999), (1, 12), (1, 31), (0, 23), (0, 59), (0, 59))
_NOTHING: Final = (None,) * len(PARTS)


def iso_parts(dtc: pd.Series[Any]) -> pd.DataFrame:
    """The components of ISO 8601 texts: columns year ... second as zero-padded text, missing where unknown.

    A row that is missing, not ISO or not a real date (2026-02-31, 24:00) has no part at all. Fractions of a
    second are dropped.
    """
    codes, texts = pd.factorize(dtc.astype("str"))
    read = [_parts_of(text) for text in texts]
    number = np.array([[-1 if part is None else int(part) for part in row] for row in read], dtype="int64")
    year, month, day = number.reshape(-1, len(PARTS)).T[:3]
    legal = np.ones(len(read), dtype=bool)
    for found, (bottom, top) in zip(number.reshape(-1, len(PARTS)).T, _RANGES, strict=True):
        legal &= (found == -1) | ((found >= bottom) & (found <= top))
    legal &= day <= last_day_of_month(year, np.where(legal, month, -1))
    known = [row if good else _NOTHING for row, good in zip(read, legal, strict=True)]
    table = np.array([*known, _NOTHING], dtype=object)  # code -1, missing, is the last row
    return pd.DataFrame(table[codes], index=dtc.index, columns=list(PARTS)).astype("str")


def _parts_of(text: str) -> tuple[str | None, ...]:
    found = _ISO.search(text)
    return tuple(None if part == "-" else part for part in found.groups()) if found else _NOTHING


def last_day_of_month(year: np.ndarray[Any, Any], month: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The last possible day of each month; -1 is unknown: the year may be a leap year, the month have 31."""
    leap = (year < 0) | ((year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0)))
    days = _MONTH_DAYS[np.where(month < 0, 0, month)]
    return np.where((month == 2) & ~leap, 28, days)
