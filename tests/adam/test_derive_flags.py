from __future__ import annotations

import pandas as pd

from datacut.adam.derive_flags import derive_var_extreme_flag, derive_var_obs_number, derive_var_repeat_flag


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


EVENTS = """
USUBJID AEDECOD ATOXGRN ASTDT      AESEQ TRTEMFL
01      Fever   2       2026-02-03 1     Y
01      Fever   3       2026-02-09 2     Y
01      Fever   3       2026-02-05 3     Y
01      Rash    .       2026-02-04 4     Y
01      Rash    1       2026-02-08 5     .
02      .       4       2026-02-04 1     Y
"""


def test_first_of_the_worst(table, where, context) -> None:
    out = derive_var_extreme_flag(
        table(EVENTS),
        ["USUBJID", "AEDECOD"],
        ["ATOXGRN", "ASTDT", "AESEQ"],
        "AOCCPIFL",
        "first",
        where('TRTEMFL EQ "Y"'),
        ["ATOXGRN"],
        context=context,
    )
    assert values(out["AOCCPIFL"]) == [None, None, "Y", "Y", None, None], "an unknown grade only if alone"


def test_last_by_one_column(table, context) -> None:
    out = derive_var_extreme_flag(table(EVENTS), ["USUBJID"], ["ATOXGRN"], "X", context=context)
    assert values(out["X"]) == [None, None, "Y", None, None, "Y"], "of equals the last in the frame"


def test_empty_frame(table, context) -> None:
    out = derive_var_extreme_flag(table(EVENTS).iloc[:0], ["USUBJID"], ["ATOXGRN"], "X", context=context)
    assert out["X"].tolist() == []


def test_two_results_at_one_time_are_told_with_both_values(table, context) -> None:
    frame = table("""
        USUBJID PARAMCD ADTM             AVAL
        01      ALT     2026-02-01T08:00 30
        01      ALT     2026-02-01T08:00 45
        01      AST     2026-02-01T08:00 30
        01      ALT     2026-02-01T08:01 31
        02      ALT     2026-02-01T08:00 30
        02      ALT     2026-02-01T08:00 .
        03      ALT     .                30
        03      ALT     .                31
    """)
    out = derive_var_repeat_flag(frame, ["USUBJID", "PARAMCD", "ADTM"], "AVAL", "REPEATFL", context=context)
    assert [i for i, f in enumerate(out["REPEATFL"]) if f == "Y"] == [0, 1]
    assert [(f.severity.name, str(f.where), f.value) for f in context.findings] == [
        ("WARNING", "ADXX.AVAL:01", "30 and 45")
    ] * 2


def test_records_are_numbered_in_their_group(table, context, where) -> None:
    frame = table("USUBJID DAY A\n01 9 1\n01 3 1\n01 . 1\n02 5 1\n02 4 .")
    out = derive_var_obs_number(frame, ["USUBJID"], ["DAY"], "NEW", where=where("A NOT MISSING"), context=context)
    assert [None if pd.isna(v) else v for v in out["NEW"]] == [2, 1, 3, 1, None]
