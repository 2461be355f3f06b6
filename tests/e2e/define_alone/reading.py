"""How the supplement says that methods are read: partial dates, three-valued logic, decimal numbers."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

type Truth = bool | None
type Span = tuple[date, date]
"""First and last day that a partial date can mean."""
type Values = dict[str, dict[tuple[Any, ...], Any]]
"""Of each variable, its value by the key of the record."""
type Load = Callable[[str], pd.DataFrame]


def loader(build: Path) -> Load:
    """A function that reads a dataset of a build, SDTM or ADaM, from its transport file; blank texts are missing."""

    @lru_cache(None)
    def load(name: str) -> pd.DataFrame:
        place = build / ("adam" if name.startswith("AD") else "sdtm") / f"{name.lower()}.xpt"
        frame, _ = pyreadstat.read_xport(str(place))
        texts = [c for c in frame if not pd.api.types.is_numeric_dtype(frame[c])]
        return frame.assign(**{c: frame[c].astype(object).map(lambda v: None if missing(v) else v) for c in texts})

    return load


def missing(value: Any) -> bool:
    return value is None or value is pd.NaT or value != value or value == ""


def known(value: Any) -> Any:
    """The value, or None where it is missing."""
    return None if missing(value) else value


def exact(value: Any) -> Fraction | None:
    """The decimal number; None where it is missing."""
    if missing(value) or isinstance(value, Fraction):
        return known(value)
    return Fraction(f"{float(value):.13g}")


def span(text: Any) -> Span | None:
    """What an ISO 8601 date can mean; None where nothing is known of it."""
    found = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", "" if missing(text) else text)
    if found is None:
        return None
    year, month, day = (None if p is None else int(p) for p in found.groups())
    assert year is not None
    if day is not None and month is not None:
        return date(year, month, day), date(year, month, day)
    first, last = (1, 12) if month is None else (month, month)
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def moment(text: Any) -> pd.Timestamp | None:
    """The time of a date with hours and minutes, else None."""
    return None if missing(text) or not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text) else pd.Timestamp(text)


def least(spans: list[Span | None]) -> Span | None:
    """The smallest of several partial dates, as precise as it is certain."""
    there = [s for s in spans if s is not None]
    return (min(s[0] for s in there), min(s[1] for s in there)) if there else None


def days_after(one: Span | None, other: Span | None, days: int) -> Truth:
    """Whether `one` is surely, or surely not, at least `days` days after `other`."""
    if one is None or other is None:
        return None
    return surely((one[0] - other[1]).days >= days, (one[1] - other[0]).days >= days)


def surely(by_least: bool, by_most: bool) -> Truth:
    """What holds at both ends of what a value can be."""
    return by_least if by_least == by_most else None


def all_of(*states: Truth) -> Truth:
    return False if False in states else None if None in states else True


def any_of(*states: Truth) -> Truth:
    return True if True in states else None if None in states else False


def negated(state: Truth) -> Truth:
    return None if state is None else not state


def equals(one: Any, other: Any) -> Truth:
    return None if missing(one) or missing(other) else bool(one == other)


def from_yn(value: Any) -> Truth:
    return {"Y": True, "N": False}.get(value)


def to_yn(state: Truth) -> str | None:
    return None if state is None else "Y" if state else "N"
