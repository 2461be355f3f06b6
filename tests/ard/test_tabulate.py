"""Levels of a variable: planned ones, seen ones, and who has none."""

from collections.abc import Callable

import pandas as pd

type Texts = Callable[..., dict[str, dict[str, str]]]


def test_planned_levels_print_and_missing_has_a_row(texts: Texts, adsl: pd.DataFrame) -> None:
    found = texts({"ADSL": adsl}, 'ard_tabulate(SEX, levels={M: "Male", F: "Female", U: "Unknown"})')
    assert list(found) == ["Row | Male", "Row | Female", "Row | Unknown", "Row | Missing"]
    assert found["Row | Female"] == {"low": "2 (66.7%)", "high": "0", "Total": "2 (50.0%)"}
    assert found["Row | Unknown"] == {"low": "0", "high": "0", "Total": "0"}
    assert found["Row | Missing"] == {"low": "1 (33.3%)", "high": "0", "Total": "1 (25.0%)"}


def test_no_missing_row_where_nobody_misses(texts: Texts, adsl: pd.DataFrame) -> None:
    assert "Row | Missing" not in texts({"ADSL": adsl.assign(SEX="F")}, "ard_tabulate(SEX)")


def test_only_seen_levels(texts: Texts, adsl: pd.DataFrame) -> None:
    found = texts({"ADSL": adsl}, 'ard_tabulate(SEX, levels={U: "Unknown", F: "Female"}, empty="drop", missing=false)')
    assert list(found) == ["Row | Female", "Row | M"]


def test_numbers_are_levels_too(texts: Texts, adsl: pd.DataFrame) -> None:
    found = texts({"ADSL": adsl.assign(AGE=[1.0, 2.0, 2.0, 10.0, 3.0])}, "ard_tabulate(AGE)")
    assert list(found) == ["Row | 1", "Row | 2", "Row | 10"]


def test_labels_in_capitals_in_sentence_case(texts: Texts, adsl: pd.DataFrame) -> None:
    causes = adsl.assign(CAUSE=pd.Series(["LUNG DISEASE", "unknown (HIV)", None, None, None], dtype="str"))
    found = texts({"ADSL": causes}, "ard_tabulate(CAUSE, missing=false, sentence=true)", analysis={"label": None})
    assert {row: cells["Total"] for row, cells in found.items()} == {
        "Lung disease": "1 (25.0%)",
        "unknown (HIV)": "1 (25.0%)",
    }
