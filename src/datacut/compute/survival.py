"""Kaplan-Meier estimate of a time to an event, with limits on the log(-log) scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from datacut.compute.statistics import Interval

_NONE = Interval(math.nan, math.nan)
SAME = 1e-9
"""Survival nearer than this to a quantile is at it (products of fractions carry binary noise)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One distinct time. at_risk: just before it; survival: from it on; hazard: Greenwood's sum up to it."""

    time: float
    at_risk: int
    events: int
    censored: int
    survival: float
    hazard: float


@dataclass(frozen=True)
class Survival:
    """The estimate as its steps, in order of time; without any record there is none."""

    steps: tuple[Step, ...]

    def at(self, time: float) -> Step | None:
        """The step that holds at `time`; None before the first one."""
        return next((s for s in reversed(self.steps) if s.time <= time), None)

    def at_risk(self, time: float) -> int:
        """Those still followed at `time`, neither event nor censored before it."""
        return next((s.at_risk for s in self.steps if s.time >= time), 0)

    def known_at(self, time: float) -> bool:
        """Whether survival at `time` is estimable: somebody was followed as long, or nobody was left."""
        return bool(self.steps) and (time <= self.steps[-1].time or self.steps[-1].survival < SAME)

    def quantile(self, p: float) -> float:
        """The time by which the fraction `p` had the event; NaN where it was not reached.

        Where survival is exactly 1 - p between two event times, their mean (SAS PROC LIFETEST); after the last event,
        the time of that event.
        """
        _require_fraction(p)
        events = [s for s in self.steps if s.events]
        for i, step in enumerate(events):
            if abs(step.survival - (1 - p)) <= SAME and i + 1 < len(events):
                return (step.time + events[i + 1].time) / 2
            if step.survival <= 1 - p + SAME:
                return step.time
        return math.nan

    def quantile_interval(self, p: float, level: float = 0.95) -> Interval:
        """Limits of the quantile by inversion of the log(-log) limits of survival; NaN for one not reached.

        Source: Brookmeyer R, Crowley J. Biometrics 1982;38:29-41.
        """
        _require_fraction(p)
        bounds = [(s.time, interval(s, level)) for s in self.steps if s.events]
        lower = next((t for t, b in bounds if b.lower <= 1 - p), math.nan)
        upper = next((t for t, b in bounds if b.upper < 1 - p), math.nan)
        return Interval(lower, upper)


def kaplan_meier(times: Sequence[float], events: Sequence[bool]) -> Survival:
    """The product-limit estimate; a subject censored at the time of an event was at risk of it.

    times: of event or censoring, any unit; events: whether it was the event. Raises ValueError for unequal lengths or a
    missing or negative time.
    """
    if len(times) != len(events):
        raise ValueError(f"{len(times)} times and {len(events)} event flags.")
    if wrong := [t for t in times if math.isnan(t) or t < 0]:
        raise ValueError(f"A time to an event is a number not below 0, not {wrong[0]}.")
    pairs = sorted(zip(map(float, times), events, strict=True))
    steps: list[Step] = []
    survival, hazard = 1.0, 0.0
    left = len(pairs)
    for time in sorted({t for t, _ in pairs}):
        had = sum(1 for t, e in pairs if t == time and e)
        lost = sum(1 for t, e in pairs if t == time and not e)
        survival *= (left - had) / left
        hazard += had / (left * (left - had)) if left > had else math.inf
        steps.append(Step(time, left, had, lost, survival, hazard))
        left -= had + lost
    return Survival(tuple(steps))


def interval(step: Step, level: float = 0.95) -> Interval:
    """Log(-log) limits of survival at one step, on 0 to 1; NaN while it is 1 and once it is 0."""
    from scipy import special  # not before it is needed: it is slow to import

    if not 0 < level < 1:
        raise ValueError(f"A confidence level lies between 0 and 1, not {level}.")
    s = step.survival
    if not 0 < s < 1:
        return _NONE
    z = float(special.ndtri((1 + level) / 2))
    half = z * math.sqrt(step.hazard) / abs(math.log(s))
    return Interval(s ** math.exp(half), s ** math.exp(-half))


def _require_fraction(p: float) -> None:
    if not 0 < p < 1:
        raise ValueError(f"A quantile is asked for by a fraction between 0 and 1, not {p}.")
