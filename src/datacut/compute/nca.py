"""Non-compartmental cellular kinetics of one profile: CAR transgene or CAR+ cells over time.

Time in days since the infusion, concentration in the assay's unit (never mixed); AUC in that unit times days.
Sources: Mueller KT et al. Blood 2017;130:2317-25; CDISC PKPARMCD; the rules for values below the limit of
quantification (BLQ) are project conventions of the instruments document, section 14:

* at and before time 0 the profile is 0, and so is every BLQ before the first quantifiable sample;
* a BLQ between quantifiable samples is dropped, one after the last of them ends AUC to the horizon only.

A result above the upper limit is only a bound. The trapezoids rise with every concentration, so a profile that takes
bounds as values gives lower bounds of the peak and the areas, and the value itself where they do not matter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float64]

CODES: Final = (
    "CMAX",
    "TMAX",
    "TFIRST",
    "TLST",
    "CLST",
    "AUCLST",
    "AUCINT",
    "PERSIST",
    "LAMZ",
    "LAMZHL",
    "LAMZNPT",
    "R2ADJ",
)
_ALL_BLQ: Final = "no quantifiable sample"
_NO_SAMPLE: Final = "no sample after infusion"


@dataclass(frozen=True, slots=True)
class NcaProfile:
    """Parameters of one profile by code (NaN if not to be had), why not (`reasons`), and what to beware of (`flags`).

    bounds: codes whose value is the least it can be. AUCINT is AUC from 0 to the horizon. PERSIST (TLST - TFIRST) and
    TFIRST are sponsor-defined codes.
    """

    values: Mapping[str, float]
    reasons: Mapping[str, str]
    flags: Mapping[str, str]
    bounds: frozenset[str] = field(default_factory=frozenset)


class HalfLife(NamedTuple):
    """Terminal slope: rate per day, points used, adjusted R squared, days spanned."""

    rate: float
    points: int
    r2_adjusted: float
    span: float


def _falls_exponentially(c1: float, c2: float) -> bool:
    return 0 < c2 < c1


def interpolate(t1: float, c1: float, t2: float, c2: float, t: float) -> float:
    """Concentration at t between two samples: log-linear where declining to above 0, else linear."""
    share = (t - t1) / (t2 - t1)
    if _falls_exponentially(c1, c2):
        return float(c1 * (c2 / c1) ** share)
    return c1 + (c2 - c1) * share


def auc_between(time: Sequence[float], conc: Sequence[float], start: float, end: float) -> float:
    """Area under a profile from `start` to `end`: linear up, logarithmic down, cut by `interpolate`.

    time: strictly increasing; conc: no missing value. NaN if the samples do not cover start to end.
    """
    if not len(time) or start < time[0] or end > time[-1]:
        return math.nan
    total = 0.0
    for t1, c1, t2, c2 in zip(time[:-1], conc[:-1], time[1:], conc[1:], strict=True):
        left, right = max(t1, start), min(t2, end)
        if left < right:
            at_left = c1 if left == t1 else interpolate(t1, c1, t2, c2, left)
            at_right = c2 if right == t2 else interpolate(t1, c1, t2, c2, right)
            # A cut segment keeps the rule of the whole: half of a straight fall to 0 is still straight.
            if _falls_exponentially(c1, c2) and at_right < at_left:
                total += (at_left - at_right) * (right - left) / math.log(at_left / at_right)
            else:
                total += (at_left + at_right) * (right - left) / 2
    return total


def _log_linear(time: Sequence[float], conc: Sequence[float]) -> HalfLife | None:
    """The fit of these points (3 or more) if it falls."""
    k = len(time)
    t, logs = np.asarray(time, dtype="float64"), np.log(np.asarray(conc, dtype="float64"))
    dt, dl = t - t.mean(), logs - logs.mean()
    slope = float((dt * dl).sum() / (dt**2).sum())
    spread = float((dl**2).sum())
    if slope >= 0 or spread < 1e-18:  # flat but for rounding noise
        return None
    r2 = min(float((dt * dl).sum() ** 2 / ((dt**2).sum() * spread)), 1.0)
    return HalfLife(-slope, k, 1 - (1 - r2) * (k - 1) / (k - 2), float(t[-1] - t[0]))


def terminal_slope(time: Sequence[float], conc: Sequence[float], lambda_min_points: int = 3) -> HalfLife | None:
    """Best log-linear fit of the last k points, k from `lambda_min_points` on, with a falling slope; None if none.

    time, conc: quantifiable samples after TMAX. Best is the largest adjusted R squared; within 0.0001 of it, the
    most points. Raises ValueError for fewer than 3 points, for which adjusted R squared does not exist.
    """
    if lambda_min_points < 3:
        raise ValueError(f"A terminal slope needs at least 3 points, not {lambda_min_points}.")
    tried = (_log_linear(time[-k:], conc[-k:]) for k in range(lambda_min_points, len(time) + 1))
    fits = [fit for fit in tried if fit is not None]
    if not fits:
        return None
    best = max(fit.r2_adjusted for fit in fits)
    return max((fit for fit in fits if fit.r2_adjusted >= best - 1e-4), key=lambda fit: fit.points)


class _Samples(NamedTuple):
    """The samples after the infusion that have a result, in order of time; a BLQ is 0, a bound is its limit."""

    time: Floats
    conc: Floats
    below: npt.NDArray[np.bool_]
    above: npt.NDArray[np.bool_]


def _samples(time: Sequence[float], conc: Sequence[float], blq: Sequence[bool], above: Sequence[bool]) -> _Samples:
    t, c = np.asarray(time, dtype="float64"), np.asarray(conc, dtype="float64")
    below, over = np.asarray(blq, dtype=bool), np.asarray(above or [False] * len(t), dtype=bool)
    if not len(t) == len(c) == len(below) == len(over):
        counts = f"{len(t)}, {len(c)}, {len(below)}, {len(over)}"
        raise ValueError(f"A profile needs equally many times, values and flags, not {counts}.")
    taken = (below | ~np.isnan(c)) & (t > 0)
    if bool(np.isnan(t[below | ~np.isnan(c)]).any()):
        raise ValueError("A sample with a result needs a time.")
    c = np.where(below, 0.0, c)
    order = np.flatnonzero(taken)[np.argsort(t[taken], kind="stable")]
    found = _Samples(t[order], c[order], below[order], over[order])
    if bool((np.diff(found.time) <= 0).any()):
        raise ValueError("Two samples of one profile have the same time; settle replicates first.")
    if bool((found.conc[~found.below] <= 0).any()):
        raise ValueError("A quantifiable value is above 0; mark values below the limit as BLQ.")
    return found


def _predose(time: Sequence[float], conc: Sequence[float], blq: Sequence[bool]) -> dict[str, str]:
    found = any(t <= 0 and not below and c > 0 for t, c, below in zip(time, conc, blq, strict=True))
    return {"PREDOSE": "quantifiable at or before infusion, taken as 0"} if found else {}


def _horizon_area(t: Floats, points: tuple[list[float], list[float]], tlst: float, horizon: float) -> float:
    times, values = points
    if tlst < horizon:
        later = t[t > tlst]  # all BLQ; the first brings the profile to 0
        if not len(later):
            return math.nan
        times, values = [*times, float(later[0])], [*values, 0.0]
        if later[0] < horizon:
            times, values = [*times, horizon], [*values, 0.0]
    return auc_between(times, values, 0.0, horizon)


def _areas(samples: _Samples, factor: float, horizon: float) -> tuple[float, float]:
    """AUCLST and AUCINT (NaN if not to be had) where every result above the limit is `factor` times its bound."""
    t, c, below, above = samples
    c = np.where(above, c * factor, c)
    tlst = float(t[~below][-1])
    used = ~below | (t < float(t[~below][0]))
    points = ([0.0, *t[used].tolist()], [0.0, *c[used].tolist()])
    return auc_between(*points, 0.0, tlst), _horizon_area(t, points, tlst, horizon)


def _slope(samples: _Samples, lambda_min_points: int) -> tuple[HalfLife | None, str]:
    """The terminal slope, or why there is none: it must be the same whichever of the possible samples is the peak."""
    t, c, _, above = (values[~samples.below] for values in samples)
    highest = int(c.argmax())
    peaks = sorted({highest, *np.flatnonzero(above).tolist()})
    if above[peaks[0] + 1 :].any():
        return None, "a sample above the limit of quantification may be in the fit"
    fits = {terminal_slope(t[p + 1 :].tolist(), c[p + 1 :].tolist(), lambda_min_points) for p in peaks}
    if len(fits) > 1:
        return None, "depends on the height of a sample above the limit of quantification"
    (fit,) = fits
    if fit is not None:
        return fit, ""
    few = len(t) - peaks[0] - 1 < lambda_min_points
    return (
        None,
        f"fewer than {lambda_min_points} quantifiable samples after the peak" if few else "no falling terminal slope",
    )


def nca_profile(
    time: Sequence[float],
    conc: Sequence[float],
    blq: Sequence[bool],
    horizon: float = 28.0,
    *,
    above: Sequence[bool] = (),
    lambda_min_points: int = 3,
    lambda_min_r2: float = 0.8,
    auc_extrapolate: bool = False,
) -> NcaProfile:
    """Kinetic parameters of one profile.

    time: days since infusion; conc: assay unit; blq: True where the sample was taken and is below the limit (its
    `conc` is ignored). above: True where `conc` is the upper limit that the result exceeds; none if left out. A sample
    with no value and no BLQ flag was not taken. Samples at or before time 0 do not enter; the profile starts at 0.
    horizon: end of AUCINT in days. lambda_min_points: fewest points of the terminal slope. auc_extrapolate: where the
    last sample is quantifiable and before the horizon, AUCINT goes on with the terminal slope and is flagged; else it
    is missing.
    Returns every code of `CODES`; all BLQ gives CMAX and both AUCs 0. With a result above the limit CMAX is a bound; so
    are an area and CLST that depend on it. TMAX is missing, with the days it may be in the reason, unless one sample
    alone can be the peak; the terminal slope is missing where the result may be in the fit. Flags: `PERSIST` ongoing
    when the last sample is quantifiable; `LAMZHL` weak when R2ADJ < `lambda_min_r2` or the points span less than two
    half-lives; `AUCINT` extrapolated; `PREDOSE` when an unused sample at or before time 0 is quantifiable.
    Raises ValueError for unequal lengths, a result without time, doubled times, a quantifiable value not above 0.
    """
    samples = _samples(time, conc, blq, above)
    t, c, below, over = samples
    if not len(t):
        return NcaProfile(dict.fromkeys(CODES, math.nan), dict.fromkeys(CODES, _NO_SAMPLE), _predose(time, conc, blq))
    if below.all():
        values = {code: 0.0 if code in {"CMAX", "AUCLST", "AUCINT"} else math.nan for code in CODES}
        missing = {code: _ALL_BLQ for code, value in values.items() if math.isnan(value)}
        return NcaProfile(values, missing, _predose(time, conc, blq))

    values = dict.fromkeys(CODES, math.nan)
    reasons: dict[str, str] = {}
    flags = _predose(time, conc, blq)
    bounds: set[str] = set()
    quantified_t, quantified_c = t[~below], c[~below]
    peak = int(quantified_c.argmax())
    values["CMAX"], values["TMAX"] = float(quantified_c[peak]), float(quantified_t[peak])
    if over.any():
        bounds.add("CMAX")
        possible = [*t[over].tolist(), *([float(quantified_t[peak])] if not over[~below][peak] else [])]
        if len(possible) > 1:
            values["TMAX"] = math.nan
            reasons["TMAX"] = f"peak above the limit of quantification, from {min(possible):.6g} to {max(possible):.6g}"
    tfirst, tlst = float(quantified_t[0]), float(quantified_t[-1])
    values["TFIRST"], values["TLST"], values["CLST"] = tfirst, tlst, float(quantified_c[-1])
    values["PERSIST"] = tlst - tfirst
    if over[~below][-1]:
        bounds.add("CLST")
    if not below[-1]:
        flags["PERSIST"] = "ongoing: the last sample is quantifiable"

    values["AUCLST"], values["AUCINT"] = _areas(samples, 1.0, horizon)
    higher = dict(zip(("AUCLST", "AUCINT"), _areas(samples, 2.0, horizon), strict=True))
    bounds |= {code for code, area in higher.items() if area > values[code]}
    if math.isnan(values["AUCINT"]):
        reasons["AUCINT"] = f"last sample at {tlst:.6g} is quantifiable and before {horizon:g}"

    fit, why = _slope(samples, lambda_min_points)
    if fit is None:
        reasons |= dict.fromkeys(("LAMZ", "LAMZHL", "LAMZNPT", "R2ADJ"), why)
        return NcaProfile(values, reasons, flags, frozenset(bounds))
    half_life = math.log(2) / fit.rate
    values["LAMZ"], values["LAMZHL"] = fit.rate, half_life
    values["LAMZNPT"], values["R2ADJ"] = float(fit.points), fit.r2_adjusted
    if auc_extrapolate and "AUCINT" in reasons:
        rest = values["CLST"] / fit.rate * -math.expm1(-fit.rate * (horizon - tlst))
        values["AUCINT"] = values["AUCLST"] + rest
        flags["AUCINT"] = reasons.pop("AUCINT") + ", extrapolated by the terminal slope"
        bounds |= {"AUCINT"} if "AUCLST" in bounds else set()
    weak = [f"adjusted R squared below {lambda_min_r2:g}"] if fit.r2_adjusted < lambda_min_r2 else []
    if fit.span < 2 * half_life:
        weak.append("points span less than two half-lives")
    if weak:
        flags["LAMZHL"] = "weak: " + ", ".join(weak)
    return NcaProfile(values, reasons, flags, frozenset(bounds))
