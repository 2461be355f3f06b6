"""Edits one after the other, each undone later: what a build makes is what a fresh one makes, byte for byte, and only
what reads something else runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from datacut.pipeline.build import build_cut
from datacut.pipeline.inputs import read_inputs
from datacut.pipeline.why import read_run

CUT = "2026-03-02"
CODE = '''"""The study's own."""

from datacut.spec.registry import Column, NewColumn, verb


@verb("column", number=True)
def derive_var_half(dataset, source: Column, new: NewColumn):
    """Half of it."""
    return dataset.assign(**{new: dataset[source] / 2})
'''
FILES = {
    "specs/crf/vs.yml": """
form: vs
label: Vital signs
fields:
  SYSBP: {label: Systolic}
  PULSE: {label: Pulse}
  NOTE: {label: Remark}
""",
    "specs/sdtm/vs.yml": """
dataset: VS
label: Vital Signs
class: Findings
structure: One record per test
keys: [STUDYID, USUBJID, VSTESTCD]
records:
  - from: raw.vs
    topics:
      - {test: SYSBP}
      - {test: PULSE}
    where: "{test} NOT MISSING"
    set:
      VSTESTCD: hardcode("{test}")
      VSORRES: assign({test})
variables:
  STUDYID: hardcode("S1")
  DOMAIN: hardcode("VS")
  USUBJID: assign(SUBJID)
  VSSEQ: derive_seq([VSTESTCD])
  VSTESTCD: {label: Test}
  VSORRES: {label: Result}
""",
    "specs/adam/advs.yml": """
dataset: ADVS
label: Vital Signs Analysis
class: BASIC DATA STRUCTURE
keys: [USUBJID, PARAMCD]
records:
  - from: VS
variables:
  USUBJID: {predecessor: VS.USUBJID}
  PARAMCD: {text: Code}
  PARAM: {text: Name}
  AVAL: derive_var_number(VSORRES)
  HALF: {derive: study.derive_var_half(AVAL), label: Half, type: float}
  HIGHFL: {derive: "derive_var_case({'AVAL GT $limit': Y})", label: High}
  UPFL: {derive: "derive_var_case({'HALF GT 10': Y})", label: Half above ten}
parameters:
  SYSBP: {param: Systolic, where: VSTESTCD EQ "SYSBP"}
  PULSE: {param: Pulse, where: VSTESTCD EQ "PULSE"}
""",
    "adam/own.py": CODE,
    "raw/2026-03-02/vs.csv": "SUBJID,SYSBP,PULSE,NOTE\n101,120,60,\n102,150,,x\n103,130,70,\n",
}


class Trial:
    """A small study built again and again in one folder, and once more in a fresh one each time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.fresh = root.parent / "fresh"

    def build(self, folder: str) -> Path:
        raw = self.root / "raw" / CUT
        inputs = read_inputs(self.root, raw, CUT)
        build_cut(self.root, CUT, raw, self.root / folder, inputs, lambda what, done, total: None, 1)
        return self.root / folder / CUT

    def ran(self) -> set[str]:
        """The tasks that ran in the build of the specs as they are, once it is seen to be what a fresh one is."""
        again = files_of(self.build("build"))
        shutil.rmtree(self.root / "fresh", ignore_errors=True)
        fresh = files_of(self.build("fresh"))
        assert again.keys() == fresh.keys()
        assert [name for name, data in again.items() if data != fresh[name]] == []
        return {line.partition(": ")[0] for line in read_run(self.root / "build", CUT)["why"]}

    def edit(self, name: str, old: str, new: str) -> Callable[[], None]:
        """Change a file; returns what undoes it."""
        path = self.root / name
        before = path.read_text(encoding="utf-8")
        assert old in before
        path.write_text(before.replace(old, new), encoding="utf-8")
        return lambda: path.write_text(before, encoding="utf-8") and None


def files_of(home: Path) -> dict[str, bytes]:
    return {p.relative_to(home).as_posix(): p.read_bytes() for p in sorted(home.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    from tests.conftest import STUDY

    root = tmp_path_factory.mktemp("trial") / "study"
    limit = "  limit: {value: 125, source: assumption, text: Limit}\n"
    study = STUDY.lstrip().replace("settings:\n", f"settings:\n{limit}")
    for name, text in {"specs/study.yml": study, **FILES}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    made = Trial(root)
    made.ran()
    return made


STAGES = {"SDTM", "ADaM"}
FINAL = {"rules over datasets", "accounting"}


@pytest.mark.parametrize(
    ("name", "old", "new", "calls"),
    [
        pytest.param("specs/sdtm/vs.yml", "dataset: VS\n", "# a comment\ndataset: VS\n", set(), id="comment"),
        pytest.param("raw/2026-03-02/vs.csv", "150,,x", "150,,y", set(), id="field that nothing reads"),
        pytest.param(
            "raw/2026-03-02/vs.csv",
            "102,150",
            "102,151",
            {"VS.*", "ADVS.AVAL", "ADVS.HALF", "ADVS.HIGHFL", "ADVS.UPFL"},
            id="raw cell",
        ),
        pytest.param(
            "raw/2026-03-02/vs.csv", "102,150", "102,0150", {"VS.*", "ADVS.AVAL"}, id="cell that reads the same"
        ),
        pytest.param("specs/study.yml", "value: 125", "value: 145", {"ADVS.HIGHFL"}, id="setting"),
        pytest.param("specs/study.yml", "text: Limit", "text: Upper limit", set(), id="words of a setting"),
        pytest.param("specs/adam/advs.yml", "HALF GT 10", "HALF GT 40", {"ADVS.UPFL"}, id="spec line"),
        pytest.param("adam/own.py", "/ 2", "/ 4", {"ADVS.HALF", "ADVS.UPFL"}, id="study function"),
        pytest.param("adam/own.py", "Half of it.", "A half of it.", {"ADVS.HALF"}, id="words of a study function"),
        pytest.param("raw/2026-03-02/vs.csv", "103,130,70,\n", "103,130,70,\n104,90,50,\n", None, id="row"),
    ],
)
def test_only_what_reads_a_change_runs_and_what_is_made_is_what_a_fresh_build_makes(
    trial: Trial, name: str, old: str, new: str, calls: set[str] | None
) -> None:
    undo = trial.edit(name, old, new)
    ran = {task for task in trial.ran() if "." in task.partition(" ")[0]}
    undo()
    back = trial.ran()
    if calls is not None:
        assert {task for task in ran if not task.startswith("define.xml")} == calls
    assert {task for task in back if "." in task and not task.startswith("define.xml")} == set()
    assert back <= {*STAGES, *FINAL, "files of VS", "files of ADVS", "define.xml of SDTM", "define.xml of ADaM"}


def test_a_spoilt_entry_is_made_again(trial: Trial) -> None:
    trial.ran()
    entries = sorted((trial.root / "build" / ".store" / "tasks").glob("??/*"))
    for path in entries:
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    trial.ran()
    assert read_run(trial.root / "build", CUT)["spoilt"]


def test_a_stage_that_is_taken_whole_brings_what_its_tasks_were_over(trial: Trial) -> None:
    """Back and forth: the run after an edit was undone knows the keys of the specs as they are, not of the edit."""
    trial.ran()
    undo = trial.edit("specs/adam/advs.yml", "HALF GT 10", "HALF GT 40")
    trial.ran()
    undo()
    trial.ran()
    parts = read_run(trial.root / "build", CUT)["tasks"]["ADVS.UPFL"]["parts"]
    assert "HALF GT 10" in parts["call 1"]
    steps = json.loads((trial.root / "build" / CUT / "lineage" / "steps.json").read_text(encoding="utf-8"))["steps"]
    assert "HALF GT 10" in steps["ADVS.UPFL"]["call 1"]
    assert set(steps["ADVS.HALF"]) == {"call 1", "code: study_adam_own"}
