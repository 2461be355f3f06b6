"""Reading dates and times as sites type them into components, with a problem instead of a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd

from datacut.compute.date_parts import PARTS, last_day_of_month

_UNKNOWN: Final = r"UNKNOWN|UNK|UN|UK|NK|ND|NUL|--?"
_WHOLLY_UNKNOWN: Final = re.compile(rf"(?:{_UNKNOWN})(?:\s*[-/:. ]?\s*(?:{_UNKNOWN}))*")
_SPLIT: Final = re.compile(r"(mmm|[ymdHMS])")
_NAMES: Final = {
    "y": "year",
    "mmm": "month",
    "m": "month",
    "d": "day",
    "H": "hour",
    "M": "minute",
    "S": "second",
}
_MARKS: Final = "年月日号时時分秒"
_MONTHS: Final = {
    month: number
    for number, month in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], start=1
    )
}
_FOLD: Final = str.maketrans({"／": "/", "－": "-", "：": ":", "．": ".", "\u3000": " ", "\u00a0": " "})

type _Read = tuple[dict[str, int], str | None]


@dataclass(frozen=True, slots=True)
class _Slot:
    """One component of a format: its letter, the mark written after it (`年`), the separator that follows."""

    code: str
    mark: str
    separator: str


def _slots(text: str) -> list[_Slot]:
    pieces = [piece for piece in _SPLIT.split(text.strip()) if piece]
    slots: list[_Slot] = []
    for at, piece in enumerate(pieces):
        if piece in _NAMES:
            literal = pieces[at + 1] if at + 1 < len(pieces) and pieces[at + 1] not in _NAMES else ""
            mark = literal[:1] if literal[:1] in _MARKS else ""
            slots.append(_Slot(piece, mark, literal[len(mark) :]))
    names = [_NAMES[slot.code] for slot in slots]
    if not names or len(set(names)) < len(names) or pieces[0] not in _NAMES:
        raise ValueError(f"{text!r} is not a date or time format; write one like 'y-m-d' or 'd-mmm-y H:M'.")
    return slots


def _component(slot: _Slot, packed: bool) -> str:
    name = _NAMES[slot.code]
    if slot.code == "mmm":
        known = "|".join(_MONTHS)
    elif packed:
        known = r"\d{4}" if name == "year" else r"\d\d"
    elif name == "year":
        known = r"\d{4}|\d\d"
    else:
        known = r"\d{1,2}"
    fraction = r"(?:\.\d+)?" if name == "second" else ""
    return rf"(?P<{name}>{known}|{_UNKNOWN}){fraction}{slot.mark}"


def _pattern(slots: Sequence[_Slot]) -> re.Pattern[str]:
    body, touching = "", False
    for at, slot in enumerate(slots):
        last = at == len(slots) - 1
        touches_next = not last and not slot.mark and not slot.separator
        separator = "" if last else slot.separator.upper()
        body += _component(slot, touching or touches_next)
        body += r"\s+" if separator and separator.isspace() else re.escape(separator)
        touching = touches_next
    return re.compile(body)


def _without(slots: list[_Slot], name: str) -> list[_Slot]:
    """The same format with one component absent: `d-m-y` -> `m-y`, `m/d/y` -> `m/y`."""
    return [slot for slot in slots if _NAMES[slot.code] != name]


def _patterns(slots: list[_Slot], droppable: Sequence[str]) -> list[re.Pattern[str]]:
    """The format whole, then with its small components absent one after the other."""
    patterns = [_pattern(slots)] if slots else []
    for name in droppable:
        fewer = _without(slots, name)
        if len(fewer) < len(slots) and fewer:
            slots = fewer
            patterns.append(_pattern(slots))
    return patterns


@cache
def _month_days(year: int, month: int) -> int:
    return int(last_day_of_month(np.array(year), np.array(month)))


def _date_problem(found: dict[str, int]) -> str | None:
    year, month, day = (found.get(name, -1) for name in ("year", "month", "day"))
    if year == 0:
        return "no such year"
    if month == 0 or month > 12:
        return "no such month"
    if day == 0 or day > _month_days(year, month):
        return "no such day"
    return None


def _time_problem(found: dict[str, int]) -> str | None:
    hour, minute, second = (found.get(name, -1) for name in ("hour", "minute", "second"))
    midnight = hour == 24 and minute <= 0 and second <= 0
    return "no such time" if (hour > 23 and not midnight) or minute > 59 or second > 59 else None


def _read(text: str, patterns: Iterable[re.Pattern[str]], unreadable: str) -> _Read:
    """The first reading without a problem, else the first problem, else `unreadable`."""
    problem = None
    for pattern in patterns:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        found: dict[str, int] = {}
        fault = None
        for name, piece in match.groupdict().items():
            if piece in _MONTHS:
                found[name] = _MONTHS[piece]
            elif piece[0].isdigit():
                found[name] = int(piece)
                if name == "year" and len(piece) == 2:
                    fault = "two-digit year"
        fault = fault or _date_problem(found) or _time_problem(found)
        if fault is None:
            return found, None
        problem = problem or fault
    if problem is None and _WHOLLY_UNKNOWN.fullmatch(text):
        return {}, None
    return {}, problem or unreadable


def _read_unique(texts: pd.Series[Any], read: Callable[[str], _Read]) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Components (-1 unknown) and problem of every row, each distinct text read once."""
    folded = texts.astype("str").str.translate(_FOLD).str.strip().str.upper()
    codes, distinct = pd.factorize(folded)
    results = [read(text) if text else ({}, None) for text in distinct]
    results.append(({}, None))  # code -1: missing
    numbers = np.array([[found.get(name, -1) for name in PARTS] for found, _ in results], dtype="int64")
    problems = np.array([problem for _, problem in results], dtype=object)
    return pd.DataFrame(numbers[codes], index=texts.index, columns=list(PARTS)), pd.Series(
        problems[codes], index=texts.index, dtype=object
    )


