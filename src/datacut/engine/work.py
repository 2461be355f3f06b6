"""A dataset while it is being built."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from datacut.datasets.lineage import Edges
from datacut.spec.plan import Step


@dataclass
class Work:
    """One dataset in flight: its frame, the edges of its records, early steps run so far, and the last number given.

    values, makers: what `datasets.lineage` keeps of values and of what made the records, with `_rid`. numbers: once it
    is finished, the record number in the built dataset by `_rid`.
    """

    frame: pd.DataFrame
    edges: list[Edges] = field(default_factory=list)
    values: list[pd.DataFrame] = field(default_factory=list)
    makers: list[pd.DataFrame] = field(default_factory=list)
    early: list[Step] = field(default_factory=list)
    numbers: pd.Series | None = None
    used: int = 0

    def number(self, count: int) -> pd.Series:
        """`count` new record numbers."""
        start, self.used = self.used + 1, self.used + count
        return pd.Series(np.arange(start, self.used + 1), dtype="Int64")
