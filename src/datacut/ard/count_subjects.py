"""Subjects with a record."""

from __future__ import annotations

import pandas as pd

from datacut.ard.context import MethodContext, subjects_of
from datacut.ard.counts import denominator, share
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
    for column, part in context.parts(frame):
        inside = context.mask(part, where) & context.mask(part, base)
        values = share(subjects_of(part.loc[inside]), denominator(column, part, base, context))
        silent = () if base is None else ("m",)
        printed = context.pattern(pattern)
        out += results_of(printed, values, column=column.key, where=and_(base, where), silent=silent)
    return out
