"""A build of some outputs: which are asked for, and what becomes of the others."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from datacut.errors import InputError, nearest
from datacut.pipeline.report import Product, read_summary
from datacut.pipeline.store import freeze
from datacut.spec.load import Specs

STALE = "stale: kept from an earlier build, made of what is now something else"
NEVER = "not made: not asked for"
AS_BEFORE = "stale: as of the last build of all outputs"
OF_ALL = ("ard.parquet", "ard.json", "ard.csv", "ars.json")
"""Files that hold the results of all outputs."""
RECORDS = "records"
"""Folder of the records that outputs show."""


def outputs_asked(specs: Specs, only: Iterable[str]) -> frozenset[str] | None:
    """The outputs that names ask for, those of a selection for its name; None, which is all, where there is no name.

    Raises InputError for a name that is neither an output nor a selection.
    """
    asked: set[str] = set()
    selections = specs.library.selections
    for name in only:
        if name not in specs.outputs and name not in selections:
            raise InputError(
                f"--only {name}: no such output or selection. {nearest(name, [*selections, *specs.outputs])}"
            )
        asked.update(selections[name].outputs if name in selections else (name,))
    return frozenset(asked) or None


def keep_outputs(before: Path, folder: Path, asked: frozenset[str] | None) -> None:
    """Take over what the last build made of the outputs, where only some are asked for."""
    if asked is None or not before.is_dir():
        return
    for name in ("tlf", RECORDS):
        if (before / name).is_dir():
            shutil.copytree(before / name, folder / name, copy_function=shutil.copyfile)
            freeze(folder / name, frozen=False)  # the build before may be frozen
    for name in (*OF_ALL, "summary.json"):
        if (before / name).is_file():
            shutil.copyfile(before / name, folder / name)


def kept_product(folder: Path) -> Callable[[Product, str], Product]:
    """What is said of an output that was not made again: its product as it would be, its digest as it would be now."""
    summary = read_summary(folder / "summary.json")
    before = {p.name: p for p in summary.products} if summary is not None else {}

    def kept(product: Product, digest: str) -> Product:
        known = before.get(product.name)
        if known is None or known.lacking == NEVER:
            return replace(product, lacking=NEVER)
        if known.digest != digest:
            return replace(known, lacking=STALE)
        return replace(known, lacking="") if known.lacking == STALE else known

    return kept


def kept_results(folder: Path) -> list[Product]:
    """What holds the results of all outputs, if it was taken over."""
    names = [name for name in OF_ALL if (folder / name).is_file()]
    names += [p.name for p in sorted((folder / "tlf" / "combined").glob("*section*"))]
    return [Product("document", name, "Results of all outputs", 1, "files", AS_BEFORE) for name in names]
