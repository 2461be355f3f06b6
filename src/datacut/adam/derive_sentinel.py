"""The distance between the first two participants of a dose level."""

from __future__ import annotations

import pandas as pd

from datacut.compute.cart.dlt import compute_sentinel_gap
from datacut.spec.registry import Column, NewColumn, verb


@verb("column")
def derive_var_sentinel_gap(
    dataset: pd.DataFrame, group: Column, start: Column, end: Column, new: NewColumn
) -> pd.DataFrame:
    """Days from the end of the first infusion of a group to the start of the second, on the second's record; Int64.

    group: the dose level; a record without group or start does not count. Missing on every other record.
    """
    return dataset.assign(**{new: compute_sentinel_gap(dataset[start], dataset[end], dataset[group])})
