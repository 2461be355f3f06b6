"""Subjects with a record, and records."""

from __future__ import annotations

import pandas as pd

from datacut.ard.context import MethodContext
from datacut.ard.counts import denominator, denominator_of, events_in, records_of, share, subjects_in
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
    found = records_of(frame, context, base, where)
    known = None if base is None else records_of(frame, context, base)
    printed, of = context.pattern(pattern), denominator_of(base)
    for column in context.columns:
        values = share(subjects_in(column, found), denominator(column, known))
        values["events"] = Stat(events_in(column, found))
        out += results_of(printed, values, column=column.key, where=and_(base, where), of=of)
    return out
