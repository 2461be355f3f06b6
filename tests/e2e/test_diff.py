"""Two cuts of the simulated study: rows of the export as the truth has them, and no change is unexplained."""

from __future__ import annotations

import json

import pytest

from datacut.diff.told import compare_builds, summary_of
from datacut.history.stored import Stored


@pytest.fixture(scope="module")
def diff(base):
    return compare_builds(*(Stored(base.cut(n).home.resolve(), base.root) for n in (1, 2)))


CLASSES = {
    "new": {"new"},
    "removed": {"removed"},
    "re-keyed": {"rekeyed"},
    "completed": {"completed", "ended"},
    "ended": {"ended"},
    "corrected": {"corrected"},
    "blanked": {"corrected"},
}
"""What the truth calls a row of each class: the end of a log line may only fill fields."""


def test_rows_of_the_export_are_those_that_were_simulated(base, diff):
    (told,) = json.loads((base.root / "raw" / "truth.json").read_text(encoding="utf-8"))["differences"].values()
    truth = {(t["form"], t["record"], t["occurrence"]): t for t in told if t["class"] != "audit"}
    found = {(c.form, c.record, c.occurrence): c for f in diff.forms.values() for c in f.changes if not c.audit}
    assert found.keys() == truth.keys()
    for key, change in found.items():
        entry = truth[key]
        assert entry["class"] in CLASSES[str(change.kind)], key
        if entry["class"] not in ("new", "removed"):
            data = {f.field: (f.old, f.new) for f in change.fields if f.field not in change.bookkeeping}
            assert data == {n: (f["old"] or "", f["new"] or "") for n, f in entry["fields"].items()}, key


def test_nothing_that_changed_is_unexplained(diff):
    assert diff.unexplained == []


def test_a_cut_adds_and_takes_away_nothing_of_before(diff):
    """595 rows are new and 2 withdrawn (counted in the files of seed 1); records of both come and go."""
    about = summary_of(diff)
    assert (about["rows"]["new"], about["rows"]["removed"]) == (595, 2)
    assert about["unreliable"] == {}
    assert about["records"]["new"] > 595
    assert about["cells"] > 1000
