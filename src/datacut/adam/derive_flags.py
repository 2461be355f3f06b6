"""The extreme record of each group: first occurrence, worst grade, last value. OCCDS 1.1, ADaMIG 1.3 section 3.3.8."""

from __future__ import annotations

import pandas as pd

from datacut.adam.groups import flag, group_numbers, in_order, keys_complete, pick
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Column, Columns, Condition, NewColumn, verb


@verb(
    "column",
    gives={"new": ('"Y"',)},
    says=(
        '"Y" on the {mode:plain} record of each {by}[, of those where {where},] by {order}[ '
        "({descending} from high to low)]; a missing value of these only if there is no other"
    ),
)
def derive_var_extreme_flag(
    dataset: pd.DataFrame,
    by: Columns,
    order: Columns,
    new: NewColumn,
    mode: str = "last",
    where: Condition | None = None,
    descending: Columns | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` on the first or last record of each group, among those that satisfy `where`.

    order, and of it `descending` from high to low, sorts the group; a missing value is chosen only if the group has no
    other, equal records by the frame's own order. A record with a missing key is never flagged.
    """
    rows = context.mask(dataset, where) & keys_complete(dataset, by)
    chosen = pick(dataset.loc[rows], by, order, mode, descending or ())
    return dataset.assign(**{new: flag(pd.Series(dataset.index.isin(chosen), index=dataset.index))})


@verb(
    "column",
    says=('"Y" on each of several records of one {by} that have a {value}[, of those where {where}]'),
)
def derive_var_repeat_flag(
    dataset: pd.DataFrame,
    by: Columns,
    value: Column,
    new: NewColumn,
    where: Condition | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` on each record of a group (subject, parameter, time) that has several records with a `value`.

    Two results of one time contradict or repeat each other: a warning finding for each record, with all values of the
    group. Which one is analysed is for `order` of the analysis flag to say. A record with a missing key is never
    flagged.
    """
    kept = dataset.loc[context.mask(dataset, where) & dataset[value].notna() & keys_complete(dataset, by)]
    repeated = kept.loc[kept.duplicated(by, keep=False)]
    for _, rows in repeated.groupby(group_numbers(repeated, by)):
        context.report(
            rows,
            pd.Series(True, index=rows.index),
            value,
            "adam.repeat",
            f"several results of one {', '.join(by)}; the analysis flag takes one",
            remedy="Query which result stands.",
            severity=Severity.WARNING,
            value=" and ".join(str(v) for v in rows[value]),
        )
    return dataset.assign(**{new: flag(pd.Series(dataset.index.isin(repeated.index), index=dataset.index))})


@verb(
    "column",
    number=True,
    says="the number 1, 2, ... of the record within {by} by {order}[, of those where {where}]",
)
def derive_var_obs_number(
    dataset: pd.DataFrame,
    by: Columns,
    order: Columns,
    new: NewColumn,
    where: Condition | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """Number of the record in its group, 1, 2, ... by `order`, among those that satisfy `where`; Int64.

    Equal records are numbered in the frame's own order, missing order values last. A record with a missing key has
    none.
    """
    rows = dataset.loc[context.mask(dataset, where) & keys_complete(dataset, by)]
    ordered = in_order(rows, order, "first")
    number = ordered.groupby(list(by), sort=False).cumcount() + 1
    return dataset.assign(**{new: number.reindex(dataset.index).astype("Int64")})
