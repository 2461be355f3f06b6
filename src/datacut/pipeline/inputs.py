"""What a build depends on, as one digest: the export, the specs, the study's code, the package itself, and what it runs
with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import datacut
from datacut.cache.installed import environment
from datacut.errors import InputError

_PACKAGE = Path(datacut.__file__).parent
_ENGINE = "datacut/"
_EXPORTS = ("raw/", "before/")
_NAMED = 5


@dataclass(frozen=True)
class InputFile:
    """One input as it was when its hash was taken; one that is written again is another, whatever is in it then."""

    path: Path
    sha256: str
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Inputs:
    """Every input of a build of one export, as it was when the build began, by the name it has in the manifest.

    raw: the export; None where the specs alone are asked. words: what else the build depends on (its cut, the outputs
    asked for).
    """

    root: Path
    raw: Path | None
    words: tuple[str, ...]
    files: Mapping[str, InputFile]

    @cached_property
    def digest(self) -> str:
        """One SHA-256 over all of it: two builds of one digest are of the same inputs."""
        return digest_of(
            {name: file.sha256 for name, file in self.files.items()}, datacut.__version__, environment(), *self.words
        )

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of each file of the export, the specs and the study's code."""
        return {name: file.sha256 for name, file in self.files.items() if not name.startswith(_ENGINE)}

    @property
    def engine(self) -> str:
        """One SHA-256 over the package's own files."""
        return digest_of({name: file.sha256 for name, file in self.files.items() if name.startswith(_ENGINE)})

    @property
    def package(self) -> dict[str, str]:
        """SHA-256 of each of the package's own files, by its path in the package."""
        return {n.removeprefix(_ENGINE): file.sha256 for n, file in self.files.items() if n.startswith(_ENGINE)}

    @property
    def study(self) -> dict[str, Path]:
        """The specs and the study's code."""
        return {name: file.path for name, file in self.files.items() if not name.startswith((_ENGINE, *_EXPORTS))}

    def require_unchanged(self) -> None:
        """Raise InputError where a file was written, came or went since: nobody can tell which of the two was read."""
        now = read_inputs(self.root, self.raw, *self.words).files
        moved = sorted(n for n in self.files.keys() | now.keys() if self.files.get(n) != now.get(n))
        if moved:
            more = f" and {len(moved) - _NAMED} more" if len(moved) > _NAMED else ""
            raise InputError(
                f"{', '.join(moved[:_NAMED])}{more}: changed while the build ran. Nothing is published, and the build "
                "before stands. Build again."
            )


def read_inputs(root: Path, raw: Path | None, *words: str) -> Inputs:
    """Take the hashes of all inputs; raw: the export, if any. Raises InputError where one cannot be read."""
    files = {**study_files(root), **(export_files(raw) if raw is not None else {}), **package_files()}
    return Inputs(root, raw, words, {name: _read(path) for name, path in sorted(files.items())})


def _read(path: Path) -> InputFile:
    try:
        with path.open("rb") as handle:
            state = path.stat()
            return InputFile(path, hashlib.file_digest(handle, "sha256").hexdigest(), state.st_size, state.st_mtime_ns)
    except OSError as fault:
        raise InputError(f"{path}: cannot be read ({fault.strerror}).") from fault


def export_files(raw: Path) -> dict[str, Path]:
    """The files of an export, and of the one before, by the names they have in the manifest."""
    files = {f"raw/{p.relative_to(raw).as_posix()}": p for p in _files(raw)}
    before = max((p for p in raw.parent.glob("????-??-??") if p.name < raw.name), default=None)
    if before is not None:  # the coding of terms is compared with that export
        files |= {f"before/{before.name}/{p.relative_to(before).as_posix()}": p for p in _files(before)}
    return files


def study_files(root: Path) -> dict[str, Path]:
    """The specs and the study's code by the names they have in the manifest."""
    folders = (root / "specs", *(root / folder for folder in ("sdtm", "adam", "tlf")))
    return {p.relative_to(root).as_posix(): p for folder in folders for p in _files(folder)}


def package_files() -> dict[str, Path]:
    """The package's own files: a change of the engine is a change of input."""
    return {f"{_ENGINE}{p.relative_to(_PACKAGE).as_posix()}": p for p in _files(_PACKAGE)}


def digest_of(hashes: Mapping[str, str], *words: str) -> str:
    """One SHA-256 over names and hashes of files, independent of order and place, and over words."""
    total = hashlib.sha256()
    for name in sorted(hashes):
        total.update(name.encode() + b"\0" + bytes.fromhex(hashes[name]))
    for word in words:
        total.update(word.encode() + b"\0")
    return total.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (p for p in sorted(folder.rglob("*")) if p.is_file() and _counts(p.relative_to(folder)))


def _counts(path: Path) -> bool:
    return not any(part.startswith(".") or part == "__pycache__" for part in path.parts)
