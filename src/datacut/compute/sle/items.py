"""What the item-based instruments have in common: a frame of items has one column per key, one row per assessment."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import pandas as pd

type ScoreMissing = Literal["missing", "zero"]


def require_items(items: pd.DataFrame, keys: Collection[str | int], what: str) -> None:
    """Raise ValueError that names the absent columns, unless each key has one."""
    absent = [str(key) for key in keys if key not in items.columns]
    if absent:
        raise ValueError(f"{what} needs a column for each item; absent: {', '.join(absent)}.")


def convert_flags(items: pd.DataFrame, keys: Collection[str], what: str) -> pd.DataFrame:
    """The columns of keys as 0, 1 or missing (Int64); any other value is missing. ValueError if a column is absent."""
    require_items(items, keys, what)
    known = items[list(keys)].astype("Int64")
    return known.where(known.isin([0, 1]))


def compute_attributed(present: pd.DataFrame, attributed: pd.DataFrame) -> pd.DataFrame:
    """Items counted only when attributed to lupus: 0/1/missing Int64, shape of `present`.

    present, attributed: 0/1/missing, same columns and index. Absent is 0 whatever the attribution; present without
    a known attribution is missing. Rule of all activity instruments: fever of cytokine release, cytopenia of
    lymphodepletion and the like do not score.
    """
    there, ours = present.astype("Int64"), attributed[list(present.columns)].astype("Int64")
    return ours.where(there == 1, there).where(there.notna())
