"""`datacut diff` as a person calls it: which builds are meant, what makes the exit code, what is said of mistakes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.edits import Trial
from tests.vitals import CUT, FILES
from typer.testing import CliRunner, Result

from datacut.cli import app
from datacut.errors import InputError
from datacut.pipeline.diff import run_diff
from datacut.pipeline.keep import keep_build
from datacut.pipeline.store import builds_of


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """Two builds of one cut, the earlier one kept as `first`: a value of 102 was 150 and is 151."""
    made = Trial(tmp_path_factory.mktemp("trial"), FILES, CUT)
    made.build("build")
    keep_build(made.home / "build", "first", CUT, None)
    made.write(made.changed(f"study/raw/{CUT}/vs.csv", "102,150", "102,151"))
    made.build("build")
    yield made


def diff(trial: Trial, *words: str) -> Result:
    where = ["--study", str(trial.root), "--out", str(trial.home / "build")]
    return CliRunner().invoke(app, ["diff", *words, *where])


@pytest.mark.parametrize("words", [(), ("first",), ("first", CUT)])
def test_the_newest_is_compared_with_the_one_before_it_or_with_a_kept_one(trial: Trial, words: tuple[str, ...]) -> None:
    told = diff(trial, *words)
    assert told.exit_code == 0, told.output
    assert "unexplained: 0" in told.output
    assert "corrected: VS line 3 102: SYSBP (not kept) -> 151" in told.output


def test_a_build_against_itself_has_no_difference(trial: Trial) -> None:
    told = diff(trial, CUT, CUT)
    assert told.exit_code == 0
    assert "export: rows none; 0 with other bookkeeping alone" in told.output
    assert "outputs: 0 cells in 0" in told.output


def test_the_whole_comparison_is_written_for_programs(trial: Trial, tmp_path: Path) -> None:
    assert diff(trial, "--json", str(tmp_path / "diff.json")).exit_code == 0
    told = json.loads((tmp_path / "diff.json").read_text(encoding="utf-8"))
    assert told["summary"]["unexplained"] == 0
    assert told["summary"]["rows"] == {"corrected": 1}
    (row,) = told["rows"]
    assert (row["form"], row["kind"], row["fields"][0]["field"]) == ("vs", "corrected", "SYSBP")
    mean = next(c for c in told["cells"] if c["output"] == "t-14-2-1" and c["statistic"] == "sd")
    assert mean["causes"] == ["VS line 3 102: SYSBP (not kept) -> 151"]


def test_an_output_that_nobody_expected_to_change_is_told(trial: Trial) -> None:
    told = diff(trial, "--expect", "l-16-*")
    assert told.exit_code == 1
    assert "not expected: t-14-2-1" in told.output
    assert diff(trial, "--expect", "l-16-*", "--expect", "?-14-*").exit_code == 0


def test_a_file_altered_by_hand_is_told(trial: Trial) -> None:
    (newest,) = (b for b in builds_of(trial.home / "build") if not b.names)
    path = newest.folder / "findings.csv"
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    told = diff(trial)
    path.write_bytes(before)
    assert told.exit_code == 1
    assert "altered by hand" in " ".join(told.output.split())


def test_a_build_that_does_not_exist_is_answered_with_the_nearest(trial: Trial, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no build firts"):
        run_diff(trial.root, trial.home / "build", "firts", None)
    with pytest.raises(InputError, match="Run `datacut build` first"):
        run_diff(trial.root, tmp_path, None, None)


def test_a_build_of_a_version_that_kept_less_is_refused(trial: Trial) -> None:
    (newest,) = (b for b in builds_of(trial.home / "build") if not b.names)
    path = newest.folder / "lineage" / "steps.json"
    before = path.read_bytes()
    path.unlink()
    with pytest.raises(InputError, match="Build it again"):
        run_diff(trial.root, trial.home / "build", None, None)
    path.write_bytes(before)
