from __future__ import annotations

import pandas as pd

from datacut.adam.derive_params import derive_param_computed, derive_param_exist_flag


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


ITEMS = """
USUBJID AVISIT  PARAMCD AVAL
01      Day~28  A       1.0
01      Day~28  B       2.0
01      Month~2 A       3.0
01      Month~2 C       9.0
02      .       A       1.0
02      .       B       .
03      Day~28  A       1.0
03      Day~28  A       2.0
03      Day~28  B       1.0
"""


def total(wide: pd.DataFrame) -> pd.Series:
    return wide["A"] + wide["B"]


def test_computed_parameter_with_reasons_and_parents(table, context) -> None:
    new = derive_param_computed(
        table(ITEMS), ["USUBJID", "AVISIT"], {"A": "A", "B": "B"}, total, reason="AVALRSN", context=context
    )
    assert list(new.rows.columns) == ["USUBJID", "AVISIT", "AVAL", "AVALRSN"]
    assert values(new.rows["AVISIT"]) == ["Day 28", "Month 2", None, "Day 28"]
    assert values(new.rows["AVAL"]) == [3.0, None, None, None]
    assert values(new.rows["AVALRSN"]) == [None, "Missing: B", "Missing: B", "Missing: A"]
    assert new.parents.values.tolist() == [[0, 1], [0, 2], [1, 3], [2, 5], [2, 6], [3, 7], [3, 8], [3, 9]]
    assert [f.rule for f in context.findings] == ["adam.param.several"] * 2


def test_text_result_goes_to_avalc(table, where, context) -> None:
    def grade(wide: pd.DataFrame) -> pd.Series:
        return wide["A"].gt(1).map({True: "HIGH", False: "LOW"}).astype("str")

    new = derive_param_computed(
        table(ITEMS), ["USUBJID", "AVISIT"], {"A": "A"}, grade, where('USUBJID EQ "01"'), context=context
    )
    assert values(new.rows["AVALC"]) == ["LOW", "HIGH"]
    assert "AVAL" not in new.rows


def test_no_records_give_no_records(table, context) -> None:
    new = derive_param_computed(table(ITEMS), ["USUBJID"], {"Z": "Z"}, lambda wide: wide["Z"], context=context)
    assert len(new.rows) == 0
    assert len(new.parents) == 0


def test_a_long_reason_is_cut(table, context) -> None:
    names = [f"I{n}" for n in range(9)]
    frame = table("USUBJID PARAMCD AVAL\n01 I0 1.0")
    new = derive_param_computed(
        frame, ["USUBJID"], {n: n for n in names}, lambda w: w.sum(axis=1, min_count=9), reason="R", context=context
    )
    assert values(new.rows["R"]) == ["Missing: I1, I2, I3, I4, I5 and 3 more"]


def test_exist_flag_is_three_valued(table, where, context) -> None:
    frame = table("USUBJID PARAMCD GRADE\n01 X 3\n01 X .\n02 X 1\n03 X 1\n03 X .")
    new = derive_param_exist_flag(frame, ["USUBJID"], where("GRADE GE 3"), context=context)
    assert values(new.rows["AVALC"]) == ["Y", "N", None]
    assert values(new.rows["AVAL"]) == [1, 0, None]
    assert new.parents["parent"].tolist() == [1, 2, 3, 4, 5]


def test_a_contradiction_is_told_once_a_group_with_its_place_and_words(table, context) -> None:
    def doubt(wide: pd.DataFrame) -> pd.Series:
        return pd.Series(["A = 3, B missing" if a == 3 else None for a in wide["A"]], dtype="str")

    by = ["USUBJID", "AVISIT"]
    derive_param_computed(table(ITEMS).iloc[:6], by, {"A": "A", "B": "B"}, total, contradiction=doubt, context=context)
    (finding,) = list(context.findings)
    assert (str(finding.where), finding.value) == ("ADXX.VAR:01|Month 2", "A = 3, B missing")


def test_options_reach_the_function(table, context) -> None:
    def scaled(wide: pd.DataFrame, factor: str) -> pd.Series:
        return wide["A"] * int(factor)

    rows = table(ITEMS).iloc[:2]
    made = derive_param_computed(rows, ["USUBJID"], {"A": "A"}, scaled, options={"factor": "10"}, context=context)
    assert made.rows["AVAL"].tolist() == [10.0]


def test_without_a_reason_a_result_that_is_missing_makes_no_record(table, context) -> None:
    new = derive_param_computed(table(ITEMS), ["USUBJID", "AVISIT"], {"A": "A", "B": "B"}, total, context=context)
    assert new.rows.astype(object).values.tolist() == [["01", "Day 28", 3.0]]
    assert new.parents.values.tolist() == [[0, 1], [0, 2]]
