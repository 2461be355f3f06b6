"""A build takes the place of the last one in one rename, or not at all; killed runs leave nothing that stays."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from datacut.pipeline.inputs import Inputs
from datacut.pipeline.intact import altered
from datacut.pipeline.lock import holding
from datacut.pipeline.publish import publishing
from datacut.pipeline.store import builds_of, newest, sweep


@pytest.fixture(autouse=True)
def no_package(monkeypatch):
    monkeypatch.setattr("datacut.pipeline.inputs.package_files", dict)


def make(build, cut, digest, **files):
    root = build.with_name("study")
    with publishing(build, cut, Inputs(root, root / "raw", (digest,), {})) as folder:
        for name, text in files.items():
            (folder / name).write_text(text)


def content(build, cut):
    return {p.name: p.read_text() for p in (build / cut).iterdir() if p.name != "manifest.json"}


def entries(build):
    return sorted(p.name for p in (build / ".store").iterdir())


def test_a_build_is_a_link_to_its_own_folder(tmp_path):
    make(tmp_path / "b", "c1", "1", x="1")
    assert (tmp_path / "b" / "c1").is_symlink()
    assert not (tmp_path / "b" / "c1").readlink().is_absolute()
    assert content(tmp_path / "b", "c1") == {"x": "1"}


def test_the_build_folder_can_be_moved(tmp_path):
    make(tmp_path / "one", "c1", "1", x="1")
    (tmp_path / "one").rename(tmp_path / "two")
    assert content(tmp_path / "two", "c1") == {"x": "1"}
    assert altered(newest(tmp_path / "two", "c1"), full=True) == []


def test_a_build_takes_the_place_of_the_last_one_whole_and_the_last_stays_in_the_store(tmp_path):
    build = tmp_path / "b"
    make(build, "c1", "1", x="1", gone="1")
    before = newest(build, "c1")
    make(build, "c1", "2", x="2")
    assert content(build, "c1") == {"x": "2"}
    assert [b.folder for b in builds_of(build)] == [newest(build, "c1").folder, before.folder]
    assert (before.folder / "gone").read_text() == "1"


def test_the_same_inputs_again_lie_beside(tmp_path):
    build = tmp_path / "b"
    make(build, "c1", "1", x="1", gone="1")
    make(build, "c1", "1", x="2")
    make(build, "c1", "1", x="3")
    assert content(build, "c1") == {"x": "3"}
    digest = newest(build, "c1").digest[:16]
    assert {b.folder.name for b in builds_of(build)} == {f"c1-{digest}{again}" for again in ("", "-2", "-3")}


def test_other_cuts_are_left_alone(tmp_path):
    build = tmp_path / "b"
    make(build, "c1", "1", x="1")
    make(build, "c2", "1", x="2")
    assert (content(build, "c1"), content(build, "c2")) == ({"x": "1"}, {"x": "2"})
    assert [b.cut for b in builds_of(build, "c2")] == ["c2"]


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_interrupted_build_leaves_the_last_one_whole_and_nothing_of_its_own(tmp_path, interruption):
    build = tmp_path / "b"
    make(build, "c1", "1", x="1")
    before = entries(build)
    inputs = Inputs(tmp_path, tmp_path / "raw", ("2",), {})
    with pytest.raises(interruption), publishing(build, "c1", inputs) as folder:
        (folder / "x").write_text("2")
        raise interruption
    assert content(build, "c1") == {"x": "1"}
    assert entries(build) == before


def test_the_last_build_stands_until_the_new_one_is_whole(tmp_path):
    build = tmp_path / "b"
    make(build, "c1", "1", x="1")
    with publishing(build, "c1", Inputs(tmp_path, tmp_path / "raw", ("2",), {})) as folder:
        (folder / "x").write_text("2")
        assert content(build, "c1") == {"x": "1"}
    assert content(build, "c1") == {"x": "2"}


def test_what_killed_runs_left_is_swept_and_what_is_whole_or_leads_somewhere_stays(tmp_path):
    build = tmp_path / "b"
    make(build, "c1", "1", x="1")
    make(build, "c1", "2", x="2")
    before = entries(build)
    store = build / ".store"
    for folder in (".new-abc", ".gone-c1-1", "c1-without-record"):
        (store / folder).mkdir()
        (store / folder / "x").write_text("x")
    (store / ".new-abc").chmod(0o500)
    (store / ".link").symlink_to("nowhere")
    (store / "c1-record-alone.json").write_text("{}")
    (store / "of-an-older-version").mkdir()
    (build / "c2").symlink_to(".store/of-an-older-version")
    for name in (
        "tasks/ab/abc",
        "tasks/ab/.abd-17",
        "tasks/runs/c1.json",
        "tasks/runs/.c1.json-17",
        "kept/.one.json-17",
    ):
        (store / name).parent.mkdir(parents=True, exist_ok=True)
        (store / name).write_text("{}")
    sweep(build)
    assert entries(build) == sorted([*before, "of-an-older-version", "tasks", "kept"])
    left = {p.relative_to(store).as_posix() for folder in ("tasks", "kept") for p in (store / folder).rglob("*.*")}
    assert left == {"tasks/runs/c1.json"}
    assert (store / "tasks" / "ab" / "abc").is_file()


STEPS = """
import os, signal, sys
from itertools import count
from pathlib import Path
import datacut.pipeline.inputs
from datacut.pipeline.inputs import Inputs
from datacut.pipeline.intact import altered
from datacut.pipeline.lock import holding
from datacut.pipeline.publish import publishing
from datacut.pipeline.store import builds_of, discard, newest
datacut.pipeline.inputs.package_files = dict
build = Path(sys.argv[1])

