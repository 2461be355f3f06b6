"""Which visits were reached: the target day itself, early assessments, a missing date."""

from __future__ import annotations

from dataclasses import replace

from datacut.adam.derive_visits import derive_visit_records
from datacut.spec.study import Window

WINDOWS = (
    Window(avisit="Baseline", avisitn=0, target=-6),
    Window(avisit="Month 1", avisitn=1, target=29),
    Window(avisit="Month 2", avisitn=2, target=61),
)
PEOPLE = """
STUDYID USUBJID TRTSDT     CUTDT
S       01      2026-01-01 2026-01-29
S       02      2026-01-01 2026-01-28
S       03      .          2026-01-28
S       04      2026-01-01 2026-01-28
"""
ASSESSED = """
STUDYID USUBJID AVISIT
S       01      Baseline
S       04      Month~1
"""


def test_reached_by_the_cut_or_assessed(table, context) -> None:
    made = derive_visit_records(
        table(ASSESSED), "w", table(PEOPLE), "TRTSDT", "CUTDT", context=replace(context, windows={"w": WINDOWS})
    )
    assert made.rows[["USUBJID", "AVISIT"]].values.tolist() == [
        ["01", "Baseline"],
        ["01", "Month 1"],
        ["04", "Month 1"],
    ]
    later = derive_visit_records(
        table(ASSESSED),
        "w",
        table(PEOPLE),
        "TRTSDT",
        "CUTDT",
        first_target=1,
        context=replace(context, windows={"w": WINDOWS}),
    )
    assert later.rows["AVISIT"].tolist() == ["Month 1", "Month 1"]
    assert later.parents.values.tolist() == [[0, 1], [1, 2]], "also where the participant has the baseline only"
    assert made.parents.values.tolist() == [[0, 1], [1, 1], [2, 2]], "a missed visit is of the participant's records"
