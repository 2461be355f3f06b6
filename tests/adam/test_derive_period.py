from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_period import derive_var_period_summary, derive_vars_period_extreme
from datacut.errors import SpecError

EPISODES = """
USUBJID ASTDT      AENDT
01      2026-02-03 2026-02-06
01      2026-02-10 .
02      2026-02-03 2026-02-06
03      .          2026-02-06
"""
DRUGS = """
USUBJID CMSTDTC    CMENDTC    DOSE
01      2026-02-02 2026-02-03 1
01      2026-02-03 2026-02-03 2
01      2026-02-06 .          4
01      2026-02-07 2026-02-07 8
01      2026-02    .          16
03      2026-02-04 2026-02-04 32
"""


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def test_begun_in_the_period_both_ends_included(table, context) -> None:
    out = derive_var_period_summary(
        table(EPISODES), ["USUBJID"], table(DRUGS), "N", "ASTDT", "AENDT", "CMSTDTC", context=context
    )
    assert values(out["N"]) == [2, 0, 0, None]


def test_under_way_in_the_period(table, context) -> None:
    """The first drug ends on the first day, the open ones go on into the second, open period."""
    out = derive_var_period_summary(
        table(EPISODES),
        ["USUBJID"],
        table(DRUGS),
        "SUM",
        "ASTDT",
        "AENDT",
        "CMSTDTC",
        source_end="CMENDTC",
        statistic="sum",
        column="DOSE",
        context=context,
    )
    assert values(out["SUM"]) == [7, 4 + 16, None, None]
    # begun in February and going on: given on 3 to 6 February or not
    assert [f.rule for f in context.findings] == ["adam.date.open"]


def test_a_statistic_needs_its_column(table, context) -> None:
    with pytest.raises(SpecError):
        derive_var_period_summary(
            table(EPISODES),
            ["USUBJID"],
            table(DRUGS),
            "N",
            "ASTDT",
            "AENDT",
            "CMSTDTC",
            statistic="min",
            context=context,
        )


def test_first_day_of_the_highest_grade(table, context, where) -> None:
    grades = table(
        """
        SUBJ DAYDTC           GRADE TEST
        01   2026-02-02T08:00 4     CRS
        01   2026-02-03T08:00 1     CRS
        01   2026-02-04T08:00 3     CRS
        01   2026-02-05T08:00 3     CRS
        01   2026-02-06T08:00 4     ICANS
        01   2026-02-11       2     CRS
        """
    )
    out = derive_vars_period_extreme(
        table(EPISODES),
        ["USUBJID"],
        grades,
        {"PEAK": "DAYDTC", "WORST": "GRADE"},
        "ASTDT",
        "AENDT",
        "DAYDTC",
        ["GRADE", "DAYDTC"],
        descending=["GRADE"],
        where=where('TEST EQ "CRS"'),
        source_by=["SUBJ"],
        context=context,
    )
    assert values(out["PEAK"]) == ["2026-02-04T08:00", "2026-02-11", None, None]
    assert values(out["WORST"]) == [3, 2, None, None]