def publish(n):
    with holding(build):
        with publishing(build, "c1", Inputs(build, build / "raw", (str(n),), {})) as folder:
            for name in "abc":
                (folder / name).write_text(str(n))
        for earlier in builds_of(build)[2:]:
            discard(earlier)

def kill_before(k):
    left = k
    def told(event, arguments):
        nonlocal left
        if event.startswith(("os.", "shutil.")) or (event == "open" and str(build) in str(arguments[0])):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(told)

publish("first")
for k in count(1):
    publish(f"before {k}")
    child = os.fork()
    if child == 0:
        kill_before(k)
        publish(f"after {k}")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    now = newest(build, "c1")
    texts = {(now.folder / name).read_text() for name in "abc"}
    print(os.waitstatus_to_exitcode(status), len(altered(now, full=True)), *texts, sep=";", flush=True)
    if os.WIFEXITED(status):
        break
    with holding(build):
        names = {b.folder.name for b in builds_of(build)}
        whole = names | {f"{name}.json" for name in names}
        assert {p.name for p in (build / ".store").iterdir()} == whole | {"lock", "holder"}
"""
"""Publishes and removes a build once for each call of the system that does it, killed right before that call."""


def test_a_run_killed_before_any_of_its_calls_leaves_the_newest_build_whole_and_the_next_cleans_up(tmp_path):
    build = tmp_path / "b"
    done = subprocess.run([sys.executable, "-c", STEPS, str(build)], stdout=subprocess.PIPE, text=True, check=True)
    *killed, last = (tuple(line.split(";")) for line in done.stdout.splitlines())
    assert len(killed) > 40
    # exit code, files altered, and what stands in all three files: of this run, or still of the one before
    for k, (code, faults, *texts) in enumerate(killed, 1):
        assert (code, faults) == (str(-signal.SIGKILL), "0")
        assert texts in ([f"before {k}"], [f"after {k}"])
    assert last == ("0", "0", f"after {len(killed) + 1}")
    assert len(builds_of(build)) == 2


LOOP = """
import sys
from itertools import count
from pathlib import Path
import datacut.pipeline.inputs
from datacut.pipeline.inputs import Inputs
from datacut.pipeline.lock import holding
from datacut.pipeline.publish import publishing
from datacut.pipeline.store import builds_of, discard
datacut.pipeline.inputs.package_files = dict
build = Path(sys.argv[1])
for n in count():
    with holding(build):
        with publishing(build, "c1", Inputs(build, build / "raw", (sys.argv[2], str(n)), {})) as folder:
            for k in range(20):
                (folder / f"{k}").write_text(str(n))
        for earlier in builds_of(build)[2:]:
            discard(earlier)
    if n == 0:
        print("published", flush=True)
"""
"""Publishes and removes builds without end, each of twenty files with one number in all of them."""


def test_a_run_killed_at_any_moment_leaves_the_newest_build_whole_and_the_next_cleans_up(tmp_path):
    build = tmp_path / "b"
    moments = random.Random(1)  # noqa: S311 no secret
    for run in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", LOOP, str(build), str(run)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as child:
            assert child.stdout.readline() == b"published\n"
            time.sleep(moments.uniform(0, 0.1))
            os.kill(child.pid, signal.SIGKILL)
            assert child.wait() == -signal.SIGKILL, child.stdout.read()
        now = newest(build, "c1")
        assert altered(now, full=True) == []
        assert len(set(content(build, "c1").values())) == 1
        assert len(content(build, "c1")) == 20
    with holding(build):
        whole = builds_of(build)
        assert all(altered(b, full=True) == [] for b in whole)
        names = {b.folder.name for b in whole}
        assert set(entries(build)) == names | {f"{name}.json" for name in names} | {"lock", "holder"}
