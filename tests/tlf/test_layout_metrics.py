"""Widths, wrapping and decimal alignment on the character grid."""

import re
from pathlib import Path

import matplotlib as mpl
import pytest

from datacut.tlf.columns import share
from datacut.tlf.metrics import ADVANCE_EM, align_decimals, clean, longest_word, width, wrap


def test_advance_is_that_of_packaged_courier() -> None:
    afm = (Path(mpl.get_data_path()) / "fonts" / "afm" / "pcrr8a.afm").read_text(encoding="latin-1")
    assert set(re.findall(r"WX (\d+)", afm)) == {str(round(ADVANCE_EM * 1000))}


@pytest.mark.parametrize(
    ("text", "cells"), [("abc", 3), ("×10⁸ ≥ µ", 8), ("发热", 4), ("e\u0301", 1), ("😀", 2), ("", 0)]
)
def test_width(text: str, cells: int) -> None:
    assert width(text) == cells


@pytest.mark.parametrize(
    ("text", "limit", "hang", "lines"),
    [
        ("fits", 4, 2, ("fits",)),
        ("one two three", 7, 0, ("one two", "three")),
        ("one two three", 7, 2, ("one two", "  three")),
        ("a\nb", 9, 0, ("a", "b")),
        ("one\n  two three", 7, 0, ("one", "  two", "  three")),
        ("abcdefghij", 4, 0, ("abcd", "efgh", "ij")),
        ("ab abcdefghij", 4, 0, ("ab", "abcd", "efgh", "ij")),
        ("alpha/beta", 8, 0, ("alpha/", "beta")),
        ("上呼吸道感染，伴发热", 8, 0, ("上呼吸道", "感染，伴", "发热")),
        ("头痛、发热", 4, 0, ("头", "痛、", "发热")),
        ("AB发热", 4, 0, ("AB发", "热")),
        ("发", 1, 0, ("发",)),
    ],
)
def test_wrap(text: str, limit: int, hang: int, lines: tuple[str, ...]) -> None:
    assert wrap(text, limit, hang) == lines


def test_longest_word_splits_at_blanks_and_between_wide_characters() -> None:
    assert longest_word("Blood and lymphatic") == 9
    assert longest_word("感染 (Infections)") == 12


def test_clean_keeps_line_ends_and_marks_what_cannot_be_printed() -> None:
    assert clean("a\r\nb\tc") == ("a\nb c", False)
    assert clean("a\x07\ud800") == ("a\ufffd\ufffd", True)


def test_counts_line_up_on_both_numbers() -> None:
    padded, block = align_decimals(["3 (25.0%)", "12 (100%)", "1 (5.0%)", "0", "-", "3 (25.0%)"])
    assert padded == {
        "3 (25.0%)": " 3 (25.0%)",
        "12 (100%)": "12 ( 100%)",
        "1 (5.0%)": " 1 ( 5.0%)",
        "0": " 0",
        "-": " -",
    }
    assert block == 10


def test_counts_with_denominator_and_events() -> None:
    padded, _ = align_decimals(["3/12 (25.0%) [4]", "1/5 (20.0%) [10]", "0"])
    assert list(padded.values()) == ["3/12 (25.0%) [ 4]", "1/5  (20.0%) [10]", "0"]


def test_mixed_statistics_line_up_on_the_units_digit() -> None:
    padded, block = align_decimals(["10", "12.3 (4.56)", "-2.0", "1; 12", "(5.5, 57.2)", "NE"])
    assert list(padded.values()) == ["10", "12.3 (4.56)", "-2.0", " 1; 12", "(5.5, 57.2)", "NE"]
    assert block == 11


def test_share_never_goes_below_the_least() -> None:
    assert share([10, 10, 10], [8, 1, 1], 100) == [80, 10, 10]
    assert share([2, 30], [1, 1], 40) == [10, 30]
    assert sum(share([1, 1, 1], [1, 1, 1], 10)) == 10
