"""Comparing measured values with limits as decimals: 2.3 is exactly 0.3 above 2.0, whatever binary floats say.

Both are compared to 15 significant digits (`significant`), so the limit itself belongs where the rule puts it.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.compute.rounding import decimal_of, significant

type Limit = float | pd.Series[Any]


def difference(left: pd.Series[Any], right: pd.Series[Any]) -> pd.Series[Any]:
    """left - right of the two decimals, where floats leave dust (100.3 - 100.0); Float64, missing if either is."""
    whole = (left.notna() & right.notna()).to_numpy(dtype=bool)
    pairs = zip(left[whole].tolist(), right[whole].tolist(), strict=True)
    out = pd.Series(pd.NA, index=left.index, dtype="Float64")
    out[whole] = [float(decimal_of(a) - decimal_of(b)) for a, b in pairs]
    return out


def _pair(value: pd.Series[Any], limit: Limit) -> tuple[pd.Series[Any], Limit]:
    other = significant(limit.astype("Float64")) if isinstance(limit, pd.Series) else float(decimal_of(limit))
    return significant(value.astype("Float64")), other


def at_least(value: pd.Series[Any], limit: Limit) -> pd.Series[Any]:
    """Whether value >= limit: nullable boolean, missing if either is. limit: one number, or one per row."""
    number, other = _pair(value, limit)
    return (number >= other).astype("boolean")


def at_most(value: pd.Series[Any], limit: Limit) -> pd.Series[Any]:
    """Whether value <= limit: nullable boolean, missing if either is."""
    number, other = _pair(value, limit)
    return (number <= other).astype("boolean")


def above(value: pd.Series[Any], limit: Limit) -> pd.Series[Any]:
    """Whether value > limit: nullable boolean, missing if either is."""
    return ~at_most(value, limit)


def below(value: pd.Series[Any], limit: Limit) -> pd.Series[Any]:
    """Whether value < limit: nullable boolean, missing if either is."""
    return ~at_least(value, limit)
