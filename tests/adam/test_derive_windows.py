from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from datacut.adam.derive_windows import derive_var_closest_flag, derive_vars_window
from datacut.errors import SpecError
from datacut.spec.study import Window

WINDOWS = (
    Window(avisit="Baseline", avisitn=0, target=-6, high=-6),
    Window(avisit="Day 28", avisitn=13, target=29, low=26, high=44),
    Window(avisit="Month 2", avisitn=14, target=61, low=45, high=75),
    Window(avisit="Month 12", avisitn=18, target=361, low=316),
)


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


@pytest.fixture
def study(context):
    return replace(context, windows={"standard": WINDOWS})


DAYS = """
USUBJID ADY ABLFL
01      -17 .
02      -6  .
03      -5  Y
04      25  .
05      26  .
06      44  .
07      45  .
08      315 .
09      316 .
10      900 .
11      .   .
"""


def test_window_ends_are_included_and_blank_ends_are_open(table, study) -> None:
    out = derive_vars_window(table(DAYS), "ADY", "AVISIT", "standard", "AVISITN", "AWTARGET", context=study)
    assert values(out["AVISIT"]) == [
        "Baseline", "Baseline", None, None, "Day 28", "Day 28", "Month 2", None, "Month 12", "Month 12", None,
    ]  # fmt: skip
    assert values(out["AVISITN"])[:6] == [0, 0, None, None, 13, 13]
    assert values(out["AWTARGET"])[:5] == [-6, -6, None, None, 29]


def test_baseline_condition_overrules_the_day(table, where, study) -> None:
    out = derive_vars_window(table(DAYS), "ADY", "AVISIT", "standard", baseline=where('ABLFL EQ "Y"'), context=study)
    assert values(out["AVISIT"])[:5] == [None, None, "Baseline", None, "Day 28"]


def test_unknown_and_overlapping_windows_are_refused(table, study) -> None:
    with pytest.raises(SpecError, match="Did you mean standard"):
        derive_vars_window(table(DAYS), "ADY", "AVISIT", "standart", context=study)
    crossing = replace(study, windows={"x": (*WINDOWS, Window(avisit="X", avisitn=1, low=44, high=44))})
    with pytest.raises(SpecError, match="Day 28 and X overlap"):
        derive_vars_window(table(DAYS), "ADY", "AVISIT", "x", context=crossing)


VISITS = """
USUBJID AVISIT   ADY AWTARGET SEQ AVAL
01      Day~28   28  29       1   1.0
01      Day~28   30  29       2   2.0
01      Day~28   30  29       3   3.0
02      Day~1    -1  2        1   1.0
02      Day~1    4   2        2   1.0
03      Baseline .   .        1   1.0
04      .        29  29       1   1.0
05      Day~28   29  29       1   .
05      Day~28   40  29       2   5.0
"""


def test_closest_later_on_a_tie_then_last_of_the_day(table, where, context) -> None:
    out = derive_var_closest_flag(
        table(VISITS),
        ["USUBJID", "AVISIT"],
        "ADY",
        "AWTARGET",
        "ANL01FL",
        where("AVAL NOT MISSING"),
        ["SEQ"],
        context=context,
    )
    assert values(out["ANL01FL"]) == [
        None, None, "Y",  # 28 and 30 are equally close: the later; of that day the last
        None, "Y",  # day -1 is two days before day 2, since there is no day 0; day 4 is two after: the later
        "Y",  # nothing else in the group
        None,  # no visit
        None, "Y",  # the closer one has no value
    ]  # fmt: skip


def test_earlier_on_a_tie(table, context) -> None:
    out = derive_var_closest_flag(
        table(VISITS),
        ["USUBJID", "AVISIT"],
        "ADY",
        "AWTARGET",
        "ANL01FL",
        order=["SEQ"],
        tie="earlier",
        context=context,
    )
    assert values(out["ANL01FL"])[:5] == ["Y", None, None, "Y", None]
