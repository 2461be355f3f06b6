"""Numbers known only between two bounds: whether a limit is met for every value they can be, for none, or unknown.

A known number is its own lowest and highest value. What is asked of it is answered with Y or N only if every completion
of what is missing gives that answer. Source: project convention [P].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from datacut.compute.boundaries import Limit, at_least, at_most, difference


@dataclass(frozen=True, slots=True)
class Between:
    """Two Float64 series on one index, both ends possible; a missing end is not bounded on that side."""

    low: pd.Series[Any]
    high: pd.Series[Any]

    def minus(self, other: Between) -> Between:
        """The difference of two numbers that do not depend on each other."""
        return Between(difference(self.low, other.high), difference(self.high, other.low))

    def at_least(self, limit: Limit) -> pd.Series[Any]:
        """Whether the number is `limit` or more: nullable boolean."""
        return _decided(at_least(self.low, limit), at_least(self.high, limit))

    def at_most(self, limit: Limit) -> pd.Series[Any]:
        """Whether the number is `limit` or less: nullable boolean."""
        return _decided(at_most(self.high, limit), at_most(self.low, limit))

    def above(self, limit: Limit) -> pd.Series[Any]:
        """Whether the number is greater than `limit`: nullable boolean."""
        return ~self.at_most(limit)

    def below(self, limit: Limit) -> pd.Series[Any]:
        """Whether the number is less than `limit`: nullable boolean."""
        return ~self.at_least(limit)


def known_between(values: pd.Series[Any], low: float | None = None, high: float | None = None) -> Between:
    """Numbers as they are; a missing one, or one that is out of the range, lies anywhere in it (None: no end)."""
    known = values.astype("Float64")
    if low is not None:
        known = known.mask(~at_least(known, low).fillna(True))
    if high is not None:
        known = known.mask(~at_most(known, high).fillna(True))
    return Between(*(known if end is None else known.fillna(float(end)) for end in (low, high)))


def _decided(worst: pd.Series[Any], best: pd.Series[Any]) -> pd.Series[Any]:
    """True if the limit is met at the worst end, False if it is not at the best, else unknown."""
    met, lost = worst.fillna(False).astype(bool), ~best.fillna(True).astype(bool)
    return pd.Series(True, index=worst.index, dtype="boolean").mask(~met).mask(lost, False)
