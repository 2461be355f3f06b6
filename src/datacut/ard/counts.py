"""Counts shared by the methods: n of a denominator, as statistics."""

from __future__ import annotations

import pandas as pd

from datacut.ard.columns import ResultColumn
from datacut.ard.context import MethodContext, subjects_of
from datacut.ard.results import Stat
from datacut.spec.where import Where

NO_DENOMINATOR = "no subject in the denominator"


def denominator(column: ResultColumn, part: pd.DataFrame, base: Where | None, context: MethodContext) -> int:
    """N of the column, or the subjects with a record that satisfies `base`."""
    return column.n if base is None else subjects_of(part.loc[context.mask(part, base)])


def share(n: int, m: int) -> dict[str, Stat]:
    """n, denominator m and percent p, at full precision; p has a reason where there is no denominator."""
    percent = Stat(100 * n / m) if m else Stat(None, NO_DENOMINATOR, "-")
    return {"n": Stat(n), "m": Stat(m), "p": percent}
