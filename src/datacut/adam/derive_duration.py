"""Lengths of time between two dates of a record."""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.adam.groups import text
from datacut.adam.misuse import misuse
from datacut.errors import in_data
from datacut.spec.registry import Column, NewColumn, verb

DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
"""Days of one unit; a month is a twelfth of 365.25 days."""
SECONDS = {"days": 86400, "hours": 3600, "minutes": 60}


@verb(
    "column",
    number=True,
    says="whole days from {start} to {end}{add?0=|, plus {add}}",
)
def derive_var_days_between(
    dataset: pd.DataFrame, start: Column, end: Column, new: NewColumn, add: int = 0
) -> pd.DataFrame:
    """Whole days from `start` to `end` plus `add` (add=1 counts both days); times of day are ignored.

    Int64, negative if the end lies before the start, missing if either date is.
    """
    return dataset.assign(**{new: _days(dataset, start, end) + add})


@verb(
    "column",
    says={
        "new": (
            "[days from {start} to {end}{add?0=|, plus {add}}, in {unit:plain}{unit?days=|weeks= (7 "
            "days)|months= ({unit_days?=30.4375|{unit_days}} days)|years= (365.25 days)}]"
        ),
        "new_unit": "the unit, where there is a duration",
    },
)
def derive_vars_duration(
    dataset: pd.DataFrame,
    start: Column,
    end: Column,
    new: NewColumn,
    unit: str = "days",
    add: int = 1,
    new_unit: NewColumn | None = None,
    unit_days: float | None = None,
) -> pd.DataFrame:
    """Time from `start` to `end` in `unit` (days, weeks, months of 30.4375, years of 365.25), both days counted.

    Float64 and not rounded; add=0 leaves the last day out; unit_days overrules the days of one unit. new_unit receives
    the unit in capitals where there is a duration. Missing if either date is.
    """
    if unit not in DAYS:
        raise misuse(in_data("", new), "no such unit", unit, f"Use one of {', '.join(DAYS)}.")
    length = (_days(dataset, start, end) + add).astype("Float64") / (unit_days or DAYS[unit])
    out: dict[str, pd.Series[Any]] = {new: length}
    if new_unit is not None:
        out[new_unit] = text([unit.upper()] * len(dataset), dataset.index).where(length.notna())
    return dataset.assign(**out)


@verb(
    "column",
    number=True,
    says="{unit:plain} and parts of one from {start} to {end}",
)
def derive_var_elapsed(
    dataset: pd.DataFrame, start: Column, end: Column, new: NewColumn, unit: str = "days"
) -> pd.DataFrame:
    """Days (or hours, minutes) and parts of one between two datetimes, Float64; negative if `end` is before `start`.

    Missing if either is.
    """
    if unit not in SECONDS:
        raise misuse(in_data("", new), "no such unit", unit, f"Use one of {', '.join(SECONDS)}.")
    gap = (dataset[end] - dataset[start]).astype("timedelta64[s]")
    seconds = gap.astype("int64").where(gap.notna()).astype("Float64")
    return dataset.assign(**{new: seconds / SECONDS[unit]})


def _days(dataset: pd.DataFrame, start: str, end: str) -> pd.Series[Any]:
    gap = dataset[end].dt.normalize() - dataset[start].dt.normalize()
    days: pd.Series[Any] = gap.dt.days.astype("Int64")
    return days
