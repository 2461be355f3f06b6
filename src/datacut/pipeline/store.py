"""Where builds lie: `build/<cut>` is a link to the newest build of the cut, `build/.store/` holds it and earlier ones.

`.store/<cut>-<digest>/` is a build; `<cut>-<digest>.json` beside it its record: of what it is, and the size, hash, time
and inode of every file, so that a file altered by hand is seen. A folder without a record is what a killed run left.
`kept/<NAME>.json` is a name given to a build, which freezes it. `tasks/` holds what tasks made (`datacut.cache`). All
of it moves with the folder; a record is no part of a build, so that builds of the same inputs are the same bytes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from datacut.errors import InputError

STORE = ".store"
MANIFEST = "manifest.json"
LOG = "run.jsonl"
LOCK, HOLDER, KEPT, TASKS = "lock", "holder", "kept", "tasks"
STAY = 2
"""Builds of a cut that stay beside the kept ones: the newest, and the one before, which it is compared with."""
_OWN = {LOCK, HOLDER, KEPT, TASKS}
_NAME = re.compile(r"\w(?:[\w .+-]*[\w+-])?")


@dataclass(frozen=True)
class FileState:
    """One file of a build as it was published."""

    size: int
    sha256: str
    mtime_ns: int
    inode: int


@dataclass(frozen=True)
class Build:
    """One build in the store. published: when, ISO 8601 in UTC; names: those that keep it."""

    folder: Path
    cut: str
    digest: str
    published: str
    files: Mapping[str, FileState]
    names: tuple[str, ...] = field(default=())

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(state.size for state in self.files.values())


def require_name(name: str, what: str) -> str:
    """The name, if it can be one of a cut or of a kept build: a folder and a word of messages and pages alike.

    Raises InputError for one with `/`, `\\`, a leading dot, markup, control characters or the like.
    """
    if len(name) > 64 or _NAME.fullmatch(name) is None or name == LOG:
        raise InputError(
            f"{name!r}: not a name of {what}. Use up to 64 letters, digits, `-`, `_`, `+`, `.` and spaces, with a "
            "letter or digit first."
        )
    return name


def builds_of(build: Path, cut: str | None = None) -> list[Build]:
    """The builds in the store, of all cuts or of one, by cut, the newest first."""
    kept = _names(build)
    found = (_read_record(path, kept) for path in (build / STORE).glob("*.json"))
    own = (b for b in found if b is not None and cut in (None, b.cut))
    return sorted(sorted(own, key=lambda b: b.published, reverse=True), key=lambda b: b.cut)


def newest(build: Path, cut: str) -> Build | None:
    """The build that `build/<cut>` leads to; None where there is none, or its record cannot be read.

    Raises InputError where something else than a link stands in its place.
    """
    link = build / cut
    if not link.is_symlink():
        if link.exists():
            raise InputError(f"{link}: not a link to a build. Move it away; a build takes this place.")
        return None
    return _read_record(build / STORE / f"{link.readlink().name}.json", _names(build))


def point(build: Path, cut: str, home: Path) -> None:
    """Make `build/<cut>` lead to a build, in one rename."""
    link = build / STORE / ".link"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(STORE) / home.name, target_is_directory=True)
    link.replace(build / cut)


def write_record(home: Path, cut: str, digest: str, published: str, files: Mapping[str, FileState]) -> None:
    """Write the record of a build beside its folder, whole or not at all."""
    content = {"cut": cut, "digest": digest, "published": published}
    write_json(home.with_name(f"{home.name}.json"), {**content, "files": {n: asdict(s) for n, s in files.items()}})


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    part = path.with_name(f".{path.name}-{os.getpid()}")
    part.write_text(json.dumps(content, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


def _read_record(path: Path, kept: Mapping[str, tuple[str, ...]]) -> Build | None:
    """What a record says; None where it cannot be read or its build is gone: it is as if it had never been built."""
    folder = path.with_suffix("")
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        files = {name: FileState(**state) for name, state in record.pop("files").items()}
        return Build(folder, files=files, names=kept.get(folder.name, ()), **record) if folder.is_dir() else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def kept_builds(build: Path) -> dict[str, dict[str, str]]:
    """Every name given, with the folder of its build (`build`) and the hash of the manifest it had then (`manifest`).

    Raises InputError where one cannot be read: what it keeps must not be taken for free.
    """
    found = {}
    for path in sorted((build / STORE / KEPT).glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found[path.stem] = {"build": str(content["build"]), "manifest": str(content["manifest"])}
        except (OSError, ValueError, TypeError, KeyError) as fault:
            raise InputError(f"{path}: the name of a kept build, and cannot be read. Restore it.") from fault
    return found


def _names(build: Path) -> dict[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for name, content in kept_builds(build).items():
        names[content["build"]] = (*names.get(content["build"], ()), name)
    return names


def sweep(build: Path) -> None:
    """Remove what killed runs left; only for who holds the lock."""
    store = build / STORE
    linked = {p.readlink().name for p in build.iterdir() if p.is_symlink()}
    whole = {b.folder.name for b in builds_of(build)}
    spared = _OWN | linked | whole | {content["build"] for content in kept_builds(build).values()}
    for path in store.iterdir():
        if path.name not in spared and path.name.removesuffix(".json") not in spared:
            remove(path)
    for folder in (f"{TASKS}/*", KEPT):  # what was not yet under its name
        for path in store.glob(f"{folder}/.*"):
            remove(path)


def discard(build: Build) -> None:
    """Take a build out of the store; one that is interrupted half-way is swept later."""
    gone = build.folder.with_name(f".gone-{build.folder.name}")
    build.folder.rename(gone)
    build.folder.with_name(f"{build.folder.name}.json").unlink(missing_ok=True)
    remove(gone)


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        freeze(path, frozen=False)
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def freeze(folder: Path, *, frozen: bool) -> None:
    """Let nobody write to the files and folders of a build, or its owner again."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode & ~0o222 if frozen else mode | stat.S_IWUSR)
