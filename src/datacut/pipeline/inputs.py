"""What a build depends on, as one digest: the export, the specs, the study's code and the package itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import datacut

_PACKAGE = Path(datacut.__file__).parent


def input_files(root: Path, raw: Path) -> dict[str, Path]:
    """Every input by the name it has in the manifest."""
    files = {f"raw/{p.relative_to(raw).as_posix()}": p for p in _files(raw)}
    before = max((p for p in raw.parent.glob("????-??-??") if p.name < raw.name), default=None)
    if before is not None:  # the coding of terms is compared with that export
        files |= {f"before/{before.name}/{p.relative_to(before).as_posix()}": p for p in _files(before)}
    files |= {p.relative_to(root).as_posix(): p for p in _files(root / "specs")}
    for folder in ("sdtm", "adam", "tlf"):
        files |= {p.relative_to(root).as_posix(): p for p in _files(root / folder)}
    return files


def package_files() -> dict[str, Path]:
    """The package's own files: a change of the engine is a change of input."""
    return {f"datacut/{p.relative_to(_PACKAGE).as_posix()}": p for p in _files(_PACKAGE)}


def digest_of(files: dict[str, Path], *more: str) -> str:
    """One SHA-256 over names and contents, independent of order and place."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(name.encode() + b"\0" + hashlib.sha256(files[name].read_bytes()).digest())
    for text in more:
        total.update(text.encode() + b"\0")
    return total.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (p for p in sorted(folder.rglob("*")) if p.is_file() and _counts(p.relative_to(folder)))


def _counts(path: Path) -> bool:
    return not any(part.startswith(".") or part == "__pycache__" for part in path.parts)
