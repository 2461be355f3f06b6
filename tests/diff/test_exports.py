"""Rows of two exports: who is who, and what became of each."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from datacut.diff.exports import compare_form
from datacut.raw.identity import digest_fields

FORM = {"record": "ID", "subject": "SUBJ", "visit": "VISIT", "audit": ["UPDATED"]}
COLUMNS = ["ID", "SUBJ", "VISIT", "GRADE", "TERM", "UPDATED"]


def stored(*rows: str, columns: list[str] | None = None) -> Any:
    """A build with one form, its rows as texts with `|` between the fields, from line 2 on."""
    frame = pd.DataFrame([r.split("|") for r in rows], columns=columns or COLUMNS, dtype="str")
    frame = frame.mask(frame.eq(""))
    frame.index = pd.Index(range(2, len(rows) + 2))
    record = frame["ID"].fillna("") if "ID" in frame.columns else pd.Series("", index=frame.index)
    known = pd.DataFrame({"record": record, "occurrence": record.groupby(record).cumcount() + 1, "line": frame.index})
    return SimpleNamespace(
        study={"forms": {"ae": FORM}},
        identities=lambda form: known.reset_index(drop=True),
        fields=lambda form: digest_fields(frame).reset_index(drop=True),
        raw=lambda form: (frame, ""),
    )


def told(old: Any, new: Any) -> list[tuple[str, str, str]]:
    """Class, record and fields of each row that differs in more than bookkeeping."""
    changes = compare_form(old, new, "ae").changes
    return [
        (str(c.kind), c.record, "; ".join(f"{f.field} {f.old}->{f.new}" for f in c.fields if f.field != "UPDATED"))
        for c in changes
        if not c.audit
    ]


BEFORE = ("1|101|D1|1|rash|01", "2|101|D1||cough|01", "3|102|D1|2|fever|01")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(BEFORE, [], id="the same"),
        pytest.param(BEFORE[::-1], [], id="in another order"),
        pytest.param(("1|101|D1|1|rash|02", *BEFORE[1:]), [], id="saved again"),
        pytest.param(("1|101|D1|2|rash|02", *BEFORE[1:]), [("corrected", "1", "GRADE 1->2")], id="a value is another"),
        pytest.param(
            (BEFORE[0], "2|101|D1|3|cough|02", BEFORE[2]), [("completed", "2", "GRADE ->3")], id="a blank is filled"
        ),
        pytest.param(("1|101|D1||rash|02", *BEFORE[1:]), [("blanked", "1", "GRADE 1->")], id="a value is gone"),
        pytest.param(
            (BEFORE[0], "2|101|D1|3||02", BEFORE[2]),
            [("ended", "2", "GRADE ->3; TERM cough->")],
            id="one for the other",
        ),
        pytest.param(BEFORE[1:], [("removed", "1", "")], id="a row is gone"),
        pytest.param((*BEFORE, "4|103|D1|1|rash|02"), [("new", "4", "")], id="a row is new"),
        pytest.param(
            (*BEFORE[1:], "9|101|D1|1|rash|01"), [("re-keyed", "9", "")], id="the same under another record id"
        ),
        pytest.param((*BEFORE, BEFORE[0]), [("new", "1", "")], id="a record id stands twice"),
        pytest.param((), [("removed", "1", ""), ("removed", "2", ""), ("removed", "3", "")], id="nothing is left"),
    ],
)
def test_what_became_of_each_row(now: tuple[str, ...], expected: list[tuple[str, str, str]]) -> None:
    assert told(stored(*BEFORE), stored(*now)) == expected


def test_a_row_that_moved_keeps_its_identity() -> None:
    found = compare_form(stored(*BEFORE), stored("7|100|D1|1|rash|01", *BEFORE), "ae")
    assert [str(c.kind) for c in found.changes] == ["new"]
    assert found.moved == 3
    assert found.unreliable == ""


def test_record_ids_that_went_to_others_are_not_believed() -> None:
    """The system numbered anew: id 1 is of subject 102 now. Rows are known by content within subject and visit."""
    now = ("1|102|D1|2|fever|01", "2|101|D1|1|rash|01", "3|101|D1||cough|01")
    found = compare_form(stored(*BEFORE), stored(*now), "ae")
    assert found.unreliable == "2 record ids stand on rows of another subject in the later export"
    assert [(str(c.kind), c.was, c.record) for c in found.changes] == [
        ("re-keyed", "3", "1"),
        ("re-keyed", "1", "2"),
        ("re-keyed", "2", "3"),
    ]


def test_two_ways_of_pairing_are_ambiguous_and_never_corrected() -> None:
    """Without ids, two rows of one subject and visit whose grades are others now: either may be either."""
    columns = ["SUBJ", "VISIT", "GRADE", "TERM", "A", "B"]
    old = stored("101|D1|1|rash|x|y", "101|D1|2|rash|x|y", columns=columns)
    new = stored("101|D1|3|rash|x|y", "101|D1|4|rash|x|y", columns=columns)
    assert [str(c.kind) for c in compare_form(old, new, "ae").changes] == ["ambiguous", "ambiguous"]


def test_of_two_rows_alike_it_is_not_said_which_one_changed() -> None:
    columns = ["SUBJ", "VISIT", "GRADE", "TERM", "A", "B"]
    old = stored("101|D1|1|rash|x|y", "101|D1|1|rash|x|y", columns=columns)
    new = stored("101|D1|1|rash|x|y", "101|D1|2|rash|x|y", columns=columns)
    assert [str(c.kind) for c in compare_form(old, new, "ae").changes] == ["ambiguous"]


def test_a_form_of_one_build_alone() -> None:
    nothing = SimpleNamespace(
        study={"forms": {}},
        identities=lambda form: pd.DataFrame({"record": [], "occurrence": [], "line": []}),
        fields=lambda form: pd.DataFrame(),
        raw=lambda form: (None, ""),
    )
    assert [k for k, _, _ in told(nothing, stored(*BEFORE))] == ["new", "new", "new"]
    assert [k for k, _, _ in told(stored(*BEFORE), nothing)] == ["removed", "removed", "removed"]
