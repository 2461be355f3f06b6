from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_confirmed import derive_var_confirmed_flag, derive_var_loss_flag


def flagged(out: pd.DataFrame, column: str = "NEW") -> list[int]:
    return [int(d) for d in out.loc[out[column].eq("Y").fillna(False).astype(bool), "DAY"]]


VISITS = """
USUBJID DAY R
01      30  Y
01      90  N
01      60  Y
01      120 Y
01      150 .
01      180 Y
02      30  Y
"""


@pytest.mark.parametrize(("times", "days"), [(1, [30, 60, 120, 180, 30]), (2, [30]), (3, [])])
def test_in_a_row(table, context, where, times, days) -> None:
    """Day 60 is followed by N, day 120 by a visit without result, the last visits by none."""
    out = derive_var_confirmed_flag(
        table(VISITS), ["USUBJID"], ["DAY"], where('R EQ "Y"'), "NEW", times=times, context=context
    )
    assert flagged(out) == days


def test_rows_left_out_do_not_break_the_row(table, context, where) -> None:
    out = derive_var_confirmed_flag(
        table(VISITS),
        ["USUBJID"],
        ["DAY"],
        where('R EQ "Y"'),
        "NEW",
        where=where("R NOT MISSING AND DAY NE 90"),
        context=context,
    )
    assert flagged(out) == [30, 60, 120]


SAMPLES = """
USUBJID DAY C    BLQFL
01      -1  .    Y
01      7   900  .
01      14  .    Y
01      28  200  .
01      60  .    Y
01      75  .    .
01      90  .    Y
02      7   .    Y
02      14  .    Y
"""


@pytest.mark.parametrize(
    ("rule", "days"), [("two_consecutive_blq", [60]), ("first_blq", [14]), ("last_quantifiable", [28])]
)
def test_loss(table, context, rule, days) -> None:
    """Day 75 was not taken; what was never quantifiable is not lost."""
    out = derive_var_loss_flag(table(SAMPLES), ["USUBJID"], "DAY", "C", "BLQFL", rule, "NEW", context=context)
    assert flagged(out) == days


def test_two_results_of_one_day_are_told(table, context) -> None:
    frame = table("USUBJID DAY C BLQFL\n01 7 900 .\n01 7 800 .\n01 14 . Y\n01 28 . Y")
    out = derive_var_loss_flag(frame, ["USUBJID"], "DAY", "C", "BLQFL", "first_blq", "NEW", context=context)
    assert flagged(out) == []
    assert [f.rule for f in context.findings] == ["adam.loss.several"] * 2
