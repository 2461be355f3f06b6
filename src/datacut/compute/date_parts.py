"""The six components of a date and time, read from ISO 8601 text: the one grammar of dates, for verbs and rules alike.

Source: SDTMIG 3.4 sections 4.4.1 and 4.4.2. A text is a date and time as far as it is known, with a hyphen for an
unknown component before a known one (`2014---03`, `--12-15`, `-----T07:15`), a fraction of a second and an offset from
UTC where there is a time; or an interval of two such texts with `/` between them (`2003-12-01/2003-12-10`).
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

PARTS: Final = ("year", "month", "day", "hour", "minute", "second")

_OFFSET: Final = r"(?:Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)"
_ISO: Final = re.compile(
    r"(\d{4}|-)(?:-(\d\d|-)(?:-(\d\d|-)"
    rf"(?:T(\d\d|-)(?::(\d\d|-)(?::(\d\d)(?:[.,]\d+)?)?)?(?:(?<=\d){_OFFSET})?)?)?)?(?<!-)",
    re.ASCII,
)
_MONTH_DAYS: Final = np.array([31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_RANGES: Final = ((1, 9999), (1, 12), (1, 31), (0, 23), (0, 59), (0, 59))
_NOTHING: Final = (None,) * len(PARTS)

type Row = tuple[str | None, ...]


class Sides(NamedTuple):
    """Components of each distinct text, of an interval those of its start and its end; nothing where it is no date."""

    codes: np.ndarray[Any, Any]
    start: list[Row]
    end: list[Row]


def read_sides(dtc: pd.Series[Any]) -> Sides:
    """Both sides of every text (of one that is no interval twice the same); each distinct text is read once.

    codes: the place of each row in the lists; missing is -1, their last entry. An interval whose year is not known on
    both sides, or whose end lies before its start, is no date.
    """
    codes, texts = pd.factorize(dtc.astype("str"))
    start, end = sides_of(list(texts))
    return Sides(np.asarray(codes), [*start, _NOTHING], [*end, _NOTHING])


def sides_of(texts: list[str]) -> tuple[list[Row], list[Row]]:
    """The components of both sides of each text, as `read_sides` says."""
    halves = [text.split("/") if text.count("/") == 1 else [text, text] for text in texts]
    start, end = _legal([half[0] for half in halves]), _legal([half[1] for half in halves])
    for at, text in enumerate(texts):
        if start[at] is _NOTHING or end[at] is _NOTHING or ("/" in text and not _is_interval(start[at], end[at])):
            start[at] = end[at] = _NOTHING
    return start, end


def _is_interval(start: Row, end: Row) -> bool:
    if start[0] is None or end[0] is None:
        return False
    for a, b in zip(start, end, strict=True):
        if a is None or b is None:
            return True
        if a != b:
            return a < b
    return True


def iso_parts(dtc: pd.Series[Any]) -> pd.DataFrame:
    """The components of ISO 8601 texts: columns year ... second as zero-padded text, missing where unknown.

    A row that is missing, not ISO or not a real date (2026-02-31, 24:00) has no part at all. The date and time are the
    local ones as written: an offset moves nothing, fractions of a second are dropped. Of an interval the components
    that its start and end share are known, up to the first in which they differ.
    """
    sides = read_sides(dtc)
    known = [shared(a, b) for a, b in zip(sides.start, sides.end, strict=True)]
    table = np.array(known, dtype=object).reshape(-1, len(PARTS))
    return pd.DataFrame(table[sides.codes], index=dtc.index, columns=list(PARTS)).astype("str")


def shared(start: Row, end: Row) -> Row:
    """The components that both sides have, up to the first in which they differ."""
    if start == end:
        return start
    same = next(n for n, (a, b) in enumerate(zip(start, end, strict=True)) if a != b)
    return (*start[:same], *_NOTHING[same:])


def _legal(texts: list[str]) -> list[Row]:
    """The components of each text; nothing where it is not ISO or has a component out of its range."""
    read = [_parts_of(text) for text in texts]
    number = np.array([[-1 if part is None else int(part) for part in row] for row in read], dtype="int64")
    year, month, day = number.reshape(-1, len(PARTS)).T[:3]
    legal = np.ones(len(read), dtype=bool)
    for found, (bottom, top) in zip(number.reshape(-1, len(PARTS)).T, _RANGES, strict=True):
        legal &= (found == -1) | ((found >= bottom) & (found <= top))
    legal &= day <= last_day_of_month(year, np.where(legal, month, -1))
    return [row if good else _NOTHING for row, good in zip(read, legal, strict=True)]


def _parts_of(text: str) -> Row:
    found = _ISO.fullmatch(text)
    return tuple(None if part == "-" else part for part in found.groups()) if found else _NOTHING


def last_day_of_month(year: np.ndarray[Any, Any], month: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The last possible day of each month; -1 is unknown: the year may be a leap year, the month have 31."""
    leap = (year < 0) | ((year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0)))
    days = _MONTH_DAYS[np.where(month < 0, 0, month)]
    return np.where((month == 2) & ~leap, 28, days)
