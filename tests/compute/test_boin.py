from __future__ import annotations

import functools
import itertools
import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from datacut.compute.boin import (
    boin_action,
    boin_boundaries,
    boin_decision_table,
    elimination_bound,
    probability_over,
    select_mtd,
    toxicity_estimates,
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
    ids=[f"13.3-escalation-{text}" for text in ("1/3", "1/6", "2/6", "3/6", "4/6", "3/3", "2/2", "3/12", "5/12")],
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
    ids=[*(f"13.3-vector-{n}" for n in range(1, 7)), "nobody-treated"],
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


@functools.cache
def closed_form(n: int, y: int) -> str:
    """Section 13.1 with exact fractions: the rate against the two boundaries, the binomial tail against 0.95."""
    tail = sum(math.comb(n + 1, k) * Fraction(3, 10) ** k * Fraction(7, 10) ** (n + 1 - k) for k in range(y + 1))
    if n >= 3 and tail > Fraction(95, 100):
        return "DU"
    # The boundaries are irrational; as n < 1000, these digits decide y / n like the boundaries themselves.
    if Fraction(y, n) <= Fraction("0.2364907"):
        return "E"
    return "D" if Fraction(y, n) >= Fraction("0.3585195") else "S"


def test_digits_of_the_closed_form_bracket_the_boundaries() -> None:
    low, high = (float(v) for v in boin_boundaries(0.30))
    rates = {y / n for n in range(1, 31) for y in range(n + 1)}
    assert not [r for r in rates if min(low, 0.2364907) <= r <= max(low, 0.2364907)]
    assert not [r for r in rates if min(high, 0.3585195) <= r <= max(high, 0.3585195)]


@pytest.mark.parametrize("n", range(1, 31), ids=lambda n: f"13.1-n-{n}")
def test_every_decision_up_to_30_equals_the_closed_form(n: int) -> None:
    assert [boin_action(n, y) for y in range(n + 1)] == [closed_form(n, y) for y in range(n + 1)]
    row = boin_decision_table(30).iloc[n - 1]
    wanted = [closed_form(n, y) for y in range(n + 1)]
    out = [y for y in range(n + 1) if wanted[y] == "DU"]
    assert (None if pd.isna(row["eliminate_at_least"]) else row["eliminate_at_least"]) == min(out, default=None)
    assert row["escalate_at_most"] == max(y for y in range(n + 1) if wanted[y] == "E")
    for y in range(n + 1):
        assert probability_over(n, y) == pytest.approx(stats.binom.cdf(y, n + 1, 0.3), abs=1e-12)


def min_max_isotonic(values: list[float], weights: list[float]) -> list[float]:
    """Isotonic regression by its min-max formula: at i the largest over j <= i of the least mean j..k, k >= i."""

    def mean(j: int, k: int) -> float:
        pairs = list(zip(values[j : k + 1], weights[j : k + 1], strict=True))
        return sum(v * w for v, w in pairs) / sum(w for _, w in pairs)

    size = len(values)
    return [max(min(mean(j, k) for k in range(i, size)) for j in range(i + 1)) for i in range(size)]


def chosen_by_hand(n: tuple[int, ...], y: tuple[int, ...]) -> int | None:
    """Section 13.3 as written, for up to 6 participants a level."""
    candidates: list[int] = []
    for level, (treated, toxic) in enumerate(zip(n, y, strict=True)):
        if treated and closed_form(treated, toxic) == "DU":
            break
        if treated:
            candidates.append(level)
    if not candidates:
        return None
    rate = [(y[i] + 0.05) / (n[i] + 0.1) for i in candidates]
    weight = [(n[i] + 0.1) ** 2 * (n[i] + 1.1) / ((y[i] + 0.05) * (n[i] - y[i] + 0.05)) for i in candidates]
    fitted = min_max_isotonic(rate, weight)
    scored = [
        (abs(p + 1e-10 * rank - 0.30), level) for rank, (p, level) in enumerate(zip(fitted, candidates, strict=True), 1)
    ]
    return min(scored)[1] + 1


def test_the_choice_equals_brute_force_over_all_outcomes_of_three_levels() -> None:
    outcomes = [(n, y) for n in range(7) for y in range(n + 1)]
    compared = 0
    for levels in itertools.product(outcomes, repeat=3):
        n, y = tuple(a for a, _ in levels), tuple(b for _, b in levels)
        assert select_mtd(n, y).level == chosen_by_hand(n, y), (n, y)
        compared += 1
    assert compared == 28**3


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 50)), min_size=1, max_size=6))
def test_pava_equals_the_min_max_formula(pairs: list[tuple[float, float]]) -> None:
    values, weights = [v for v, _ in pairs], [w for _, w in pairs]
    assert pool_adjacent_violators(values, weights).tolist() == pytest.approx(
        min_max_isotonic(values, weights), abs=1e-9
    )


def test_fewest_participants_before_elimination_is_a_setting() -> None:
    assert elimination_bound(3, min_n=4) is None
    assert elimination_bound(4, min_n=4) == 3
    assert boin_action(3, 3, min_n=4) == "D"
    assert pd.isna(boin_decision_table(3, min_n=4)["eliminate_at_least"].iloc[2])
    assert select_mtd([3], [3], min_n=4).level == 1


def test_estimates_of_every_level_given_to_someone() -> None:
    found = toxicity_estimates([3, 6, 0], [0, 4, 0])
    assert found[["n", "y"]].to_numpy().tolist() == [[3, 0], [6, 4], [0, 0]]
    # 0.05 / 3.1 and 4.05 / 6.1, already in order; the eliminated level is described too.
    assert found["estimate"].iloc[:2].tolist() == pytest.approx([0.05 / 3.1, 4.05 / 6.1])
    # interval and probability of each level alone under the prior of the elimination rule
    for level, (a, b) in enumerate([(1, 4), (5, 3)]):
        assert found["lower"].iloc[level] == pytest.approx(stats.beta.ppf(0.025, a, b), abs=1e-9)
        assert found["upper"].iloc[level] == pytest.approx(stats.beta.ppf(0.975, a, b), abs=1e-9)
        assert found["over"].iloc[level] == pytest.approx(stats.beta.sf(0.30, a, b), abs=1e-9)
    assert found.iloc[2, 2:].isna().all()


def test_estimates_are_pooled_and_narrower_at_less_confidence() -> None:
    pooled = toxicity_estimates([6, 3], [1, 0])
    assert pooled["estimate"].tolist() == pytest.approx([0.0413, 0.0413], abs=5e-5)
    assert pooled["over"].tolist() == pytest.approx([stats.beta.sf(0.30, 2, 6), stats.beta.sf(0.30, 1, 4)])
    assert (toxicity_estimates([6], [2], confidence=0.5)["lower"] > toxicity_estimates([6], [2])["lower"]).all()
    with pytest.raises(ValueError, match="cannot be"):
        toxicity_estimates([3], [4])
