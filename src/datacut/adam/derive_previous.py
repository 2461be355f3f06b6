"""What the assessment before said: for comparisons with the previous visit."""

from __future__ import annotations

import pandas as pd

from datacut.adam.groups import in_order, keys_complete
from datacut.engine.context import Context
from datacut.spec.registry import Column, Columns, Condition, NewColumn, verb


@verb(
    "column",
    gives={"new": ("source",)},
    says="{source} of the record before it within {by} by {order}[, of those where {where}]",
)
def derive_var_previous(
    dataset: pd.DataFrame,
    by: Columns,
    order: Columns,
    source: Column,
    new: NewColumn,
    where: Condition | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """The `source` value of the record before, within the group and among the rows of `where`, in `order`.

    That record counts as it is: if its value is missing, so is the previous value; it is not looked for further back.
    Missing on the first record of a group, outside `where`, and where a key or an order value is missing.
    """
    rows = context.mask(dataset, where) & keys_complete(dataset, [*by, order[0]])
    kept = in_order(dataset.loc[rows], order)
    places = pd.Series(range(len(kept)), index=kept.index)
    earlier = places.groupby([kept[c] for c in by], sort=False).shift(1).reindex(dataset.index).fillna(-1)
    context.chose(dataset, kept, earlier.to_numpy(dtype=int), {new: source}, own=True)
    before = kept.groupby(list(by), sort=False)[source].shift(1)
    return dataset.assign(**{new: before.reindex(dataset.index).astype(dataset[source].dtype)})
