from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.compute.statistics import (
    clopper_pearson,
    geometric_cv,
    geometric_mean,
    quantile_type2,
    t_interval,
)


@pytest.mark.parametrize(
    ("values", "p", "expected"),
    [
        ([1, 2, 3, 4], 0.5, 2.5),
        ([1, 2, 3, 4], 0.25, 1.5),
        ([1, 2, 3, 4, 5], 0.25, 2),
        ([1, 2, 3, 4, 5], 0.5, 3),
        ([1, 2, 3, 4, 5], 0.75, 4),
        ([3, 1, 2], 0.0, 1),
        ([3, 1, 2], 1.0, 3),
        ([7], 0.25, 7),
        (range(1, 31), 0.1, 3.5),  # 30 * 0.1 is 3.0000000000000004 in binary
        (range(1, 11), 0.7, 7.5),
    ],
)
def test_quantile_type2(values: list[float], p: float, expected: float) -> None:
    assert quantile_type2(values, p) == expected


def test_quantile_drops_missing() -> None:
    assert quantile_type2(pd.Series([1, None, 3], dtype="Int64"), 0.5) == 2
    assert quantile_type2([1.0, math.nan, 3.0], 0.5) == 2
    assert math.isnan(quantile_type2([], 0.5))
    with pytest.raises(ValueError, match="fraction"):
        quantile_type2([1], 50)


def test_clopper_pearson_closed_forms() -> None:
    # x = 0: upper = 1 - (alpha/2)^(1/n); x = n is its mirror.
    assert clopper_pearson(0, 10) == (0.0, pytest.approx(1 - 0.025 ** (1 / 10), abs=1e-12))
    assert clopper_pearson(10, 10) == (pytest.approx(0.025 ** (1 / 10), abs=1e-12), 1.0)
    assert clopper_pearson(0, 1, 0.9) == (0.0, pytest.approx(0.95))


def test_clopper_pearson_published() -> None:
    assert clopper_pearson(5, 10) == pytest.approx((0.1871, 0.8129), abs=5e-5)
    assert clopper_pearson(1, 20) == pytest.approx((0.0013, 0.2487), abs=5e-5)


def test_clopper_pearson_of_nobody_and_nonsense() -> None:
    assert all(math.isnan(limit) for limit in clopper_pearson(0, 0))
    with pytest.raises(ValueError, match="not a proportion"):
        clopper_pearson(3, 2)
    with pytest.raises(ValueError, match="level"):
        clopper_pearson(1, 2, 95)


@given(st.integers(1, 40), st.data())
def test_clopper_pearson_covers_the_rate_and_mirrors(n: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, n))
    low, high = clopper_pearson(x, n)
    assert low <= x / n <= high
    mirrored = clopper_pearson(n - x, n)
    assert (1 - mirrored.upper, 1 - mirrored.lower) == pytest.approx((low, high), abs=1e-9)


def test_geometric_mean_and_cv() -> None:
    assert geometric_mean([1, 10, 100]) == pytest.approx(10)
    assert geometric_mean([4, None, 9]) == pytest.approx(6)  # type: ignore[list-item]
    assert math.isnan(geometric_mean([1, 0]))
    assert math.isnan(geometric_mean([]))
    # logs 0 and 1: variance 1/2, so sqrt(e^0.5 - 1) = sqrt(0.6487213) = 0.805432
    assert geometric_cv([1, math.e]) == pytest.approx(80.5432, abs=1e-4)
    assert geometric_cv([5, 5, 5]) == 0
    assert math.isnan(geometric_cv([5]))
    assert math.isnan(geometric_cv([5, -1]))


def test_t_interval() -> None:
    # mean 3, s = sqrt(2.5), t(0.975, 4) = 2.776445
    half = 2.776445 * math.sqrt(2.5) / math.sqrt(5)
    assert t_interval([1, 2, 3, 4, 5]) == pytest.approx((3 - half, 3 + half), abs=1e-5)
    assert t_interval([2, 2, 2]) == (2, 2)
    assert all(math.isnan(limit) for limit in t_interval([2]))
