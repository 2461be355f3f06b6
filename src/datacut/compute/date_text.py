"""Reading dates and times as sites type them into components, with a problem instead of a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd

from datacut.compute.date_parts import PARTS, last_day_of_month, shared, sides_of

BLANK: Final = -1
UNKNOWN: Final = -2
NOT_DONE: Final = -3
_STATES: Final = {BLANK: "b", UNKNOWN: "u", NOT_DONE: "n"}

_NOT_DONE: Final = r"NOT DONE|ND|未做|未查"
_UNKNOWN: Final = rf"{_NOT_DONE}|UNKNOWN|UNK|UN|UK|NK|NUL|XXX|XX|--?|不详|未知|不明"
_WHOLLY_UNKNOWN: Final = re.compile(rf"(?:{_UNKNOWN})(?:\s*[-/:. ]?\s*(?:{_UNKNOWN}))*")
_WHOLLY_NOT_DONE: Final = re.compile(_NOT_DONE)
_SERIAL: Final = re.compile(r"([1-9]\d{4})(\.\d+)?", re.ASCII)
_SERIAL_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001
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
_MARKS: Final = "年月日时分秒"
_MONTHS: Final = {
    month: number
    for number, month in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], start=1
    )
}
_FOLD: Final = str.maketrans(
    {
        **dict(zip("０１２３４５６７８９", "0123456789", strict=True)),
        **dict.fromkeys("－−–—", "-"),
        **dict.fromkeys("\u3000\u00a0\ufeff", " "),
        **dict.fromkeys("号號", "日"),
        **dict.fromkeys("時点點", "时"),
        "／": "/",
        "：": ":",
        "．": ".",
    }
)
SERIAL: Final = "serial"
"""The format of a field that holds Excel serial numbers (1900 date system)."""
MIDNIGHT: Final = "24:00 was read as 00:00 of the next day"
CENTURY: Final = "the century of a two-digit year was taken from the pivot"
ORDER: Final = "not typed as the field's format says; read in the order of that format"
SPELLING: Final = "not typed as the field's format says; read because it can mean one date only"
NO_CLOCK: Final = "a time of 00:00:00 in a field without a time was left out"
OFFSET: Final = "the time has an offset from UTC; the local date and time as written are used"
UNSURE: Final = "an interval of dates: what both ends share is known"
NO_DATE: Final = "a time of a date that is not known; the time is kept"
_INTERVAL: Final = re.compile(r"\d{4}[-T:\d]*/\d{4}[-T:\d]*", re.ASCII)
_FINER: Final = re.compile(r"([-\d]{5,}[T ]\d\d(?::\d\d(?::\d\d)?)?)([.,]\d+)?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_ISO_FORMATS: Final = ("y-m-d", "y-m-dTH:M:S", "y-m-dTH", "y-m-d H:M:S")
_CLEAR_FORMATS: Final = (
    "y/m/d",
    "y.m.d",
    "y m d",
    "y年m月d日",
    "ymd",
    "d-mmm-y",
    "d/mmm/y",
    "d.mmm.y",
    "d mmm y",
    "dmmmy",
)
_CLOCK_FORMATS: Final = ("H:M:S", "H时M分S秒")

type _Read = tuple[dict[str, int], str | None, str | None]
type _Pattern = tuple[re.Pattern[str], str | None]


@dataclass(frozen=True, slots=True)
class _Slot:
    """One component of a format: its letter, the mark written after it (`年`), the separator that follows."""

    code: str
    mark: str
    separator: str


def check_format(text: str) -> None:
    """Raises ValueError where a text is no format of dates or times."""
    if text != SERIAL:
        _slots(text)


def _slots(text: str) -> list[_Slot]:
    pieces = [piece for piece in _SPLIT.split(text.strip().translate(_FOLD)) if piece]
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
    unknown = _UNKNOWN.replace("--?", "--") if packed else _UNKNOWN
    return rf"(?P<{name}>{known}|{unknown}){fraction}{slot.mark}"


def _pattern(slots: Sequence[_Slot]) -> re.Pattern[str]:
    body, touching = "", False
    for at, slot in enumerate(slots):
        last = at == len(slots) - 1
        touches_next = not last and not slot.mark and not slot.separator
        separator = "" if last else slot.separator.upper()
        body += _component(slot, touching or touches_next)
        body += r"\s+" if separator and separator.isspace() else rf"\s*{re.escape(separator)}\s*" if separator else ""
        touching = touches_next
    return re.compile(body, re.ASCII)


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


def _read(text: str, patterns: Iterable[_Pattern], unreadable: str, pivot: int | None) -> _Read:
    """The first reading without a problem, else the first problem, else `unreadable`; and the doubt of the reading."""
    if _WHOLLY_NOT_DONE.fullmatch(text):
        return dict.fromkeys(PARTS, NOT_DONE), None, None
    if _WHOLLY_UNKNOWN.fullmatch(text):
        return dict.fromkeys(PARTS, UNKNOWN), None, None
    problem = None
    for pattern, doubt in patterns:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        found: dict[str, int] = {}
        fault = None
        for name, piece in match.groupdict().items():
            if piece in _MONTHS:
                found[name] = _MONTHS[piece]
            elif not piece[0].isdigit():
                found[name] = NOT_DONE if _WHOLLY_NOT_DONE.fullmatch(piece) else UNKNOWN
            elif name == "year" and len(piece) == 2 and (pivot is None or doubt is not None):
                fault = "two-digit year"
            elif name == "year" and len(piece) == 2 and pivot is not None:
                found[name], doubt = int(piece) + (2000 if int(piece) < pivot else 1900), CENTURY
            else:
                found[name] = int(piece)
        fault = fault or _date_problem(found) or _time_problem(found)
        if fault is None:
            return found, None, doubt
        problem = problem or fault
    return {}, problem or unreadable, None


def _read_serial(text: str) -> dict[str, int] | None:
    """Components of an Excel serial number of five digits (1927 to 2173), a fraction being the time of day."""
    found = _SERIAL.fullmatch(text)
    if found is None:
        return None
    seconds = round(float(found[2] or 0) * 86400)
    moment = _SERIAL_ZERO + timedelta(days=int(found[1]), seconds=seconds)
    names = PARTS if moment.second else PARTS[:5] if seconds else PARTS[:3]
    return {name: int(getattr(moment, name)) for name in names}


def _in_order(calendar: Sequence[_Slot]) -> list[list[_Slot]]:
    """The components of a format in its order, the month as a number, with each usual separator."""
    codes = ["m" if slot.code == "mmm" else slot.code for slot in calendar]
    return [[_Slot(code, "", separator) for code in codes] for separator in "-/. "]


def _date_patterns(declared: Sequence[list[_Slot]]) -> list[_Pattern]:
    """What a date is tried as: its formats, ISO 8601, what can mean one date only, numbers in the order of a format."""
    tried: list[_Pattern] = []
    for slots in declared:
        calendar = [slot for slot in slots if slot.code in "ymmmd"]
        if calendar and len(calendar) < len(slots):
            tried += [(p, None) for p in _patterns(slots, ("second",))]
        tried += [(p, None) for p in _patterns(calendar, ("day", "month"))]
    for text in _ISO_FORMATS:
        tried += [(p, None) for p in _patterns(_slots(text), ("second",))]
        tried += [(p, None) for p in _patterns(_slots(text), ("day", "month")) if "H" not in text]
    for text in _CLEAR_FORMATS:
        tried += [(p, SPELLING) for p in _patterns(_slots(text), ("day", "month"))]
    for slots in declared:
        calendar = [slot for slot in slots if slot.code in "ymmmd"]
        if len(calendar) == 3:
            tried += [(p, ORDER) for other in _in_order(calendar) for p in _patterns(other, ("day", "month"))]
    return tried


@cache
def _all_patterns(formats: tuple[str, ...]) -> tuple[list[_Pattern], list[_Pattern]]:
    """What a date, and what a time, is tried as."""
    declared = [_slots(text) for text in formats]
    clocks: list[_Pattern] = []
    for slots in [*declared, *(_slots(text) for text in _CLOCK_FORMATS)]:
        clocks += [(p, None) for p in _patterns([slot for slot in slots if slot.code in "HMS"], ("second",))]
    return _date_patterns(declared), clocks


def _folded(texts: pd.Series[Any]) -> pd.Series[Any]:
    return texts.astype("str").str.translate(_FOLD).str.strip().str.upper()


def _read_unique(texts: pd.Series[Any], read: Callable[[str], _Read]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Components of every row (BLANK, UNKNOWN and NOT_DONE below 0), its problem and doubt; each text is read once."""
    codes, distinct = pd.factorize(_folded(texts))
    results: list[_Read] = [read(text) if text else ({}, None, None) for text in distinct]
    results.append(({}, None, None))  # code -1: missing
    numbers = np.array([[found.get(name, BLANK) for name in PARTS] for found, _, _ in results], dtype="int64")
    told = np.array([[problem, doubt] for _, problem, doubt in results], dtype=object)
    return (
        pd.DataFrame(numbers[codes], index=texts.index, columns=list(PARTS)),
        pd.DataFrame(told[codes], index=texts.index, columns=["problem", "doubt"]),
    )


