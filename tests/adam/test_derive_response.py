"""Composite results: criteria in columns, observed and imputed records."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_response import derive_param_values, derive_vars_response
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
    out = composite(table, context, criteria=["_A", "_B"])
    shown = out[["_ALL", "_A", "_B"]].astype(object).where(out[["_ALL", "_A", "_B"]].notna(), None)
    assert shown.values.tolist() == [["Y", "Y", "Y"], [None, "Y", None], ["Y", "Y", "Y"]]
    assert out["_WHY"].tolist()[1] == "unknown: B not risen"


def test_criteria_need_a_column_each(table, context) -> None:
    with pytest.raises(SpecError, match="2 criteria"):
        composite(table, context, criteria=["_A"])


ASSESSED = """
USUBJID NO PARAMCD AVAL
01      1  A       1
01      1  B       10
01      2  B       20
01      3  A       3
01      3  B       30
02      2  A       2
"""


def test_levels_come_from_the_baseline_and_the_last_earlier_assessment_of_the_parts(table, context) -> None:
    seen: list[pd.DataFrame] = []

    def keep(wide: pd.DataFrame) -> pd.DataFrame:
        seen.append(wide)
        return combine_criteria({"known": wide[("AVAL", "a")].notna()})

    visits = table("""
USUBJID NO FIRST
01      3  1
01      2  .
02      2  .
01      .  1
""")
    call = {"params": {"a": "A", "b": "B"}, "baseline": "FIRST", "previous": ["a"], "context": context}
    derive_vars_response(visits, ["USUBJID", "NO"], table(ASSESSED), ["AVAL"], keep, "_ALL", "_WHY", **call)
    shown = seen[0].astype(object).where(seen[0].notna(), None)
    names = [("AVAL", "a"), ("AVAL", "b"), ("BASE", "a"), ("BASE", "b"), ("PREVAL", "a"), ("PREVAL", "b")]
    assert shown[names].values.tolist() == [
        [3, 30, 1, 10, 1, 10],
        [None, 20, None, None, 1, 10],
        [2, None, None, None, None, None],
        [None, None, 1, 10, None, None],
    ]


def test_a_previous_part_that_is_none_is_named(table, context) -> None:
    with pytest.raises(SpecError, match="no such part"):
        composite(table, context, previous=["frist"])


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
