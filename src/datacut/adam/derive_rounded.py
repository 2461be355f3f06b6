"""Numbers rounded as tables print them."""

from __future__ import annotations

import pandas as pd

from datacut.compute.rounding import round_half_away
from datacut.spec.registry import Column, NewColumn, verb


@verb(
    "column",
    number=True,
    says="{source} rounded to {digits} decimals, halves away from zero",
)
def derive_var_rounded(dataset: pd.DataFrame, source: Column, new: NewColumn, digits: int = 0) -> pd.DataFrame:
    """`source` rounded to `digits` decimals, halves away from zero, in decimal; Float64, missing if `source` is."""
    rounded = dataset[source].astype("Float64").map(lambda x: round_half_away(x, digits), na_action="ignore")
    return dataset.assign(**{new: rounded.astype("Float64")})
