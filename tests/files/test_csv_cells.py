"""No cell of a CSV file starts a formula; numbers stay numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.files.csv_cells import read_cell, safe_cell


@pytest.mark.parametrize("text", ["", "-", "+", "Headache", "-5", "+1.5", "-.5", "-2.5e-3", "1=2", "a@b", "(-5, 3)"])
def test_what_is_no_formula_stays(text):
    assert safe_cell(text) == text


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("x")', "@SUM(A1)", "+1+1", "-2+3", "-A1", "\t=1", "\r=1", "-5 to 3"]
)
def test_what_may_be_one_is_shown_behind_an_apostrophe(text):
    assert safe_cell(text) == "'" + text


@given(st.text(alphabet="'=+-@1a. \t"))
def test_what_is_written_is_read(text):
    assert read_cell(safe_cell(text)) == text
