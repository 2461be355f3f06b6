from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.compute.units import convert, normalise_unit, unit_factor, with_powers


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Leukocytes (10^9/L)", "Leukocytes (10⁹/L)"),
        ("3.0 x 10^8 cells", "3.0 × 10⁸ cells"),
        ("10^-3 and 10^+12", "10⁻³ and 10⁺¹²"),
        ("210^9; 1.10^9", "210^9; 1.10^9"),
        ("2^10, 10^, x 10", "2^10, 10^, x 10"),
        ("", ""),
    ],
)
def test_powers_of_ten_as_a_page_has_them(text: str, shown: str) -> None:
    assert with_powers(text) == shown


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


@pytest.mark.parametrize(
    ("unit", "standard", "factor"),
    [
        ("g/dL", "g/L", 10),
        ("mg/dL", "g/L", 0.01),
        ("mg/dL", "mg/L", 10),
        ("ng/mL", "ug/L", 1),
        ("ug/mL", "mg/L", 1),
        ("10^6/L", "10^9/L", 0.001),
        ("cells/uL", "10^9/L", 0.001),
        ("/uL", "10^6/L", 1),
        ("10^3/uL", "10^9/L", 1),
        ("10^3/mm^3", "10^9/L", 1),
        ("m", "cm", 100),
        ("mm", "cm", 0.1),
        ("g", "kg", 0.001),
        ("U/mL", "U/L", 1000),
        ("ukat/L", "U/L", 60),
        ("umol/L", "mmol/L", 0.001),
    ],
)
def test_factors_that_follow_from_the_units(unit: str, standard: str, factor: float) -> None:
    assert unit_factor(unit, standard) == factor
    assert unit_factor(standard, unit) == pytest.approx(1 / factor, rel=1e-12)


@pytest.mark.parametrize(
    ("unit", "standard", "molar_mass", "printed"),
    [
        ("mg/dL", "umol/L", "113.12", 88.4),  # creatinine
        ("mg/dL", "umol/L", "584.66", 17.1),  # bilirubin
        ("mg/dL", "mmol/L", "180.156", 0.0555),  # glucose
        ("mg/dL", "mmol/L", "28.014", 0.357),  # urea nitrogen, N2
        ("mg/dL", "umol/L", "168.11", 59.48),  # uric acid
        ("mg/dL", "mmol/L", "386.65", 0.0259),  # cholesterol
        ("mg/dL", "mmol/L", "40.078", 0.2495),  # calcium
        ("mg/dL", "mmol/L", "30.974", 0.3229),  # phosphorus
        ("ug/dL", "umol/L", "55.845", 0.1791),  # iron
        ("mg/dL", "mmol/L", "24.305", 0.4114),  # magnesium
    ],
)
def test_molar_factors_are_those_of_the_published_si_tables(
    unit: str, standard: str, molar_mass: str, printed: float
) -> None:
    """AMA Manual of Style, SI conversion factors, in the digits printed there."""
    assert unit_factor(unit, standard, Decimal(molar_mass)) == pytest.approx(printed, rel=2e-3)


@pytest.mark.parametrize(
    ("unit", "standard"),
    [("IU/L", "U/L"), ("U/L", "g/L"), ("mg/dL", "umol/L"), ("g", "g/L"), ("G/L", "g/L"), ("G/L", "10^9/L"), ("", "g/L"),
     ("kcells/uL", "10^9/L"), ("g/", "g"), ("mmHg", "mmHg/L"), ("%", "g/L"), ("copies/ug", "copies/mL")],
)  # fmt: skip
def test_what_measures_something_else_has_no_factor(unit: str, standard: str) -> None:
    assert unit_factor(unit, standard) is None


@given(
    st.decimals(min_value="0.001", max_value="100000", places=3),
    st.sampled_from([("g/dL", "g/L"), ("10^6/L", "10^9/L"), ("m", "cm"), ("ukat/L", "U/L"), ("ng/mL", "g/L")]),
)
def test_conversion_there_and_back_is_exact(value: Decimal, units: tuple[str, str]) -> None:
    there, back = unit_factor(*units), unit_factor(*reversed(units))
    assert there is not None
    assert back is not None
    number = pd.Series([float(value)], dtype="Float64")
    assert convert(convert(number, there), back).tolist() == number.tolist()


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=8), st.sampled_from([0.001, 88.402, 10]))
def test_conversion_keeps_the_order(values: list[float], factor: float) -> None:
    converted = convert(pd.Series(sorted(values), dtype="Float64"), factor).tolist()
    assert converted == sorted(converted)
