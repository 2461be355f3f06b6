"""The different texts of columns, in their order."""

import pandas as pd

from datacut.compute.texts import distinct_texts


def test_each_text_stands_once_and_what_is_missing_does_not():
    frame = pd.DataFrame({"A": ["b", None, "a", "b"], "B": [None, None, None, None], "C": list("wxyz")}, dtype="str")
    assert distinct_texts(frame, ["A", "B"]) == {"A": ["b", "a"], "B": []}


def test_blanks_around_a_text_are_kept():
    assert distinct_texts(pd.DataFrame({"A": ["x ", "x"]}, dtype="str"), ["A"]) == {"A": ["x ", "x"]}


def test_no_rows_or_no_columns():
    frame = pd.DataFrame({"A": []}, dtype="str")
    assert distinct_texts(frame, ["A"]) == {"A": []}
    assert distinct_texts(frame, []) == {}
