"""Seeded streams and the draws taken from them."""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

import numpy as np

from datacut.errors import InputError, nearest
from datacut.simulate.course import Draw

type Scope = Mapping[str, str | float]


def stream(seed: int, subject: int, name: str) -> np.random.Generator:
    """The generator of one purpose of one subject: independent of how many subjects or purposes there are."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(subject, crc32(name.encode())))))


def looked_up(draw: Draw) -> list[str]:
    """The variables by which a draw chooses among its cases, at any depth."""
    names = [draw.by] if draw.by is not None else []
    return list(dict.fromkeys([*names, *(n for case in draw.cases.values() for n in looked_up(case))]))


def pick(weights: Mapping[str, float], rng: np.random.Generator) -> str:
    """One key, with a probability proportional to its weight."""
    return _pick(weights, rng.random())


def _pick(weights: Mapping[str, float], u: float) -> str:
    left = u * sum(weights.values())
    for word, weight in weights.items():
        left -= weight
        if left < 0:
            return word
    return list(weights)[-1]


def number(draw: Draw, rng: np.random.Generator, scope: Scope) -> float:
    """A draw that must be a number."""
    value = sample(draw, rng, scope)
    if isinstance(value, str):
        raise InputError(f"specs/simulate.yml: {value!r} stands where a number is drawn. Write a number there.")
    return value


def sample(draw: Draw, rng: np.random.Generator, scope: Scope) -> str | float:
    """One value of a draw; limits and decimals are applied to numbers."""
    if draw.by is not None:
        case = draw.cases.get(str(_known(scope, draw.by)))
        if case is None:
            raise InputError(
                f"specs/simulate.yml: {draw.by} is {scope[draw.by]!r}, for which there is no case. "
                f"{nearest(str(scope[draw.by]), draw.cases)}"
            )
        return sample(case, rng, scope)
    if draw.choice is not None:
        return pick(draw.choice, rng)
    if isinstance(draw.constant, str):
        return draw.constant
    value = draw.constant if draw.constant is not None else _value(draw, rng, scope)
    if draw.low is not None:
        value = max(value, draw.low)
    if draw.high is not None:
        value = min(value, draw.high)
    return round(value, draw.digits) if draw.digits is not None else value


def _value(draw: Draw, rng: np.random.Generator, scope: Scope) -> float:
    if draw.normal is not None:
        return draw.normal[0] + draw.normal[1] * rng.standard_normal()
    if draw.lognormal is not None:
        return draw.lognormal[0] * float(np.exp(draw.lognormal[1] * rng.standard_normal()))
    if draw.uniform is not None:
        return draw.uniform[0] + (draw.uniform[1] - draw.uniform[0]) * rng.random()
    value = draw.factor
    for name, power in (draw.powers or {}).items():
        value *= float(_known(scope, name)) ** power
    return value


def _known(scope: Scope, name: str) -> str | float:
    if name not in scope:
        raise InputError(f"specs/simulate.yml: no subject variable {name}. {nearest(name, scope)}")
    return scope[name]
