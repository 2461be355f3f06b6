from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacut.compute.boundaries import above, at_least, at_most, below


def numbers(*values: float | None) -> pd.Series:
    return pd.Series(list(values), dtype="Float64")


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


@pytest.mark.parametrize(
    ("value", "limit", "least", "most"),
    [
        pytest.param(2.3 - 2.0, 0.3, True, True, id="0.2-2.3-less-2.0"),
        pytest.param(0.8 - 0.5, 0.3, True, True, id="0.2-0.8-less-0.5"),
        pytest.param(0.29, 0.3, False, True, id="below"),
        pytest.param(0.300001, 0.3, True, False, id="above-at-the-sixth-place"),
        pytest.param(0.300000000000001, 0.3, True, False, id="above-at-the-fifteenth-digit"),
        pytest.param(0.30000000000000004, 0.3, True, True, id="dust-at-the-seventeenth-digit"),
        pytest.param(5e-7, 4e-7, True, False, id="small-numbers-are-not-equal"),
    ],
)
def test_a_limit_in_decimal(value: float, limit: float, least: bool, most: bool) -> None:
    assert known(at_least(numbers(value), limit)) == [least]
    assert known(at_most(numbers(value), limit)) == [most]


def test_missing_is_unknown_and_limits_may_differ_by_row() -> None:
    value, limit = numbers(1, 1, None, 1), numbers(0, 1, 1, None)
    assert known(at_least(value, limit)) == [True, True, None, None]
    assert known(above(value, limit)) == [True, False, None, None]
    assert known(at_most(value, limit)) == [False, True, None, None]
    assert known(below(value, limit)) == [False, False, None, None]


@settings(max_examples=40)
@given(st.integers(-10_000, 10_000), st.integers(-10_000, 10_000))
def test_hundredths_compare_as_integers(a: int, b: int) -> None:
    value, limit = numbers(a / 100), b / 100
    assert known(at_least(value, limit)) == [a >= b]
    assert known(above(value, limit)) == [a > b]
