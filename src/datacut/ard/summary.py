"""Summary statistics of a number."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from datacut.ard.columns import SUBJECT
from datacut.ard.context import MethodContext
from datacut.ard.results import Result, Stat, number, results_of
from datacut.compute.statistics import quantile_type2, t_interval
from datacut.spec.registry import Column, Condition, verb
from datacut.spec.where import Missing

NO_VALUE = "no value"
ONE_VALUE = "one value has no standard deviation"
AT_LEAST = "a value is only a lower bound"
NOT_CALCULATED = "NC"
CUT = "*"
CI_LEAST = 5
MOST_DECIMALS = 6


@verb("method")
def ard_summary(
    frame: pd.DataFrame,
    variable: Column,
    *,
    digits: int | None = None,
    decimals: Column | None = None,
    level: float = 0.95,
    low: float | None = None,
    high: float | None = None,
    above: Condition | None = None,
    pattern: str = "S-CONT",
    context: MethodContext,
) -> list[Result]:
    """n, mean, SD, SE, median, quartiles (type 2), minimum, maximum and a t interval of the mean of `variable`.

    digits: decimals as collected, or decimals: the column that has them; left out, those of the values. above: records
    whose value is only a lower bound, as `summary_stats` takes them. SD needs two values, the interval five; low, high:
    ends of the scale, where a limit beyond them is cut and marked *. n counts records; more than one record of a
    subject is reported. Reads USUBJID.
    """
    collected = digits if digits is not None else _collected(frame, variable, decimals)
    out = []
    over = context.mask(frame, above) if above is not None else pd.Series(False, index=frame.index)
    known = zip(frame[SUBJECT], map(number, frame[variable]), over, strict=True)
    values_of = [(subject, value, bound) for subject, value, bound in known if value is not None]
    for column in context.columns:
        mine = [part for part in values_of if part[0] in column.subjects]
        repeated = next((s for s, n in Counter(s for s, _, _ in mine).items() if n > 1), None)
        if repeated is not None:
            context.findings.error(
                "ard.repeated",
                context.place,
                "a subject has more than one record in a summary",
                value=str(repeated),
                remedy="Narrow where to one record a subject.",
            )
        exact, bounds = ([value for _, value, bound in mine if bound is side] for side in (False, True))
        values = within_scale(summary_stats(exact, level, bounds=bounds), low, high)
        out += results_of(
            context.pattern(pattern),
            values,
            column=column.key,
            digits=collected,
            variable=variable,
            where=Missing(variable, negated=True),
        )
    return out


def summary_stats(values: Sequence[float], level: float = 0.95, *, bounds: Sequence[float] = ()) -> dict[str, Stat]:
    """The statistics of `ard_summary`, each with the reason where it cannot be had.

    bounds: further values of which only the least they can be is known. n counts them and says how many they are; what
    goes by rank is a number where they do not matter, else itself a bound; there is no mean and no deviation.
    """
    if bounds:
        return _with_bounds(values, bounds)
    n = len(values)
    names = ("mean", "median", "q1", "q3", "min", "max", "sd", "se", "lower", "upper")
    out = {"n": Stat(n), "bounds": Stat(0)} | {name: Stat(None, NO_VALUE) for name in names}
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
        out |= {name: Stat(None, "fewer than five values", "-") for name in ("lower", "upper")}
    else:
        lower, upper = t_interval(values, level)
        out |= {"lower": Stat(lower), "upper": Stat(upper)}
    return out


def within_scale(stats: dict[str, Stat], low: float | None, high: float | None) -> dict[str, Stat]:
    """The statistics with the limits of the mean cut at the ends of the scale, and marked where they are."""

    def cut(stat: Stat) -> Stat:
        value = stat.value
        if value is None:
            return stat
        end = low if low is not None and value < low else high if high is not None and value > high else None
        return stat if end is None else Stat(end, "cut at the end of the scale", CUT)

    return stats | {name: cut(stats[name]) for name in ("lower", "upper")}


def _with_bounds(values: Sequence[float], bounds: Sequence[float]) -> dict[str, Stat]:
    out = {"n": Stat(len(values) + len(bounds), shown=f" ({len(bounds)} >=)"), "bounds": Stat(len(bounds))}
    least, most = [*values, *bounds], [*values, *([math.inf] * len(bounds))]
    for name, p in (("min", 0.0), ("q1", 0.25), ("median", 0.5), ("q3", 0.75), ("max", 1.0)):
        low, high = quantile_type2(least, p), quantile_type2(most, p)
        out[name] = Stat(low) if low == high else Stat(low, AT_LEAST, sign=">=")
    return out | {name: Stat(None, AT_LEAST, NOT_CALCULATED) for name in ("mean", "sd", "se", "lower", "upper")}


def _collected(frame: pd.DataFrame, variable: str, decimals: str | None) -> int:
    """The most decimals among those the records have in column `decimals`, or among their values without one."""
    if decimals is None:
        return decimals_of(frame[variable])
    return max(map(int, frame[decimals].dropna()), default=0)


def decimals_of(values: pd.Series) -> int:
    """Most decimals among the values, at most six (a derived value carries binary noise beyond)."""
    texts = (f"{float(v):.{MOST_DECIMALS}f}".rstrip("0") for v in values.dropna())
    return max((len(t.partition(".")[2]) for t in texts), default=0)
