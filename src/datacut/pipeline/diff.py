"""`datacut diff`: which two builds are compared, and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from datacut.diff.told import as_json, compare_builds, printed
from datacut.errors import InputError, nearest
from datacut.history.stored import Stored
from datacut.pipeline.console import console, print_findings
from datacut.pipeline.intact import altered
from datacut.pipeline.report import found_lines
from datacut.pipeline.store import Build, builds_of, newest


def run_diff(
    root: Path,
    build: Path,
    old: str | None,
    new: str | None,
    *,
    expect: Sequence[str] = (),
    json_file: Path | None = None,
) -> int:
    """Compare two builds and say what differs and why; 1 where something is unexplained or not expected, else 0.

    old, new: cuts, names of kept builds or digests. One alone is compared with the newest build; none, the newest build
    with the one before it of the same cut. expect: patterns of outputs that may change.
    """
    before, now = _chosen(build, old, new)
    spoilt = [f for b in (before, now) for f in altered(b, full=True)]
    print_findings(found_lines(spoilt), limit=len(spoilt))
    diff = compare_builds(Stored(before.folder, root), Stored(now.folder, root))
    for line in printed(diff, expect):
        console().print(line, markup=False, soft_wrap=True, highlight=False)
    if json_file is not None:
        json_file.write_text(as_json(diff, expect), encoding="utf-8")
    return 1 if spoilt or diff.unexplained or diff.outside(expect) else 0


def _chosen(build: Path, old: str | None, new: str | None) -> tuple[Build, Build]:
    found = builds_of(build)
    latest = max(found, key=lambda b: b.published, default=None)
    if latest is None:
        raise InputError(f"no build in {build}. Run `datacut build` first.")
    if old is None:
        mine = [b for b in builds_of(build, latest.cut) if b.folder != latest.folder]
        if not mine:
            raise InputError(
                f"no build of the cut {latest.cut} before the newest. Name two cuts: `datacut diff <cut> <cut>`."
            )
        return mine[0], latest
    return _named(build, old), latest if new is None else _named(build, new)


def _named(build: Path, name: str) -> Build:
    """The build of a kept name, the newest of a cut, or that of a digest."""
    found = builds_of(build)
    kept = [b for b in found if name in b.names]
    of_digest = [b for b in found if b.digest.startswith(name) and len(name) >= 4]
    if kept:
        return kept[0]
    if name in {b.cut for b in found}:
        latest = newest(build, name)
        if latest is not None:
            return latest
    if of_digest:
        return of_digest[0]
    raise InputError(
        f"no build {name}. {nearest(name, [*{b.cut for b in found}, *(n for b in found for n in b.names)])}"
    )
