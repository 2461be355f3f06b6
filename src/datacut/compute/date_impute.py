"""The days a partial date can mean, filling in what is unknown of it, and saying how much was filled in."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from datacut.compute.date_parts import Row, iso_parts, last_day_of_month, read_sides

type How = Literal["first", "last", "mid"]
type Highest = Literal["Y", "M", "D", "n"]


def _day(year: Any, month: Any, day: Any) -> Any:
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    return months.astype("datetime64[D]") + (day - 1)


def _ends(sides: list[Row], codes: Any, which: Literal["first", "last"]) -> Any:
    """The first or last possible day of each row; not a time where the year is not known."""
    table = np.array([[-1 if part is None else int(part) for part in row[:3]] for row in sides], dtype="int64")
    year, month, day = table.reshape(-1, 3).T
    some_year = np.where(year > 0, year, 1970)
    if which == "first":
        # of an unknown month the first that has the day: a 31st is possible in January
        days = _day(some_year, np.where(month > 0, month, 1), np.where(day > 0, day, 1))
    else:
        months = np.where(month > 0, month, 12)
        days = _day(some_year, months, np.where(day > 0, day, last_day_of_month(some_year, months)))
    return np.where(year > 0, days, np.datetime64("NaT", "D"))[codes]


def possible_days(dtc: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """The earliest and the latest day that each ISO 8601 text can mean, datetime64[s].

    A complete date is one day, `2026-02` lies from the 1st to the 28th, an interval from the first day of its start to
    the last of its end. NaT, open on that side, where the year is not known, the text is missing or no date. An offset
    from UTC
    moves nothing: the day is the local one as written.
    """
    sides = read_sides(dtc)
    low, high = _ends(sides.start, sides.codes, "first"), _ends(sides.end, sides.codes, "last")
    return tuple(pd.Series(days.astype("datetime64[s]"), index=dtc.index) for days in (low, high))  # type: ignore[return-value]


def narrow_days(
    earliest: pd.Series[Any],
    latest: pd.Series[Any],
    not_before: pd.Series[Any] | None = None,
    not_after: pd.Series[Any] | None = None,
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """The bounds of a day that is not before one and not after another date; open sides (NaT) take the date itself.

    A date that leaves no day contradicts the bounds and narrows nothing. Where both sides are one day nothing changes.
    """
    low, high = earliest, latest
    if not_before is not None:
        fits = not_before.notna() & ~(not_before > high).fillna(False)
        low = low.where(~(fits & (low.isna() | (not_before > low).fillna(False))), not_before)
    if not_after is not None:
        fits = not_after.notna() & ~(not_after < low).fillna(False)
        high = high.where(~(fits & (high.isna() | (not_after < high).fillna(False))), not_after)
    return low.astype("datetime64[s]"), high.astype("datetime64[s]")


def _bound(bound: pd.Series[Any] | None, index: pd.Index[Any]) -> Any:
    if bound is None:
        return np.full(len(index), "NaT", dtype="datetime64[D]")
    return bound.to_numpy().astype("datetime64[D]")


def impute_date(
    dtc: pd.Series[Any],
    how: How = "first",
    highest: Highest = "n",
    not_before: pd.Series[Any] | None = None,
    not_after: pd.Series[Any] | None = None,
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Complete partial ISO dates; returns the date (datetime64[s]) and its flag (`D`, `M`, `Y` or missing).

    how: `first` or `last` day of what is unknown; `mid` is the 15th, or 30 June when the month is unknown.
    highest: the highest component that may be imputed, `n` for none; a date that needs more stays NaT.
    not_before, not_after: dates on the same index that move an *imputed* date (first the one, then the
    other), only where they lie among the days the partial date can mean. A complete date is never moved.
    An interval is imputed within itself, and by how much of it is shared. The flag names the highest imputed component.
    A day known below an unknown month (`2026---05`) is imputed with the month. A missing text is imputed only under
    `Y`, which puts the bound itself: `first` needs `not_before`, `last` needs `not_after`, `mid` is refused.
    Source: ADaMIG 1.3 section 3.1.3 (*DTF); admiral `impute_dtc_dt` for the bounds. Raises ValueError for an
    unusable combination.
    """
    if highest == "Y" and (
        how == "mid" or (how == "first" and not_before is None) or (how == "last" and not_after is None)
    ):
        raise ValueError(
            "A year can be imputed only as a bound: how='first' with not_before, or 'last' with not_after."
        )
    parts = iso_parts(dtc)
    year, month, day = (parts[name].fillna("-1").astype("int64").to_numpy() for name in ("year", "month", "day"))
    month = np.where(year < 0, -1, month)
    day = np.where(month < 0, -1, day)
    has_year, has_month, has_day = year > 0, month > 0, day > 0

    some_year = np.where(has_year, year, 1970)
    sides = read_sides(dtc)
    low, high = _ends(sides.start, sides.codes, "first"), _ends(sides.end, sides.codes, "last")
    mid = _day(some_year, np.where(has_month, month, 6), np.where(has_day, day, np.where(has_month, 15, 30)))
    mid = np.minimum(np.maximum(mid, low), high)
    date = {"first": low, "last": high, "mid": mid}[how]

    earliest, latest = _bound(not_before, dtc.index), _bound(not_after, dtc.index)
    imputed = ~has_day
    raised = imputed & (earliest >= low) & (earliest <= high) & (earliest > date)
    date = np.where(raised, earliest, date)
    lowered = imputed & (latest >= low) & (latest <= high) & (latest < date)
    date = np.where(lowered, latest, date)
    if highest == "Y":
        date = np.where(has_year, date, earliest if how == "first" else latest)

    level = np.select([has_day, has_month, has_year], [0, 1, 2], default=3)
    unreadable = dtc.notna().to_numpy() & parts.isna().all(axis=1).to_numpy()
    allowed = (level <= {"n": 0, "D": 1, "M": 2, "Y": 3}[highest]) & ~unreadable
    known = allowed & ~np.isnat(date)
    result = pd.Series(date.astype("datetime64[s]"), index=dtc.index).where(known)
    flag = pd.Series(np.array([None, "D", "M", "Y"], dtype=object)[level], index=dtc.index)
    return result, flag.where(known, None).astype("str")
