"""Moments as text in the format a form declares (`d-mmm-y`, `y-m-d H:M`, `ymd`), unknown parts as UN and UNK."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

_TOKEN = re.compile(r"mmm|[ymdHMS]")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

KNOWN, NO_DAY, NO_MONTH = 0, 1, 2
UNKNOWN = "UN"


@lru_cache(maxsize=200_000)
def date_text(form: str, ordinal: int, unknown: int = KNOWN) -> str:
    """The date part of a format; `unknown` tells whether day, or day and month, are not known."""
    day = date.fromordinal(ordinal)
    parts = {
        "y": f"{day.year:04d}",
        "mmm": "UNK" if unknown == NO_MONTH else MONTHS[day.month - 1],
        "m": "UNK" if unknown == NO_MONTH else f"{day.month:02d}",
        "d": UNKNOWN if unknown else f"{day.day:02d}",
    }
    return _TOKEN.sub(lambda m: parts.get(m.group(), m.group()), form)


@lru_cache(maxsize=4_000)
def time_text(form: str, minute: int) -> str:
    """The time part of a format, from minutes after midnight; what `date_text` wrote is left alone."""
    parts = {"H": f"{minute // 60:02d}", "M": f"{minute % 60:02d}", "S": "00"}
    return re.sub(r"[HMS]", lambda m: parts[m.group()], form)


def moment_text(form: str, ordinal: int, minute: int, unknown: int = KNOWN) -> str:
    """Date and time in one format: the blank between them divides the two."""
    if " " not in form:
        return date_text(form, ordinal, unknown)
    head, tail = form.split(" ", 1)
    return f"{date_text(head, ordinal, unknown)} {time_text(tail, minute)}"


def parse_text(form: str, text: str) -> int | None:
    """The ordinal of the date that a text in one format begins with; none if it is not complete.

    >>> parse_text("d-mmm-y", "05-FEB-2026") == parse_iso("2026-02-05")
    True
    >>> parse_text("d-mmm-y", "UN-FEB-2026")
    """
    parts = {"y": r"(?P<y>\d{4})", "mmm": "(?P<mmm>[A-Z]{3})", "m": r"(?P<m>\d{2})", "d": r"(?P<d>\d{2})"}
    found = re.match(_TOKEN.sub(lambda m: parts.get(m.group(), m.group()), form.split(" ", 1)[0]), text)
    if found is None or ("mmm" in form and found["mmm"] not in MONTHS):
        return None
    month = MONTHS.index(found["mmm"]) + 1 if "mmm" in form else int(found["m"])
    return date(int(found["y"]), month, int(found["d"])).toordinal()


def parse_iso(text: str) -> int:
    """The ordinal of an ISO 8601 date."""
    return date.fromisoformat(text).toordinal()


def iso(ordinal: int) -> str:
    """The ISO 8601 text of an ordinal."""
    return date.fromordinal(ordinal).isoformat()
