"""Builds over time: listed, kept under a name and frozen, let go, and removed when nobody asked to keep them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from rich.table import Table
from rich.text import Text

from datacut.cache.entries import Entries
from datacut.errors import Finding, InputError, Severity, in_file, nearest
from datacut.files.manifest import sha256_of
from datacut.pipeline.console import console, print_findings
from datacut.pipeline.intact import altered
from datacut.pipeline.lock import holding
from datacut.pipeline.report import found_lines, read_summary
from datacut.pipeline.store import (
    KEPT,
    MANIFEST,
    STAY,
    STORE,
    TASKS,
    Build,
    builds_of,
    discard,
    freeze,
    kept_builds,
    newest,
    require_name,
    write_json,
)
from datacut.pipeline.why import keys_of_runs

SHORT = 12
"""Characters of a digest that tell builds apart to the eye."""


def keep_build(build: Path, name: str, cut: str | None, digest: str | None) -> int:
    """Give the newest build of a cut, or the one of a digest, a name and freeze it; returns the exit code.

    Every file is hashed first: one that was altered is told, and nothing is kept. Raises InputError for a name that is
    none or is given already, and where it is not said which build is meant.
    """
    require_name(name, "a kept build")
    with holding(build):
        known = kept_builds(build)
        taken = next((other for other in known if other.casefold() == name.casefold()), None)
        if taken is not None:
            raise InputError(
                f"{taken}: the name of {known[taken]['build']} already. `datacut keep --drop {taken}` frees it."
            )
        chosen = _chosen(build, cut, digest)
        found = altered(chosen, full=True)
        if found:
            print_findings(found_lines(found), limit=SHORT)
            console().print(f"{chosen.folder.name}: not as it was published; nothing is kept", markup=False)
            return 1
        freeze(chosen.folder, frozen=True)
        kept = build / STORE / KEPT
        kept.mkdir(exist_ok=True)
        content = {"build": chosen.folder.name, "manifest": sha256_of(chosen.folder / MANIFEST)}
        write_json(kept / f"{name}.json", content)
    console().print(f"{name}: {chosen.folder} is kept and frozen", markup=False, soft_wrap=True)
    return 0


def _chosen(build: Path, cut: str | None, digest: str | None) -> Build:
    if cut is not None:
        require_name(cut, "a cut")
    found = builds_of(build, cut)
    if digest is not None:
        found = [b for b in found if digest and b.digest.startswith(digest)]
        if len(found) != 1:
            many = ", ".join(b.folder.name for b in found) or "none"
            raise InputError(f"{digest}: one build is meant, and it is the digest of {many}. See `datacut builds`.")
        return found[0]
    cuts = sorted({b.cut for b in found})
    if len(cuts) > 1:
        raise InputError(f"{build}: builds of several cuts ({', '.join(cuts)}). Say which with --cut.")
    chosen = newest(build, cuts[0]) if cuts else None
    if chosen is None:
        raise InputError(f"{build / (cut or '')}: no build to keep. Run `datacut build` first.")
    return chosen


def drop_name(build: Path, name: str) -> None:
    """Take a name off its build; one without a name can be written to and removed again.

    Raises InputError for a name that is not given.
    """
    with holding(build):
        known = kept_builds(build)
        if name not in known:
            raise InputError(f"{name!r}: no kept build has this name. {nearest(name, known)}")
        folder = known.pop(name)["build"]
        if folder not in {content["build"] for content in known.values()} and (build / STORE / folder).is_dir():
            freeze(build / STORE / folder, frozen=False)
        (build / STORE / KEPT / f"{name}.json").unlink()
    console().print(f"{name}: no longer kept; {folder} stays until `datacut gc`", markup=False, soft_wrap=True)


def collect(build: Path, stay: int, *, dry_run: bool) -> None:
    """Remove the builds that nobody keeps but the newest `stay` of each cut, and what was kept of tasks that the last
    run of no cut took; say what goes and what it frees.
    """
    screen = console()
    with holding(build):
        going = spare(build, stay)
        for one in going:
            screen.print(f"{one.folder.name}: {_megabytes(one.size)}, published {_time(one)}", markup=False)
            if not dry_run:
                discard(one)
        entries = Entries(build / STORE / TASKS)
        unused = sorted(set(entries) - keys_of_runs(build))
        freed = sum(map(entries.size, unused))
        if not dry_run:
            for key in unused:
                entries.remove(key)
    does = "would be removed, which would free" if dry_run else "removed, which frees"
    screen.print(f"{len(going)} builds {does} {_megabytes(sum(b.size for b in going))}")
    if unused:
        screen.print(f"{len(unused)} entries of tasks {does} {_megabytes(freed)}")


def spare(build: Path, stay: int = STAY) -> list[Build]:
    """The builds that `collect` removes: neither kept under a name, nor the newest of their cut or next to it."""
    going: list[Build] = []
    for cut, of_cut in groupby(builds_of(build), attrgetter("cut")):
        now = newest(build, cut)
        later = list(of_cut)[max(stay, 1) :]
        going += [b for b in later if not b.names and (now is None or b.folder != now.folder)]
    return going


def list_builds(build: Path, *, verify: bool) -> int:
    """Print every build of the store, and of each what was altered; returns the exit code.

    verify: every file is hashed, not only looked at.
    """
    builds = builds_of(build)
    table = Table("cut", "digest", "kept as", "published (UTC)", "size", "errors", "warnings", "notes", pad_edge=False)
    found: list[Finding] = []
    for one in builds:
        summary = read_summary(one.folder / "summary.json")
        counts = ("?", "?", "?") if summary is None else (summary.errors, summary.warnings, summary.notes)
        now = newest(build, one.cut)
        mark = " (newest)" if now is not None and now.folder == one.folder else ""
        cells = (one.cut, one.digest[:SHORT] + mark, ", ".join(one.names), _time(one), _megabytes(one.size), *counts)
        table.add_row(*(Text(str(cell)) for cell in cells))
        found += altered(one, full=verify)
    console().print(table)
    found += _lost(build, builds)
    print_findings(found_lines(found), limit=SHORT)
    return 1 if any(f.severity is Severity.ERROR for f in found) else 0


def _lost(build: Path, builds: Iterable[Build]) -> list[Finding]:
    known = {b.folder.name for b in builds}
    return [
        Finding(
            Severity.ERROR,
            "build.lost",
            in_file(f"{STORE}/{content['build']}"),
            "a kept build or its record is gone",
            name,
            "Restore the folder and the .json beside it from a copy, or `datacut keep --drop` the name.",
        )
        for name, content in kept_builds(build).items()
        if content["build"] not in known
    ]


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _time(build: Build) -> str:
    return build.published[:16].replace("T", " ")
