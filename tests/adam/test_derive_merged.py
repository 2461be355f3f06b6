from __future__ import annotations

import pytest

from datacut.adam.derive_merged import (
    derive_var_merged_exist_flag,
    derive_var_merged_summary,
    derive_vars_merged,
)
from datacut.errors import SpecError

SUBJECTS = """
USUBJID ARM
01      A
02      A
03      B
.       B
"""
EXPOSURE = """
USUBJID EXSEQ EXDOSE EXSTDT     EXTRT
01      1     3.0    2026-02-01 CELLS
01      2     1.5    2026-02-02 CELLS
02      1     4.5    .          CELLS
02      2     .      2026-03-01 CELLS
.       1     9.0    2026-01-01 CELLS
"""


def test_one_record_per_key_is_merged_and_rows_and_index_stay(table, where, context) -> None:
    adsl = table(SUBJECTS).set_index([[10, 7, 8, 9]])
    adsl.index = [10, 7, 8, 9]
    out = derive_vars_merged(
        adsl,
        ["USUBJID"],
        table(EXPOSURE),
        {"TRTSDT": "EXSTDT", "DOSE": "EXDOSE"},
        where("EXSEQ EQ 1"),
        context=context,
    )
    assert out.index.tolist() == [10, 7, 8, 9]
    assert out["TRTSDT"].astype("str").tolist()[0] == "2026-02-01"
    assert out["DOSE"].tolist()[:2] == [3.0, 4.5]
    assert out["DOSE"].isna().tolist() == [False, False, True, True], "no record, and a missing key"
    assert str(out["TRTSDT"].dtype) == "datetime64[s]"
    assert len(context.findings) == 0


def test_several_records_without_mode_are_a_finding_and_stay_missing(table, context) -> None:
    out = derive_vars_merged(table(SUBJECTS), ["USUBJID"], table(EXPOSURE), {"DOSE": "EXDOSE"}, context=context)
    assert out["DOSE"].isna().all()
    assert [str(f.where) for f in context.findings] == ["ADXX.DOSE:01", "ADXX.DOSE:02"]
    assert "order= and mode=" in next(iter(context.findings)).remedy


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("first", [1, 2]), ("last", [2, 2])],
    ids=["first: a missing date comes last", "last: a missing date comes first"],
)
def test_mode_never_picks_a_missing_order_value_if_there_is_another(
    table, context, mode: str, expected: list[int]
) -> None:
    out = derive_vars_merged(
        table(SUBJECTS),
        ["USUBJID"],
        table(EXPOSURE),
        {"SEQ": "EXSEQ"},
        order=["EXSTDT"],
        mode=mode,
        context=context,
    )
    assert out["SEQ"].tolist()[:2] == expected


def test_text_key_never_meets_a_number(table, context) -> None:
    numbers = table("USUBJID EXDOSE\n1 2.0")
    with pytest.raises(SpecError, match="is text and USUBJID of the source is a number"):
        derive_vars_merged(table("USUBJID X\nA1 1"), ["USUBJID"], numbers, {"DOSE": "EXDOSE"}, context=context)


def test_keys_of_another_name_and_an_empty_source(table, context) -> None:
    other = table("SUBJ  AGE\n02 44")
    out = derive_vars_merged(
        table("USUBJID N\n02 1"),
        ["USUBJID"],
        other,
        {"AGE": "AGE"},
        source_by=["SUBJ"],
        context=context,
    )
    assert out["AGE"].tolist() == [44]
    none = derive_vars_merged(
        table(SUBJECTS), ["USUBJID"], other.iloc[:0].rename(columns={"SUBJ": "USUBJID"}), {"AGE": "AGE"},
        context=context,
    )  # fmt: skip
    assert none["AGE"].isna().all()
    assert none["AGE"].dtype == other["AGE"].dtype


def test_exist_flag(table, where, context) -> None:
    out = derive_var_merged_exist_flag(
        table(SUBJECTS),
        ["USUBJID"],
        table(EXPOSURE),
        "SAFFL",
        where("EXDOSE GE 3"),
        no="N",
        context=context,
    )
    assert out["SAFFL"].tolist() == ["Y", "Y", "N", "N"], "the missing dose satisfies nothing; a missing key neither"


def test_exist_flag_without_no_is_missing(table, where, context) -> None:
    out = derive_var_merged_exist_flag(
        table(SUBJECTS), ["USUBJID"], table(EXPOSURE), "FL", where('EXTRT EQ "X"'), context=context
    )
    assert out["FL"].isna().all()


@pytest.mark.parametrize(
    ("statistic", "column", "expected"),
    [
        ("count", None, [2, 2, 0, 0]),
        ("distinct", "EXTRT", [1, 1, 0, 0]),
        ("sum", "EXDOSE", [4.5, None, None, None]),
        ("mean", "EXDOSE", [2.25, None, None, None]),
        ("min", "EXDOSE", [1.5, 4.5, None, None]),
        ("max", "EXDOSE", [3.0, 4.5, None, None]),
    ],
)
def test_summary(table, context, statistic: str, column: str | None, expected: list[float | None]) -> None:
    out = derive_var_merged_summary(
        table(SUBJECTS), ["USUBJID"], table(EXPOSURE), "X", statistic, column, context=context
    )
    assert [None if v is not v or str(v) == "<NA>" else v for v in out["X"]] == expected


def test_summary_of_dates_keeps_the_type(table, context) -> None:
    out = derive_var_merged_summary(
        table(SUBJECTS), ["USUBJID"], table(EXPOSURE), "LSTDT", "max", "EXSTDT", context=context
    )
    assert out["LSTDT"].astype("str").tolist()[:2] == ["2026-02-02", "2026-03-01"]
    assert str(out["LSTDT"].dtype) == "datetime64[s]"


def test_summary_refuses_what_it_does_not_know(table, context) -> None:
    with pytest.raises(SpecError, match="median"):
        derive_var_merged_summary(
            table(SUBJECTS), ["USUBJID"], table(EXPOSURE), "X", "median", "EXDOSE", context=context
        )


def test_sum_is_decimal(table, context) -> None:
    bags = table("USUBJID EXDOSE\n01 0.1\n01 0.2\n01 0.3")
    out = derive_var_merged_summary(table("USUBJID N\n01 1"), ["USUBJID"], bags, "X", "sum", "EXDOSE", context=context)
    assert out["X"].tolist() == [0.6]
