"""Values of either side as text, as messages show them."""

from __future__ import annotations

import numpy as np

from datacut.compare.columns import DAY, EPOCH_DAYS, Column, Kind
from datacut.datasets.model import value_text


def shown(column: Column) -> list[str]:
    """Each value: texts as they are, a missing one blank; numbers to 15 digits, a missing one `.`, a special one `.A`;
    dates, datetimes and times in ISO 8601.
    """
    if column.kind is Kind.TEXT:
        return [text or "" for text in column.values.to_pylist()]
    codes = np.zeros(len(column), np.uint8) if column.codes is None else column.codes
    return [_one(value, int(code), column.kind) for value, code in zip(column.values.tolist(), codes, strict=True)]


def _one(value: float, code: int, kind: Kind) -> str:
    if np.isnan(value):
        return f".{chr(code)}" if code else "."
    if kind is Kind.NUMBER or abs(value) > 1e12:
        return value_text(value)
    seconds = value * DAY if kind is Kind.DATE else value
    if kind is Kind.TIME:
        return f"{seconds // 3600:02.0f}:{seconds // 60 % 60:02.0f}:{value_text(seconds % 60):0>2}"
    moment = np.datetime64("1970-01-01T00:00:00") + np.timedelta64(round(seconds - EPOCH_DAYS * DAY), "s")
    text = str(moment)
    return text[:10] if kind is Kind.DATE else text
