"""`datacut trace`: which build is asked, and what of it: a cell, a value of a dataset, or a row of the export."""

from __future__ import annotations

import re
from pathlib import Path

from datacut.errors import InputError, nearest
from datacut.history.backwards import touched_by
from datacut.history.cells import Page
from datacut.history.find import find_record, require_variable
from datacut.history.stored import Stored
from datacut.history.tree import json_text, printed
from datacut.history.values import Values
from datacut.pipeline.store import Build, builds_of, newest, require_name

_RAW = re.compile(r"(?P<file>.+\.\w+(?:/[^:/]+)?):(?P<line>\d+)(?::(?P<field>\w+))?")
_VALUE = re.compile(r"(?P<dataset>[A-Z][A-Z0-9]*)\.(?P<variable>_?[A-Z][A-Z0-9]*)")
DEPTH = 4
"""Calls that the terminal follows from a value on."""


def trace(
    root: Path,
    build: Path,
    what: str,
    *,
    row: str | None = None,
    column: str | None = None,
    statistic: str | None = None,
    key: str | None = None,
    cut: str | None = None,
    digest: str | None = None,
    depth: int | None = None,
    as_json: bool = False,
) -> str:
    """The answer for an output, `ADSL.DLTEVLFL` or `raw/2026-09-01/ae.csv:14:AETERM`, as text or JSON.

    row, column, statistic: of an output; without row its rows and columns are listed. key: of the record of a dataset.
    cut, digest: the build asked, else the newest of all. depth: calls that are followed, all in JSON unless given.
    InputError for anything that does not exist, with the nearest that does.
    """
    raw = _RAW.fullmatch(what)
    named = _cut_in(what, root, build) if raw is not None else None
    stored = Stored(_chosen(build, cut or named, digest).folder, root)
    followed = depth if depth is not None or as_json else DEPTH
    if raw is not None:
        nodes = [touched_by(stored, raw["file"], int(raw["line"]), raw["field"])]
    elif (value := _VALUE.fullmatch(what)) is not None:
        require_variable(stored, value["dataset"], value["variable"])
        if key is None:
            raise InputError(f"{what}: give --key, such as a participant, or the parts of a key with | between them.")
        values = Values(stored, followed)
        numbers = find_record(stored, value["dataset"], key)
        nodes = [values.value(value["dataset"], n, value["variable"]) for n in numbers]
    else:
        if what not in stored.study["outputs"]:
            offered = nearest(what, [*stored.study["outputs"], *stored.datasets])
            raise InputError(f"{what}: no output, variable (ADSL.SAFFL) or row of the export (ae.csv:14). {offered}")
        page = Page(stored, what)
        if row is None:
            nodes = [page.contents()]
        elif page.shown and (row.rpartition(":")[0] in page.shown or (row.isdigit() and "records" in page.shown)):
            nodes = [page.record(row, column, followed)]
        else:
            nodes = [page.cells(row, column, statistic, followed)]
    return json_text(nodes) if as_json else printed(nodes)


def _cut_in(what: str, root: Path, build: Path) -> str | None:
    """The cut whose export a path names; None where it names a file alone."""
    folder = Path(what.partition(":")[0]).parent.name
    known = {b.cut for b in builds_of(build)}
    if folder and folder not in known and (root / "raw").is_dir() and "/" in what:
        raise InputError(f"no build of the export {folder}. {nearest(folder, known)}")
    return folder or None


def _chosen(build: Path, cut: str | None, digest: str | None) -> Build:
    """The build asked: by its digest, the newest of a cut, or the newest of the latest cut."""
    found = builds_of(build, require_name(cut, "a cut") if cut is not None else None)
    if digest is not None:
        meant = [b for b in found if b.digest.startswith(digest) or digest in b.names]
        if not meant:
            raise InputError(f"no build {digest}. {nearest(digest, [b.digest[:16] for b in found])}")
        return meant[0]
    cuts = [cut] if cut is not None else sorted({b.cut for b in found}, reverse=True)
    for name in cuts:
        latest = newest(build, name)
        if latest is not None:
            return latest
    what = f"of the cut {cut}" if cut else f"in {build}"
    raise InputError(
        f"no build {what}. Run `datacut build` first. {nearest(cut or '', {b.cut for b in builds_of(build)})}"
    )
