"""Subjects with a record, and records."""

from __future__ import annotations

import pandas as pd

from datacut.ard.context import MethodContext, subjects_of
from datacut.ard.counts import denominator, share
from datacut.ard.results import Result, Stat, results_of
from datacut.spec.registry import Condition, verb
from datacut.spec.where import and_


@verb("method")
def ard_count_subjects_events(
    frame: pd.DataFrame,
    where: Condition | None = None,
    *,
    base: Condition | None = None,
    pattern: str = "S-NE",
    context: MethodContext,
) -> list[Result]:
    """Subjects with a record that satisfies `where`, percent, and the number of such records. Reads USUBJID."""
    out = []
    for column, part in context.parts(frame):
        rows = part.loc[context.mask(part, where) & context.mask(part, base)]
        values = share(subjects_of(rows), denominator(column, part, base, context))
        values["events"] = Stat(len(rows))
        out += results_of(context.pattern(pattern), values, column=column.key, where=and_(base, where))
    return out
