"""The same inputs give the same bytes, wherever and however the command runs; a change of input is seen."""

from __future__ import annotations

import shutil

import pytest

from datacut.pipeline.publish import publishing
from datacut.pipeline.report import Account, Product, Summary, write_accounting, write_findings, write_summary
from datacut.pipeline.run import run_cuts

ELSEWHERE = {
    "PYTHONHASHSEED": "4242",
    "TZ": "Asia/Shanghai",
    "LC_ALL": "POSIX",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "COLUMNS": "60",
}
"""Another hash seed, time zone, locale and default encoding than those of the other build."""
PLACE = "another folder/deeper/study"
CUT = 2


@pytest.fixture(scope="session")
def elsewhere(small, shared, small_in, as_study):
    """The second cut simulated and built anew in a folder with another path, in another environment, by one process."""

    def make(folder):
        small_in(folder / PLACE, "--workers", "1", **ELSEWHERE)

    made = as_study(shared("elsewhere", make) / PLACE)
    for study in (small, made):
        for command in ("simulate", "build"):
            assert (study.run(command).code, study.run(command).err) == (0, ""), command
    return made.root


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def different(one, other):
    return sorted(k for k in one.keys() | other.keys() if one.get(k) != other.get(k))


def test_the_simulation_is_the_same_elsewhere(small, elsewhere):
    assert different(files(small.root / "raw"), files(elsewhere / "raw")) == []


def test_the_build_is_the_same_elsewhere(small, elsewhere):
    one, other = files(small.cut(CUT).home), files(elsewhere / "build" / small.cut(CUT).name)
    assert len(one) > 100
    assert different(one, other) == []


def test_no_file_of_a_build_knows_where_or_when_it_was_made(small):
    for name, data in files(small.cut(CUT).home).items():
        assert str(small.root).encode() not in data, name


@pytest.fixture
def asked(monkeypatch):
    """The cuts that would be built; a listing is said to be made, and no file of it is."""
    names: list[str] = []

    def build_cut(root, cut, raw, build, inputs, progress, workers, only, log):
        names.append(cut)
        with publishing(build, cut, inputs) as home:
            summary = Summary(cut, inputs.digest, (Product("listing", "l", "L", 1, "pages"),), 0, 0, 0, "")
            write_accounting(Account([], [], [], []), home / "accounting")
            write_findings([], home)
            write_summary(summary, home / "summary.json")
        return summary

    monkeypatch.setattr("datacut.pipeline.build.build_cut", build_cut)
    return names


@pytest.fixture
def built(small, tmp_path, asked):
    """A copy of the study, to be changed, with both cuts published as if built."""
    root = tmp_path / "copy"
    shutil.copytree(small.root, root, ignore=shutil.ignore_patterns("build"))
    assert run_cuts(root, None, None, root / "build") == 0
    assert asked == [small.cut(1).name, small.cut(2).name]
    asked.clear()
    return root


def test_a_second_run_is_up_to_date(built, asked, capsys):
    capsys.readouterr()
    before = files(built / "build")
    assert run_cuts(built, None, None, built / "build") == 0
    assert asked == []
    said = capsys.readouterr().out
    assert said.count("up to date") == 2
    assert said.count("│listing") == 2  # the closing table is said again
    assert [k for k in different(before, files(built / "build")) if k != "run.jsonl"] == []


@pytest.mark.parametrize(
    "name", ["specs/adam/adsl.yml", "specs/tlf/f-14-1-1.yml", "specs/crf/ae.yml", "adam/scores.py"]
)
def test_a_changed_byte_of_a_spec_or_of_study_code_builds_every_cut_again(built, asked, small, name):
    path = built / name
    path.write_bytes(path.read_bytes() + b"\n")
    run_cuts(built, None, None, built / "build")
    assert asked == [small.cut(1).name, small.cut(2).name]
    run_cuts(built, None, None, built / "build")
    assert len(asked) == 2


@pytest.mark.parametrize(("changed", "again"), [(1, (1, 2)), (2, (2,))])
def test_a_changed_export_builds_its_cut_again_and_the_next_that_compares_its_coding(
    built, asked, small, changed, again
):
    path = built / "raw" / small.cut(changed).name / "ae.csv"
    path.write_bytes(path.read_bytes() + b" ")
    run_cuts(built, None, None, built / "build")
    assert asked == [small.cut(number).name for number in again]


def test_a_file_the_build_does_not_read_changes_nothing(built, asked):
    (built / "specs" / ".note.swp").write_text("editor")
    (built / "README.md").write_text("new")
    run_cuts(built, None, None, built / "build")
    assert asked == []


def test_a_build_is_named_after_its_inputs(small, elsewhere):
    """Builds of equal inputs lie in folders of one name."""
    homes = [(r / "build" / small.cut(CUT).name).readlink() for r in (small.root, elsewhere)]
    assert homes[0] == homes[1]
