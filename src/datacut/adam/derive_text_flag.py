"""Flags by the words of a text: customised queries of events by their terms."""

from __future__ import annotations

import pandas as pd

from datacut.adam.groups import flag
from datacut.spec.registry import Column, NewColumn, verb


@verb(
    "column",
    says='"Y" where {source} contains one of {texts}[, else {no}]',
)
def derive_var_contains_flag(
    dataset: pd.DataFrame, source: Column, new: NewColumn, texts: list[str], no: str | None = None
) -> pd.DataFrame:
    """`Y` where `source` contains one of `texts` in any place, else `no` (missing if left out).

    Letters count as they are written. A missing text contains nothing and gets `no`.
    """
    words = dataset[source].fillna("")
    found = pd.Series(False, index=dataset.index)
    for text in texts:
        found |= words.str.contains(text, regex=False)
    return dataset.assign(**{new: flag(found, "Y", no)})
