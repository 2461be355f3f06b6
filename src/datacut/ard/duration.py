"""Durations, some of which have not ended."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd

from datacut.ard.context import MethodContext
from datacut.ard.results import Result, Stat, number, results_of
from datacut.ard.summary import summary_stats
from datacut.ard.survival import NOT_REACHED
from datacut.compute.survival import kaplan_meier
from datacut.spec.registry import Column, Condition, verb
from datacut.spec.where import Comparison, Literal


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

    ongoing: records whose duration has not ended and counts up to now. They are censored: the median is the
    product-limit (Kaplan-Meier) estimate, NE where fewer than half have ended by any time; a minimum that only running
    ones have, and a maximum that one of them has, print `+`. `running` is their number. A duration below 0 is told and
    left out. Reads USUBJID.
    """
    open_ = context.mask(frame, ongoing) if ongoing is not None else pd.Series(False, index=frame.index)
    out = []
    for column, part in context.parts(frame):
        known = [
            (v, bool(o)) for x, o in zip(part[variable], open_[part.index], strict=True) if (v := number(x)) is not None
        ]
        negative = [v for v, _ in known if v < 0]
        if negative:
            context.findings.error(
                "ard.duration",
                context.place,
                "a duration below 0 is left out",
                value=f"{negative[0]:g}",
                remedy="Correct the dates that it is made of.",
            )
        values = duration_stats([(v, o) for v, o in known if v >= 0])
        where = Comparison(variable, "GE", (Literal(0),))
        out += results_of(
            context.pattern(pattern), values, column=column.key, digits=digits, variable=variable, where=where
        )
    return out


def duration_stats(known: list[tuple[float, bool]]) -> dict[str, Stat]:
    """Statistics of durations, each with whether it is still running."""
    values = summary_stats([v for v, _ in known])
    values = {name: values[name] for name in ("n", "median", "min", "max")} | {
        "running": Stat(sum(o for _, o in known))
    }
    if not known:
        return values
    median = kaplan_meier([v for v, _ in known], [not o for _, o in known]).quantile(0.5)
    values["median"] = Stat(None, NOT_REACHED, "NE") if math.isnan(median) else Stat(median)
    if all(o for v, o in known if v == values["min"].value):
        values["min"] = replace(values["min"], shown="+")
    if any(o for v, o in known if v == values["max"].value):
        values["max"] = replace(values["max"], shown="+")
    return values