def _next_day(parts: pd.DataFrame, rows: pd.Series[Any]) -> None:
    whole = parts.loc[rows, ["year", "month", "day"]]
    tomorrow = pd.to_datetime(whole) + pd.Timedelta(days=1)
    parts.loc[rows, ["year", "month", "day"]] = np.column_stack([tomorrow.dt.year, tomorrow.dt.month, tomorrow.dt.day])
    parts.loc[rows, "hour"] = 0


def parse_parts(
    date: pd.Series[Any],
    time: pd.Series[Any] | None,
    formats: Sequence[str],
    *,
    midnight_24: bool = False,
) -> pd.DataFrame:
    """Components of dates (and times) as typed: columns year ... second, zero-padded text, and `problem`.

    date, time: text on the same index; without `time`, the date text may hold both. Missing and blank stay
    missing.
    formats: tried in order, the first clean reading wins; `y m d mmm H M S` are components, the rest is
    literal (`d-mmm-y`, `y年m月d日`, `m/d/y H:M`). With `time`, the clock half of each format reads it. The day,
    or day and month, may be absent (`2026-03`, `MAR-2026`, `2026`), seconds too. Any component may be spelled
    UN, UNK, UK, NK, ND, NUL, UNKNOWN, `-` or `--`. Case and full-width punctuation do not matter.
    midnight_24: read 24:00 on a complete date as 00:00 of the next day; otherwise it is a problem.
    problem: missing when fine, else `unreadable`, `two-digit year`, `no such year|month|day` (no component is
    kept), or `unreadable time`, `no such time`, `24:00`, `time without date` (the date stays, the time goes).
    Raises ValueError for an unusable format.
    """
    dates: list[re.Pattern[str]] = []
    clocks: list[re.Pattern[str]] = []
    for text in formats:
        slots = _slots(text)
        calendar = [slot for slot in slots if slot.code in "ymmmd"]
        clock = [slot for slot in slots if slot.code in "HMS"]
        clocks += _patterns(clock, ("second",))
        if calendar and clock:
            dates += _patterns(slots, ("second",))
        dates += _patterns(calendar, ("day", "month"))
    parts, problem = _read_unique(date, lambda text: _read(text, dates, "unreadable"))
    if time is not None:
        times, time_problem = _read_unique(time, lambda text: _read(text, clocks, "unreadable time"))
        for name in ("hour", "minute", "second"):
            parts[name] = times[name].where(times[name] >= 0, parts[name])
        problem = problem.where(problem.notna(), time_problem)

    clock_names = ["hour", "minute", "second"]
    undated = (parts[["year", "month", "day"]] < 0).all(axis=1) & (parts[clock_names] >= 0).any(axis=1)
    problem = problem.mask(undated & problem.isna(), "time without date")
    midnight = parts["hour"] == 24
    movable = midnight & midnight_24 & problem.isna() & (parts[["year", "month", "day"]] >= 0).all(axis=1)
    if movable.any():
        _next_day(parts, movable)
    problem = problem.mask(midnight & ~movable & problem.isna(), "24:00")
    parts.loc[problem.notna(), clock_names] = -1

    result = pd.DataFrame(index=parts.index)
    for name in PARTS:
        width = 4 if name == "year" else 2
        texts = {n: f"{n:0{width}d}" for n in parts[name].unique().tolist() if n >= 0}
        result[name] = parts[name].map(texts).astype("str")
    result["problem"] = problem.astype("str")
    return result
