from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.sle.pga import compute_pga_worsening, pga_from_mm


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def numbers(*values: float | None) -> pd.Series:
    return pd.Series(list(values), dtype="Float64")


@pytest.mark.parametrize(
    ("baseline", "visit", "worse"),
    [
        pytest.param(1.0, 1.29, False, id="4-vector-1"),
        pytest.param(1.0, 1.3, True, id="4-vector-2"),
        pytest.param(2.0, 2.3, True, id="4-vector-3-float-trap"),
        pytest.param(2.5, 0.4, False, id="4-vector-4"),
        pytest.param(None, 1.0, None, id="4-vector-5"),
        pytest.param(0.5, 0.8, True, id="0.2-float-trap"),
        pytest.param(1.0, None, None, id="visit-missing"),
        pytest.param(1.0, 3.1, None, id="above-the-scale"),
        pytest.param(-0.1, 1.0, None, id="below-the-scale"),
        pytest.param(0.0, 3.0, True, id="ends-of-the-scale"),
    ],
)
def test_worsening(baseline: float | None, visit: float | None, worse: bool | None) -> None:
    assert known(compute_pga_worsening(numbers(baseline), numbers(visit))) == [worse]


def test_worsening_by_another_amount_and_strictly() -> None:
    assert known(compute_pga_worsening(numbers(1.0, 1.0), numbers(1.3, 2.0), 1.0)) == [False, True]
    assert known(compute_pga_worsening(numbers(0.5, 2.0), numbers(0.8, 2.31), strictly=True)) == [False, True]


def test_mm_of_the_line() -> None:
    """Section 4, last vector: 45 mm is 1.35."""
    assert known(pga_from_mm(numbers(45, 10, 0, 100, None, 101))) == [1.35, 0.3, 0, 3, None, None]
