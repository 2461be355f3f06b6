from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.compute.units import convert, convert_unit_spelling, normalise_unit


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("×10⁹/L", "10^9/L"),
        ("10^9/L", "10^9/L"),
        ("10*9/L", "10^9/L"),
        ("10**9/L", "10^9/L"),
        ("x10e9/L", "10^9/L"),
        ("X 10E9 / L", "10^9/L"),
        ("*10^9/L", "10^9/L"),
        ("10⁹/L", "10^9/L"),
        ("×10¹²/L", "10^12/L"),
        ("10^-3 g", "10^-3g"),
        ("\u00b5mol/L", "umol/L"),
        ("\u03bcmol/L", "umol/L"),
        ("㎍/㎖", "ug/mL"),
        ("cells／μL", "cells/uL"),
        ("％", "%"),
        (" mg/dL\u00a0", "mg/dL"),
        ("U/L", "U/L"),
        ("IU/L", "IU/L"),
        ("mL/min/1.73m²", "mL/min/1.73m^2"),
        ("copies/µg", "copies/ug"),
        ("", ""),
    ],
)
def test_one_spelling(typed: str, spelled: str) -> None:
    assert normalise_unit(typed) == spelled
    assert normalise_unit(spelled) == spelled


def test_series_of_units() -> None:
    spelled = convert_unit_spelling(pd.Series(["µg", None, "  ", "μg"], index=[2, 2, 0, 1], dtype="str"))
    assert spelled.dtype == "str"
    assert spelled.index.tolist() == [2, 2, 0, 1]
    assert spelled.isna().tolist() == [False, True, True, False]
    assert spelled.dropna().tolist() == ["ug", "ug"]


def test_convert_leaves_no_binary_dust() -> None:
    value = pd.Series([0.1, 1.1, 5, 0, None, -0.7], dtype="Float64")
    result = convert(value, 3)
    assert result.dtype == "Float64"
    assert [None if pd.isna(v) else v for v in result] == [0.3, 3.3, 15, 0, None, -2.1]


def test_convert_with_offset_and_factor_per_row() -> None:
    assert convert(pd.Series([98.6, 100.4]), 5 / 9, -160 / 9).tolist() == [37.0, 38.0]
    rows = convert(pd.Series([2.0, 2.0, 2.0]), pd.Series([10, None, 0.1], dtype="Float64"))
    assert [None if pd.isna(v) else v for v in rows] == [20, None, 0.2]


def test_convert_nothing() -> None:
    assert convert(pd.Series([], dtype="Float64"), 2).tolist() == []


@given(st.floats(1e-9, 1e15), st.sampled_from([0.001, 0.1, 1, 10, 88.4, 1000]))
def test_convert_keeps_twelve_digits(value: float, factor: float) -> None:
    (result,) = convert(pd.Series([value]), factor)
    assert result == pytest.approx(value * factor, rel=1e-11)
