from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_joined import derive_var_joined_count, derive_vars_joined


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


WEIGHTS = """
USUBJID VSSEQ VSDTC            VSSTRESN
01      1     2026-01-10       61
01      2     2026-01-26T09:00 62
01      3     2026-01-26T08:00 63
01      4     2026-01-27       64
02      1     .                70
"""


@pytest.mark.parametrize(
    ("inclusive", "order", "expected"),
    [(False, ["VSDTC"], 62), (False, ["VSSEQ"], 63), (False, None, 63), (True, None, 64)],
)
def test_last_before_the_date(table, context, inclusive: bool, order: list[str] | None, expected: int) -> None:
    adsl = table("USUBJID LDSDT\n01 2026-01-27\n02 2026-01-27\n03 2026-01-27\n01 .")
    adsl.index = [9, 8, 7, 6]
    out = derive_vars_joined(
        adsl,
        ["USUBJID"],
        table(WEIGHTS),
        {"WEIGHTBL": "VSSTRESN"},
        "LDSDT",
        "VSDTC",
        order=order,
        inclusive=inclusive,
        context=context,
    )
    assert out.index.tolist() == [9, 8, 7, 6]
    assert values(out["WEIGHTBL"]) == [expected, None, None, None]


@pytest.mark.parametrize(
    ("more", "expected", "told"),
    [
        ("01 5 2026-01 64", 64, 0),  # whichever of the two is the last, the value is the same
        ("01 5 2026-01 99", None, 1),  # some day of January, before the 27th or not
        ("01 5 2025-12 99", 64, 0),  # every day of December lies before the 26th of January
    ],
)
def test_a_partial_date_that_may_be_the_last_before_leaves_it_open(table, context, more, expected, told) -> None:
    adsl = table("USUBJID LDSDT\n01 2026-01-27")
    weights = table(f"USUBJID VSSEQ VSDTC VSSTRESN\n01 3 2026-01-26 64\n{more}")
    out = derive_vars_joined(
        adsl, ["USUBJID"], weights, {"WEIGHTBL": "VSSTRESN"}, "LDSDT", "VSDTC", order=["VSDTC"], context=context
    )
    assert values(out["WEIGHTBL"]) == [expected]
    assert [f.rule for f in context.findings] == ["adam.date.open"] * told


SUBJECTS = """
USUBJID LEVEL EVALDT     DLTFL
01      1     2025-03-01 .
02      1     2025-04-01 Y
03      1     .          .
04      2     2025-05-01 .
"""
MEETINGS = """
MEETNO LEVEL MEETDT
1      1     2025-03-01
2      1     2025-04-02
3      2     2025-04-30
4      .     2025-05-02
5      2     .
"""


def test_count_of_what_was_known_at_the_date(table, where, context) -> None:
    out = derive_var_joined_count(table(MEETINGS), ["LEVEL"], table(SUBJECTS), "N", "MEETDT", "EVALDT", context=context)
    assert values(out["N"]) == [1, 2, 0, None, None]
    toxic = derive_var_joined_count(
        table(MEETINGS),
        ["LEVEL"],
        table(SUBJECTS),
        "N",
        "MEETDT",
        "EVALDT",
        where('DLTFL EQ "Y"'),
        context=context,
    )
    assert values(toxic["N"]) == [0, 1, 0, None, None]


def test_dates_and_keys_of_the_same_or_another_name(table, context) -> None:
    source = table(SUBJECTS).rename(columns={"EVALDT": "MEETDT", "LEVEL": "LEV"})
    out = derive_var_joined_count(
        table(MEETINGS), ["LEVEL"], source, "N", "MEETDT", "MEETDT", source_by=["LEV"], context=context
    )
    assert values(out["N"]) == [1, 2, 0, None, None]
