"""Dates in ISO 8601, some of them partial, in time: what holds whatever the unknown components are."""

from __future__ import annotations

import operator
from typing import Any

import pandas as pd

from datacut.compute.date_impute import impute_date
from datacut.compute.dates import datetime_part

_RELATED = {"LT": operator.lt, "LE": operator.le, "GT": operator.gt, "GE": operator.ge}
_OPPOSITE = {"LT": "GE", "LE": "GT", "GT": "LE", "GE": "LT"}


def dates_related(left: pd.Series[Any], right: pd.Series[Any], comparator: str) -> pd.Series[Any]:
    """Whether dates stand in a relation (`LT`, `LE`, `GT`, `GE`) to others of the same index; boolean.

    Missing where it depends on what is unknown of a partial date, or where a date is missing or none. By the clock
    where both have a time, else by days: 10:00 of a day is on that day.
    """
    holds = _surely(left, right, comparator)
    fails = _surely(left, right, _OPPOSITE[comparator])
    result: pd.Series[Any] = pd.Series(pd.NA, index=left.index, dtype="boolean").mask(holds, True).mask(fails, False)
    first, second = datetime_part(left), datetime_part(right)
    timed = first.notna() & second.notna()
    return result.mask(timed, _RELATED[comparator](first, second).astype("boolean"))


def _surely(left: pd.Series[Any], right: pd.Series[Any], comparator: str) -> pd.Series[Any]:
    """Where the relation holds for the days of both that speak most against it."""
    late, early = ("last", "first") if comparator in ("LT", "LE") else ("first", "last")
    found: pd.Series[Any] = _RELATED[comparator](_day(left, late), _day(right, early))
    return found


def _day(dtc: pd.Series[Any], how: Any) -> pd.Series[Any]:
    return impute_date(dtc, how, "M")[0]
