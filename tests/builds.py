"""Builds of a study that say which tasks did their work; in this process, or apart with another copy of the package.

As a script it is the process that waits for builds apart: it has loaded all but the package, and divides for each.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

STORE = Path(".store") / "tasks"


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
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        job = {"paths": self.paths, "root": str(root), "cut": cut, "folder": str(folder)}
        print(json.dumps(job), file=self._process.stdin, flush=True)
        told: Mapping[str, Any] = json.loads(self._process.stdout.readline())
        assert "fault" not in told, told["fault"]
        return list(told["ran"])

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
        child = os.fork()
        if child == 0:
            print(json.dumps(_done(job)), flush=True)
            os._exit(0)
        os.waitpid(child, 0)


def _done(job: Mapping[str, Any]) -> dict[str, Any]:
    sys.path[:0] = job["paths"]
    try:
        import datacut

        if not Path(datacut.__file__).is_relative_to(job["paths"][0]):
            raise RuntimeError(f"another package: {datacut.__file__}")  # noqa: TRY301
        return {"ran": build(Path(job["root"]), job["cut"], Path(job["folder"]))}
    except BaseException:  # noqa: BLE001
        return {"fault": traceback.format_exc()}


if __name__ == "__main__":
    _wait_for_jobs()
