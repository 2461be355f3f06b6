"""Geometric summary of a positive number with limits of quantification."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import pandas as pd

from datacut.ard.context import MethodContext
from datacut.ard.results import Result, Stat, results_of
from datacut.ard.summary import AT_LEAST, NO_VALUE, NOT_CALCULATED, ONE_VALUE, summary_stats
from datacut.compute.statistics import geometric_cv, geometric_mean
from datacut.spec.registry import Column, Condition, verb
from datacut.spec.where import Missing, and_

GEOMETRIC = ("gmean", "gcv", "glow", "ghigh")


@verb("method")
def ard_geometric(
    frame: pd.DataFrame,
    variable: Column,
    *,
    below: Condition | None = None,
    above: Condition | None = None,
    lloq: float | None = None,
    blq: str = "as_is",
    pattern: str = "S-GEO",
    digits: int = 0,
    context: MethodContext,
) -> list[Result]:
    """n, number quantifiable, geometric mean and CV%, the geometric mean of the quantifiable values, and the arithmetic
    summary of `variable`.

    below: records under the limit, which enter as they are, as half of `lloq`, as zero or not at all (blq: as_is, half,
    zero, exclude); the others, if above 0, are quantifiable. A zero or negative value leaves no geometric statistic of
    all (NC); all below the limit prints BLQ. above: records whose value is only a lower bound: with one there is no
    geometric statistic and no mean, and the others are as `summary_stats` has them. Reads USUBJID.
    """
    if blq not in ("as_is", "half", "zero", "exclude"):
        raise context.fault(f"blq={blq} is none of as_is, half, zero, exclude", "Give one of them.")
    if below is not None and blq == "half" and lloq is None:
        raise context.fault("blq=half needs lloq", "Give the limit of quantification.")
    never = pd.Series(False, index=frame.index)
    under = context.mask(frame, below) if below is not None else never
    over = context.mask(frame, above) if above is not None else never
    entered = frame[variable].astype("Float64")
    if blq == "exclude":
        entered = entered.mask(under)
    elif blq != "as_is":
        entered = entered.mask(under, (lloq or 0.0) / 2 if blq == "half" else 0.0)
    out = []
    for column, part in context.parts(frame):
        used = entered.loc[part.index].dropna()
        measured = used.loc[~under.loc[used.index] & (used > 0)]
        bounds = used.loc[over.loc[used.index]]
        values = summary_stats([float(v) for v in used.drop(bounds.index)], bounds=[float(v) for v in bounds])
        values["above"] = Stat(len(measured)) if len(used) else Stat(None, NO_VALUE)
        known = len(used) - int(under.loc[used.index].sum())
        values |= geometric_stats([float(v) for v in used], known) | {"qgmean": _quantifiable_mean(measured)}
        if len(bounds):
            values |= {name: Stat(None, AT_LEAST, NOT_CALCULATED) for name in (*GEOMETRIC, "qgmean")}
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
    """Geometric mean, CV% and mean divided and multiplied by the geometric SD, or the reason why not.

    above: how many of the values are not below a limit of quantification.
    """
    if not values:
        return {name: Stat(None, NO_VALUE) for name in GEOMETRIC}
    if above == 0:
        reason = "all values are below the limit of quantification"
        return {name: Stat(None, reason, "BLQ" if name == "gmean" else "-") for name in GEOMETRIC}
    if min(values) <= 0:
        return {name: Stat(None, "a value is not positive", NOT_CALCULATED) for name in GEOMETRIC}
    mean = Stat(geometric_mean(values))
    if len(values) == 1:
        return {"gmean": mean} | {name: Stat(None, ONE_VALUE, "-") for name in GEOMETRIC[1:]}
    factor = math.exp(statistics.stdev(map(math.log, values)))
    middle = geometric_mean(values)
    limits = {"glow": Stat(middle / factor), "ghigh": Stat(middle * factor)}
    return {"gmean": mean, "gcv": Stat(geometric_cv(values)), **limits}


def _quantifiable_mean(measured: pd.Series) -> Stat:
    if measured.empty:
        return Stat(None, "no value is quantifiable", "-")
    return Stat(geometric_mean([float(v) for v in measured]))
