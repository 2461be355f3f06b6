"""What became of the rows of a source in one stage: records made of them, rows left out, and what a cut took away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from datacut.cache.content import digest_of
from datacut.errors import Location


@dataclass(frozen=True)
class CutLine:
    """One record left out, or one value changed: its place, the variable, the old value and the new one."""

    dataset: str
    place: Location
    what: str
    variable: str
    old: str
    new: str


@dataclass(frozen=True)
class BlockCount:
    """Accounting of one record block: rows of the source, left out by reason, not a record, taken."""

    dataset: str
    source: str
    block: str
    rows: int
    taken: int
    not_selected: int
    excluded: Mapping[str, int]


@dataclass
class RowUse:
    """What became of the rows of a source, by position: whether a record was made, else why it was left out."""

    mapped: np.ndarray
    reason: np.ndarray

    @classmethod
    def of(cls, rows: int) -> RowUse:
        return cls(np.zeros(rows, dtype=bool), np.full(rows, "", dtype=object))

    def leave_out(self, rows: np.ndarray, reason: str) -> None:
        """Note the reason for rows that have none yet."""
        self.reason[rows & (self.reason == "")] = reason


@dataclass
class Accounting:
    """What a stage did with the rows it was given.

    blocks: a line a record block; rows: the use of every row of a raw form; cut: what the cut took away.
    """

    blocks: list[BlockCount] = field(default_factory=list)
    cut: list[CutLine] = field(default_factory=list)
    rows: dict[str, RowUse] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of all of it."""
        rows = {name: (use.mapped.tolist(), use.reason.tolist()) for name, use in self.rows.items()}
        return digest_of(repr(self.blocks), repr(self.cut), rows)
