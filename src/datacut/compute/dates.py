"""Partial dates and times as components: text of an export -> parts -> ISO 8601 -> numeric date.

A date is never a timestamp first: each of year, month, day, hour, minute, second is known or not on its own.
Sources: SDTMIG 3.4 section 4.4 (ISO 8601, missing components as hyphens, study day), ADaMIG 1.3 section 3.1.3
(imputation flags). Reading the export's text is in `date_text`, filling in what is unknown in `date_impute`;
everything public is importable from here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from datacut.compute.date_impute import Highest, How, impute_date
from datacut.compute.date_parts import PARTS, iso_parts
from datacut.compute.date_text import CENTURY, MIDNIGHT, NO_CLOCK, ORDER, SPELLING, parse_parts

__all__ = [
    "CENTURY",
    "MIDNIGHT",
    "NO_CLOCK",
    "ORDER",
    "PARTS",
    "SPELLING",
    "Highest",
    "How",
    "date_part",
    "datetime_part",
    "ends_before",
    "impute_date",
    "is_iso_partial",
    "iso_parts",
    "parse_parts",
    "study_day",
    "to_iso",
]


def to_iso(parts: pd.DataFrame) -> pd.Series[Any]:
    """ISO 8601 text of component parts, as precise as they are.

    parts: columns year ... second, zero-padded text or missing. An unknown component before a known one is a
    hyphen (`2026---05`, `--03-05`, `2026-03-05T-:30`), trailing unknown ones are left out. Nothing known is
    missing.
    """
    text = pd.Series("", index=parts.index, dtype="object")
    later_known = pd.Series(False, index=parts.index)
    for name, lead in reversed(list(zip(PARTS, ("", "-", "-", "T", ":", ":"), strict=True))):
        part = parts[name].astype("object")
        known = part.notna()
        piece = lead + part.where(known, "-")
        later_known |= known
        text = (piece + text).where(later_known, text)
    return text.where(later_known, None).astype("str")


def _of_each_text(dtc: pd.Series[Any], read: Callable[[pd.Series[Any]], pd.Series[Any]]) -> pd.Series[Any]:
    """What is read in each distinct text, on the rows that hold it; the dates of a study repeat."""
    codes, texts = pd.factorize(dtc.astype("str"))
    return read(pd.Series(texts, dtype="str")).reindex(pd.Index(codes)).set_axis(dtc.index)


def is_iso_partial(dtc: pd.Series[Any]) -> pd.Series[Any]:
    """Whether each text is a date or datetime `to_iso` could have written.

    Nullable boolean, missing stays missing. The day must exist (29 February of an unknown year may); 24:00 is refused.
    """
    return _of_each_text(dtc, lambda texts: iso_parts(texts).notna().any(axis=1).astype("boolean"))


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
    """Whether an end lies before its start, ISO texts compared at the precision both have; False if either is missing.

    >>> ends_before(pd.Series(["2026-02-20"]), pd.Series(["2026-02"])).tolist()
    [False]
    """
    both = (start.notna() & end.notna()).to_numpy(dtype=bool)
    early = np.zeros(len(both), dtype=bool)
    pairs = zip(start[both].tolist(), end[both].tolist(), strict=True)
    early[both] = [e[: len(s)] < s[: len(e)] for s, e in pairs]
    return pd.Series(early, index=start.index)
