"""One run at a time in a build folder."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading

import pytest

from datacut.errors import DatacutError
from datacut.pipeline.lock import holding

HOLD = """
import sys
from pathlib import Path
from datacut.pipeline.lock import holding
with holding(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def other(tmp_path):
    """A process that holds the lock of the folder `b`."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "b")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"held\n"
        yield child
        child.kill()


def test_a_second_run_is_told_who_is_at_work_and_since_when(other, tmp_path):
    told = rf"process {other.pid} of \S+, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d, is at work here.*--wait"
    with pytest.raises(DatacutError, match=told), holding(tmp_path / "b"):
        pytest.fail("two at once")
    # the refusal leaves the note of who holds the lock
    with pytest.raises(DatacutError, match=told), holding(tmp_path / "b"):
        pytest.fail("two at once")


def test_another_folder_is_free(other, tmp_path):
    with holding(tmp_path / "c"):
        pass


def test_one_who_waits_comes_next(other, tmp_path, capsys):
    threading.Timer(0.2, lambda: other.communicate(b"go\n")).start()
    with holding(tmp_path / "b", wait=True):
        assert other.wait() == 0
    assert re.search(rf"process {other.pid} .* Waiting", capsys.readouterr().out)


def test_a_process_that_was_killed_holds_nothing(other, tmp_path):
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert (tmp_path / "b" / ".store" / "holder").is_file()
    with holding(tmp_path / "b"):
        pass
    assert not (tmp_path / "b" / ".store" / "holder").exists()


def test_a_second_build_of_one_folder_ends_at_once_and_what_is_up_to_date_needs_no_lock(faked):
    refused = []

    def second():
        try:
            faked.run()
        except DatacutError as fault:
            refused.append(str(fault))

    faked.meanwhile = second
    assert faked.run() == 0
    assert len(refused) == 1
    assert f"process {os.getpid()}" in refused[0]
    with holding(faked.build):
        assert faked.run() == 0
    assert faked.built == ["c1"]


def test_a_file_system_that_cannot_lock_is_told_in_the_one_message(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("fcntl.flock", refused)
    told = pytest.raises(DatacutError, match=r"builds cannot be published here.*Function not implemented")
    with told, holding(tmp_path / "b"):
        pytest.fail("without a lock")
