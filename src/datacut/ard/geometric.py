"""Geometric summary of a positive number with a limit of quantification."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import pandas as pd

from datacut.ard.context import MethodContext
from datacut.ard.results import Result, Stat, results_of
from datacut.ard.summary import NO_VALUE, ONE_VALUE, summary_stats
from datacut.compute.statistics import geometric_cv, geometric_mean
from datacut.spec.registry import Column, Condition, verb
from datacut.spec.where import Missing, and_


@verb("method")
def ard_geometric(
    frame: pd.DataFrame,
    variable: Column,
    *,
    below: Condition | None = None,
    lloq: float | None = None,
    blq: str = "as_is",
    pattern: str = "S-GEO",
    digits: int = 0,
    context: MethodContext,
) -> list[Result]:
    """n, n above the limit of quantification, geometric mean and CV%, and the arithmetic summary of `variable`.

    below: records under the limit, which enter as they are, as half of `lloq`, as zero or not at all (blq: as_is, half,
    zero, exclude). A zero or negative value leaves no geometric statistic (NC); all below the limit prints BLQ.
    Reads USUBJID.
    """
    if blq not in ("as_is", "half", "zero", "exclude"):
        raise context.fault(f"blq={blq} is none of as_is, half, zero, exclude", "Give one of them.")
    if below is not None and blq == "half" and lloq is None:
        raise context.fault("blq=half needs lloq", "Give the limit of quantification.")
    under = context.mask(frame, below) if below is not None else pd.Series(False, index=frame.index)
    entered = frame[variable].astype("Float64")
    if blq == "exclude":
        entered = entered.mask(under)
    elif blq != "as_is":
        entered = entered.mask(under, (lloq or 0.0) / 2 if blq == "half" else 0.0)
    out = []
    for column, part in context.parts(frame):
        used = entered.loc[part.index].dropna()
        above = len(used) - int(under.loc[used.index].sum())
        values = summary_stats([float(v) for v in used]) | {"above": Stat(above) if len(used) else Stat(None, NO_VALUE)}
        values |= geometric_stats([float(v) for v in used], above)
        out += results_of(
            context.pattern(pattern),
            values,
            column=column.key,
            variable=variable,
            digits=digits,
            where=and_(Missing(variable, negated=True)) if below is None else None,
        )
    return out


def geometric_stats(values: Sequence[float], above: int) -> dict[str, Stat]:
    """Geometric mean, CV% and mean divided and multiplied by the geometric SD, or the reason why not."""
    names = ("gmean", "gcv", "glow", "ghigh")
    if not values:
        return {name: Stat(None, NO_VALUE) for name in names}
    if above == 0:
        reason = "all values are below the limit of quantification"
        return {name: Stat(None, reason, "BLQ" if name == "gmean" else "-") for name in names}
    if min(values) <= 0:
        return {name: Stat(None, "a value is not positive", "NC") for name in names}
    mean = Stat(geometric_mean(values))
    if len(values) == 1:
        return {"gmean": mean} | {name: Stat(None, ONE_VALUE, "-") for name in names[1:]}
    factor = math.exp(statistics.stdev(map(math.log, values)))
    middle = geometric_mean(values)
    limits = {"glow": Stat(middle / factor), "ghigh": Stat(middle * factor)}
    return {"gmean": mean, "gcv": Stat(geometric_cv(values)), **limits}
