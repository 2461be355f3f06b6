"""The same inputs give the same bytes, wherever and however the command runs; a change of input is seen."""

from __future__ import annotations

import shutil

import pytest

from datacut.pipeline.report import Product, Summary, write_findings, write_summary
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
CUT = 2


@pytest.fixture(scope="session")
def elsewhere(base, shared, command, copy):
    """The second cut simulated and built anew in a folder with another path, in another environment."""

    def make(folder):
        root = copy(folder / "another folder" / "deeper" / "study")
        assert command(root, "simulate", **ELSEWHERE).code == 0
        done = command(root, "build", "--cut", base.cut(CUT).name, **ELSEWHERE)
        assert (done.code, done.err) == (0, "")

    return shared("elsewhere", make) / "another folder" / "deeper" / "study"


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def different(one, other):
    return sorted(k for k in one.keys() | other.keys() if one.get(k) != other.get(k))


def test_the_simulation_is_the_same_elsewhere(base, elsewhere):
    assert different(files(base.root / "raw"), files(elsewhere / "raw")) == []


def test_the_build_is_the_same_elsewhere(base, elsewhere):
    one, other = files(base.cut(CUT).home), files(elsewhere / "build" / base.cut(CUT).name)
    assert len(one) > 100
    assert different(one, other) == []


def test_no_file_of_a_build_knows_where_or_when_it_was_made(base):
    for name, data in files(base.cut(CUT).home).items():
        assert str(base.root).encode() not in data, name


@pytest.fixture
def built(base, tmp_path):
    """A copy of the study with its builds, to be changed."""
    root = tmp_path / "copy"
    shutil.copytree(base.root, root, symlinks=True)
    return root


@pytest.fixture
def asked(monkeypatch):
    """The cuts that would be built; nothing is."""
    names: list[str] = []

    def build_cut(root, cut, raw, build, digest, progress, workers):
        names.append(cut)
        home = (build / cut).resolve()
        summary = Summary(cut, digest, (Product("table", "t", "T", 1, "pages"),), 0, 0, 0)
        write_findings([], home / "findings.csv")
        write_summary(summary, home / "summary.json")
        return summary

    monkeypatch.setattr("datacut.pipeline.build.build_cut", build_cut)
    return names


def test_a_second_run_is_up_to_date(built, asked, capsys, base):
    before = files(built / "build")
    assert run_cuts(built, None, None, built / "build") == 0
    assert asked == []
    said = capsys.readouterr().out
    assert said.count("up to date") == 2
    assert said.count("│listing") == 2  # the closing table is said again
    assert [k for k in different(before, files(built / "build")) if k != "build.log"] == []


@pytest.mark.parametrize(
    "name", ["specs/adam/adsl.yml", "specs/tlf/t-14-4-1-2.yml", "specs/crf/ae.yml", "adam/scores.py"]
)
def test_a_changed_byte_of_a_spec_or_of_study_code_builds_every_cut_again(built, asked, base, name):
    path = built / name
    path.write_bytes(path.read_bytes() + b"\n")
    run_cuts(built, None, None, built / "build")
    assert asked == [base.cut(1).name, base.cut(2).name]
    run_cuts(built, None, None, built / "build")
    assert len(asked) == 2


def test_a_changed_export_builds_its_cut_again(built, asked, base):
    path = built / "raw" / base.cut(1).name / "ae.csv"
    path.write_bytes(path.read_bytes() + b" ")
    run_cuts(built, None, None, built / "build")
    assert asked == [base.cut(1).name]


def test_a_file_the_build_does_not_read_changes_nothing(built, asked):
    (built / "specs" / ".note.swp").write_text("editor")
    (built / "README.md").write_text("new")
    run_cuts(built, None, None, built / "build")
    assert asked == []


def test_a_build_is_named_after_its_inputs(base, elsewhere):
    """Builds of equal inputs lie in folders of one name."""
    homes = [(r / "build" / base.cut(CUT).name).readlink() for r in (base.root, elsewhere)]
    assert homes[0] == homes[1]
