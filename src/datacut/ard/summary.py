"""Summary statistics of a number."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from datacut.ard.columns import SUBJECT
from datacut.ard.context import MethodContext
from datacut.ard.results import Result, Stat, number, results_of
from datacut.compute.statistics import quantile_type2, t_interval
from datacut.spec.registry import Column, verb
from datacut.spec.where import Missing

NO_VALUE = "no value"
ONE_VALUE = "one value has no standard deviation"
CI_LEAST = 3
MOST_DECIMALS = 6


@verb("method")
def ard_summary(
    frame: pd.DataFrame,
    variable: Column,
    *,
    digits: int | None = None,
    decimals: Column | None = None,
    level: float = 0.95,
    pattern: str = "S-CONT",
    context: MethodContext,
) -> list[Result]:
    """n, mean, SD, SE, median, quartiles (type 2), minimum, maximum and a t interval of the mean of `variable`.

    digits: decimals as collected, or decimals: the column that has them; left out, those of the values. SD needs two
    values, the interval three. n counts records; more than one record of a subject is reported. Reads USUBJID.
    """
    collected = digits if digits is not None else _collected(frame, variable, decimals)
    out = []
    known = zip(frame[SUBJECT], map(number, frame[variable]), strict=True)
    values_of = [(subject, value) for subject, value in known if value is not None]
    for column in context.columns:
        mine = [(subject, value) for subject, value in values_of if subject in column.subjects]
        repeated = next((s for s, n in Counter(s for s, _ in mine).items() if n > 1), None)
        if repeated is not None:
            context.findings.error(
                "ard.repeated",
                context.place,
                "a subject has more than one record in a summary",
                value=str(repeated),
                remedy="Narrow where to one record a subject.",
            )
        values = summary_stats([value for _, value in mine], level)
        out += results_of(
            context.pattern(pattern),
            values,
            column=column.key,
            digits=collected,
            variable=variable,
            where=Missing(variable, negated=True),
        )
    return out


def summary_stats(values: Sequence[float], level: float = 0.95) -> dict[str, Stat]:
    """The statistics of `ard_summary`, each with the reason where it cannot be had."""
    n = len(values)
    names = ("mean", "median", "q1", "q3", "min", "max", "sd", "se", "lower", "upper")
    out = {"n": Stat(n)} | {name: Stat(None, NO_VALUE) for name in names}
    if n == 0:
        return out
    out |= {
        "mean": Stat(statistics.fmean(values)),
        "median": Stat(quantile_type2(values, 0.5)),
        "q1": Stat(quantile_type2(values, 0.25)),
        "q3": Stat(quantile_type2(values, 0.75)),
        "min": Stat(min(values)),
        "max": Stat(max(values)),
    }
    if n == 1:
        out |= {name: Stat(None, ONE_VALUE, "-") for name in ("sd", "se")}
    else:
        sd = statistics.stdev(values)
        out |= {"sd": Stat(sd), "se": Stat(sd / n**0.5)}
    if n < CI_LEAST:
        out |= {name: Stat(None, "fewer than three values", "-") for name in ("lower", "upper")}
    else:
        lower, upper = t_interval(values, level)
        out |= {"lower": Stat(lower), "upper": Stat(upper)}
    return out


def _collected(frame: pd.DataFrame, variable: str, decimals: str | None) -> int:
    """The most decimals among those the records have in column `decimals`, or among their values without one."""
    if decimals is None:
        return decimals_of(frame[variable])
    return max(map(int, frame[decimals].dropna()), default=0)


def decimals_of(values: pd.Series) -> int:
    """Most decimals among the values, at most six (a derived value carries binary noise beyond)."""
    texts = (f"{float(v):.{MOST_DECIMALS}f}".rstrip("0") for v in values.dropna())
    return max((len(t.partition(".")[2]) for t in texts), default=0)
