"""Candidates by rule: the kind, the grade and how long it lasts, for related events of the window."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_dlt import (
    derive_var_dlt_window,
    derive_var_reaches_day,
    derive_vars_contact,
    derive_vars_dlt,
    derive_vars_dlt_candidate,
    derive_vars_dlt_evaluable,
)
from datacut.errors import SpecError

RULES = ["DLT01 ANY 5", "DLT02 CRS 3 OVER 3 DAYS", "DLT04 OTHER 3 OVER 7 DAYS"]
EVENTS = """
USUBJID KIND  GRADE DAYS LAST REL WIN EXC
01      CRS   3     3    5    Y   Y   N
02      CRS   3     4    6    Y   Y   N
03      CRS   3     4    6    N   Y   N
04      CRS   3     4    6    Y   N   N
05      OTHER 3     7    9    Y   Y   N
06      OTHER 4     8    9    Y   Y   N
07      OTHER 4     8    9    Y   Y   Y
08      OTHER 5     1    9    Y   Y   N
09      CRS   3     .    .    Y   Y   N
10      CRS   2     .    .    Y   Y   N
"""


def candidates(frame, context, rules=RULES):
    frame = frame.assign(LEAST=pd.array([None] * len(frame), dtype="Int64"), ON=pd.Series(None, dtype="str"))
    return derive_vars_dlt_candidate(
        frame, "CND", "KIND", "GRADE", "LEAST", "DAYS", "LAST", "ON", "REL", "WIN", "EXC", rules, "RULE",
        context=context,
    )  # fmt: skip


def test_a_candidate_is_related_in_the_window_not_excluded_and_lasts_longer_than_its_rule_says(table, context) -> None:
    made = candidates(table(EVENTS), context)
    assert made["CND"].fillna("").tolist() == ["N", "Y", "N", "N", "N", "Y", "N", "Y", "", "N"]


def test_the_rules_met_are_named(table, context) -> None:
    made = candidates(table(EVENTS), context)
    assert made["RULE"].fillna("").tolist()[1] == "DLT02"
    assert made["RULE"].fillna("").tolist()[5] == "DLT04"
    assert made["RULE"].fillna("").tolist()[7] == "DLT01"


def test_a_rule_that_cannot_be_read_is_a_fault_of_the_spec(table, context) -> None:
    with pytest.raises(SpecError, match="DLT02 CRS bad"):
        candidates(table(EVENTS), context, ["DLT02 CRS bad"])


def test_a_contact_on_the_day_or_later_and_by_when_the_first_was(table, context) -> None:
    """Infused on 1 February: day 28 is 1 March. 04 was infused on an unknown day of February, 05 has no visit."""
    people = table("USUBJID INF\n01 2026-02-01\n02 2026-02-01\n03 2026-02-05\n04 2026-02\n05 2026-02-01")
    visits = table(
        """
        USUBJID START      END
        01      2026-02-28 2026-02-28
        01      2026-03-01 2026-03-04
        01      2026-04-01 2026-04-01
        02      2026-02-06 .
        03      2026-03    .
        04      2026-03-28 .
        """
    )
    out = derive_vars_contact(people, ["USUBJID"], visits, ["START", "END"], "INF", 28, "SEEN", "BY", context=context)
    assert out["SEEN"].fillna("").tolist() == ["Y", "N", "", "Y", "N"]
    assert [None if pd.isna(d) else str(d.date()) for d in out["BY"]] == ["2026-03-01", None, None, "2026-03-28", None]


def test_the_window_is_from_the_infusion_to_its_last_day_and_open_where_a_partial_date_lets_it(table) -> None:
    """Infused on 1 February, 28 days: to 1 March."""
    events = table(
        """
        USUBJID BEGAN      ENDED      INF
        01      2026-01-31 .          2026-02-01
        02      2026-02-01 .          2026-02-01
        03      2026-03-01 .          2026-02-01
        04      2026-03-02 .          2026-02-01
        05      2026-02    .          2026-02-01
        06      2026-03    .          2026-02-01
        07      .          2026-01-20 2026-02-01
        08      2026-02-03 .          .
        """
    )
    out = derive_var_dlt_window(events, "BEGAN", "ENDED", "INF", 28, "WIN")
    assert out["WIN"].fillna("").tolist() == ["N", "Y", "Y", "N", "Y", "", "N", ""]


def test_a_day_is_reached_on_it_and_open_without_a_date(table) -> None:
    people = table("USUBJID LAST INF\n01 2026-02-28 2026-02-01\n02 2026-03-01 2026-02-01\n03 2026-02 2026-02\n"
                   "04 2026-03 2026-02-01\n05 . 2026-02-01")  # fmt: skip
    out = derive_var_reaches_day(people, "LAST", "INF", 28, "SEEN")
    assert out["SEEN"].fillna("").tolist() == ["N", "Y", "N", "Y", ""]


def test_the_adjudication_decides_and_what_is_pending_is_not_known(table) -> None:
    events = table(
        """
        USUBJID CND ADJ REL WIN
        01      Y   Y   Y   Y
        02      N   N   Y   Y
        03      Y   Y   Y   N
        04      Y   Y   N   Y
        05      Y   Y   Y   .
        06      Y   N   Y   Y
        07      Y   .   Y   Y
        08      .   .   Y   Y
        09      N   .   Y   Y
        """
    )
    out = derive_vars_dlt(events, "CND", "ADJ", "REL", "WIN", "DLT", "WHY")
    assert out["DLT"].fillna("").tolist() == ["Y", "N", "N", "N", "Y", "N", "", "", "N"]
    assert out["WHY"].isna().tolist() == [True, True, False, False, False, False, False, False, True]


def test_who_is_evaluable_and_why_not(table) -> None:
    """Of 300 planned, 240 is the 80 % that is needed."""
    people = table(
        """
        USUBJID INF TOX DOSE PLAN SEEN OFF LEFT LOST NONE UNREL PEND OVER
        01      Y   N   240  300  Y    N   N    N    .    .     N    Y
        02      Y   N   239  300  Y    N   N    N    .    .     N    Y
        03      Y   Y   100  300  N    Y   Y    Y    N    N     N    Y
        04      N   N   0    300  N    N   N    N    N    Y     N    N
        05      Y   N   300  300  N    N   N    N    N    Y     N    N
        06      Y   N   300  300  N    Y   Y    N    Y    Y     N    Y
        07      Y   N   .    300  Y    N   N    N    N    Y     N    Y
        08      Y   N   300  300  N    Y   Y    Y    Y    Y     N    Y
        """
    )
    columns = ("INF", "TOX", "DOSE", "PLAN")
    others = ("SEEN", "OFF", "LEFT", "LOST", "NONE", "UNREL", "PEND", "OVER")
    out = derive_vars_dlt_evaluable(people, *columns, 0.8, *others, "registry", "FL", "WHY")
    assert out["FL"].fillna("").tolist() == ["Y", "N", "Y", "N", "", "Y", "", "N"]
    assert out["WHY"].tolist() == [
        "WINDOW COMPLETED",
        "DOSE BELOW MINIMUM",
        "DLT IN THE WINDOW",
        "NOT INFUSED",
        "WINDOW NOT OVER AT CUT-OFF",
        "EARLY COMPLETION",
        "NOT KNOWN: DOSE",
        "LEFT BEFORE END OF WINDOW",
    ]
    strict = derive_vars_dlt_evaluable(people, *columns, 0.8, *others, "conservative", "FL", "WHY")
    assert strict["FL"].fillna("").tolist()[5] == "N"
