"""Builds of a study that say which tasks did their work; in this process, or apart with another copy of the package.

As a script it is the process that waits for builds apart: it has loaded all but the package, and divides for each.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STORE = Path(".store") / "tasks"
CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.chmod", "os.truncate")
"""What Python tells of before it does it, beside a file that is opened to be written."""


@dataclass(frozen=True)
class Ended:
    """A command that has ended: its process and code, whether it was killed, and how often it changed the folder."""

    process: int
    code: int
    killed: bool
    changes: int


def build(root: Path, cut: str, folder: Path, workers: int = 1) -> list[str]:
    """Build a cut into a folder; the names of the tasks that did their work in this process, in their order."""
    from datacut.cache.tasks import Tasks
    from datacut.pipeline.build import build_cut
    from datacut.pipeline.inputs import read_inputs

    ran: list[str] = []
    make = Tasks.make

    def counted(self: Tasks, name: str, parts: Any, work: Any, *now: Any) -> Any:
        def noted() -> Any:
            ran.append(name)
            return work()

        return make(self, name, parts, noted, *now)

    Tasks.make = counted  # type: ignore[method-assign]
    try:
        raw = root / "raw" / cut
        build_cut(root, cut, raw, folder, read_inputs(root, raw, cut), lambda what, done, total: None, workers)
    finally:
        Tasks.make = make  # type: ignore[method-assign]
    return ran


def files_of(home: Path) -> dict[str, bytes]:
    """Every file of a build by its path in it."""
    return {p.relative_to(home).as_posix(): p.read_bytes() for p in sorted(home.rglob("*")) if p.is_file()}


def keys_of(folder: Path, cut: str) -> dict[str, str]:
    """The key of each task, as the last build into a folder kept them."""
    path = folder / STORE / "runs" / f"{cut}.json"
    told = json.loads(path.read_text(encoding="utf-8"))["tasks"] if path.exists() else {}
    return {name: task["key"] for name, task in told.items()}


def entries_of(folder: Path) -> set[str]:
    """The keys of all entries below a folder."""
    return {path.name for path in (folder / STORE).glob("??/*")}


class Apart:
    """Builds with a copy of the package and of what is installed: `paths` come before all others."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = [str(path) for path in paths]
        environment = {n: v for n, v in os.environ.items() if n != "PYTHONPATH"}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**environment, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"},
        )

    def build(self, root: Path, cut: str, folder: Path) -> list[str]:
        return list(self._asked({"root": str(root), "cut": cut, "folder": str(folder)})["ran"])

    def command(self, root: Path, cut: str, home: Path, *, change: int, after: float, workers: int) -> Ended:
        """`datacut build` into `home/build`, killed before the n-th time that its process changes something in `home`,
        or so many seconds after it begins; 0 for neither."""
        how = {"change": change, "after": after, "workers": workers}
        return Ended(**self._asked({"root": str(root), "cut": cut, "home": str(home), **how}))

    def _asked(self, job: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({**job, "paths": self.paths}), file=self._process.stdin, flush=True)
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "fault" not in told, told["fault"]
        return told

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def _wait_for_jobs() -> None:
    for name in (
        "grimp",
        "matplotlib.figure",
        "pandas",
        "pyarrow.parquet",
        "pydantic",
        "reportlab.pdfgen.canvas",
        "yaml",
    ):
        importlib.import_module(name)

    while line := sys.stdin.readline():
        job = json.loads(line)
        reads, writes = os.pipe()
        child = os.fork()
        if child == 0:
            told = _of_command(job, writes) if "home" in job else _of_build(job)
            os.write(writes, json.dumps(told).encode())
            os._exit(0)
        os.close(writes)
        if job.get("after"):
            time.sleep(job["after"])
            os.kill(child, signal.SIGKILL)
        with os.fdopen(reads, encoding="utf-8") as pipe:
            answer = json.loads(pipe.read() or "{}")
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            answer = {"process": child, "code": 0, "killed": True, "changes": 0}
        print(json.dumps(answer), flush=True)


def _of_build(job: Mapping[str, Any]) -> dict[str, Any]:
    try:
        _require_package(job["paths"])
        return {"ran": build(Path(job["root"]), job["cut"], Path(job["folder"]))}
    except BaseException:  # noqa: BLE001
        return {"fault": traceback.format_exc()}


def _of_command(job: Mapping[str, Any], pipe: int) -> dict[str, Any]:
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.set_inheritable(pipe, False)
    tempfile.tempdir = str(Path(job["home"]) / "temporary")
    own, changes = os.getpid(), 0

    def watch(event: str, told: tuple[Any, ...]) -> None:
        nonlocal changes
        opened = event == "open" and isinstance(told[2], int) and told[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if (opened or event in CHANGES) and str(told[0]).startswith(job["home"]) and os.getpid() == own:
            changes += 1
            if changes == job["change"]:
                os.kill(own, signal.SIGKILL)

    try:
        _require_package(job["paths"])
        from datacut.pipeline.run import run_cuts

        sys.addaudithook(watch)
        code = run_cuts(Path(job["root"]), job["cut"], None, Path(job["home"]) / "build", job["workers"])
    except BaseException:  # noqa: BLE001
        return {"fault": traceback.format_exc()}
    return {"process": own, "code": code, "killed": False, "changes": changes}


def _require_package(paths: list[str]) -> None:
    """Take the package from the first of the paths."""
    sys.path[:0] = paths
    import datacut

    if not Path(datacut.__file__).is_relative_to(paths[0]):
        raise RuntimeError(f"another package: {datacut.__file__}")


if __name__ == "__main__":
    _wait_for_jobs()
