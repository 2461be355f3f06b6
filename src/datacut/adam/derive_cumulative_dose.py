"""Dose over a time in which it changes."""

from __future__ import annotations

import pandas as pd

from datacut.adam.misuse import misuse
from datacut.engine.context import Context
from datacut.errors import in_data
from datacut.spec.registry import Column, Columns, NewColumn, verb


@verb(
    "column",
    number=True,
    says=(
        "the sum of the doses a day {doses} from {start} to {end}, both days counted[; each of {changes} "
        "is the last day of the dose before it]"
    ),
)
def derive_var_cumulative_dose(
    dataset: pd.DataFrame,
    start: Column,
    end: Column,
    doses: Columns,
    new: NewColumn,
    changes: Columns | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """Sum of the daily doses from `start` to `end`, both days counted; Float64.

    doses: columns of the dose a day, in their order of time. changes: date columns, one fewer; each is the last day of
    the dose before it. A change that is missing did not happen, one on or after `end` comes too late: the dose before
    it goes on to the end, or to the next change. Missing if `start`, `end` or the dose of a day is.
    """
    changes = changes or []
    if len(doses) != len(changes) + 1:
        what = f"{len(doses)} doses and {len(changes)} changes"
        raise misuse(in_data(context.dataset, new), what, "", "Give one dose more than changes.")
    first, last = (dataset[c].dt.normalize() for c in (start, end))
    done = first - pd.Timedelta(days=1)
    total = pd.Series(0.0, index=dataset.index, dtype="Float64")
    dose = dataset[doses[0]].astype("Float64")
    for change, following in zip(changes, doses[1:], strict=True):
        day = dataset[change].dt.normalize()
        happened = (day < last) & (day >= done)
        total += _amount(dose, done, day.where(happened, done))
        done = day.where(happened, done)
        dose = dataset[following].astype("Float64").where(happened, dose)
    return dataset.assign(**{new: total + _amount(dose, done, last)})


def _amount(dose: pd.Series, done: pd.Series, until: pd.Series) -> pd.Series:
    """Dose of the days after `done`; no day costs no dose, even an unknown one."""
    days = (until - done).dt.days.astype("Float64")
    return (dose * days).mask((days == 0).fillna(False), 0.0)
