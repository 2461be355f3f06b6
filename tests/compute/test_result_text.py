from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.compute.result_text import COMMA, THOUSANDS, fold_result, read_range, read_result


@pytest.mark.parametrize(
    ("typed", "sign", "number"),
    [
        ("12.5", "", "12.5"),
        ("137.0", "", "137.0"),
        ("  7 ", "", "7"),
        ("\u30007\u00a0", "", "7"),
        (".5", "", ".5"),
        ("-3", "", "-3"),
        ("−3", "", "-3"),
        ("１３７．０", "", "137.0"),
        ("<0.5", "<", "0.5"),
        ("< 0.5", "<", "0.5"),
        ("＜０．５", "<", "0.5"),
        (">1000", ">", "1000"),
        ("≤0.5", "<=", "0.5"),
        ("<=0.5", "<=", "0.5"),
        ("=<0.5", "<=", "0.5"),
        ("≥ 60", ">=", "60"),
        ("≧60", ">=", "60"),
        (">=60", ">=", "60"),
        ("1.2×10^9", "", "1200000000"),
        ("1.2x10⁹", "", "1200000000"),
        ("1.2*10*9", "", ""),
        ("3E5", "", "300000"),
        ("2.50e-3", "", "0.00250"),
        ("<1×10^3", "<", "1000"),
    ],
)
def test_numbers_and_bounds(typed: str, sign: str, number: str) -> None:
    read = read_result(typed)
    assert (read.sign, read.number, read.doubt) == (sign, number, "")


@pytest.mark.parametrize(
    "typed", ["", "high", "+", "++", "+5", "±", "1+", "5-6", "35%", "5 mg", "1e400", "nan", "inf", "0x10", "٣"]
)
def test_what_is_no_number_is_left_alone(typed: str) -> None:
    read = read_result(typed)
    assert (read.sign, read.number, read.doubt) == ("", "", "")


@pytest.mark.parametrize("typed", ["1,2", "1，2", "<1,2", "1,234", "1.234,5", "12,34,567", ",5"])
def test_a_comma_is_never_guessed(typed: str) -> None:
    assert read_result(typed).number == ""
    assert read_result(typed).doubt == COMMA


@pytest.mark.parametrize(
    ("typed", "number"), [("1,234.5", "1234.5"), ("1,234,567", "1234567"), (">12,345.0", "12345.0")]
)
def test_commas_that_can_only_be_thousands_are_read_and_told(typed: str, number: str) -> None:
    assert (read_result(typed).number, read_result(typed).doubt) == (number, THOUSANDS)


@pytest.mark.parametrize(
    ("typed", "limits"),
    [
        ("3.5-5.5", ("3.5", "5.5")),
        ("3.5 - 5.5", ("3.5", "5.5")),
        ("3.5～5.5", ("3.5", "5.5")),
        ("3.5--5.5", ("3.5", "5.5")),
        ("３．５－５．５", ("3.5", "5.5")),
        ("40至120", ("40", "120")),
        ("-2--1", None),
        ("-2~-1", ("-2", "-1")),
        ("-2 - 1", ("-2", "1")),
        ("-2-2", ("-2", "2")),
        ("0-0", ("0", "0")),
        ("<5.5", ("", "5.5")),
        ("≤40", ("", "40")),
        ("≥60", ("60", "")),
        ("5.5-3.5", None),
        ("5.5", None),
        ("3,5-5,5", None),
        ("negative", None),
        ("", None),
    ],
)
def test_a_range_in_one_text(typed: str, limits: tuple[str, str] | None) -> None:
    assert read_range(typed) == limits


def test_words_are_looked_up_in_one_spelling() -> None:
    assert fold_result(" 阴性（－） ") == "阴性(-)"
    assert fold_result("NEG") == fold_result("neg")


@given(st.decimals(min_value=-10_000, max_value=10_000, places=4), st.integers(-6, 12))
def test_a_decimal_reads_as_itself_with_every_digit(number: Decimal, power: int) -> None:
    plain = format(number, "f")
    assert read_result(plain).number == plain
    assert Decimal(read_result(f"{plain}×10^{power}").number) == number.scaleb(power)


@given(st.text(max_size=12))
def test_no_text_breaks_the_reader_and_a_number_is_always_a_decimal(text: str) -> None:
    read = read_result(text)
    assert not read.number or Decimal(read.number).is_finite()
    assert not read.sign or read.number
    read_range(text)
