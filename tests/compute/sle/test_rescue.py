"""Rescue by the dates of courses: what counts, what does not, what cannot be told. Reference day: 26 January."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest

from datacut.compute.courses import course_bounds
from datacut.compute.sle.rescue import Rule, compute_increase

TOTAL = Rule()
EACH = Rule(restart=28)

type Row = tuple[str, float | None, str | None, str | None]


def more(rule: Rule, *rows: Row, visit: str = "2026-05-02", sure: bool = True) -> tuple[object, object]:
    """State by the visit, and the day by which more had surely been given."""
    start, end = (pd.Series([r[n] for r in rows], dtype="str") for n in (2, 3))
    mg = pd.Series([r[1] for r in rows], dtype="Float64")
    courses = course_bounds(start, end).assign(
        subject="1", drug=[r[0] for r in rows], low=mg, high=mg, group=None, sure=sure, once=False
    )
    dates = (pd.Series([day], dtype="datetime64[s]") for day in (visit, "2026-01-26"))
    found = compute_increase(pd.Series(["1"], dtype="str"), *dates, courses, rule).iloc[0]
    by = None if pd.isna(found["by"]) else str(found["by"].date())
    return None if pd.isna(found["state"]) else bool(found["state"]), by


OLD = ("P", 10.0, "2025-01-01", None)


@pytest.mark.parametrize(
    ("rows", "expected", "by"),
    [
        ([OLD], False, None),
        ([OLD, ("P", 10, "2026-05-02", None)], True, "2026-05-02"),
        ([OLD, ("P", 10, "2026-05-03", None)], False, "2026-05-03"),
        ([("P", 10, "2025-01-01", "2026-02-10"), ("P", 20, "2026-02-11", None)], True, "2026-02-11"),
        ([("P", 10, "2025-01-01", "2026-02-11"), ("P", 10, "2026-02-11", None)], False, None),
        ([("P", 10, "2025-01-01", "2026-02-10"), ("P", 5, "2026-02-11", None)], False, None),
        ([("P", 10, "2025-01-01", "2026-02-10"), ("P", 10, "2026-04-11", None)], False, None),
        ([("P", 5, "2025-01-01", "2026-01-25"), ("P", 5, "2026-01-26", None)], False, None),
        ([("P", 5, "2026-01-27", None)], True, "2026-01-27"),
        ([("P", 5, "2026-03", None)], True, "2026-03-31"),
        ([("P", 5, "2026-01", None)], None, None),
        ([("P", None, "2026-03-01", None)], True, "2026-03-01"),
    ],
)
def test_more_of_all_drugs_together(rows: list[Row], expected: bool | None, by: str | None) -> None:
    assert more(TOTAL, *rows) == (expected, by)


def test_smallest_rise_and_duration() -> None:
    burst: Row = ("P", 5, "2026-03-01", "2026-03-02")
    assert more(Rule(amount=Fraction(5)), OLD, burst) == (True, "2026-03-01")
    assert more(Rule(amount=Fraction(6)), OLD, burst) == (False, None)
    assert more(Rule(percent=Fraction(50)), OLD, burst) == (True, "2026-03-01")
    assert more(Rule(percent=Fraction(51)), OLD, burst) == (False, None)
    assert more(Rule(days=2), OLD, burst) == (True, "2026-03-01")
    assert more(Rule(days=3), OLD, burst) == (False, None)
    assert more(Rule(amount=Fraction(1)), OLD, ("P", None, "2026-03-01", None)) == (None, None)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("AZA", 100, "2026-03-01", None)], True),
        ([("AZA", None, "2026-03-01", None)], True),
        ([("AZA", 100, "2025-01-01", "2026-02-28"), ("AZA", 100, "2026-03-29", None)], False),
        ([("AZA", 100, "2025-01-01", "2026-02-28"), ("AZA", 100, "2026-03-30", None)], True),
        ([("AZA", 100, "2025-01-01", "2026-02-28"), ("AZA", 150, "2026-03-29", None)], True),
        ([("AZA", 100, "2025-01-01", "2026-01-10"), ("AZA", 100, "2026-02-05", None)], False),
        ([("AZA", 100, "2025-01-01", "2026-01-10"), ("AZA", 150, "2026-02-05", None)], True),
        ([("AZA", 100, "2025-01-01", "2026-02-28"), ("MTX", 2, "2026-03-01", None)], True),
        ([("AZA", 100, "2025-01-01", "2026-02"), ("AZA", 100, "2026-03-20", None)], None),
    ],
    ids=[
        "new",
        "new, dose unknown",
        "28 days without",
        "29 days without",
        "restart at more",
        "pause over the reference",
        "pause over the reference, more",
        "another drug",
        "end of the old course unknown",
    ],
)
def test_each_drug_by_itself(rows: list[Row], expected: bool | None) -> None:
    assert more(EACH, *rows)[0] is expected


def test_what_it_was_for_is_not_known() -> None:
    assert more(EACH, ("AZA", 100, "2026-03-01", None), sure=False)[0] is None
    assert more(EACH, ("AZA", 100, "2026-05-03", None), sure=False)[0] is False
