"""Why a task ran: the part of its key that had changed, and the first input that goes back to."""

from pathlib import Path

import pytest

from datacut.cache.code import Code
from datacut.cache.entries import Entries
from datacut.cache.tasks import Done, Tasks
from datacut.pipeline.why import changes, keep_run, keys_of_runs, read_run


def done(name: str, *, reused: bool = False, **parts: str) -> Done:
    """A task whose key is over parts: `raw_AGE` stands for `raw.AGE`."""
    return Done(name, {k.replace("_", "."): v for k, v in parts.items()}, f"key of {name}", f"base of {name}", reused)


BEFORE = {
    "DM.*": {"raw.AGE": "1", "call 1": "assign(AGE)"},
    "ADSL.AGEGR1": {"ADSL.AGE": "1"},
    "t-1": {"ADSL.AGEGR1": "1", "footnote": "Old"},
}
COPIES = {"ADSL.AGE": "DM.AGE"}


def told(*ran: Done) -> list[str]:
    return [str(change) for change in changes(ran, BEFORE, COPIES)]


def test_a_changed_column_goes_back_over_copies_and_calls_to_the_raw_field() -> None:
    assert told(
        done("DM.*", raw_AGE="2", **{"call 1": "assign(AGE)"}),
        done("ADSL.AGEGR1", ADSL_AGE="2"),
        done("t-1", ADSL_AGEGR1="2", footnote="Old"),
    ) == [
        "DM.*: raw.AGE: 1 -> 2",
        "ADSL.AGEGR1: ADSL.AGE: 1 -> 2, from raw.AGE",
        "t-1: ADSL.AGEGR1: 1 -> 2, from raw.AGE",
    ]


def test_a_task_that_was_taken_is_not_told_and_no_cause_is_made_up() -> None:
    assert told(done("DM.*", reused=True, raw_AGE="2"), done("t-1", ADSL_AGEGR1="1", footnote="New")) == [
        "t-1: footnote: Old -> New"
    ]
    assert told(done("new", x="1")) == ["new: the task: none -> new"]
    assert told(done("t-1", ADSL_AGEGR1="1", footnote="Old")) == [
        "t-1: its entry: none -> gone, or not as it was written"
    ]


@pytest.fixture
def run(tmp_path: Path):
    def of(*ran: Done, partly: bool = False) -> set[str]:
        tasks = Tasks(Entries(tmp_path / "e"), Code({}, {}), list(ran))
        keep_run(tmp_path, "c1", tasks, partly=partly)
        return set(read_run(tmp_path, "c1")["tasks"])

    return of


def test_what_a_run_was_not_asked_for_stays_known(run, tmp_path: Path) -> None:
    assert run(done("SDTM"), done("DM.AGE"), done("t-1"), done("t-2")) == {"SDTM", "DM.AGE", "t-1", "t-2"}
    assert run(done("SDTM"), done("DM.SEX"), done("t-1"), partly=True) == {"SDTM", "DM.AGE", "DM.SEX", "t-1", "t-2"}
    assert run(done("SDTM"), done("DM.SEX"), done("t-1")) == {"SDTM", "DM.SEX", "t-1"}
    assert keys_of_runs(tmp_path) == {
        f"{what} of {name}" for what in ("key", "base") for name in ("SDTM", "DM.SEX", "t-1")
    }


def test_a_record_of_a_run_that_cannot_be_read_is_as_if_there_had_been_none(run, tmp_path: Path) -> None:
    run(done("SDTM"))
    (tmp_path / ".store" / "tasks" / "runs" / "c1.json").write_text('{"tasks": {"SDTM": 1}', encoding="utf-8")
    assert read_run(tmp_path, "c1") == {"tasks": {}, "why": [], "spoilt": []}
    assert keys_of_runs(tmp_path) == set()
