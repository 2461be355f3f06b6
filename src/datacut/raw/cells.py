"""What a file holds before the CRF spec is asked: a header and rows of text, each with its number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from datacut.compute.rounding import decimal_text

_TOKEN = re.compile(r"mmm|[ymdHMS]")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass
class Cells:
    """One form as read. lines: line of the file, or row of the sheet, on which each row starts."""

    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def cell_text(value: object, shape: str | None) -> str:
    """A typed cell as the text its CRF field would hold: a date in the field's format `shape`, else as ISO 8601.

    A number has up to 15 significant digits and no exponent, a whole one no decimal point.
    """
    if value is None:
        return ""
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        hours, minutes = divmod(minutes, 60)
        value = time(hours, minutes, seconds) if hours < 24 else f"{hours}:{minutes:02d}"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return decimal_text(value)
    if isinstance(value, date | time):
        return _moment(value, shape)
    return str(value)


def _moment(value: date | time, shape: str | None) -> str:
    parts: dict[str, str] = {}
    if isinstance(value, date):
        parts = {"y": f"{value.year:04d}", "m": f"{value.month:02d}", "mmm": _MONTHS[value.month - 1]}
        parts["d"] = f"{value.day:02d}"
    if isinstance(value, datetime | time):
        parts |= {"H": f"{value.hour:02d}", "M": f"{value.minute:02d}", "S": f"{value.second:02d}"}
    if shape is None or any(token not in parts for token in _TOKEN.findall(shape)):
        midnight = isinstance(value, datetime) and value.time() == time()
        return value.date().isoformat() if midnight and isinstance(value, datetime) else value.isoformat()
    return _TOKEN.sub(lambda found: parts[found.group()], shape)
