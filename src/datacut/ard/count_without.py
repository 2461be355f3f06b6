"""Subjects without a record."""

from __future__ import annotations

import pandas as pd

from datacut.ard.columns import named
from datacut.ard.context import MethodContext
from datacut.ard.counts import records_of, share
from datacut.ard.results import Result, results_of
from datacut.spec.registry import Condition, verb


@verb("method")
def ard_count_without(
    frame: pd.DataFrame, where: Condition | None = None, *, pattern: str = "S-N", context: MethodContext
) -> list[Result]:
    """Subjects of the column without a record that satisfies `where`: a visit not yet reached. Reads USUBJID.

    The predicate names them, since no record can.
    """
    found = records_of(frame, context, where)
    out = []
    for column in context.columns:
        without = column.subjects - found.keys()
        values = share(len(without), column.n)
        printed = context.pattern(pattern)
        out += results_of(printed, values, column=column.key, where=named(without), silent=("m",), of_subjects=True)
    return out
