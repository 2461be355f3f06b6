"""Every statistic of every method made again from records, in numpy, scipy and pandas, from its definition.

Nothing of the product is used. A statistic that cannot be had is None, as the results have it with a reason.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import exp, inf, sqrt
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

EACH = int(os.environ.get("DATACUT_TRACED", "1"))
"""Results, rows and marks that are asked of each kind."""

type Number = float | None
SAME = 1e-9
DAYS_OF_YEAR = 365.25
_ARGUMENT = re.compile(r"(\w+)=(\"[^\"]*\"|'[^']*'|\{[^}]*\}|[^,()]+)")
_EQUALS = re.compile(r"(\w+) EQ ['\"](\w+)['\"]")


def spread[T](items: Sequence[T], most: int) -> list[T]:
    """So many of them, from the first to the last at equal steps; all if there are fewer."""
    return [items[i * len(items) // most] for i in range(most)] if len(items) > most else list(items)


@dataclass(frozen=True)
class Asked:
    """One statistic with what is named as its ground: the records, and those of the denominator, if there is one.

    call: as the study writes it; settings: what its `$` stand for; level: of the variable; label: of the printed row.
    """

    method: str
    stat: str
    call: str
    settings: Mapping[str, Any]
    variable: str | None
    level: str | None
    label: str
    frame: pd.DataFrame
    whole: pd.DataFrame | None

    @property
    def people(self) -> int:
        return self.frame["USUBJID"].nunique()

    @property
    def size(self) -> int:
        assert self.whole is not None, "the denominator is not named"
        return self.whole["USUBJID"].nunique()

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """What the call gives by name."""
        found: dict[str, Any] = {}
        for name, text in _ARGUMENT.findall(self.call):
            value = self.settings[text[1:]] if text.startswith("$") else text
            found[name] = value.strip("\"'") if isinstance(value, str) and not value.startswith("{") else value
        return found

    def number(self, name: str, default: Number = None) -> Number:
        return float(self.arguments[name]) if name in self.arguments else default

    def positional(self, place: int, default: str) -> str:
        """A column given by place."""
        inside = self.call.partition("(")[2].rpartition(")")[0]
        words = [w.strip() for w in re.split(r",(?![^{]*\})", inside)]
        given = [w for w in words if w and "=" not in w]
        return given[place] if place < len(given) else default

    def flagged(self, name: str) -> np.ndarray:
        """The records that a condition `X EQ "Y"` of the call holds of; none where the call has no such condition."""
        if name not in self.arguments:
            return np.zeros(len(self.frame), dtype=bool)
        written = next(text for key, text in _ARGUMENT.findall(self.call) if key == name)
        found = _EQUALS.fullmatch(written[1:-1])
        assert found is not None, f"no condition that can be judged here: {written}"
        return (self.frame[found[1]] == found[2]).to_numpy(dtype=bool)

    @property
    def values(self) -> np.ndarray:
        return self.frame[str(self.variable)].to_numpy(dtype=float)


# -- values ----------------------------------------------------------------------------------------------------


def quantile(values: np.ndarray, share: float) -> float:
    """SAS definition 5: the mean of two neighbours where the place is a whole number."""
    ordered, place = np.sort(values), len(values) * share
    whole = int(np.floor(place + SAME))
    if abs(place - whole) < SAME:
        return float((ordered[max(whole - 1, 0)] + ordered[min(whole, len(ordered) - 1)]) / 2)
    return float(ordered[whole])


RANKED = {"q1": 0.25, "median": 0.5, "q3": 0.75}


def of_values(stat: str, values: np.ndarray, bounds: np.ndarray, level: float = 0.95) -> Number:
    """A statistic of values, some of which are only the least they can be."""
    every = np.concatenate([values, bounds])
    n = len(every)
    if stat == "n":
        return n
    if n == 0:
        return None
    if stat in RANKED:
        return quantile(every, RANKED[stat])
    if stat in ("min", "max"):
        return float(every.min() if stat == "min" else every.max())
    if len(bounds):
        return None
    if stat == "mean":
        return float(every.mean())
    sd = float(every.std(ddof=1)) if n > 1 else None
    if stat == "sd" or sd is None:
        return sd
    if stat == "se":
        return sd / sqrt(n)
    if n < 5:
        return None
    half = float(stats.t.ppf((1 + level) / 2, n - 1)) * sd / sqrt(n)
    return float(every.mean()) + (half if stat == "upper" else -half)


def summary(asked: Asked) -> Number:
    there = ~np.isnan(asked.values)
    over = asked.flagged("above")
    level = asked.number("level", 0.95)
    value = of_values(asked.stat, asked.values[there & ~over], asked.values[there & over], level or 0.95)
    if asked.stat in ("lower", "upper") and value is not None:
        low, high = asked.number("low", -inf), asked.number("high", inf)
        value = min(max(value, low if low is not None else -inf), high if high is not None else inf)
    return value


def composition(asked: Asked) -> Number:
    """The sums of the parts of each subject who has all of them."""
    parts = asked.frame.groupby("USUBJID")[str(asked.variable)]
    sums = parts.sum()[parts.apply(lambda p: p.notna().all())].to_numpy(dtype=float)
    return of_values(asked.stat, sums, np.array([]))


def geometric(asked: Asked) -> Number:
    under, over, values = asked.flagged("below"), asked.flagged("above"), asked.values
    rule = asked.arguments.get("blq", "as_is")
    if rule != "as_is":
        instead = {"half": (asked.number("lloq") or 0.0) / 2, "zero": 0.0, "exclude": np.nan}[rule]
        values = np.where(under, instead, values)
    there = ~np.isnan(values)
    values, under, over = values[there], under[there], over[there]
    quantifiable = values[~under & (values > 0)]
    if asked.stat == "above":
        return len(quantifiable) if len(values) else None
    if asked.stat == "qgmean":
        return None if over.any() or not len(quantifiable) else float(stats.gmean(quantifiable))
    if asked.stat not in ("gmean", "gcv", "glow", "ghigh"):
        return of_values(asked.stat, values[~over], values[over])
    if over.any() or not len(values) or under.all() or values.min() <= 0:
        return None
    if asked.stat == "gmean":
        return float(stats.gmean(values))
    if len(values) == 1:
        return None
    deviation = float(np.log(values).std(ddof=1))
    if asked.stat == "gcv":
        return 100 * sqrt(exp(deviation**2) - 1)
    return float(np.exp(np.log(values).mean() + (deviation if asked.stat == "ghigh" else -deviation)))


# -- counts ----------------------------------------------------------------------------------------------------


def people(asked: Asked) -> Number:
    return asked.people


def events(asked: Asked) -> Number:
    return len(asked.frame)


def denominator(asked: Asked) -> Number:
    return asked.size


def percent(asked: Asked) -> Number:
    return 100 * asked.people / asked.size if asked.size else None


def exact(asked: Asked) -> Number:
    """A limit of Clopper and Pearson, in percent."""
    n, m = asked.people, asked.size
    tail = (1 - float(asked.arguments.get("level", 0.95))) / 2
    if not m:
        return None
    if asked.stat == "lower":
        return 100 * float(stats.beta.ppf(tail, n, m - n + 1)) if n else 0.0
    return 100 * float(stats.beta.ppf(1 - tail, n + 1, m - n)) if n < m else 100.0


def rate_of_time(asked: Asked) -> Number:
    """Events by the subject-years of the denominator."""
    assert asked.whole is not None
    unit = float(asked.arguments.get("unit_days", 1))
    years = float(asked.whole[asked.arguments["exposure"]].sum()) * unit / DAYS_OF_YEAR
    if asked.stat == "exposure":
        return years
    return float(asked.arguments.get("per", 100)) * len(asked.frame) / years if years > 0 else None


# -- times to an event -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Curve:
    """Product-limit estimate at each different time, with log(-log) limits: NaN while it is 1 and once it is 0."""

    time: np.ndarray
    survival: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    had: np.ndarray


def curve_of(times: np.ndarray, had: np.ndarray, level: float) -> Curve:
    found = stats.ecdf(stats.CensoredData(uncensored=times[had], right=times[~had])).sf
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # that there are no limits at 1 and 0 is what is asked
        limits = found.confidence_interval(level, method="log-log")
    inside = (found.probabilities > SAME) & (found.probabilities < 1 - SAME)
    low, high = (np.where(inside, side.probabilities, np.nan) for side in (limits.low, limits.high))
    return Curve(found.quantiles, found.probabilities, low, high, np.isin(found.quantiles, times[had]))


def quantile_of_times(curve: Curve, share: float) -> Number:
    """The first event by which a share had it; the middle of two where survival stands just there between them."""
    times, left = curve.time[curve.had], curve.survival[curve.had]
    reached = np.flatnonzero(left <= 1 - share + SAME)
    if not len(reached):
        return None
    first = reached[0]
    if abs(left[first] - (1 - share)) <= SAME and first + 1 < len(times):
        return float((times[first] + times[first + 1]) / 2)
    return float(times[first])


def times_of(asked: Asked) -> tuple[np.ndarray, np.ndarray]:
    """Times, and whether each is that of an event."""
    time = asked.positional(0, "AVAL")
    assert asked.variable == time
    return asked.frame[time].to_numpy(dtype=float), asked.frame["CNSR"].to_numpy(dtype=float) == 0


def survival(asked: Asked) -> Number:
    times, had = times_of(asked)
    n, cases = len(times), int(had.sum())
    counts: dict[str, Number] = {"n": n, "cases": cases, "censored": n - cases}
    counts |= {"pcases": 100 * cases / n if n else None, "pcensored": 100 * (n - cases) / n if n else None}
    if asked.stat in counts:
        return counts[asked.stat]
    if not n:
        return None
    curve = curve_of(times, had, float(asked.arguments["level"]))
    if asked.stat in RANKED:
        return quantile_of_times(curve, RANKED[asked.stat])
    limit = curve.lower if asked.stat == "lower" else curve.upper
    inside = limit <= 0.5 if asked.stat == "lower" else limit < 0.5
    met = curve.time[curve.had & inside]
    return float(met[0]) if len(met) else None


def survival_at(asked: Asked, *, at: Callable[[Asked], float]) -> Number:
    """Of the curve at one time: at risk, events and censored then, survival or its complement with limits, percent."""
    (times, had), point = times_of(asked), at(asked)
    counts = {
        "at_risk": int((times >= point).sum()),
        "cases": int((had & (times == point)).sum()),
        "censored": int((~had & (times == point)).sum()),
    }
    if asked.stat in counts:
        return counts[asked.stat]
    if not len(times):
        return None
    curve = curve_of(times, had, float(asked.arguments["level"]))
    if point > curve.time[-1] and curve.survival[-1] > SAME:
        return None
    incidence = asked.arguments.get("incidence") == "true"
    name = {"lower": "upper", "upper": "lower"}.get(asked.stat, asked.stat) if incidence else asked.stat
    steps = np.flatnonzero(curve.time <= point)
    found = {"rate": curve.survival, "lower": curve.lower, "upper": curve.upper}[name]
    value = float(found[steps[-1]]) if len(steps) else (1.0 if name == "rate" else np.nan)
    if np.isnan(value):
        return None
    return 100 * (1 - value) if incidence else 100 * value


def duration(asked: Asked) -> Number:
    """Of durations that may go on: n and ends of the values, the median as of times to an event."""
    if asked.stat != "median":
        return of_values(asked.stat, asked.values, np.array([]))
    if not len(asked.values):
        return None
    return quantile_of_times(curve_of(asked.values, ~asked.flagged("ongoing"), 0.95), 0.5)


# -- all -------------------------------------------------------------------------------------------------------

type Made = Callable[[Asked], Number]


def _each(names: str, made: Made) -> dict[str, Made]:
    return dict.fromkeys(names.split(), made)


_COUNT: dict[str, Made] = {"n": people, "m": denominator, "p": percent}
_EVENTS: dict[str, Made] = {**_COUNT, "events": events}
_POINT = "at_risk cases censored rate lower upper"
RECOMPUTE: dict[str, dict[str, Made]] = {
    "ard_total_n": {"n": people},
    "ard_count_subjects": _COUNT,
    "ard_count_subjects_events": _EVENTS,
    "ard_count_without": {**_COUNT, "found": people},
    "ard_count_worst": _COUNT,
    "ard_hierarchical": _EVENTS,
    "ard_tabulate": _COUNT,
    "ard_tabulate_across": _COUNT,
    "ard_shift": _COUNT,
    "ard_proportion_exact": {**_COUNT, **_each("lower upper", exact)},
    "ard_incidence_rate": {"n": people, "events": events, **_each("exposure rate", rate_of_time)},
    "ard_summary": _each("n mean sd se median q1 q3 min max lower upper", summary),
    "ard_composition": _each("n mean sd median q1 q3 min max", composition),
    "ard_geometric": _each("n mean sd median min max above gmean qgmean gcv glow ghigh", geometric),
    "ard_duration": _each("n median min max", duration),
    "ard_survival": _each("n cases censored pcases pcensored median q1 q3 lower upper", survival),
    "ard_survival_at": _each(_POINT, partial(survival_at, at=lambda asked: float(str(asked.level)))),
    "ard_survival_curve": _each(_POINT, partial(survival_at, at=lambda asked: float(asked.label))),
}
"""How each statistic of each method is made."""


def recompute(asked: Asked) -> Number:
    """The statistic. KeyError for one that nobody has written here."""
    return RECOMPUTE[asked.method][asked.stat](asked)
