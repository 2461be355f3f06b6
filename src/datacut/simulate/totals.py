"""Scores of simulated items for the truth file: a second, plain reading of what a derivation must find."""

from __future__ import annotations

from collections.abc import Mapping
from math import log

from datacut.simulate.forms import Total


def total(spec: Total, row: Mapping[str, str]) -> float | None:
    """The score of one row, rounded to 6 places; None if it cannot be had."""
    value = {"weighted": _weighted, "coded": _coded, "grouped": _grouped, "first": _first}[spec.kind](spec, row)
    return None if value is None else round(value, 6)


def _weighted(spec: Total, row: Mapping[str, str]) -> float | None:
    terms = {**dict.fromkeys((t.flag for t in spec.logs.values()), 0.0), **spec.weights}
    if any(row.get(item, "") not in (spec.present, spec.absent) for item in terms):
        return None
    if not all(row.get(field) for field in (*spec.counts, *spec.logs)):
        return None
    score = spec.base + sum(weight for item, weight in terms.items() if _counts(spec, row, item))
    for field, (any_, each) in spec.counts.items():
        number = float(row[field])
        score += any_ * (number > 0) + each * number
    for field, term in spec.logs.items():
        if _counts(spec, row, term.flag):
            score += term.constant + term.factor * log(float(row[field]))
    return score


def _counts(spec: Total, row: Mapping[str, str], item: str) -> bool:
    due = not spec.suffix or not row.get(item + spec.suffix)
    meets = all(row.get(f) == v for f, v in spec.needs.get(item, {}).items())
    hider = spec.hidden.get(item)
    return row.get(item) == spec.present and due and meets and not (hider and _counts(spec, row, hider))


def _coded(spec: Total, row: Mapping[str, str]) -> float | None:
    found = [spec.values.get(row.get(item, "")) for item in spec.items]
    return None if None in found else sum(v for v in found if v is not None)


def _grouped(spec: Total, row: Mapping[str, str]) -> float | None:
    scores: list[float] = []
    for group, items in spec.groups.items():
        answered = [float(row[i]) for i in items if row.get(i)]
        if not answered:
            continue
        score = max(answered)
        if any(row.get(t) for t in spec.ticks.get(group, ())):
            score = max(score, spec.raise_to)
        scores.append(score)
    return sum(scores) / len(scores) if len(scores) >= spec.least else None


def _first(spec: Total, row: Mapping[str, str]) -> float | None:
    for item, factor in spec.weights.items():
        if row.get(item):
            return float(row[item]) * factor
    return None
