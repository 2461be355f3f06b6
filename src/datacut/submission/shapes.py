"""Data type, length and digits of a variable or of the values of one test, as Define-XML states them.

They are those of the data: a length is the longest value, digits are the most that stand after a decimal point.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from datacut.datasets.model import Dataset, Variable, value_text

MOST_DIGITS = 8
"""Digits after the decimal point that are stated at most: a ratio has as many as the machine."""

_INTEGER = re.compile(r"-?\d+")
_FLOAT = re.compile(r"-?\d*\.\d+|-?\d+")
_DATES = (
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("datetime", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")),
    ("partialDate", re.compile(r"\d{4}(-\d\d(-\d\d)?)?")),
    ("partialDatetime", re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d)?)?)?)?)?")),
)
_DURATION = re.compile(r"[-+]?P.+")
_NUMERIC = {"date": ("DATE9.", 5), "datetime": ("DATETIME20.", 10), "time": ("TIME8.", 5)}


@dataclass(frozen=True, slots=True)
class Shape:
    """DataType, Length, SignificantDigits and DisplayFormat of one item."""

    type: str
    length: int | None = None
    digits: int | None = None
    format: str | None = None


def shape_of(dataset: Dataset, variable: Variable, *, iso8601: bool, digits: int | None = None) -> Shape:
    """The shape of a whole variable. iso8601: text that holds dates or durations; digits: declared ones stand."""
    values = dataset.frame[variable.name]
    if variable.type in _NUMERIC:
        format_, length = _NUMERIC[variable.type]
        return Shape("integer", length, None, variable.format or format_)
    if iso8601:
        texts = [str(v) for v in values.dropna().unique()]
        type_ = _date_type(texts)
        return Shape(type_, _longest(texts) if type_ == "text" else None)
    if variable.type == "text":
        return Shape("text", variable.length or 1, None, variable.format)
    numbers = [value_text(v) for v in values.dropna().unique()]
    if variable.type == "integer":
        return Shape("integer", max([1, *map(len, numbers)]), None, variable.format)
    return replace(_float(numbers, digits), format=variable.format) if variable.format else _float(numbers, digits)


def shape_of_values(values: pd.Series, digits: int | None = None) -> Shape:
    """The shape of the values of one test, parameter or qualifier, by what they look like: numbers, dates or text."""
    texts = [value_text(v) for v in values.dropna().unique()]
    if texts and all(_INTEGER.fullmatch(t) for t in texts) and not digits:
        return Shape("integer", max(map(len, texts)))
    if texts and all(_FLOAT.fullmatch(t) for t in texts):
        return _float(texts, digits)
    if texts and all(len(t) > len("2026") for t in texts) and (kind := _date_type(texts)) in ("date", "datetime"):
        return Shape(kind)
    return Shape("text", _longest(texts))


def _longest(texts: Iterable[str]) -> int:
    return max([1, *(len(t.encode()) for t in texts)])


def _date_type(texts: Sequence[str]) -> str:
    """The type of dates or durations; no type of ODM holds an interval beside a date, so that they are text."""
    if texts and all(_DURATION.fullmatch(t) for t in texts):
        return "durationDatetime"
    if intervals := sum("/" in t for t in texts):
        return "intervalDatetime" if intervals == len(texts) else "text"
    return next((n for n, pattern in _DATES if all(pattern.fullmatch(t) for t in texts)), "incompleteDatetime")


def _float(numbers: list[str], digits: int | None) -> Shape:
    found = digits or min(MOST_DIGITS, max([1, *(len(n.partition(".")[2]) for n in numbers)]))
    whole = max([1, *(len(n.partition(".")[0]) for n in numbers)])
    length = whole + 1 + found
    return Shape("float", length, found, f"{length}.{found}")
