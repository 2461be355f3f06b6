"""A step taken before the dose review that allows the dose: the order of dates, boundaries and what is not known."""

from __future__ import annotations

import pandas as pd

from datacut.adam.derive_review_order import derive_vars_before_review

REVIEWS = """
MEETNO HELD       ALLOWS
1      2026-02-01 4.5
2      2026-03-01 6
"""


def judged(frame: pd.DataFrame, reviews: pd.DataFrame, context) -> list[list[object]]:
    out = derive_vars_before_review(
        frame, "DOSE", "COHORT", ["ASSIGNED", "GIVEN"], ["ASSIGNMENT", "INFUSION"], reviews, "HELD", "ALLOWS",
        "MEETNO", [3.0, 4.5, 6.0], "EARLYFL", "STEPS", "REVIEW", "REVDT", context=context,
    )  # fmt: skip
    columns = ["EARLYFL", "STEPS", "REVIEW", "REVDT"]
    return [[None if pd.isna(v) else v for v in row] for row in out[columns].to_numpy().tolist()]


def reviews(table) -> pd.DataFrame:
    frame = table(REVIEWS)
    return frame.assign(HELD=pd.to_datetime(frame["HELD"]))


def test_a_step_on_the_day_of_its_review_is_allowed_and_one_a_day_earlier_is_not(table, context) -> None:
    people = table(
        """
        USUBJID DOSE COHORT ASSIGNED   GIVEN
        FIRST   3    1      2026-01-01 2026-01-10
        ON      4.5  2      2026-02-01 2026-02-10
        EARLY   4.5  2      2026-01-31 2026-02-10
        BOTH    6    3      2026-02-20 2026-02-28
        """
    )
    first, second = pd.Timestamp("2026-02-01"), pd.Timestamp("2026-03-01")
    assert judged(people, reviews(table), context) == [
        ["N", None, None, None],
        ["N", None, 1, first],
        ["Y", "ASSIGNMENT", 1, first],
        ["Y", "ASSIGNMENT; INFUSION", 2, second],
    ]
    assert list(context.findings) == []


def test_a_partial_date_is_judged_only_where_every_day_of_it_says_the_same(table, context) -> None:
    people = table(
        """
        USUBJID DOSE COHORT ASSIGNED GIVEN
        BEFORE  4.5  2      2026-01  2026-02-10
        OPEN    4.5  2      .        2026-02
        ACROSS  6    3      .        2026-02
        UNTOLD  .    2      2026-01  2026-02
        NEVER   4.5  2      .        .
        """
    )
    found = [row[:2] for row in judged(people, reviews(table), context)]
    assert found == [["Y", "ASSIGNMENT"], ["N", None], ["Y", "INFUSION"], [None, None], [None, None]]
    over = table("USUBJID DOSE COHORT ASSIGNED GIVEN\nYEAR 4.5 2 . 2026")
    assert [row[:2] for row in judged(over, reviews(table), context)] == [[None, None]]


def test_a_review_without_date_or_dose_allows_nothing_and_is_told(table, context) -> None:
    people = table("USUBJID DOSE COHORT ASSIGNED GIVEN\nONE 4.5 2 2026-02-02 2026-02-10")
    unclear = reviews(table).assign(ALLOWS=[float("nan"), 6.0])
    assert judged(people, unclear, context) == [["Y", "ASSIGNMENT; INFUSION", 2, pd.Timestamp("2026-03-01")]]
    assert [(str(f.severity), f.rule, f.value) for f in context.findings] == [("warning", "adam.review.unclear", "1")]
