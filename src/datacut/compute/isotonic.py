"""Isotonic regression: the closest non-decreasing sequence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def pool_adjacent_violators(values: Sequence[float], weights: Sequence[float]) -> npt.NDArray[np.float64]:
    """The non-decreasing sequence nearest to `values` in weighted least squares.

    values, weights: same length, no missing value, weights above 0; else ValueError.
    Source: pooled adjacent violators, Barlow RE et al. 1972.
    """
    if len(values) != len(weights):
        raise ValueError(f"{len(values)} values need as many weights, not {len(weights)}.")
    if not all(w > 0 for w in weights) or any(v != v for v in values):
        raise ValueError("Isotonic regression needs known values and weights above 0.")
    blocks: list[tuple[float, float, int]] = []  # mean, weight, length
    for value, weight in zip(values, weights, strict=True):
        mean, total, length = float(value), float(weight), 1
        while blocks and blocks[-1][0] > mean:
            before, before_weight, before_length = blocks.pop()
            mean = (before * before_weight + mean * total) / (before_weight + total)
            total += before_weight
            length += before_length
        blocks.append((mean, total, length))
    return np.repeat(
        np.array([mean for mean, _, _ in blocks], dtype="float64"),
        np.array([length for _, _, length in blocks], dtype="int64"),
    )
