"""What holds at several assessments in a row: confirmed responses, and the loss of what was measured."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd

from datacut.adam.groups import flag, in_order, keys_complete
from datacut.compute.persistence import PersistRule, transgene_persistence
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Column, Columns, Condition, NewColumn, verb


@verb(
    "column",
    says=(
        '"Y" on a record[, of those where {where},] that meets {criterion}{times?1=|2=, if the next record does so '
        "too|, if each of {times} in a row from it on does so too}, within {by} by {order}"
    ),
)
def derive_var_confirmed_flag(
    dataset: pd.DataFrame,
    by: Columns,
    order: Columns,
    criterion: Condition,
    new: NewColumn,
    times: int = 2,
    where: Condition | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` on each record that meets the criterion if the next `times` - 1 records of its group do so too.

    Groups are the rows of `where`, sorted by `order`; a record whose criterion cannot be judged for a missing value
    breaks the row. times=1 flags every record that meets the criterion.
    """
    rows = dataset.loc[context.mask(dataset, where) & keys_complete(dataset, by)]
    ordered = in_order(rows, order, "first")
    holds = context.mask(ordered, criterion)
    groups = [ordered[c] for c in by]
    confirmed = holds.copy()
    for step in range(1, times):
        after = holds.astype("boolean").groupby(groups, sort=False).shift(-step)
        confirmed &= after.fillna(False).astype(bool)
    out = pd.Series(False, index=dataset.index)
    out.loc[confirmed.index[confirmed]] = True
    return dataset.assign(**{new: flag(out)})


@verb(
    "column",
    says=(
        '"Y" on the record within {by}[, of those where {where},] with {day} above 0 at which what had '
        "been quantifiable is lost: {rule?two_consecutive_blq=the first of two in a row|first_blq=the "
        'first one|last_quantifiable=the last quantifiable record before one} with {below} "Y"'
    ),
)
def derive_var_loss_flag(
    dataset: pd.DataFrame,
    by: Columns,
    day: Column,
    value: Column,
    below: Column,
    rule: str,
    new: NewColumn,
    where: Condition | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` on the record at which what had been quantifiable is lost: the rules of `transgene_persistence`.

    day: since the infusion, those above 0 count; value: the result; below: `Y` where it is below quantification; a
    record with neither was not taken. Two results of one day are a warning, and the group has no loss.
    """
    kept = dataset.loc[context.mask(dataset, where) & keys_complete(dataset, by) & dataset[day].notna()]
    lost: list[object] = []
    for _, own in kept.groupby(list(by), sort=False):
        low = own[below].eq("Y").fillna(False).astype(bool)
        taken = own.loc[(low | own[value].notna()) & (own[day] > 0)]
        twice = taken.duplicated([day], keep=False)
        if twice.any():
            what = "two results at one time; the loss is not looked for"
            context.report(
                taken, twice, value, "adam.loss.several", what, remedy="Choose one.", severity=Severity.WARNING
            )
            continue
        course = transgene_persistence(
            _floats(taken[day]), _floats(taken[value]), low[taken.index].tolist(), cast("PersistRule", rule)
        )
        if course.lost is not None:
            lost += taken.index[np.isclose(_floats(taken[day]), course.lost)].tolist()
    return dataset.assign(**{new: flag(pd.Series(dataset.index.isin(lost), index=dataset.index))})


def _floats(values: pd.Series[Any]) -> list[float]:
    return list(values.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan))
