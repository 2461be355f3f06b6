"""Builds that cost nothing: what would be computed is a copy of the export, all around it is as it is.

The package is one file (`Study.engine`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from datacut.cache.code import Code
from datacut.cache.entries import Entries
from datacut.cache.tasks import Tasks
from datacut.files.manifest import sha256_of
from datacut.pipeline.inputs import Inputs, package_files
from datacut.pipeline.publish import publishing
from datacut.pipeline.report import Account, Product, Summary, write_accounting, write_findings, write_summary
from datacut.pipeline.run import run_cuts


class Study:
    """A study folder whose builds copy the export; `built` are the cuts that were built, in order."""

    def __init__(self, root: Path) -> None:
        self.root, self.build = root, root / "build"
        self.engine = root.with_name("engine.py")
        self.built: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self.write("specs/study.yml", "study: S1\n")
        self.write("adam/own.py", "x = 1\n")
        self.write("raw/c1/ae.csv", "A\n")

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, cut: str | None = "c1", **more: object) -> int:
        return run_cuts(self.root, cut, None, self.build, **more)

    def file(self, name: str, cut: str = "c1") -> Path:
        return self.build / cut / name

    @property
    def folders(self) -> set[str]:
        """Names of the builds in the store."""
        return {p.name for p in (self.build / ".store").iterdir() if (p / "summary.json").is_file()}

    def build_cut(self, root, cut, raw, build, inputs: Inputs, progress, workers, only, log) -> Summary:
        self.built.append(cut)
        with publishing(build, cut, inputs) as home:
            (home / "data").mkdir()
            (home / "data" / "ae.csv").write_bytes((raw / "ae.csv").read_bytes())
            summary = Summary(cut, inputs.digest, (Product("listing", "l", "L", 1, "pages"),), 0, 0, 0, "")
            write_accounting(Account([], [], [], []), home / "accounting")
            write_findings([], home)
            write_summary(summary, home / "summary.json")
            self.meanwhile()
        return summary


@pytest.fixture
def faked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    made = Study(tmp_path / "study")
    made.engine.write_text("x = 1\n")
    # the package itself has hundreds of files, each hashed twice a build
    monkeypatch.setattr("datacut.pipeline.inputs.package_files", lambda: {"datacut/engine.py": made.engine})
    monkeypatch.setattr("datacut.pipeline.build.build_cut", made.build_cut)
    return made


@pytest.fixture(scope="session")
def package_code() -> Code:
    """The code of the package as it is."""
    files = {name.removeprefix("datacut/"): sha256_of(path) for name, path in package_files().items()}
    return Code(files, {})


@pytest.fixture
def tasks(tmp_path: Path, package_code: Code) -> Tasks:
    """The tasks of a first run."""
    return Tasks(Entries(tmp_path / "entries"), package_code)
