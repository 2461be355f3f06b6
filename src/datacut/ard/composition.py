"""Parts of a whole: what the parts of each subject add up to."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from datacut.ard.columns import SUBJECT, named
from datacut.ard.context import MethodContext
from datacut.ard.results import Result, results_of
from datacut.ard.summary import summary_stats
from datacut.spec.registry import Column, verb
from datacut.spec.where import Missing, and_


@verb("method")
def ard_composition(
    frame: pd.DataFrame,
    variable: Column,
    *,
    whole: float = 100,
    tolerance: float = 0.5,
    digits: int = 1,
    pattern: str = "S-CONT",
    context: MethodContext,
) -> list[Result]:
    """Summary of the sum of `variable` over the records of each subject, who must have a value on all of them.

    A sum that is not `whole` within `tolerance` is reported: a part is missing or counted twice. Reads USUBJID.
    """
    sums: dict[str, float] = {}
    for subject, part in frame.groupby(SUBJECT):
        if not part[variable].notna().all():
            continue
        total = float(part[variable].sum())
        sums[str(subject)] = total
        if abs(total - whole) > tolerance:
            context.findings.warning(
                "ard.composition",
                replace(context.place, key=str(subject)),
                f"the parts of {variable} do not add up to {whole:g}",
                value=f"{total:g}",
                remedy="Look for a part that is missing or counted twice.",
            )
    # of a subject who lacks a part no sum is made, and its records are not those of the result
    complete = named(sums) if set(sums) < set(map(str, frame[SUBJECT])) else None
    where = and_(Missing(variable, negated=True), complete)
    out = []
    for column in context.columns:
        values = summary_stats([total for s, total in sums.items() if s in column.subjects])
        out += results_of(
            context.pattern(pattern), values, column=column.key, digits=digits, variable=variable, where=where
        )
    return out
