"""Which record is the baseline, and its value on every record of the group. ADaMIG 1.3 section 3.3.4."""

from __future__ import annotations

import pandas as pd

from datacut.adam.groups import flag, keys_complete, match, pick, take
from datacut.engine.context import Context
from datacut.spec.registry import Column, Columns, Condition, NewColumn, verb


@verb(
    "column",
    gives={"new": ('"Y"',)},
    says=(
        '"Y" on the last record by {order} within {by}[, of those where {where},] whose {value} is not '
        "missing and whose {date} lies before {reference}{inclusive?true= or on it|}; none where "
        "{reference} or {date} is missing"
    ),
)
def derive_var_ablfl(
    dataset: pd.DataFrame,
    by: Columns,
    order: Columns,
    value: Column,
    date: Column,
    reference: Column,
    new: NewColumn,
    where: Condition | None = None,
    inclusive: bool = False,
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` on the last record of each group whose `value` is not missing and whose `date` lies before `reference`.

    inclusive=true lets a record at the reference itself count. date and reference are compared as they are: give two
    dates, or two datetimes. Among records of one date the last by `order`. Nothing is flagged where the
    reference, the date or a key is missing.
    """
    before = dataset[date] <= dataset[reference] if inclusive else dataset[date] < dataset[reference]
    rows = context.mask(dataset, where) & before & dataset[value].notna() & keys_complete(dataset, by)
    chosen = pick(dataset.loc[rows], by, [date, *order], "last")
    return dataset.assign(**{new: flag(pd.Series(dataset.index.isin(chosen), index=dataset.index))})


@verb(
    "column",
    gives={"new": ("source",)},
    says="{source} of the record of the same {by} where {where}",
)
def derive_var_base(
    dataset: pd.DataFrame,
    by: Columns,
    source: Column,
    new: NewColumn,
    where: Condition,
    *,
    context: Context,
) -> pd.DataFrame:
    """The `source` value of the group's record that satisfies `where` (`ABLFL EQ "Y"`), on every record of the group.

    Missing where the group has no such record or a key is missing. Several such records: an error finding each, and the
    value stays missing.
    """
    base = dataset.loc[context.mask(dataset, where) & keys_complete(dataset, by)]
    several = base.duplicated(by, keep=False)
    context.report(
        base,
        several,
        source,
        "adam.baseline.several",
        f"one of several baseline records of {', '.join(by)}; none is used",
        remedy="Make the condition pick one.",
    )
    base = base.loc[~several]
    found = match(dataset, by, base, by)
    context.chose(dataset, base, found, {new: source}, own=True)
    return dataset.assign(**{new: take(base[source], found, dataset.index)})