def _as_written(text: str) -> str | None:
    """ISO 8601 that says more than six components hold (interval, fraction of a second, offset), else None."""
    found = _FINER.fullmatch(text)
    if found is not None:
        if not found[2] and not found[3]:
            return None
        clock, fraction, offset = found[1].replace(" ", "T"), found[2] or "", found[3] or ""
        digits = offset[1:].replace(":", "").ljust(4, "0")
        zone = f"{offset[0]}{digits[:2]}:{digits[2:]}" if offset not in ("", "Z") else offset
        text = f"{clock}{fraction.replace(',', '.')}{zone}"
    elif not _INTERVAL.fullmatch(text):
        return None
    return text if any(part is not None for part in sides_of([text])[0][0]) else None


def _read_written(text: str) -> _Read:
    """The components that such a text has, those of an interval that both ends share, and what is to be told of it."""
    start, end = sides_of([text])
    row = dict(zip(PARTS, shared(start[0], end[0]), strict=True))
    found = {n: UNKNOWN if part is None else int(part) for n, part in row.items() if part is not None or "/" in text}
    return found, None, UNSURE if "/" in text else OFFSET if text.endswith("Z") or text[-6] in "+-" else None


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
    pivot: int | None = None,
) -> pd.DataFrame:
    """Components of dates (and times) as typed: year ... second (zero-padded text), states, problem, doubt, written.

    date, time: text on the same index; without `time`, the date text may hold both. Missing and blank stay missing.
    formats: tried in order, the first clean reading wins; `y m d mmm H M S` are components, the rest is literal
    (`d-mmm-y`, `y年m月d日`, `m/d/y H:M`), `serial` is an Excel serial number. With `time`, the clock half of each
    format reads it. The day, or day and month, may be absent (`2026-03`, `MAR-2026`, `2026`), seconds too. Any
    component may be spelled UN, UNK, UK, NK, NUL, UNKNOWN, XX, 不详, `-` or `--`, or as not done: ND. Case, full-width
    digits and punctuation do not matter. ISO 8601 is always read, as are dates with the year first in four digits or
    the month by name; numbers in another spelling are read in the order of a format.
    pivot: two-digit years below it are 20.., others 19..; without, they are a problem.
    states: one letter a component: k known, u unknown, n not done, b blank.
    problem: missing when fine, else `unreadable`, `serial number`, `two-digit year`, `no such year|month|day` (no
    component is kept), or `unreadable time`, `no such time`, `24:00`, `time without date` (the date stays, the time
    goes). A time of a date typed as unknown stays. 24:00 on a complete date is 00:00 of the next day.
    doubt: missing, or what was assumed: MIDNIGHT, CENTURY, ORDER, SPELLING, NO_CLOCK, NO_DATE, OFFSET, UNSURE.
    written: ISO 8601 text that says more than the components: an interval, a fraction of a second, an offset from UTC.
    The components are then those of the local date and time, and of an interval those that both ends share. Raises
    ValueError for an unusable format.
    """
    dates, clocks = _all_patterns(tuple(text for text in formats if text != SERIAL))
    timed = any({"y", "H"} <= {slot.code for slot in _slots(text)} for text in formats if text != SERIAL)

    def read(text: str) -> _Read:
        written = _as_written(text)
        if written is not None:
            return _read_written(written)
        serial = _read_serial(text)
        if serial is None:
            return _read(text, dates, "unreadable", pivot)
        return (serial, None, None) if SERIAL in formats else ({}, "serial number", None)

    parts, told = _read_unique(date, read)
    problem, doubt = told["problem"], told["doubt"]
    written = _folded(date).map(_as_written, na_action="ignore").astype("str")
    clock_names = ["hour", "minute", "second"]
    if not timed and SERIAL not in formats:
        padded = (parts[clock_names] == 0).all(axis=1)
        written = written.mask(padded)
        parts.loc[padded, clock_names] = BLANK
        doubt = doubt.mask(padded, NO_CLOCK)
    if time is not None:
        times, time_told = _read_unique(time, lambda text: _read(text, clocks, "unreadable time", None))
        written = written.mask((times != BLANK).any(axis=1))
        for name in clock_names:
            parts[name] = times[name].where(times[name] != BLANK, parts[name])
        problem = problem.where(problem.notna(), time_told["problem"])

    calendar = parts[["year", "month", "day"]]
    undated = (calendar < 0).all(axis=1) & (parts[clock_names] >= 0).any(axis=1) & problem.isna()
    typed_unknown = (calendar == UNKNOWN).all(axis=1) & (parts["hour"] < 24)
    doubt = doubt.mask(undated & typed_unknown, NO_DATE)
    problem = problem.mask(undated & ~typed_unknown, "time without date")
    midnight = parts["hour"] == 24
    movable = midnight & problem.isna() & (parts[["year", "month", "day"]] >= 0).all(axis=1)
    if movable.any():
        _next_day(parts, movable)
    doubt = doubt.mask(movable, MIDNIGHT)
    problem = problem.mask(midnight & ~movable & problem.isna(), "24:00")
    parts.loc[problem.notna(), clock_names] = BLANK

    result = pd.DataFrame(index=parts.index)
    states = pd.Series("", index=parts.index, dtype="str")
    for name in PARTS:
        width = 4 if name == "year" else 2
        seen = parts[name].unique().tolist()
        result[name] = parts[name].map({n: f"{n:0{width}d}" for n in seen if n >= 0}).astype("str")
        states += parts[name].map({n: _STATES.get(n, "k") for n in seen}).astype("str")
    result["states"] = states
    result["problem"] = problem.astype("str")
    result["doubt"] = doubt.mask(problem.notna(), None).astype("str")
    result["written"] = written.mask(problem.notna())
    return result
