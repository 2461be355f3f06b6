"""Doses of medications against what was planned."""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.spec.registry import verb


@verb(
    "function",
    says="100 x ({1} - {2}) / {2}; missing if either is, or {2} is 0",
)
def deviation_percent(doses: pd.DataFrame) -> pd.Series[Any]:
    """100 times the first column minus the second, over the second; missing if either is, or if the second is 0."""
    given, planned = (doses[c].astype("Float64") for c in doses)
    return 100 * (given - planned) / planned.where(planned != 0)
