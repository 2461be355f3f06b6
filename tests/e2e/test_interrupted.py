"""An interrupted build leaves the build before it whole, and nothing of itself."""

from __future__ import annotations

import shutil

import pytest

from datacut.engine.use import Accounting
from datacut.pipeline.run import run_cuts

CUT = 2
KEPT = ("DM", "AE", "ADSL", "ADAE")
"""The datasets that these builds write: enough to be interrupted."""


@pytest.fixture
def built(small, tmp_path, monkeypatch):
    """A copy of the built study with a changed spec; the stages give some of what the build before gave, to
    save their time."""
    root = tmp_path / "study"
    shutil.copytree(small.root, root, symlinks=True)
    shutil.rmtree(root / "build" / ".store" / "tasks")  # the stages are not taken from there
    path = root / "specs" / "study.yml"
    path.write_bytes(path.read_bytes() + b"\n")
    for stage in ("sdtm", "adam"):
        before = getattr(small.cut(CUT), stage)
        given = {name: before[name] for name in KEPT if name in before}
        monkeypatch.setattr(f"datacut.pipeline.build.build_{stage}", lambda *_, given=given: (given, Accounting()))
    monkeypatch.setattr("datacut.pipeline.build.account_forms", lambda *_: [])
    return root


def files(folder):
    """The files below a folder, without the log of runs and what tasks made, which grow whatever comes of a run."""
    names = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    return {n: p.read_bytes() for n, p in names.items() if not n.startswith((".store/tasks/", "run.jsonl"))}


PLACES = (
    "datacut.pipeline.build.build_adam",
    "datacut.pipeline.dataset_files.write_xpt",
    "datacut.pipeline.build.write_outputs",
    "datacut.pipeline.build.write_summary",
    "datacut.pipeline.publish.write_manifest",
)


@pytest.mark.parametrize(
    ("place", "fault"),
    [*((place, RuntimeError) for place in PLACES), (PLACES[-1], KeyboardInterrupt), (PLACES[-1], OSError)],
)
def test_the_build_before_stays_whole(built, small, monkeypatch, place, fault):
    before = files(built / "build")
    link = (built / "build" / small.cut(CUT).name).readlink()

    def interrupted(*_, **__):
        raise fault("in the middle")

    monkeypatch.setattr("datacut.pipeline.build.write_outputs", lambda *_, **__: [])
    monkeypatch.setattr(place, interrupted)
    with pytest.raises(fault, match="in the middle"):
        run_cuts(built, small.cut(CUT).name, None, built / "build")
    assert files(built / "build") == before
    assert (built / "build" / small.cut(CUT).name).readlink() == link
    assert sorted(p.name for p in (built / "build" / ".store").iterdir()) == sorted(
        p.name for p in (small.root / "build" / ".store").iterdir()
    )


def test_the_build_after_it_takes_its_place(built, small, monkeypatch):
    monkeypatch.setattr("datacut.pipeline.build.write_outputs", lambda *_, **__: [])
    name = small.cut(CUT).name
    before = (built / "build" / name).readlink()
    assert run_cuts(built, name, None, built / "build") == 0
    after = (built / "build" / name).readlink()
    assert after != before
    assert files(built / "build" / before) == files(small.cut(CUT).home)  # it stays in the store
    assert (built / "build" / name / "manifest.json").is_file()
    adam = files(built / "build" / name / "data" / "adam")
    assert adam == {k: v for k, v in files(small.cut(CUT).home / "data" / "adam").items() if k in adam}
    assert set(adam) == {"adsl.parquet", "adae.parquet"}
