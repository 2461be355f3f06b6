"""Scores of simulated items for the truth file: a second, plain reading of what a derivation must find."""

from __future__ import annotations

from collections.abc import Mapping

from datacut.simulate.forms import Total


def total(spec: Total, row: Mapping[str, str]) -> float | None:
    """The score of one row, rounded to 6 places; None if it cannot be had."""
    value = {"weighted": _weighted, "grouped": _grouped, "first": _first}[spec.kind](spec, row)
    return None if value is None else round(value, 6)


def _weighted(spec: Total, row: Mapping[str, str]) -> float | None:
    score = 0.0
    for item, weight in spec.weights.items():
        value = row.get(item, "")
        if value not in (spec.present, spec.absent):
            return None
        due = not spec.suffix or not row.get(item + spec.suffix)
        meets = all(row.get(f) == v for f, v in spec.needs.get(item, {}).items())
        if value == spec.present and due and meets:
            score += weight
    return score


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
