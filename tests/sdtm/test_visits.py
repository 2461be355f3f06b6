from __future__ import annotations

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
    assert told(context) == ["error sdtm.visit raw/form.csv:9:V Visit 77"]
    assert listed(assign_visitnum(form, "V", context)) == [None, 1.0, 6.0, 9.0, 6.01, 9.02, 99.0, None]
    assert len(context.findings) == 1, "the number does not report it again"


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
