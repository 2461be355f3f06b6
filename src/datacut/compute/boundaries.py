"""Comparing measured values with limits as decimals: 2.3 is exactly 0.3 above 2.0, whatever binary floats say.

A difference is rounded to 6 places before it is judged, so the limit itself belongs where the rule puts it.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

type Limit = float | pd.Series[Any]

_PLACES: Final = 6


def _difference(value: pd.Series[Any], limit: Limit) -> pd.Series[Any]:
    other = limit.astype("Float64") if isinstance(limit, pd.Series) else limit
    return (value.astype("Float64") - other).round(_PLACES)


def at_least(value: pd.Series[Any], limit: Limit) -> pd.Series[Any]:
    """Whether value >= limit: nullable boolean, missing if either is. limit: one number, or one per row."""
    return (_difference(value, limit) >= 0).astype("boolean")


def at_most(value: pd.Series[Any], limit: Limit) -> pd.Series[Any]:
    """Whether value <= limit: nullable boolean, missing if either is."""
    return (_difference(value, limit) <= 0).astype("boolean")


def above(value: pd.Series[Any], limit: Limit) -> pd.Series[Any]:
    """Whether value > limit: nullable boolean, missing if either is."""
    return ~at_most(value, limit)


def below(value: pd.Series[Any], limit: Limit) -> pd.Series[Any]:
    """Whether value < limit: nullable boolean, missing if either is."""
    return ~at_least(value, limit)
