"""Edits of a study, of the package and of what is installed, each undone later: files by name, with their new text."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.builds import Apart, build, files_of, keys_of

type Edit = Mapping[str, str | None]
"""Files by their path, with the text that they get; None for one that goes."""

ENGINE, INSTALLED = "engine", "installed"
"""Folders beside the study: a copy of the package, and distributions that are installed."""
MOMENT = 1_700_000_000 * 10**9
"""When every file was written, as far as its time says: only what is in it may count."""


class Trial:
    """A study that is built again and again in one folder, and once more in a fresh one for each state of its files.

    apart: builds are made with a copy of the package, which may be edited too.
    """

    def __init__(self, home: Path, study: Mapping[str, str], cut: str, *, apart: bool = False) -> None:
        self.home, self.root, self.cut = home, home / "study", cut
        self.known: dict[tuple[tuple[str, bytes], ...], dict[str, bytes]] = {}
        self.write({f"study/{name}": text for name, text in study.items()})
        self.apart = self._apart() if apart else None

    def _apart(self) -> Apart:
        import datacut

        package = Path(datacut.__file__).parent
        shutil.copytree(package, self.home / ENGINE / "datacut")
        (self.home / INSTALLED).mkdir()
        return Apart([self.home / ENGINE, self.home / INSTALLED])

    def close(self) -> None:
        if self.apart is not None:
            self.apart.close()

    def text(self, name: str) -> str:
        return (self.home / name).read_text(encoding="utf-8")

    def changed(self, name: str, old: str, new: str) -> Edit:
        """A file with another piece of text in the place of one that is there."""
        assert old in self.text(name), (name, old)
        return {name: self.text(name).replace(old, new)}

    def write(self, edit: Edit) -> Edit:
        """Make an edit; returns the one that undoes it."""
        before: dict[str, str | None] = {}
        for name, text in edit.items():
            path = self.home / name
            before[name] = path.read_text(encoding="utf-8") if path.exists() else None
            if text is None:
                path.unlink()
                if not any(path.parent.iterdir()):
                    path.parent.rmdir()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            os.utime(path, ns=(MOMENT, MOMENT))
        return before

    def build(self, folder: str) -> list[str]:
        make = build if self.apart is None else self.apart.build
        return make(self.root, self.cut, self.home / folder)

    def ran(self) -> set[str]:
        """The tasks that did their work in a build of the files as they are; what it made is seen to be what a fresh
        build of the same files makes, byte for byte."""
        ran = self.build("build")
        assert len(ran) == len(set(ran))
        made = files_of(self.home / "build" / self.cut)
        fresh = self.fresh()
        assert made.keys() == fresh.keys()
        assert [name for name, data in made.items() if data != fresh[name]] == []
        assert self.keys().keys() >= set(ran)
        return set(ran)

    def fresh(self) -> dict[str, bytes]:
        """What a build makes that has nothing to take; of files it has seen, what it made then."""
        state = self._state()
        if state not in self.known:
            shutil.rmtree(self.home / "fresh", ignore_errors=True)
            self.build("fresh")
            self.known[state] = files_of(self.home / "fresh" / self.cut)
        return self.known[state]

    def keys(self) -> dict[str, str]:
        return keys_of(self.home / "build", self.cut)

    def _state(self) -> tuple[tuple[str, bytes], ...]:
        folders = [self.root / name for name in ("specs", "sdtm", "adam", "tlf", "raw")]
        folders += [self.home / name for name in (ENGINE, INSTALLED)]
        files = (p for folder in folders for p in sorted(folder.rglob("*")) if "__pycache__" not in p.parts)
        return tuple((p.relative_to(self.home).as_posix(), p.read_bytes()) for p in files if p.is_file())
