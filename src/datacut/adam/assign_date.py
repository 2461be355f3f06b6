"""Dates of another dataset for the candidates of a record block."""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.adam.derive_joined import day_of
from datacut.compute.dates import possible_days
from datacut.spec.registry import Column, verb


@verb(
    "mapping",
    says=(
        "the date of {column}{how?none=|first=, the first day that a partial one can mean|last=, the "
        "last day that a partial one can mean}"
    ),
)
def assign_date(dataset: pd.DataFrame, column: Column, how: str = "none") -> pd.Series[Any]:
    """The day of a date, a datetime or an ISO 8601 text, without time.

    how: of a partial date the `first` or the `last` possible day; `none` leaves it missing.
    """
    if how == "none" or pd.api.types.is_datetime64_any_dtype(dataset[column].dtype):
        return day_of(dataset[column]).astype("datetime64[s]")
    return possible_days(dataset[column])[0 if how == "first" else 1]
