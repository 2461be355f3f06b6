from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_dates import (
    derive_var_date_shift,
    derive_var_datepart,
    derive_var_extreme_date,
    derive_vars_dt,
    derive_vars_dtm,
    derive_vars_dy,
)
from datacut.errors import Severity


def text(series: pd.Series) -> list[str | None]:
    return [None if pd.isna(v) else str(v).removesuffix(" 00:00:00") for v in series]


PARTIAL = """
USUBJID AESTDTC          TRTSDT
01      2026-03-05T07:30 2026-03-02
02      2026-03          2026-03-02
03      2026-02          2026-03-02
04      2026             2026-03-02
05      .                2026-03-02
06      2026-02-31       2026-03-02
"""


def test_date_without_imputation(table, context) -> None:
    out = derive_vars_dt(table(PARTIAL), "AESTDTC", "ASTDT", flag="ASTDTF", context=context)
    assert text(out["ASTDT"]) == ["2026-03-05", None, None, None, None, None]
    assert out["ASTDTF"].isna().all()
    assert [(f.severity, f.value) for f in context.findings] == [
        (Severity.ERROR, "2026-02-31"),
        (Severity.NOTE, "2026-03"),
        (Severity.NOTE, "2026-02"),
        (Severity.NOTE, "2026"),
    ]


def test_imputed_start_is_not_moved_before_treatment_where_the_partial_date_allows_it(table, context) -> None:
    out = derive_vars_dt(
        table(PARTIAL), "AESTDTC", "ASTDT", "first", "M", "ASTDTF", not_before="TRTSDT", context=context
    )
    assert text(out["ASTDT"]) == ["2026-03-05", "2026-03-02", "2026-02-01", "2026-03-02", None, None]
    assert text(out["ASTDTF"]) == [None, "D", "D", "M", None, None]


def test_none_imputes_nothing(table, context) -> None:
    out = derive_vars_dt(table(PARTIAL), "AESTDTC", "ASTDT", "none", "M", context=context)
    assert text(out["ASTDT"]) == ["2026-03-05", None, None, None, None, None]


@pytest.mark.parametrize(
    ("time", "expected", "flags"),
    [
        ("none", ["2026-03-05 07:30:00", "2026-03-05 07:30:15", None, None, None], [None] * 5),
        (
            "last",
            ["2026-03-05 07:30:00", "2026-03-05 07:30:15", "2026-03-05 07:59:59", "2026-03-05 23:59:59", None],
            [None, None, "M", "H", None],
        ),
        ("first", ["2026-03-05 07:30:00", "2026-03-05 07:30:15", "2026-03-05 07:00:00", "2026-03-05", None],
         [None, None, "M", "H", None]),
    ],
)  # fmt: skip
def test_datetime(table, context, time: str, expected: list[str | None], flags: list[str | None]) -> None:
    frame = table(
        """
        USUBJID LBDTC
        01      2026-03-05T07:30
        02      2026-03-05T07:30:15
        03      2026-03-05T07
        04      2026-03-05
        05      .
        """
    )
    out = derive_vars_dtm(frame, "LBDTC", "ADTM", time=time, time_flag="ATMF", context=context)
    assert text(out["ADTM"]) == expected
    assert text(out["ATMF"]) == flags
    assert str(out["ADTM"].dtype) == "datetime64[s]"


def test_study_day_has_no_day_zero(table) -> None:
    frame = table(
        """
        ADT        TRTSDT
        2026-02-01 2026-02-01
        2026-01-31 2026-02-01
        2026-03-01 2026-02-01
        .          2026-02-01
        2026-02-01 .
        """
    )
    out = derive_vars_dy(frame, "ADT", "TRTSDT", "ADY")
    assert out["ADY"].tolist()[:3] == [1, -1, 29]
    assert out["ADY"].isna().tolist() == [False, False, False, True, True]


def test_shift_datepart_and_extreme(table) -> None:
    frame = table(
        """
        ADTM                ENDT       CUTDT
        2026-02-01T23:30:00 2026-02-10 2026-02-05
        .                   .          2026-02-05
        .                   .          .
        """
    )
    assert text(derive_var_date_shift(frame, "ADTM", "X", 28)["X"]) == ["2026-03-01", None, None]
    assert text(derive_var_datepart(frame, "ADTM", "X")["X"]) == ["2026-02-01", None, None]
    assert text(derive_var_extreme_date(frame, ["ENDT", "CUTDT"], "X", "first")["X"]) == [
        "2026-02-05",
        "2026-02-05",
        None,
    ]
    assert text(derive_var_extreme_date(frame, ["ENDT", "CUTDT"], "X")["X"]) == ["2026-02-10", "2026-02-05", None]


def test_empty_frame(table, context) -> None:
    empty = table(PARTIAL).iloc[:0]
    out = derive_vars_dtm(empty, "AESTDTC", "ADTM", flag="DTF", time_flag="TMF", context=context)
    assert len(out) == 0
    assert str(out["ADTM"].dtype) == "datetime64[s]"
