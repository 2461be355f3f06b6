"""Whether a build stands as it was published: no file altered, deleted or added by hand."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from datacut.errors import Finding, Severity, in_file
from datacut.files.manifest import sha256_of
from datacut.pipeline.store import MANIFEST, Build, FileState, kept_builds, write_record

_LEFT_BY_PROGRAMS = ("Thumbs.db", "desktop.ini", "__pycache__")


def states_of(folder: Path, hashes: Mapping[str, str]) -> dict[str, FileState]:
    """Size, hash, time and inode of every file of a build; hashes: those already taken, by path."""
    found = {}
    for name, state in _walk(folder):
        sha256 = hashes.get(name) or sha256_of(folder / name)
        found[name] = FileState(state.st_size, sha256, state.st_mtime_ns, state.st_ino)
    return found


def altered(build: Build, *, full: bool) -> list[Finding]:
    """A finding for each published file that was altered, deleted or added by hand; errors where the build is frozen.

    A file whose size, time and inode are as published counts as unaltered unless `full`, which hashes every one.
    """
    now = dict(_walk(build.folder))
    told: dict[str, str] = dict.fromkeys(now.keys() - build.files.keys(), "added by hand")
    for name, was in build.files.items():
        state = now.get(name)
        if state is None:
            told[name] = "deleted by hand"
        elif (
            not stat.S_ISREG(state.st_mode)
            or state.st_size != was.size
            or ((full or _is_other(state, was)) and sha256_of(build.folder / name) != was.sha256)
        ):
            told[name] = "altered by hand"
    if any(kept["manifest"] != _hash(build.folder / MANIFEST) for kept in _kept_as(build)):
        told.setdefault(MANIFEST, "altered by hand")
    severity = Severity.ERROR if build.names else Severity.WARNING
    remedy = (
        f"The build is kept ({', '.join(build.names)}) and stays as it is; build again after `datacut keep --drop`."
        if build.names
        else f"It is built again; what was found is in {build.folder.name} of the store until `datacut gc`."
    )
    return [
        Finding(
            severity,
            "build.altered",
            in_file(f"{build.cut}/{name}"),
            f"a published file was {told[name]}",
            name,
            remedy,
        )
        for name in sorted(told)
    ]


def _is_other(state: os.stat_result, was: FileState) -> bool:
    """Whether a file was written or copied since: a copy of the whole folder is no change, so its hash decides."""
    return (state.st_mtime_ns, state.st_ino) != (was.mtime_ns, was.inode)


def _kept_as(build: Build) -> list[dict[str, str]]:
    kept = kept_builds(build.folder.parents[1])
    return [kept[name] for name in build.names]


def _hash(path: Path) -> str:
    return sha256_of(path) if path.is_file() else ""


def settle(build: Build) -> None:
    """Record times and inodes anew for a build that is unaltered, where a copy of its folder has others."""
    hashes = {name: state.sha256 for name, state in build.files.items()}
    write_record(build.folder, build.cut, build.digest, build.published, states_of(build.folder, hashes))


def is_moved(build: Build) -> bool:
    """Whether a file has another time or inode than recorded, so that a quick look does not do."""
    return any(_is_other(state, build.files[name]) for name, state in _walk(build.folder) if name in build.files)


def _walk(folder: Path, before: str = "") -> Iterator[tuple[str, os.stat_result]]:
    """Every file under a folder by its path from there, without those that programs leave where they look."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".", "~$")) or entry.name in _LEFT_BY_PROGRAMS:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), f"{before}{entry.name}/")
            else:
                yield before + entry.name, entry.stat(follow_symlinks=False)
