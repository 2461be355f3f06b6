"""Edits of a small study, one at a time: every value and cell that changed has the edit as its cause, and no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from tests.edits import ENGINE, Edit, Trial
from tests.vitals import CUT, FILES

from datacut.diff.told import Diff, compare_builds, summary_of
from datacut.files.parquet import read_parquet, write_parquet
from datacut.history.stored import Stored
from datacut.pipeline.inputs import package_files
from datacut.pipeline.store import newest

RAW = f"study/raw/{CUT}"
VS = "study/specs/sdtm/vs.yml"
ADVS = "study/specs/adam/advs.yml"


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    made = Trial(tmp_path_factory.mktemp("trial"), FILES, CUT)
    with pytest.MonkeyPatch.context() as patch:
        # nobody edits the package here: it need not be looked for in every build
        patch.setattr("datacut.pipeline.inputs.package_files", cache(package_files))
        made.build("build")
        yield made


def home_of(trial: Trial) -> Path:
    found = newest(trial.home / "build", CUT)
    assert found is not None
    return found.folder


def changed_by(trial: Trial, edit: Edit) -> Diff:
    """What differs once an edit was made; it is undone again."""
    old = home_of(trial)
    undo = trial.write(edit)
    try:
        trial.build("build")
        diff = compare_builds(Stored(old, trial.root), Stored(home_of(trial), trial.root))
    finally:
        trial.write(undo)
    trial.build("build")
    return diff


def values(diff: Diff) -> dict[str, int]:
    """How many values of each variable changed."""
    return {f"{d}.{v}": len(p) for (d, v), p in diff.causes.changed.items() if not v.startswith("_")}


def causes(diff: Diff) -> list[str]:
    """What changed something, as it is told."""
    return [f"{r.cause.kind}: {r.cause.text}" for r in diff.ranked if r.values or r.cells]


type Of = Callable[[Trial], Edit]


def swap(name: str, old: str, new: str) -> Of:
    return lambda trial: trial.changed(name, old, new)


@pytest.mark.parametrize(
    ("edit", "changed", "cause"),
    [
        pytest.param(
            # 150 to 151 is high both times, and the half of it above ten
            swap(f"{RAW}/vs.csv", "102,150", "102,151"),
            {"VS.VSORRES": 1, "VS.VSSTRESC": 1, "ADVS.AVAL": 1, "ADVS.HALF": 1},
            "corrected: VS line 3 102: SYSBP (not kept) -> 151",
            id="raw field",
        ),
        pytest.param(
            # 130 is no longer high, 150 still is
            swap("study/specs/study.yml", "value: 125", "value: 145"),
            {"ADVS.HIGHFL": 1},
            "setting: setting limit: 125 -> 145",
            id="setting",
        ),
        pytest.param(
            # halves of 60 and 70 are 30 and 35: they are above ten and not above forty
            swap(ADVS, "HALF GT 10", "HALF GT 40"),
            {"ADVS.UPFL": 2},
            'spec: ADVS.UPFL: derive_var_case({"HALF GT 10": Y}) -> derive_var_case({"HALF GT 40": Y})',
            id="spec line",
        ),
        pytest.param(
            # five values; quarters of 60 and 70 are 15 and 17.5, still above ten
            swap("study/adam/own.py", "/ 2", "/ 4"),
            {"ADVS.HALF": 5},
            "study code: adam/own.py changed",
            id="study function",
        ),
        pytest.param(
            swap(ADVS, "param: Pulse,", "param: Pulse rate,"),
            {"ADVS.PARAM": 2},
            "spec: specs/adam/advs.yml parameters.PULSE.param: Pulse -> Pulse rate",
            id="label of a parameter",
        ),
    ],
)
def test_what_changed_goes_back_to_the_edit(trial: Trial, edit: Of, changed: dict[str, int], cause: str) -> None:
    diff = changed_by(trial, edit(trial))
    found = values(diff)
    assert {name: n for name, n in found.items() if name in changed} == changed
    assert {name for name in found if name.startswith("ADVS.")} == {n for n in changed if n.startswith("ADVS.")}
    assert causes(diff) == [cause]
    assert diff.unexplained == []
    assert summary_of(diff)["records"] == {"new": 0, "gone": 0}


def test_a_comment_changes_nothing(trial: Trial) -> None:
    diff = changed_by(trial, trial.changed(VS, "dataset: VS\n", "# a comment\ndataset: VS\n"))
    assert (values(diff), causes(diff), diff.cells, diff.unexplained, diff.attributes) == ({}, [], [], [], [])


def test_a_footnote_changes_text_and_no_result(trial: Trial) -> None:
    diff = changed_by(trial, trial.changed("study/specs/tlf/_library.yml", "N = subjects.", "N = participants."))
    assert (values(diff), diff.cells, diff.unexplained) == ({}, [], [])
    assert [text for text, _ in diff.said["t-14-2-1"]] == ["footnote F-N"]


def test_a_new_subject_is_new_everywhere(trial: Trial) -> None:
    """Participant 104 has both results: one record of DM and ADSL, two of VS and ADVS; the mean is another."""
    edit = trial.changed(f"{RAW}/dm.csv", "103,41,Female\n", "103,41,Female\n104,20,M\n")
    edit = {**edit, **trial.changed(f"{RAW}/vs.csv", "103,130,70,\n", "103,130,70,\n104,90,50,\n")}
    diff = changed_by(trial, edit)
    pairing = diff.causes.pairing
    assert {d: int((pairing.of(d).old == 0).sum()) for d in ("DM", "VS", "ADSL", "ADVS")} == {
        "DM": 1,
        "VS": 2,
        "ADSL": 1,
        "ADVS": 2,
    }
    assert values(diff) == {}
    assert sorted(causes(diff)) == ["new record: DM: 1 new row", "new record: VS: 1 new row"]
    means = [(c.old, c.new) for c in diff.cells if c.output == "t-14-2-1" and c.statistic == "mean"]
    assert ("133", "123") in [(a and a.strip(), b and b.strip()) for a, b in means]  # of 120, 150, 130, and of 90
    assert diff.unexplained == []


def test_a_row_above_moves_no_other_record(trial: Trial) -> None:
    """Rows without a record id are known by their content: another order of rows is no difference."""
    edit = trial.changed(f"{RAW}/vs.csv", "101,120,60,\n102,150,,x\n", "102,150,,x\n101,120,60,\n")
    diff = changed_by(trial, edit)
    assert (values(diff), diff.cells, diff.unexplained) == ({}, [], [])
    assert summary_of(diff)["rows"] == {}


def test_an_edit_that_reaches_nothing_is_told(trial: Trial) -> None:
    diff = changed_by(trial, trial.changed(f"{RAW}/vs.csv", "150,,x", "150,,y"))
    assert (values(diff), diff.cells) == ({}, [])
    assert [c.text for c in diff.silent()] == ["VS line 3 102: NOTE (not kept) -> y"]


def test_the_export_as_it_lies_shows_what_stands_there_now_alone(trial: Trial) -> None:
    """The export of before was written over: its text is not kept, that it differs is."""
    diff = changed_by(trial, trial.changed(f"{RAW}/vs.csv", "102,150", "102,151"))
    (row,) = diff.forms["vs"].changes
    assert [(f.field, str(f.kind), f.old) for f in row.fields] == [("SYSBP", "corrected", "(not kept)")]


def test_a_value_nobody_can_explain_is_the_headline(trial: Trial) -> None:
    """A value of the later build that no input accounts for, as an entry with a wrong value would leave it."""
    old = home_of(trial)
    undo = trial.write(trial.changed("study/specs/study.yml", "value: 125", "value: 145"))
    trial.build("build")
    new = home_of(trial)
    trial.write(undo)
    path = new / "data" / "adam" / "advs.parquet"
    before = path.read_bytes()
    dataset = read_parquet(path)
    wrong = dataset.frame["AVAL"].where(dataset.frame["AVAL"].ne(60), 61)
    write_parquet(replace(dataset, frame=dataset.frame.assign(AVAL=wrong)), path)
    diff = compare_builds(Stored(old, trial.root), Stored(new, trial.root))
    assert ("ADVS.AVAL", "60", "61") in [(where, was, is_) for where, _, was, is_ in diff.unexplained]
    assert not any(where == "ADVS.HIGHFL" for where, *_ in diff.unexplained)
    path.write_bytes(before)
    trial.build("build")


def test_code_of_the_package_is_a_cause_of_what_its_calls_made_otherwise(tmp_path: Path) -> None:
    """A verb that writes `y` for `Y`, edited; then a line that changes nothing, of a module that verbs import."""
    trial = Trial(tmp_path, FILES, CUT, apart=True)
    trial.build("build")
    verb, imported = (f"{ENGINE}/datacut/{name}" for name in ("adam/derive_cat.py", "compute/texts.py"))
    lower = changed_by(trial, trial.changed(verb, "out[holds] = then\n", "out[holds] = f'{then}'.lower()\n"))
    idle = changed_by(trial, {imported: trial.text(imported) + "\n\nUNUSED = 1\n"})
    trial.close()
    found = values(lower)
    assert (found["ADSL.OLDFL"], found["ADVS.HIGHFL"], found["ADVS.UPFL"]) == (2, 2, 5)
    assert causes(lower) == ["engine: code of the package: adam/derive_cat.py"]
    assert lower.unexplained == []
    assert (values(idle), idle.cells, idle.unexplained) == ({}, [], [])
    assert idle.causes.steps.package == ["compute/texts.py"]
