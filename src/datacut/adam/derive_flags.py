"""The extreme record of each group: first occurrence, worst grade, last value. OCCDS 1.1, ADaMIG 1.3 section 3.3.8."""

from __future__ import annotations

import pandas as pd

from datacut.adam.groups import flag, keys_complete, pick
from datacut.datasets.context import Context
from datacut.spec.registry import Columns, Condition, NewColumn, verb


@verb("column")
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
