"""Durations, some of which have not ended."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from datacut.ard.context import MethodContext
from datacut.ard.results import Result, number, results_of
from datacut.ard.summary import summary_stats
from datacut.spec.registry import Column, Condition, verb
from datacut.spec.where import Missing


@verb("method")
def ard_duration(
    frame: pd.DataFrame,
    variable: Column,
    *,
    ongoing: Condition | None = None,
    digits: int = 0,
    pattern: str = "S-DUR",
    context: MethodContext,
) -> list[Result]:
    """n, median, minimum and maximum of a duration over records (not subjects); digits: its decimals.

    ongoing: records whose duration has not ended and counts up to now; a longest duration that is one prints `+`.
    Reads USUBJID.
    """
    open_ = context.mask(frame, ongoing) if ongoing is not None else pd.Series(False, index=frame.index)
    out = []
    for column, part in context.parts(frame):
        known = [
            (v, bool(o)) for x, o in zip(part[variable], open_[part.index], strict=True) if (v := number(x)) is not None
        ]
        values = summary_stats([v for v, _ in known])
        longest = values["max"]
        if any(o and v == longest.value for v, o in known):
            values["max"] = replace(longest, shown="+")
        where = Missing(variable, negated=True)
        out += results_of(
            context.pattern(pattern), values, column=column.key, digits=digits, variable=variable, where=where
        )
    return out
