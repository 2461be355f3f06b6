from __future__ import annotations

import pytest
from tests.sdtm.conftest import VISITS as PLANNED
from tests.sdtm.conftest import listed, make_context, told

from datacut.sdtm.visits import (
    assign_planned,
    assign_planned_day,
    assign_visit,
    assign_visit_elapsed,
    assign_visit_epoch,
    assign_visit_target,
    assign_visitdy,
    assign_visitnum,
)

VISITS = "V\n.\nscr\nD0~PRE\nDay~7\nUnscheduled~6.01\nunscheduled~~9.02\nEOS\nVisit~77"


def test_visits_of_any_spelling_get_name_and_number(raw, context) -> None:
    form = raw(VISITS)
    assert listed(assign_visit(form, "V", context)) == [
        None, "SCREENING", "INFUSION", "DAY 7", "UNSCHEDULED 6.01", "UNSCHEDULED  9.02", "END OF STUDY", None,
    ]  # fmt: skip
    assert told(context) == ["error sdtm.visit raw/form.csv:2:V", "error sdtm.visit raw/form.csv:9:V Visit 77"]
    assert listed(assign_visitnum(form, "V", context)) == [None, 1.0, 6.0, 9.0, 6.01, 9.02, 99.0, None]
    assert len(context.findings) == 2, "the number does not report it again"


@pytest.mark.parametrize(
    "verb",
    [
        assign_planned, assign_visit, assign_visit_elapsed, assign_visit_epoch, assign_visit_target, assign_visitdy,
        assign_visitnum,
    ],
)  # fmt: skip
def test_every_visit_verb_tells_of_a_blank_and_of_an_unknown_visit_once_a_cause(verb, raw, context) -> None:
    verb(raw("V\n.\nscr\nDay~8\nDay~8\n.\nD7"), "V", context)
    assert [(f.rule, str(f.where), f.value, f.what.partition("(")[2]) for f in context.findings] == [
        ("sdtm.visit", "raw/form.csv:2:V", "", "2 rows: 2, 6)"),
        ("sdtm.visit", "raw/form.csv:4:V", "Day 8", "2 rows: 4, 5)"),
    ]


def test_rows_of_another_block_are_counted_with_their_cause(raw, context) -> None:
    form = raw("V\nDay~8\nscr\nDay~8")
    assign_visitnum(form.iloc[[0]], "V", context)
    assign_visit(form.iloc[[1, 2]], "V", context)
    assert [(str(f.where), f.what.partition("(")[2]) for f in context.findings] == [
        ("raw/form.csv:2:V", "2 rows: 2, 4)")
    ]


def test_a_form_at_a_visit_it_is_not_planned_at_is_told_and_keeps_it(raw) -> None:
    context = make_context(form_visits=("SCR", "INF"))
    assert listed(assign_visitnum(raw("V\nscr\nD7\nUnscheduled~6.01"), "V", context)) == [1.0, 9.0, 6.01]
    assert told(context) == ["warning sdtm.visit.form raw/form.csv:3:V D7"]


def test_planned_days_are_those_of_the_study_and_unscheduled_visits_have_none(raw, context) -> None:
    form = raw(VISITS)
    assert listed(assign_planned(form, "V", context)) == [None, "Y", "Y", "Y", None, None, "Y", None]
    assert listed(assign_visit_target(form, "V", context)) == [None, -17.0, 0.0, 7.0, None, None, None, None]
    assert listed(assign_visit_elapsed(form, "V", context)) == [None, "-P17D", "P0D", "P7D", None, None, None, None]
    days = assign_visitdy(form, "V", context)
    assert listed(days) == [None, -17, 1, 8, None, None, None, None], "there is no day 0"
    assert str(days.dtype) == "Int64"


def test_a_day_number_becomes_a_study_day(raw, context) -> None:
    assert listed(assign_planned_day(raw("T\n-1\n0\n28\n.\nx"), "T", context)) == [-1, 1, 29, None, None]
    assert told(context) == ["error sdtm.number raw/form.csv:6:T x"]


def test_the_planned_epoch_is_that_of_the_study_and_missing_where_it_gives_none(raw) -> None:
    epochs = {"SCR": "SCREENING", "INF": "TREATMENT", "D7": "TREATMENT"}
    planned = {k: v.model_copy(update={"epoch": epochs.get(k)}) for k, v in PLANNED.items()}
    found = assign_visit_epoch(raw(VISITS), "V", make_context(visits=planned))
    assert listed(found) == [None, "SCREENING", "TREATMENT", "TREATMENT", None, None, None, None]
    none = assign_visit_epoch(raw(VISITS), "V", make_context(visits=PLANNED))
    assert listed(none) == [None] * 8
    assert (str(found.dtype), str(none.dtype)) == ("str", "str")
