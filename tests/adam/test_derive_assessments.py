"""Which records are one assessment of disease activity, and which of them is judged at a visit."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_assessments import derive_vars_assessment
from datacut.adam.derive_windows import derive_var_closest_flag


def grouped(table, context, rows: str, days: int = 3) -> pd.DataFrame:
    frame = table(f"USUBJID PARAMCD ADT VISITNUM QSSEQ AVAL AVALC BLREFDT\n{rows.strip()}")
    return derive_vars_assessment(
        frame, ["USUBJID"], "ADT", days, "NO", "USED", ["AVAL", "AVALC"], ["VISITNUM", "QSSEQ"], "BLREFDT", "VISITNUM",
        context=context,
    )  # fmt: skip


def numbers(frame: pd.DataFrame) -> list[object]:
    return [None if pd.isna(n) else int(n) for n in frame["NO"]]


def flags(frame: pd.DataFrame, column: str = "USED") -> list[str]:
    return frame[column].fillna("").tolist()


def test_parts_within_days_of_the_first_are_one_assessment(table, context) -> None:
    out = grouped(table, context, """
01 PGA  2026-05-02 15 1 1.0 . 2026-01-27
01 SLED 2026-05-05 15 2 0   . 2026-01-27
01 BIL  2026-05-06 15 3 .   C 2026-01-27
02 PGA  2026-05-04 15 1 1.0 . 2026-01-27
""")  # fmt: skip
    assert numbers(out) == [1, 1, 2, 1]
    assert flags(out) == ["Y", "Y", "Y", "Y"]


def test_days_are_counted_from_the_first_part_not_from_the_one_before(table, context) -> None:
    days = [f"01 P{n} 2026-05-0{n} 15 {n} 1 . 2026-01-27" for n in (1, 3, 5, 7)]
    assert numbers(grouped(table, context, "\n".join(days))) == [1, 1, 2, 2]
    assert numbers(grouped(table, context, "\n".join(days), days=0)) == [1, 2, 3, 4]


def test_the_baseline_reference_parts_assessments(table, context) -> None:
    out = grouped(table, context, """
01 PGA  2026-01-26 2 1 1.0 . 2026-01-27
01 SLED 2026-01-27 3 2 0   . 2026-01-27
""")  # fmt: skip
    assert numbers(out) == [1, 2]


def test_the_last_value_of_a_part_is_used_and_a_part_not_done_is_none(table, context) -> None:
    out = grouped(table, context, """
01 DNA 2026-05-02 15 1 .   . 2026-01-27
01 PGA 2026-05-02 15 2 1.0 . 2026-01-27
01 PGA 2026-05-03 16 1 1.2 . 2026-01-27
01 DNA 2026-05-04 16 2 1   . 2026-01-27
01 PGA 2026-05-05 17 1 .   . 2026-01-27
""")  # fmt: skip
    assert numbers(out) == [1, 1, 1, 1, 1]
    assert flags(out) == ["", "", "Y", "Y", ""]


def test_records_without_a_value_do_not_begin_an_assessment_of_values(table, context) -> None:
    out = grouped(table, context, """
01 PGA  2026-04-30 14 1 .   . 2026-01-27
01 PGA  2026-05-02 15 2 1.0 . 2026-01-27
01 SLED 2026-05-05 15 3 0   . 2026-01-27
""")  # fmt: skip
    assert numbers(out) == [1, 2, 2]


def test_two_values_on_one_day_that_differ_are_told_and_not_used(table, context) -> None:
    out = grouped(table, context, """
01 PGA  2026-05-02 15 1 1.0 . 2026-01-27
01 PGA  2026-05-02 16 1 2.0 . 2026-01-27
01 SLED 2026-05-02 15 2 0   . 2026-01-27
01 SLED 2026-05-02 16 2 0   . 2026-01-27
""")  # fmt: skip
    assert flags(out) == ["", "", "", "Y"]
    assert [f.rule for f in context.findings.errors] == ["adam.assessment.several"] * 2


def test_records_of_a_visit_without_a_date_are_one_assessment_after_the_dated(table, context) -> None:
    out = grouped(table, context, """
01 PGA  .          15 1 1.0 . 2026-01-27
01 SLED .          15 2 0   . 2026-01-27
01 PGA  .          16 1 1.0 . 2026-01-27
01 PGA  2026-05-02 14 1 1.0 . 2026-01-27
""")  # fmt: skip
    assert numbers(out) == [2, 2, 3, 1]


@pytest.mark.parametrize(("choice", "judged"), [("closest", ["Y", ""]), ("complete", ["", "Y"])])
def test_the_closest_is_judged_unless_the_complete_comes_first(
    table, context, where, choice: str, judged: list[str]
) -> None:
    frame = table("""
USUBJID ADY TARGET WHOLE
01      91  91     0
01      130 91     1
""")
    out = derive_var_closest_flag(
        frame, ["USUBJID"], "ADY", "TARGET", "JUDGED", complete=where("WHOLE EQ 1"), choice=choice, context=context
    )
    assert flags(out, "JUDGED") == judged
