"""Results that are only a bound (`<0.5`, `>=1000`): where they lie and on which side. ADaMIG 1.3 section 3.3.4."""

from __future__ import annotations

import pandas as pd

from datacut.adam.groups import text
from datacut.compute.result_text import read_result
from datacut.datasets.model import value_text
from datacut.spec.registry import Column, NewColumn, verb


@verb(
    "column",
    says={
        "new": "the number of {source} where that is a bound (<, <=, >, >=)",
        "sign": "the sign (<, <=, >, >=) of {source} where that is a bound",
    },
)
def derive_vars_bound(dataset: pd.DataFrame, source: Column, new: NewColumn, sign: NewColumn) -> pd.DataFrame:
    """The number of a text result that is a bound, Float64, and in `sign` its `<`, `<=`, `>` or `>=`.

    Both missing for a plain number, for words and for a missing result.
    """
    read = {t: read_result(t) for t in dataset[source].dropna().unique()}
    bounds = {t: r for t, r in read.items() if r.sign and r.number and not r.doubt}
    numbers = [float(bounds[t].number) if t in bounds else None for t in dataset[source]]
    signs = [bounds[t].sign if t in bounds else None for t in dataset[source]]
    columns = {new: pd.Series(numbers, index=dataset.index, dtype="Float64"), sign: text(signs, dataset.index)}
    return dataset.assign(**columns)


@verb(
    "column",
    says='{value} as text, or where it is missing, "≥" and {least}',
)
def derive_var_at_least(dataset: pd.DataFrame, value: Column, least: Column, new: NewColumn) -> pd.DataFrame:
    """`value` as text; where it is missing its lower bound `least` after `≥`; missing if both are."""
    known, bound = (dataset[c].map(value_text).astype("str") for c in (value, least))
    return dataset.assign(**{new: known.where(dataset[value].notna(), ("≥" + bound).where(dataset[least].notna()))})
