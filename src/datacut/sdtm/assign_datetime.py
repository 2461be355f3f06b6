"""Mapping verb for dates and times: as typed -> ISO 8601, partial where parts are unknown."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from datacut.compute.dates import (
    CENTURY,
    MIDNIGHT,
    NO_CLOCK,
    NO_DATE,
    OFFSET,
    ORDER,
    SPELLING,
    UNSURE,
    parse_parts,
    to_iso,
)
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.sdtm.collected import clean_text
from datacut.spec.crf import CrfField
from datacut.spec.registry import Column, verb

_DATE_FORMATS = ["d-mmm-y", "y-m-d"]
_TIME_FORMATS = ["H:M", "H:M:S"]
_REMEDY = "Query the site; the value is missing in the dataset."
_REMEDIES = {
    "serial number": "Ask for an export with dates, or say `format: serial` in specs/crf; the value is missing.",
    "two-digit year": "Query the site, or state the century by `pivot`; the value is missing in the dataset.",
}
_DOUBTS = {
    MIDNIGHT: Severity.WARNING,
    CENTURY: Severity.WARNING,
    ORDER: Severity.WARNING,
    SPELLING: Severity.NOTE,
    NO_CLOCK: Severity.NOTE,
    NO_DATE: Severity.WARNING,
    OFFSET: Severity.NOTE,
    UNSURE: Severity.NOTE,
}


@verb(
    "mapping",
    says="{date}[ and {time}] as ISO 8601",
)
def assign_datetime(
    raw: pd.DataFrame,
    date: Column,
    context: Context,
    time: Column | None = None,
    formats: list[str] | None = None,
    unknown: Column | None = None,
    pivot: int | None = None,
) -> pd.Series:
    """ISO 8601 text from a collected date and time, partial where parts are unknown (SDTMIG 3.4 section 4.4.1).

    ISO 8601 with a fraction of a second, an offset from UTC or as an interval (section 4.4.2) is kept as it is written:
    the date and time are the local ones.
    formats: tokens such as `d-mmm-y` and `H:M`, or `serial`; left out, those of the CRF fields. unknown: tick that the
    date is not known; pivot: first two-digit year that is 19.. and not 20... A value that is no date is an error
    finding and becomes missing. What is read on an assumption (24:00, the century, numbers not in the field's format)
    and a date beside the tick are warnings; another spelling of a date that can mean one day only, an offset and an
    interval are notes.
    """
    known = formats or _formats(context.fields, date, time)
    parts = parse_parts(raw[date], raw[time] if time is not None else None, known, pivot=pivot)
    for problem in sorted(parts["problem"].dropna().unique()):
        context.report(
            raw,
            (parts["problem"] == problem).fillna(False),
            _at(problem, date, time),
            "sdtm.date",
            f"not a date {context.variable} can hold: {problem}",
            remedy=_REMEDIES.get(problem, _REMEDY),
        )
    for doubt in sorted(parts["doubt"].dropna().unique()):
        context.report(
            raw,
            (parts["doubt"] == doubt).fillna(False),
            _at("24:00" if doubt == MIDNIGHT else "", date, time),
            "sdtm.date",
            doubt,
            remedy="Check it against the source; the date is kept.",
            severity=_DOUBTS[doubt],
        )
    if unknown is not None:
        ticked = clean_text(raw[unknown]).notna() & ~raw[unknown].isin(["0", "N"])
        context.report(
            raw,
            ticked & parts["states"].str.contains("k"),
            date,
            "sdtm.date",
            f"ticked as unknown ({unknown}), but there is a date; the date stands",
            remedy="Query the site.",
            severity=Severity.WARNING,
        )
    return to_iso(parts)


def _at(what: str, date: str, time: str | None) -> str:
    """The column a problem is in: that of the time, if there is one and the problem is about the time."""
    return time if time is not None and (what == "24:00" or "time" in what) else date


def _formats(fields: Mapping[str, CrfField], date: str, time: str | None) -> list[str]:
    found: list[str] = []
    for name, default in ((date, _DATE_FORMATS), (time, _TIME_FORMATS)):
        if name is not None:
            field = fields.get(name)
            found += [field.format] if field is not None and field.format else default
    return found
