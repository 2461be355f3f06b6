"""Statistics whose definition differs between programs: quantiles, exact and t intervals, geometric mean and CV."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from datacut.compute.rounding import decimal_of


class Interval(NamedTuple):
    """A two-sided confidence interval; NaN where it cannot be had."""

    lower: float
    upper: float


_NO_INTERVAL = Interval(math.nan, math.nan)


def _known(values: Iterable[object]) -> npt.NDArray[np.float64]:
    """The non-missing values as floats; takes a list, an array or a (nullable) series."""
    there = (float(v) for v in values if v is not None and v is not pd.NA)  # type: ignore[arg-type]
    return np.array([v for v in there if not math.isnan(v)], dtype="float64")


def _require_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"A confidence level lies between 0 and 1, not {level}.")


def quantile_type2(values: Iterable[float], p: float) -> float:
    """The p-quantile as SAS PCTLDEF=5 (Hyndman-Fan type 2): the mean of two neighbours where n*p is whole.

    values: numbers of any unit, missing dropped; none left gives NaN. p: a fraction, 0 to 1; n*p is taken in
    decimal, so 0.1 of 30 is exactly 3. Raises ValueError for another p. Source: SAS PROC UNIVARIATE, PCTLDEF=5.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"A quantile is asked for by a fraction between 0 and 1, not {p}.")
    ordered = np.sort(_known(values))
    n = len(ordered)
    if n == 0:
        return math.nan
    place = decimal_of(p) * n
    below = int(place)
    lower, upper = max(below - 1, 0), min(below, n - 1)
    if place == below:
        return float((ordered[lower] + ordered[upper]) / 2)
    return float(ordered[upper])


def clopper_pearson(x: int, n: int, level: float = 0.95) -> Interval:
    """Exact two-sided interval of a proportion x/n, on 0 to 1.

    x = 0 has lower limit 0, x = n upper limit 1; n = 0 gives NaN. Raises ValueError unless 0 <= x <= n.
    Source: Clopper CJ, Pearson ES. Biometrika 1934;26:404-13.
    """
    from scipy import special  # not before it is needed: it is slow to import

    _require_level(level)
    if not 0 <= x <= n:
        raise ValueError(f"{x} of {n} is not a proportion.")
    if n == 0:
        return _NO_INTERVAL
    tail = (1 - level) / 2
    lower = 0.0 if x == 0 else float(special.betaincinv(x, n - x + 1, tail))
    upper = 1.0 if x == n else float(special.betaincinv(x + 1, n - x, 1 - tail))
    return Interval(lower, upper)


def geometric_mean(values: Iterable[float]) -> float:
    """exp of the mean log; unit of the values. Missing dropped; NaN for no value or any value not above 0."""
    known = _known(values)
    if len(known) == 0 or bool((known <= 0).any()):
        return math.nan
    return float(np.exp(np.log(known).mean()))


def geometric_cv(values: Iterable[float]) -> float:
    """Geometric coefficient of variation in percent: 100 * sqrt(exp(variance of the logs) - 1).

    Missing dropped; NaN for fewer than two values or any value not above 0.
    """
    known = _known(values)
    if len(known) < 2 or bool((known <= 0).any()):
        return math.nan
    return float(100 * np.sqrt(np.expm1(np.log(known).var(ddof=1))))


def t_interval(values: Iterable[float], level: float = 0.95) -> Interval:
    """Interval of a mean by Student's t; unit of the values. Missing dropped; NaN for fewer than two values."""
    from scipy import special  # not before it is needed: it is slow to import

    _require_level(level)
    known = _known(values)
    n = len(known)
    if n < 2:
        return _NO_INTERVAL
    half = float(special.stdtrit(n - 1, (1 + level) / 2)) * float(known.std(ddof=1)) / math.sqrt(n)
    mean = float(known.mean())
    return Interval(mean - half, mean + half)
