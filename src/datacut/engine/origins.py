"""Where a value of a record in flight was collected: the raw field, and the text that stands there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class _Made:
    """Records made by one block, numbered from `first` on: their source and the field each variable was taken from."""

    first: int
    source: pd.DataFrame
    rows: np.ndarray
    fields: Mapping[str, str]


@dataclass
class Origins:
    """Filled while record blocks of a dataset are made, asked when a finding about one of its records is told."""

    _blocks: list[_Made] = field(default_factory=list)

    def add(self, first: int, source: pd.DataFrame, rows: np.ndarray, fields: Mapping[str, str]) -> None:
        """Records numbered from `first` on come from the rows of `source` at the positions `rows`, in that order."""
        if len(rows):
            self._blocks.append(_Made(first, source, rows, fields))

    def find(self, record: int, variable: str) -> tuple[str, str] | None:
        """The raw field and its text, from which `variable` of the record was mapped; None if it was not mapped."""
        at = bisect_right(self._blocks, record, key=lambda made: made.first) - 1
        if at < 0:
            return None
        made = self._blocks[at]
        name, offset = made.fields.get(variable), record - made.first
        if name is None or offset >= len(made.rows):
            return None
        value = made.source[name].iloc[int(made.rows[offset])]
        return name, "" if pd.isna(value) else str(value)
