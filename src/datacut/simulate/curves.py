"""Curves over time: a specification and drawn parameters become a function of days after the anchor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from datacut.errors import InputError, nearest
from datacut.simulate.course import CurveSpec, Draw, Effect
from datacut.simulate.draws import Scope, number, stream

type Days = NDArray[np.float64]
type Shape = Callable[[Days], Days]

_LN2 = float(np.log(2))


@dataclass(frozen=True)
class Curve:
    """A curve of one subject, with the parameters it was made from."""

    at: Shape
    parameters: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Onset:
    """Onset and grade of an event, for effects tied to it."""

    day: float
    grade: int


def build_curves(
    specs: Mapping[str, CurveSpec],
    seed: int,
    subject: int,
    scope: Scope,
    onsets: Mapping[str, Sequence[Onset]],
    scale: Mapping[str, float],
) -> dict[str, Curve]:
    """Every curve of a subject, each from a stream of its own; `scale` multiplies some of them."""
    curves: dict[str, Curve] = {}
    for name, spec in specs.items():
        draw = _Drawer(stream(seed, subject, f"curve:{name}"), scope)
        at = _SHAPES[spec.kind](spec, draw, curves, onsets)
        by = scale.get(name, 1.0)
        curves[name] = Curve(_bounded(at, by, spec.floor), {**draw.drawn, "scale": by} if by != 1.0 else draw.drawn)
    return curves


class _Drawer:
    """Draws parameters and remembers them under their names."""

    def __init__(self, rng: np.random.Generator, scope: Scope) -> None:
        self.rng = rng
        self._scope = scope
        self.drawn: dict[str, float] = {}

    def __call__(self, name: str, draw: Draw) -> float:
        value = number(draw, self.rng, self._scope)
        self.drawn[name] = value
        return value


def _bounded(at: Shape, by: float, floor: float) -> Shape:
    return lambda t: np.maximum(at(t) * by, floor)


def _latent(spec: CurveSpec, draw: _Drawer, _c: Mapping[str, Curve], _o: Mapping[str, Sequence[Onset]]) -> Shape:
    start, delay, half = draw("start", spec.start), draw("delay", spec.delay), draw("half_life", spec.half_life)
    rest = start * min(draw("residual", spec.residual), 1.0)
    back, size, rise = 1e9, 0.0, 1.0
    if spec.relapse is not None:
        relapses = draw.rng.random() < spec.relapse.probability
        day, share = draw("relapse_day", spec.relapse.day), draw("relapse_share", spec.relapse.share)
        rise = draw("relapse_rise", spec.relapse.rise)
        if relapses:
            back, size = day, share * start
        else:
            for name in ("relapse_day", "relapse_share", "relapse_rise"):
                del draw.drawn[name]

    def at(t: Days) -> Days:
        fallen = rest + (start - rest) * np.exp2(-np.maximum(t - delay, 0) / half)
        return fallen + size * (1 - np.exp(-np.maximum(t - back, 0) / rise))

    return at


def _kinetic(spec: CurveSpec, draw: _Drawer, _c: Mapping[str, Curve], _o: Mapping[str, Sequence[Onset]]) -> Shape:
    lag, peak_day, peak = draw("lag", spec.lag), draw("peak_day", spec.peak_day), draw("peak", spec.peak)
    doubling, share = draw("doubling", spec.doubling), draw("fast_share", spec.fast_share)
    fast, slow = draw("fast", spec.fast), draw("slow", spec.slow)

    def at(t: Days) -> Days:
        rising = peak * np.exp2(-np.maximum(peak_day - t, 0) / doubling)
        past = np.maximum(t - peak_day, 0)
        falling = peak * (share * np.exp2(-past / fast) + (1 - share) * np.exp2(-past / slow))
        return np.where(t < lag, 0.0, np.where(t < peak_day, rising, falling))

    return at


def _trajectory(
    spec: CurveSpec, draw: _Drawer, curves: Mapping[str, Curve], onsets: Mapping[str, Sequence[Onset]]
) -> Shape:
    base = draw("base", spec.base)
    effects = [_effect(e, i, draw, curves, onsets) for i, e in enumerate(spec.effects, 1)]

    def at(t: Days) -> Days:
        value = np.full_like(t, base)
        for effect in effects:
            value = value * np.maximum(1 + effect(t), 0)
        return value

    return at


def _effect(
    spec: Effect, number_: int, draw: _Drawer, curves: Mapping[str, Curve], onsets: Mapping[str, Sequence[Onset]]
) -> Shape:
    def name(word: str) -> str:
        return f"{spec.kind}{number_}_{word}"

    if spec.kind == "dip":
        start, fall = draw(name("start"), spec.start), draw(name("nadir"), spec.nadir)
        depth, hold = min(draw(name("depth"), spec.depth), 1.0), draw(name("hold"), spec.hold)
        half = draw(name("half_life"), spec.half_life)

        def dip(t: Days) -> Days:
            down = np.clip((t - start) / fall, 0, 1)
            return -depth * down * np.exp2(-np.maximum(t - start - fall - hold, 0) / half)

        return dip
    if spec.kind == "bump":
        offset, width, size = draw(name("at"), spec.at), draw(name("width"), spec.width), draw(name("size"), spec.size)
        peaks = [(offset, size)]
        if spec.event is not None:
            peaks = [(o.day + offset, size * o.grade) for o in onsets.get(spec.event, ())]

        def bump(t: Days) -> Days:
            total = np.zeros_like(t)
            for centre, high in peaks:
                total = total + high * np.exp(-0.5 * ((t - centre) / width) ** 2)
            return total

        return bump
    factor, other, centre = draw(name("factor"), spec.factor), _curve(curves, spec.curve), spec.centre
    return lambda t: factor * (other.at(t) - centre)


def _step(spec: CurveSpec, draw: _Drawer, _c: Mapping[str, Curve], _o: Mapping[str, Sequence[Onset]]) -> Shape:
    before, after, day = draw("before", spec.before), draw("after", spec.after), draw("day", spec.day)
    return lambda t: np.where(t < day, before, after)


def _product(spec: CurveSpec, _d: _Drawer, curves: Mapping[str, Curve], _o: Mapping[str, Sequence[Onset]]) -> Shape:
    parts = [_curve(curves, name) for name in spec.of]
    powers = spec.powers or (1.0,) * len(parts)
    factor = spec.factor

    def at(t: Days) -> Days:
        value = np.full_like(t, factor)
        for part, power in zip(parts, powers, strict=True):
            value = value * part.at(t) ** power
        return value

    return at


def _rest(spec: CurveSpec, _d: _Drawer, curves: Mapping[str, Curve], _o: Mapping[str, Sequence[Onset]]) -> Shape:
    parts = [_curve(curves, name) for name in spec.of]
    return lambda t: spec.factor - sum((part.at(t) for part in parts), np.zeros_like(t))


def _rise(spec: CurveSpec, draw: _Drawer, curves: Mapping[str, Curve], _o: Mapping[str, Sequence[Onset]]) -> Shape:
    lag, other = draw("lag", spec.lag), _curve(curves, spec.of[0] if spec.of else None)
    return lambda t: np.maximum(other.at(t) - other.at(t - lag), 0)


def _curve(curves: Mapping[str, Curve], name: str | None) -> Curve:
    if name is None or name not in curves:
        raise InputError(
            f"specs/simulate.yml: no curve {name} above the one that uses it. {nearest(str(name), curves)}"
        )
    return curves[name]


_SHAPES = {
    "latent": _latent,
    "kinetic": _kinetic,
    "trajectory": _trajectory,
    "step": _step,
    "product": _product,
    "rise": _rise,
    "rest": _rest,
}


def depletion_days(curve: Curve, threshold: float, last: float) -> tuple[float | None, float | None]:
    """First whole day below `threshold` after the anchor, and the first day back; None if not by day `last`."""
    days = np.arange(0, max(int(last), 0) + 1, dtype=np.float64)
    below = curve.at(days) < threshold
    if not below.any():
        return None, None
    first = int(np.argmax(below))
    back = ~below[first:]
    return float(days[first]), float(days[first + int(np.argmax(back))]) if back.any() else None
