"""A build that is killed at any moment leaves the published build whole; the next one uses what was kept, makes what a
fresh one makes, and leaves nothing of the other behind."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from tests.builds import Apart, Ended, entries_of, files_of
from tests.edits import Trial
from tests.vitals import CUT, FILES

import datacut
from datacut.cache.entries import Entries
from datacut.pipeline.intact import altered
from datacut.pipeline.store import builds_of, newest

KILLS = int(os.environ.get("DATACUT_KILLS", "8"))
LAST = 20
"""So many changes before the end a build is published."""


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    (tmp_path / "temporary").mkdir()
    made = Trial(tmp_path, FILES, CUT)
    made.apart = Apart([Path(datacut.__file__).parents[1], Path(__file__).parents[2]])
    yield made
    made.close()


def run(trial: Trial, *, change: int = 0, after: float = 0.0, workers: int = 1) -> Ended:
    """`datacut build`, killed before it changes the folder for the n-th time, or so many seconds after it begins."""
    assert trial.apart is not None
    return trial.apart.command(trial.root, CUT, trial.home, change=change, after=after, workers=workers)


def require_ended(trial: Trial, workers: int = 1) -> Ended:
    """A build that nobody kills."""
    ended = run(trial, workers=workers)
    assert (ended.killed, ended.code) == (False, 1)  # 1: the small study has findings that are errors
    return ended


def in_session(session: int) -> list[int]:
    """Processes of a session that are still at work."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, own = path.read_text(encoding="utf-8").rpartition(") ")[2].split()[:4]
        except OSError:
            continue
        if int(own) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


def forget(trial: Trial) -> None:
    """Leave of the store the published build alone, so that all is to be done again."""
    store = trial.home / "build" / ".store"
    shutil.rmtree(store / "tasks")
    now = newest(trial.home / "build", CUT)
    for build in builds_of(trial.home / "build", CUT):
        if now is None or build.folder != now.folder:
            shutil.rmtree(build.folder)
            build.folder.with_name(f"{build.folder.name}.json").unlink()


def require_clean(trial: Trial) -> None:
    """Nothing is there but builds, their records, and whole entries."""
    store = trial.home / "build" / ".store"
    builds = {b.folder.name for b in builds_of(trial.home / "build")}
    assert {p.name for p in store.iterdir()} == {"lock", "tasks", *builds, *(f"{name}.json" for name in builds)}
    assert [p for p in (store / "tasks").rglob("*") if p.name.startswith(".")] == []
    assert list((trial.home / "temporary").iterdir()) == []
    entries = Entries(store / "tasks")
    assert all(entries.read(key) is not None for key in entries_of(trial.home / "build"))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked for in /proc")
def test_a_killed_build_leaves_the_published_one_whole_and_the_next_one_cleans_up(trial: Trial) -> None:
    random = Random(1)  # noqa: S311
    edit = trial.changed(f"study/raw/{CUT}/vs.csv", "102,150", "102,151")
    states = [trial.write(edit), edit]
    known = []
    for state in states:
        trial.write(state)
        known.append(trial.fresh())
    trial.write(states[0])
    published = trial.home / "build" / CUT
    begun = time.monotonic()
    changes = {1: require_ended(trial).changes}
    took = time.monotonic() - begun
    assert files_of(published) == known[0]
    trial.write(states[1])
    forget(trial)
    changes[2] = require_ended(trial, 2).changes
    assert files_of(published) == known[1]
    met = {"old": 0, "new": 0, "late": 0}
    for number in range(KILLS):
        now, new = known[(number + 1) % 2], known[number % 2]
        trial.write(states[number % 2])
        workers = random.choice((1, 2))
        forget(trial)
        if number % 4 == 3:
            ended = run(trial, after=random.uniform(0.3, took), workers=workers)
        else:
            low = changes[workers] - LAST if number % 2 else 1
            ended = run(trial, change=random.randint(low, changes[workers]), workers=workers)
        until = time.monotonic() + 20
        while in_session(ended.process) and time.monotonic() < until:
            time.sleep(0.05)
        assert in_session(ended.process) == []
        build = newest(trial.home / "build", CUT)
        assert build is not None
        assert altered(build, full=True) == []
        made = files_of(published)
        assert made in (now, new)
        met["late" if not ended.killed else "new" if made == new else "old"] += 1
        require_ended(trial)
        assert files_of(published) == new
        if made == now:  # else it was published, and a run that finds everything up to date cleans nothing
            require_clean(trial)
        print(f"build {number + 1} of {KILLS}; published when it was killed: {met}", flush=True)
    assert met["old"] > met["late"]
