from __future__ import annotations

import math
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.compute.rounding import decimal_text, format_fixed, format_fixed_series, round_half_away


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [
        (2.675, 2, "2.68"),
        (0.15, 1, "0.2"),
        (2.5, 0, "3"),
        (-2.5, 0, "-3"),
        (-0.04, 1, "0.0"),
        (-0.0, 0, "0"),
        (0.5, 0, "1"),
        (1.005, 2, "1.01"),
        (9.995, 2, "10.00"),
        (1e22, 1, "10000000000000000000000.0"),
        (1e-7, 3, "0.000"),
        (7, 2, "7.00"),
        (Decimal("0.285"), 2, "0.29"),
    ],
)
def test_prints_half_away_from_zero(x: float, digits: int, text: str) -> None:
    assert format_fixed(x, digits) == text


def test_round_keeps_a_number() -> None:
    assert round_half_away(2.675, 2) == 2.68
    assert round_half_away(-2.5) == -3.0
    assert round_half_away(1250.0, -2) == 1300.0
    assert math.isnan(round_half_away(math.nan, 2))


@pytest.mark.parametrize("x", [math.nan, math.inf])
def test_a_missing_number_has_no_text(x: float) -> None:
    with pytest.raises(ValueError, match="no decimal text"):
        format_fixed(x, 1)


def test_negative_digits_do_not_print() -> None:
    with pytest.raises(ValueError, match="decimals"):
        format_fixed(1.0, -1)


def test_series_keeps_index_and_missing() -> None:
    values = pd.Series([2.675, None, -0.004, 2.675], index=[5, 3, 3, 1], dtype="Float64")
    texts = format_fixed_series(values, 2)
    assert texts.index.tolist() == [5, 3, 3, 1]
    assert texts.dtype == "str"
    assert texts.isna().tolist() == [False, True, False, False]
    assert texts.dropna().tolist() == ["2.68", "0.00", "2.68"]


def test_empty_series() -> None:
    assert format_fixed_series(pd.Series([], dtype="float64"), 1).tolist() == []


@given(st.integers(-10_000_000, 10_000_000), st.integers(0, 4))
def test_exact_decimals_print_unchanged(units: int, digits: int) -> None:
    exact = Decimal(units).scaleb(-digits)
    text = format_fixed(float(exact), digits)
    assert Decimal(text) == exact


def test_binary_dust_does_not_change_the_printed_digit() -> None:
    # the doubles nearest to these sums are 1.0499999999999998 and 0.15000000000000002
    assert format_fixed(1.0499999999999998, 1) == "1.1"
    assert format_fixed(0.15000000000000002, 1) == "0.2"
    assert format_fixed(1.04999999, 1) == "1.0"


def test_the_fifteenth_digit_is_rounded_once() -> None:
    """358 / 11 is 32.5454...: its shortest text 32.54545454545455 ends in a 5 that is itself rounded up."""
    assert decimal_text(358 / 11) == "32.5454545454545"
    assert decimal_text(0.1 + 0.2) == "0.3"
