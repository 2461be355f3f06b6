from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_change import (
    derive_var_anrind,
    derive_var_chg,
    derive_var_crit_flag,
    derive_var_nth,
    derive_var_pchg,
    derive_var_ratio,
    derive_var_scaled,
    derive_var_shift,
)


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


CHANGES = """
AVAL BASE
2.3  2.0
0.8  0.5
1.29 1.0
-3.0 -2.0
5.0  0.0
.    1.0
1.0  .
"""


def test_change_is_decimal(table) -> None:
    out = derive_var_chg(table(CHANGES), "CHG")
    assert values(out["CHG"]) == [0.3, 0.3, 0.29, -1.0, 5.0, None, None]


def test_percent_change(table) -> None:
    out = derive_var_pchg(table(CHANGES), "PCHG")
    assert values(out["PCHG"])[:4] == pytest.approx([15.0, 60.0, 29.0, -50.0])
    assert values(out["PCHG"])[4:] == [None, None, None], "baseline 0, and missing"


def test_reference_range_limits_are_normal(table, context) -> None:
    frame = table(
        """
        USUBJID AVAL ANRLO ANRHI
        01      3.9  4.0   10.0
        02      4.0  4.0   10.0
        03      10.0 4.0   10.0
        04      10.1 4.0   10.0
        05      1.0  .     10.0
        06      99.0 4.0   .
        07      5.0  .     .
        08      .    4.0   10.0
        09      5.0  10.0  4.0
        """
    )
    out = derive_var_anrind(frame, "ANRIND", context=context)
    assert values(out["ANRIND"]) == ["LOW", "NORMAL", "NORMAL", "HIGH", "NORMAL", "NORMAL", None, None, None]
    assert [str(f.where) for f in context.findings] == ["ADXX.ANRLO:09"]


def test_shift(table) -> None:
    frame = table("BNRIND ANRIND\nNORMAL HIGH\n. LOW\nHIGH .")
    assert values(derive_var_shift(frame, "BNRIND", "ANRIND", "S")["S"]) == ["NORMAL to HIGH", None, None]
    shown = derive_var_shift(frame, "BNRIND", "ANRIND", "S", missing="MISSING")["S"]
    assert values(shown) == ["NORMAL to HIGH", "MISSING to LOW", "HIGH to MISSING"]


def test_criterion_is_three_valued(table, where, context) -> None:
    frame = table("CHG\n-4.0\n-3.9\n.")
    out = derive_var_crit_flag(
        frame, "CRIT1FL", where("CHG LE -4"), text="Fall of 4 or more", new_text="CRIT1", context=context
    )
    assert values(out["CRIT1FL"]) == ["Y", "N", None]
    assert values(out["CRIT1"]) == ["Fall of 4 or more", "Fall of 4 or more", None]
    assert values(derive_var_crit_flag(frame, "X", where("CHG LE -4"), no=None, context=context)["X"]) == [
        "Y",
        None,
        None,
    ]


def test_ratio_is_decimal(table, context) -> None:
    frame = table("USUBJID A B\n01 2.4 3.0\n02 120.0 .\n03 120.0 0.0\n04 120.0 40.0")
    assert values(derive_var_ratio(frame, "A", "B", "R", context=context)["R"]) == [0.8, None, None, 3.0]
    assert [str(f.where) for f in context.findings] == ["ADXX.B:03"]


def test_scaled_is_decimal(table) -> None:
    assert values(derive_var_scaled(table("A\n45\n10\n."), "A", "X", 0.03)["X"]) == [1.35, 0.3, None]


def test_nth_of_a_list(table, context) -> None:
    frame = table("USUBJID N\n01 1\n02 3\n03 4\n04 .")
    out = derive_var_nth(frame, "N", "X", [3.0, 4.5, 6.0], context=context)
    assert values(out["X"]) == [3.0, 6.0, None, None]
    assert [str(f.where) for f in context.findings] == ["ADXX.N:03"]
