"""Composite results: criteria in columns, observed and imputed records."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_response import derive_param_responses, derive_param_values, derive_vars_response
from datacut.compute.threeway import combine_criteria
from datacut.errors import SpecError

PARTS = {"first": "A", "second": "B"}

VISITS = """
USUBJID AVISIT  ENDED
01      Month~1 .
01      Month~2 .
02      Month~1 Y
"""
SCORES = """
USUBJID AVISIT  PARAMCD AVAL BASE
01      Month~1 A       4.0  9.0
01      Month~1 B       1.0  1.0
01      Month~2 A       4.0  9.0
02      Month~1 A       4.0  9.0
02      Month~1 B       1.0  1.0
"""


def fallen(wide: pd.DataFrame) -> pd.DataFrame:
    fell = wide[("AVAL", "first")] < wide[("BASE", "first")]
    return combine_criteria({"A fell": fell, "B not risen": wide[("AVAL", "second")] <= wide[("BASE", "second")]})


def composite(table, context, **more: object) -> pd.DataFrame:
    keys, values = ["USUBJID", "AVISIT"], ["AVAL", "BASE"]
    return derive_vars_response(
        table(VISITS), keys, table(SCORES), values, fallen, "_ALL", "_WHY", PARTS, context=context, **more
    )


def test_a_missing_part_is_unknown_with_its_reason(table, context) -> None:
    out = composite(table, context, criterion1="_A", criterion2="_B")
    shown = out[["_ALL", "_A", "_B"]].astype(object).where(out[["_ALL", "_A", "_B"]].notna(), None)
    assert shown.values.tolist() == [["Y", "Y", "Y"], [None, "Y", None], ["Y", "Y", "Y"]]
    assert out["_WHY"].tolist()[1] == "unknown: B not risen"


def test_criteria_need_a_column_each(table, context) -> None:
    with pytest.raises(SpecError, match="2 criteria"):
        composite(table, context, criterion1="_A")


def test_unknown_and_left_are_no_response_in_the_imputed_record_only(table, context, where) -> None:
    rows = composite(table, context)
    new = derive_param_responses(
        rows, ["USUBJID", "AVISIT"], ["R"], ["_ALL"], ["_WHY"], where('ENDED EQ "Y"'), context=context
    )
    cells = new.rows.astype(object).where(new.rows.notna(), None)
    assert cells[["PARAMCD", "DTYPE", "AVALC", "AVAL"]].values.tolist() == [
        ["R", None, "Y", 1],
        ["R", None, None, None],
        ["R", None, "Y", 1],
        ["R", "NRI", "Y", 1],
        ["R", "NRI", "N", 0],
        ["R", "NRI", "N", 0],
    ]
    assert cells["AVALRSN"].tolist()[-1] == "left, or other therapy of the disease"
    assert new.parents.values.tolist() == [[0, 1], [1, 2], [2, 3], [3, 1], [4, 2], [5, 3]]


def test_values_become_records_in_the_order_of_the_parameters(table, context, where) -> None:
    frame = table("""
USUBJID _DOSE _OK
01      7.5   Y
02      .     N
""")
    new = derive_param_values(
        frame, ["USUBJID"], ["DOSE", "OK"], ["_DOSE", "_OK"], where=where('USUBJID EQ "02"'), context=context
    )
    cells = new.rows.astype(object).where(new.rows.notna(), None)
    assert cells[["USUBJID", "PARAMCD", "AVALC", "AVAL"]].values.tolist() == [
        ["02", "DOSE", None, None],
        ["02", "OK", "N", 0],
    ]
