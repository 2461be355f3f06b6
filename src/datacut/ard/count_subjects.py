"""Subjects with a record."""

from __future__ import annotations

import pandas as pd

from datacut.ard.context import MethodContext
from datacut.ard.counts import denominator, denominator_of, records_of, share, subjects_in
from datacut.ard.results import Result, results_of
from datacut.spec.registry import Condition, verb
from datacut.spec.where import and_


@verb("method")
def ard_count_subjects(
    frame: pd.DataFrame,
    where: Condition | None = None,
    *,
    base: Condition | None = None,
    pattern: str = "S-NPCT",
    context: MethodContext,
) -> list[Result]:
    """Subjects with at least one record that satisfies `where`, of N or of the subjects with a record in `base`.

    Reads USUBJID. A numerator is part of its base: records outside `base` are not counted.
    """
    out = []
    found = records_of(frame, context, base, where)
    known = None if base is None else records_of(frame, context, base)
    silent = () if base is None else ("m",)
    printed = context.pattern(pattern)
    of = denominator_of(base)
    for column in context.columns:
        values = share(subjects_in(column, found), denominator(column, known))
        out += results_of(printed, values, column=column.key, where=and_(base, where), silent=silent, of=of)
    return out
