from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.compute.boin import (
    boin_action,
    boin_boundaries,
    boin_decision_table,
    elimination_bound,
    probability_over,
    select_mtd,
)
from datacut.compute.isotonic import pool_adjacent_violators

# instruments document, table 13.2: n, E if y <=, S, D if y >=, DU if y >=, P(over) at DU and one below
TABLE = [
    (1, 0, [], 1, None, None, None),
    (2, 0, [], 1, None, None, None),
    (3, 0, [1], 2, 3, 0.9919, 0.9163),
    (4, 0, [1], 2, 3, 0.9692, 0.8369),
    (5, 1, [], 2, 4, 0.9891, 0.9295),
    (6, 1, [2], 3, 4, 0.9712, 0.8740),
    (7, 1, [2], 3, 5, 0.9887, 0.9420),
    (8, 1, [2], 3, 5, 0.9747, 0.9012),
    (9, 2, [3], 4, 5, 0.9527, 0.8497),
    (10, 2, [3], 4, 6, 0.9784, 0.9218),
    (11, 2, [3], 4, 6, 0.9614, 0.8822),
    (12, 2, [3, 4], 5, 7, 0.9818, 0.9376),
]


def test_boundaries() -> None:
    assert boin_boundaries(0.30) == pytest.approx((0.236491, 0.358519), abs=5e-7)
    assert boin_boundaries(0.30, 0.18, 0.42) == pytest.approx((0.236491, 0.358519), abs=5e-7)
    with pytest.raises(ValueError, match="BOIN needs"):
        boin_boundaries(0.30, 0.35)


def test_decision_table_is_table_13_2() -> None:
    table = boin_decision_table(12)
    assert table.dtypes.astype(str).unique().tolist() == ["Int64"]
    rows = [[None if pd.isna(v) else int(v) for v in row] for row in table.itertuples(index=False)]
    assert rows == [
        [n, up, min(stay, default=None), max(stay, default=None), down, out] for n, up, stay, down, out, _, _ in TABLE
    ]


@pytest.mark.parametrize(("n", "up", "stay", "down", "out", "at", "below"), TABLE)
def test_every_cell_of_table_13_2(
    n: int, up: int, stay: list[int], down: int, out: int | None, at: float | None, below: float | None
) -> None:
    for y in range(n + 1):
        if out is not None and y >= out:
            expected = "DU"
        elif y <= up:
            expected = "E"
        elif y >= down:
            expected = "D"
        else:
            assert y in stay
            expected = "S"
        assert boin_action(n, y) == expected
    assert elimination_bound(n) == out
    if out is not None:
        assert probability_over(n, out) == pytest.approx(at, abs=5e-5)
        assert probability_over(n, out - 1) == pytest.approx(below, abs=5e-5)


@pytest.mark.parametrize(
    ("y", "n", "action"),
    [
        (1, 3, "S"),
        (1, 6, "E"),
        (2, 6, "S"),
        (3, 6, "D"),
        (4, 6, "DU"),
        (3, 3, "DU"),
        (2, 2, "D"),
        (3, 12, "S"),
        (5, 12, "D"),
    ],
)
def test_escalation_vectors(y: int, n: int, action: str) -> None:
    assert boin_action(n, y) == action


def test_ends_of_the_ladder() -> None:
    assert boin_action(3, 0, highest=True) == "S"
    assert boin_action(3, 0, next_eliminated=True) == "S"
    assert boin_action(3, 2, lowest=True) == "S"
    assert boin_action(3, 3, lowest=True) == "DU"


@pytest.mark.parametrize(("n", "y"), [(0, 0), (3, 4), (3, -1)])
def test_impossible_counts_are_refused(n: int, y: int) -> None:
    with pytest.raises(ValueError, match="participant"):
        boin_action(n, y)


@given(st.integers(1, 30), st.data())
def test_probability_over_is_the_binomial_tail(n: int, data: st.DataObject) -> None:
    y = data.draw(st.integers(0, n))
    binomial = sum(math.comb(n + 1, k) * 0.3**k * 0.7 ** (n + 1 - k) for k in range(y + 1))
    assert probability_over(n, y) == pytest.approx(binomial, abs=1e-12)


@pytest.mark.parametrize(
    ("n", "y", "estimates", "level"),
    [
        ([3, 6, 3], [0, 1, 1], [0.0161, 0.1721, 0.3387], 3),
        ([3, 3, 6], [0, 1, 3], [0.0161, 0.3387, 0.5000], 2),
        ([3, 3, 3], [0, 1, 0], [0.0161, 0.0375, 0.0375], 3),
        ([3, 6, 0], [0, 4, 0], [0.0161, math.nan, math.nan], 1),
        ([3, 0, 0], [3, 0, 0], [math.nan, math.nan, math.nan], None),
        ([6, 3, 0], [1, 0, 0], [0.0413, 0.0413, math.nan], 2),
        ([0, 0, 0], [0, 0, 0], [math.nan, math.nan, math.nan], None),
    ],
)
def test_mtd_vectors(n: list[int], y: list[int], estimates: list[float], level: int | None) -> None:
    selection = select_mtd(n, y)
    assert selection.level == level
    assert selection.estimates.tolist() == pytest.approx(estimates, abs=5e-5, nan_ok=True)


def test_equal_estimates_above_target_choose_the_lowest() -> None:
    assert select_mtd([6, 6], [3, 3], 0.30).level == 1


def test_bound_excludes_levels_over_it() -> None:
    assert select_mtd([3, 3], [1, 1], bound=boin_boundaries(0.30).deescalate).level == 1
    assert select_mtd([6, 6], [3, 3], bound=boin_boundaries(0.30).deescalate).level is None


def test_a_level_above_an_eliminated_one_is_no_candidate() -> None:
    assert select_mtd([3, 3, 3], [0, 3, 0]).estimates.tolist() == pytest.approx(
        [0.0161, math.nan, math.nan], abs=5e-5, nan_ok=True
    )


def test_pava_by_hand() -> None:
    assert pool_adjacent_violators([1, 3, 2, 4], [1, 1, 1, 1]).tolist() == [1, 2.5, 2.5, 4]
    assert pool_adjacent_violators([3, 0], [1, 2]).tolist() == [1, 1]
    assert pool_adjacent_violators([4, 3, 2], [1, 1, 1]).tolist() == [3, 3, 3]
    assert pool_adjacent_violators([], []).tolist() == []
    with pytest.raises(ValueError, match="as many weights"):
        pool_adjacent_violators([1], [])
    with pytest.raises(ValueError, match="above 0"):
        pool_adjacent_violators([1], [0])


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 50)), min_size=1, max_size=8))
def test_pava_is_ordered_keeps_the_mean_and_is_stable(pairs: list[tuple[float, float]]) -> None:
    values, weights = [v for v, _ in pairs], [w for _, w in pairs]
    fitted = pool_adjacent_violators(values, weights)
    assert (np.diff(fitted) >= -1e-12).all()
    assert np.average(fitted, weights=weights) == pytest.approx(np.average(values, weights=weights), abs=1e-9)
    assert pool_adjacent_violators(fitted.tolist(), weights) == pytest.approx(fitted)
