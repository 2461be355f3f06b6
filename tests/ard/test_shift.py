"""Baseline against later: missing on either side, totals, denominators; levels across; sub-columns must be there."""

from collections.abc import Callable

import pandas as pd
import pytest

from datacut.ard.build import BuiltResults
from datacut.errors import SpecError

type Texts = Callable[..., dict[str, dict[str, str]]]

SUB = {"0": "0", "1": "1", "missing": "Missing", "total": "Total"}
CALL = 'ard_shift(BASE, AVAL, levels={"0": "Grade 0", "1": "Grade 1"})'


def grades() -> pd.DataFrame:
    """Subject 1 rises from 0 to 1, 2 stays at 0, 3 has no baseline, 4 (high) has no later value."""
    rows = [("1", 0, 1), ("2", 0, 0), ("3", None, 1), ("4", 1, None)]
    return pd.DataFrame(rows, columns=["USUBJID", "BASE", "AVAL"]).astype({"BASE": "Int64", "AVAL": "Int64"})


def test_cells(texts: Texts, adsl: pd.DataFrame) -> None:
    found = texts({"ADSL": adsl, "ADLB": grades()}, CALL, dataset="ADLB", subcolumns=SUB)
    assert list(found) == ["Row | Grade 0", "Row | Grade 1", "Row | Missing", "Row | Total"]
    low = {row: [cells[f"low/{k}"] for k in SUB] for row, cells in found.items()}
    assert low == {  # of the two with both values
        "Row | Grade 0": ["1 (50.0%)", "1 (50.0%)", "0", "2 (100%)"],
        "Row | Grade 1": ["0", "0", "0", "0"],
        "Row | Missing": ["0", "1", "0", "1"],
        "Row | Total": ["1 (50.0%)", "1 (50.0%)", "0", "2 (100%)"],
    }


def test_nobody_with_both_values(texts: Texts, adsl: pd.DataFrame) -> None:
    found = texts({"ADSL": adsl, "ADLB": grades()}, CALL, dataset="ADLB", subcolumns=SUB)
    assert found["Row | Grade 1"]["high/missing"] == "1"


def test_an_unknown_level_and_a_sub_column_that_is_not_there(
    results: Callable[..., BuiltResults], adsl: pd.DataFrame
) -> None:
    frames = {"ADSL": adsl, "ADLB": grades().replace({"AVAL": {1: 7}})}
    assert [f.value for f in results(frames, CALL, dataset="ADLB", subcolumns=SUB).findings] == ["7"]
    with pytest.raises(SpecError, match="no sub-column total"):
        results(frames, CALL, dataset="ADLB", subcolumns={"0": "0", "1": "1", "missing": "Missing"})
