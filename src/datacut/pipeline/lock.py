"""One run at a time changes a build folder; another says who is at it, or waits."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datacut.errors import DatacutError
from datacut.pipeline.console import console
from datacut.pipeline.store import HOLDER, LOCK, STORE, sweep, write_json


@contextmanager
def holding(build: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the lock of a build folder, with what killed runs left cleaned away.

    The system lets go of the lock of a process that was killed. Raises DatacutError where another process holds it and
    we do not wait, or the file system cannot lock.
    """
    from filelock import FileLock, Timeout  # a build that is up to date needs no lock, and no time for this

    store = build / STORE
    lock = FileLock(store / LOCK, fallback_to_soft=False)
    try:
        store.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout as fault:
            held = f"{build}: {_holder(store / HOLDER)} is at work here."
            if not wait:
                raise DatacutError(f"{held} Run again when it has ended, or `datacut build --wait`.") from fault
            console().print(f"{held} Waiting.", markup=False, soft_wrap=True)
            lock.acquire()
    except (OSError, NotImplementedError) as fault:
        raise _unable(build, fault) from fault
    try:
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        write_json(store / HOLDER, {"pid": os.getpid(), "host": socket.gethostname(), "since": since})
        _require_able(build)
        sweep(build)
        yield
    finally:
        (store / HOLDER).unlink(missing_ok=True)
        lock.release()


def _require_able(build: Path) -> None:
    """Raise DatacutError where the file system cannot do what publishing rests on: links, and renaming over one."""
    probes = [build / STORE / f".probe-{n}" for n in (1, 2)]
    try:
        for probe in probes:
            probe.unlink(missing_ok=True)
            probe.symlink_to(Path(), target_is_directory=True)
        probes[0].replace(probes[1])
        probes[1].unlink()
    except (OSError, NotImplementedError) as fault:
        raise _unable(build, fault) from fault


def _unable(build: Path, fault: Exception) -> DatacutError:
    """The one message on a file system where builds cannot be published."""
    return DatacutError(
        f"{build}: builds cannot be published here: links to folders, renaming over a link and locks are needed, and "
        f"this file system refuses one of them ({fault}). Name a folder on another with --out (Windows: NTFS with "
        "developer mode; a network share often cannot)."
    )


def _holder(path: Path) -> str:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return f"process {held['pid']} of {held['host']}, since {held['since']},"
    except (OSError, ValueError, TypeError, KeyError):
        return "another process"
