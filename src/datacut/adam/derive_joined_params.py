"""New parameters from two kinds of records that must come together in time. ADaMIG 1.3 section 4.2."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import flag, group_numbers
from datacut.engine.context import RID, Context, NewRecords
from datacut.spec.registry import Column, Columns, Condition, verb
from datacut.spec.where import Compound


@verb(
    "records",
    reads=("PARAMCD",),
    says=(
        'one record for each {by}[ of the records where {where}]: AVALC "Y" (AVAL 1) if a record where '
        "{first} and one where {second} lie at most {days} days apart by {date}, in either order (then "
        '{date} is the later one of the earliest such pair), else "N" (0), missing where a missing value '
        "leaves it open"
    ),
)
def derive_param_joined_exist_flag(
    dataset: pd.DataFrame,
    by: Columns,
    first: Condition,
    second: Condition,
    date: Column,
    days: float,
    where: Condition | None = None,
    *,
    context: Context,
) -> NewRecords:
    """One record per group of the rows of `where`: AVALC `Y` (AVAL 1) if rows of `first` and `second` come together.

    Together is at most `days` days apart, in either order, by the dates of `date` (times are ignored); the `date` of
    the record is the later one of the earliest such pair. Without a pair `N` (0), or missing where one only lacks a
    value: a row for which a missing value leaves a condition open could be its half. A row without date is in no pair.
    """
    kept = dataset.loc[context.mask(dataset, where)]
    groups = group_numbers(kept, by)
    found = _pairs(kept, groups, date, days, context.mask(kept, first), context.mask(kept, second))
    possible = _pairs(kept, groups, date, days, *(~context.mask(kept, Compound("NOT", (c,))) for c in (first, second)))
    rows = kept.loc[~groups.duplicated(), list(by)].reset_index(drop=True)
    when = found.groupby("group")["when"].min().reindex(range(len(rows)))
    yes = when.notna()
    unknown = ~yes & pd.Series(rows.index.isin(possible["group"]), index=rows.index)
    rows["AVALC"] = flag(yes, "Y", "N").where(~unknown)
    rows["AVAL"] = yes.astype("Float64").where(~unknown)
    rows[date] = when.astype(kept[date].dtype)
    parents = pd.DataFrame({"position": groups.to_numpy(dtype=np.int64), "parent": kept[RID].to_numpy()})
    return NewRecords(rows, parents)


def _pairs(
    kept: pd.DataFrame,
    groups: pd.Series[Any],
    date: str,
    days: float,
    first: pd.Series[Any],
    second: pd.Series[Any],
) -> pd.DataFrame:
    """Pairs of one group at most `days` days apart: `group` and `when`, the later date."""
    day = kept[date].dt.normalize()
    keyed = pd.DataFrame({"group": groups, "day": day}).dropna()
    pairs = keyed.loc[first.loc[keyed.index]].merge(keyed.loc[second.loc[keyed.index]], on="group", suffixes=("1", "2"))
    apart = (pairs["day1"] - pairs["day2"]).abs() <= pd.Timedelta(days=days)
    near = pairs.loc[apart]
    later = near["day1"].where(near["day1"] >= near["day2"], near["day2"])
    return pd.DataFrame({"group": near["group"], "when": later})
