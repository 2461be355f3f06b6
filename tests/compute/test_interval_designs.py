from __future__ import annotations

from itertools import pairwise

import pytest
from scipy import stats

from datacut.compute.boin import boin_action
from datacut.compute.interval_designs import i3plus3_action, mtpi2_action


@pytest.mark.parametrize("n", [3, 6, 9, 12], ids=lambda n: f"13.4-n-{n}")
def test_all_three_designs_agree_at_whole_cohorts(n: int) -> None:
    """Section 13.4: with 0.25-0.35 and n = 3, 6, 9 or 12."""
    boin = [boin_action(n, y) for y in range(n + 1)]
    assert [i3plus3_action(n, y) for y in range(n + 1)] == boin
    assert [mtpi2_action(n, y) for y in range(n + 1)] == boin


@pytest.mark.parametrize(
    ("n", "y", "action"),
    [
        (1, 0, "E"),
        (1, 1, "S"),  # above, and 0/1 lies below
        (2, 1, "S"),
        (2, 2, "D"),  # 1/2 is above as well
        (4, 1, "S"),  # exactly 0.25
        (20, 5, "S"),  # exactly 0.25
        (20, 4, "E"),
        (20, 7, "S"),  # exactly 0.35
        (20, 8, "D"),
        (5, 2, "S"),  # 0.4 is above, 0.2 below
        (5, 3, "D"),
        (5, 4, "DU"),
    ],
)
def test_i3plus3_by_hand(n: int, y: int, action: str) -> None:
    assert i3plus3_action(n, y) == action


def test_mtpi2_takes_the_interval_of_the_largest_unit_mass() -> None:
    """2 of 7 with scipy's beta distribution: the ten intervals of width 0.1 around 0.25-0.35."""
    cuts = [0, 0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1]
    for y in range(8):
        masses = [
            (stats.beta.cdf(b, y + 1, 8 - y) - stats.beta.cdf(a, y + 1, 8 - y)) / (b - a) for a, b in pairwise(cuts)
        ]
        best = masses.index(max(masses))
        wanted = "E" if best < 3 else "S" if best == 3 else "D"
        assert mtpi2_action(7, y) == ("DU" if y >= 5 else wanted)


def test_exclusion_and_interval_are_settings() -> None:
    assert mtpi2_action(3, 3) == i3plus3_action(3, 3) == "DU"
    assert mtpi2_action(3, 3, min_n=4) == i3plus3_action(3, 3, min_n=4) == "D"
    assert i3plus3_action(6, 1, equivalence_low=0.15) == "S"


@pytest.mark.parametrize(
    ("n", "y", "low", "high"), [(0, 0, 0.25, 0.35), (3, 4, 0.25, 0.35), (3, 1, 0.35, 0.25), (3, 1, 0, 0.3)]
)
def test_impossible_input_is_refused(n: int, y: int, low: float, high: float) -> None:
    for design in (i3plus3_action, mtpi2_action):
        with pytest.raises(ValueError, match=r"no decision|needs 0 <"):
            design(n, y, equivalence_low=low, equivalence_high=high)
