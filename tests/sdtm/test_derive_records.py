from __future__ import annotations

import pytest
from tests.sdtm.conftest import listed, told

from datacut.sdtm.derive_records import (
    derive_actual_level,
    derive_age,
    derive_date_after,
    derive_end_relative,
    derive_extreme_dtc,
    derive_latest,
    derive_next_start,
    derive_paste,
    derive_seq,
)


def test_seq_counts_within_the_subject_with_missing_first_and_ties_in_record_order(raw) -> None:
    rows = raw("USUBJID DTC T\n02 2026-01 a\n01 2026-02 a\n01 . b\n01 2026-02 a\n01 2026-01 c")
    out = derive_seq(rows, ["DTC", "T"], "SEQ")
    assert listed(out["SEQ"]) == [1, 3, 1, 4, 2]
    assert str(out["SEQ"].dtype) == "Int64"
    assert out.index.equals(rows.index)
    assert listed(derive_seq(rows, ["DTC"], "SEQ", ["T"])["SEQ"]) == [1, 2, 1, 3, 1]


def test_a_partial_date_that_may_come_first_or_last_leaves_what_is_certain(raw, context, where) -> None:
    ex = raw("USUBJID TRT DTC\n01 A 2026-03-01\n01 B 2026-03\n01 A .\n02 A 2026-01-01T10:00\n03 A .")
    rows = raw("USUBJID\n03\n02\n01")
    assert listed(derive_extreme_dtc(rows, ex, "DTC", "first", "D", context)["D"]) == [
        None, "2026-01-01T10:00", "2026-03-01",
    ]  # fmt: skip
    assert listed(derive_extreme_dtc(rows, ex, "DTC", "last", "D", context, where('TRT EQ "A"'))["D"]) == [
        None, "2026-01-01T10:00", "2026-03-01",
    ]  # fmt: skip
    assert listed(derive_extreme_dtc(rows, ex, "DTC", "last", "D", context)["D"]) == [
        None,
        "2026-01-01T10:00",
        "2026-03",
    ]


def test_the_latest_of_several_dates(raw, context) -> None:
    rows = raw("A B C\n. . .\n2026 2026-01 .\n. 2025 2024\nx . y")
    assert listed(derive_latest(rows, ["A", "B", "C"], "D", context)["D"]) == [None, "2026", "2025", None]
    # January of 2026 may end on a day before or after the unknown day of the year
    assert told(context) == ["note sdtm.date.open raw/form.csv:3:D 2026"]


def test_texts(raw) -> None:
    rows = raw("A B\nx 1\n. 2\ny .")
    assert listed(derive_paste(rows, ["A", "B"], "C", sep="-DL")["C"]) == ["x-DL1", None, None]


def test_a_date_some_days_later_needs_a_complete_date(raw) -> None:
    rows = raw("D\n2026-02-10T11:30\n2024-02-01\n2026-02\n.")
    assert listed(derive_date_after(rows, "D", 29, "E")["E"]) == ["2026-03-11", "2024-03-01", None, None]


def test_an_element_ends_where_the_next_one_starts(raw) -> None:
    rows = raw("USUBJID S L\n01 2026-02 2026-05\n01 2026-01 2026-05\n02 2026-01 .\n01 2026-03 2026-05")
    assert listed(derive_next_start(rows, "S", "L", "E")["E"]) == ["2026-03", "2026-02", None, "2026-05"]


def test_age_counts_completed_years(raw, context) -> None:
    rows = raw(
        "B A\n1990-03-01 2026-02-28\n1990-03-01 2026-03-01\n1988-02-29 2026-02-28\n1990-03 2026-03-01\n1990-03-01 ."
    )
    assert listed(derive_age(rows, "B", "A", "AGE", context)["AGE"]) == [35, 36, 37, None, None]
    assert [text.split()[:2] for text in told(context)] == [["warning", "sdtm.age"]] * 2
    assert len(told(context)) == 2


def test_ongoing_needs_the_tick_and_no_end(raw, context) -> None:
    rows = raw("O E\nY .\nY 2026-01\n. 2026-01\n. .")
    assert listed(derive_end_relative(rows, "O", "E", "R", context)["R"]) == ["ONGOING", None, None, None]
    assert told(context) == ["warning sdtm.ongoing raw/form.csv:3:E 2026-01", "warning sdtm.ongoing raw/form.csv:5:E"]


@pytest.mark.parametrize(
    ("dose", "level"),
    [(None, None), (309.0, "1"), (375.0, "1"), (375.1, "2"), (450.0, "2"), (600.0, "3"), (0.0, "1"), (9e3, "3")],
)
def test_a_dose_counts_as_the_level_nearest_to_it_and_the_lower_of_two(raw, dose, level) -> None:
    rows = raw("P\n2")
    rows["D"] = [dose]
    out = derive_actual_level(rows, "D", "P", [3.0, 4.5, 6.0], "L", scale=0.01)
    assert listed(out["L"]) == [level]


def test_the_assigned_level_can_stand_for_every_dose_given(raw) -> None:
    rows = raw("P\n2\n2")
    rows["D"] = [None, 309.0]
    assert listed(derive_actual_level(rows, "D", "P", [3.0, 4.5], "L", rule="assigned")["L"]) == [None, "2"]
