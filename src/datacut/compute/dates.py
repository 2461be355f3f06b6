"""Partial dates and times as components: text of an export -> parts -> ISO 8601 -> numeric date.

A date is never a timestamp first: each of year, month, day, hour, minute, second is known or not on its own.
Sources: SDTMIG 3.4 section 4.4 (ISO 8601, missing components as hyphens, study day), ADaMIG 1.3 section 3.1.3
(imputation flags). Reading the export's text is in `date_text`, filling in what is unknown in `date_impute`;
everything public is importable from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from datacut.compute.date_impute import Highest, How, impute_date, narrow_days, possible_days
from datacut.compute.date_parts import PARTS, iso_parts, read_sides
from datacut.compute.date_text import CENTURY, MIDNIGHT, NO_CLOCK, NO_DATE, OFFSET, ORDER, SPELLING, UNSURE, parse_parts

__all__ = [
    "CENTURY",
    "MIDNIGHT",
    "NO_CLOCK",
    "NO_DATE",
    "OFFSET",
    "ORDER",
    "PARTS",
    "SPELLING",
    "UNSURE",
    "Highest",
    "How",
    "date_part",
    "datetime_part",
    "ends_before",
    "impute_date",
    "is_iso_partial",
    "iso_parts",
    "narrow_days",
    "parse_parts",
    "possible_days",
    "study_day",
    "to_iso",
]


_CLOCK = re.compile(r"T(\d\d(?::\d\d(?::\d\d)?)?)", re.ASCII)


def to_iso(parts: pd.DataFrame) -> pd.Series[Any]:
    """ISO 8601 text of component parts, as precise as they are.

    parts: columns year ... second, zero-padded text or missing. An unknown component before a known one is a
    hyphen (`2026---05`, `--03-05`, `2026-03-05T-:30`), trailing unknown ones are left out. Nothing known is
    missing. Where parts has a column `written` with a text, that is it: what components cannot hold.
    """
    text = pd.Series("", index=parts.index, dtype="object")
    later_known = pd.Series(False, index=parts.index)
    for name, lead in reversed(list(zip(PARTS, ("", "-", "-", "T", ":", ":"), strict=True))):
        part = parts[name].astype("object")
        known = part.notna()
        piece = lead + part.where(known, "-")
        later_known |= known
        text = (piece + text).where(later_known, text)
    text = text.where(later_known, None)
    if "written" in parts.columns:
        text = parts["written"].astype("object").where(parts["written"].notna(), text)
    return text.astype("str")


def _of_each_text(dtc: pd.Series[Any], read: Callable[[pd.Series[Any]], pd.Series[Any]]) -> pd.Series[Any]:
    """What is read in each distinct text, on the rows that hold it; the dates of a study repeat."""
    codes, texts = pd.factorize(dtc.astype("str"))
    return read(pd.Series(texts, dtype="str")).reindex(pd.Index(codes)).set_axis(dtc.index)


def is_iso_partial(dtc: pd.Series[Any]) -> pd.Series[Any]:
    """Whether each text is a date, datetime or interval of SDTMIG 3.4 sections 4.4.1 and 4.4.2, complete or partial.

    Nullable boolean, missing stays missing. The day must exist (29 February of an unknown year may); 24:00 is refused.
    """
    sides = read_sides(dtc)
    good = np.array([any(part is not None for part in row) for row in sides.start])[sides.codes]
    return pd.Series(good, index=dtc.index, dtype="boolean").mask(dtc.isna())


def _complete_days(parts: pd.DataFrame) -> pd.Series[Any]:
    whole = parts[["year", "month", "day"]].notna().all(axis=1)
    text = (parts["year"] + "-" + parts["month"] + "-" + parts["day"]).where(whole)
    days = text.fillna("NaT").to_numpy(dtype="datetime64[D]")
    return pd.Series(days.astype("datetime64[s]"), index=parts.index)


def date_part(dtc: pd.Series[Any]) -> pd.Series[Any]:
    """The date of an ISO text, datetime64[s]; NaT where not complete, not legal or missing. Imputes nothing."""
    return _of_each_text(dtc, lambda texts: _complete_days(iso_parts(texts)))


def datetime_part(dtc: pd.Series[Any]) -> pd.Series[Any]:
    """The datetime of an ISO text, datetime64[s]; NaT unless date, hour and minute are complete.

    Seconds not collected are 0; fractions of a second are dropped.
    """
    return _of_each_text(dtc, lambda texts: _complete_moments(iso_parts(texts)))


def _complete_moments(parts: pd.DataFrame) -> pd.Series[Any]:
    whole = parts[["hour", "minute"]].notna().all(axis=1)
    hours = parts["hour"].where(whole, "0").astype("int64")
    minutes = parts["minute"].where(whole, "0").astype("int64")
    seconds = parts["second"].where(whole & parts["second"].notna(), "0").astype("int64")
    clock = (hours * 3600 + minutes * 60 + seconds).to_numpy().astype("timedelta64[s]")
    days = _complete_days(parts)
    return pd.Series(days.to_numpy() + clock, index=parts.index).where(whole).astype("datetime64[s]")


def study_day(date: pd.Series[Any], reference: pd.Series[Any]) -> pd.Series[Any]:
    """CDISC study day: reference date = 1, the day before = -1, no day 0. Int64, missing if either is.

    date, reference: datetime series on the same index; times of day are ignored.
    Source: SDTMIG 3.4 section 4.4.4.
    """
    days = [s.to_numpy().astype("datetime64[D]").astype("int64") for s in (date, reference)]
    gap = days[0] - days[1]
    missing = (date.isna() | reference.isna()).to_numpy()
    return pd.Series(np.where(missing, 0, gap + (gap >= 0)), index=date.index, dtype="Int64").mask(missing)


def ends_before(start: pd.Series[Any], end: pd.Series[Any]) -> pd.Series[Any]:
    """Whether an end lies before its start for every moment both can mean; False if either is missing or no date.

    Days are compared by their bounds, on one day the known parts of the times as written.

    >>> ends_before(pd.Series(["2026-02-20"]), pd.Series(["2026-02"])).tolist()
    [False]
    """
    first, last = possible_days(start)[0], possible_days(end)[1]
    early = (last < first).to_numpy(dtype=bool, copy=True)
    same = (last == first) & (possible_days(start)[1] == first) & (possible_days(end)[0] == last)
    for at in np.flatnonzero(same.to_numpy(dtype=bool)):
        begin, close = clock_of(start.iloc[at]), clock_of(end.iloc[at])
        early[at] = close[: len(begin)] < begin[: len(close)]
    return pd.Series(early, index=start.index)


def clock_of(dtc: str) -> str:
    """The time of an ISO 8601 text as far as it is known from the hour on, without offset; blank where it has none."""
    found = _CLOCK.search(dtc)
    return found[1] if found else ""
