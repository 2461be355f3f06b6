from __future__ import annotations

import pandas as pd

from datacut.adam.derive_flags import derive_var_extreme_flag


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
