from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.sle.pga import compute_pga_worsening


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


def test_worsening_by_another_amount() -> None:
    assert known(compute_pga_worsening(numbers(1.0, 1.0), numbers(1.3, 2.0), 1.0)) == [False, True]


def test_the_ends_of_the_scale_bound_what_is_missing() -> None:
    baseline, visit = numbers(None, None, 2.8, 2.7), numbers(0.29, 0.3, None, None)
    assert known(compute_pga_worsening(baseline, visit)) == [False, None, False, None]
