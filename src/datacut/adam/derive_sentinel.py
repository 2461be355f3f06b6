"""The distance between the first two participants of a dose level."""

from __future__ import annotations

import pandas as pd

from datacut.compute.cart.dlt import compute_sentinel_gap
from datacut.compute.threeway import to_yn
from datacut.spec.registry import Column, NewColumn, verb


@verb(
    "column",
    says={
        "new": ("on the second participant by {start} of a {group}: days from the first one's {end} to {start}"),
        "short": (
            'on the second participant by {start} of a {group}: "Y" where the days from the first one\'s '
            '{end} to {start} are fewer than {days} for every day that partial dates can mean, "N" where for '
            "none, else missing"
        ),
    },
)
def derive_vars_sentinel(
    dataset: pd.DataFrame, group: Column, start: Column, end: Column, days: float, new: NewColumn, short: NewColumn
) -> pd.DataFrame:
    """Days from the end of the first infusion of a group to the start of the second, on the second's record; Int64.

    group: the dose level of who was infused, missing of others; start, end: ISO 8601 texts of the first infusion of the
    participant, partial allowed. short: `Y` where they are fewer than `days`, `N` where not, missing where a partial
    date leaves it open. Both missing on every other record (`compute_sentinel_gap`).
    """
    found = compute_sentinel_gap(dataset[start], dataset[end], dataset[group], int(days))
    return dataset.assign(**{new: found["gap"], short: to_yn(~found["kept"])})
