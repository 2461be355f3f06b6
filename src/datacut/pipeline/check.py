"""`datacut check`: the specs without data, and the rules over the datasets of a build."""

from __future__ import annotations

from pathlib import Path

from datacut.datasets.parquet import read_parquet
from datacut.datasets.rules import check_adam, check_sdtm
from datacut.errors import InputError, Severity
from datacut.pipeline.console import console, print_findings
from datacut.pipeline.specs import read_specs

SHOWN = 100


def run_check(root: Path, cut: str | None, build: Path) -> int:
    """Print every finding of the specs, and of the built datasets if `cut` is given; returns the exit code."""
    bound = read_specs(root)
    specs, found = bound.specs, list(bound.findings)
    checked = f"{len(specs.forms)} forms, {len(specs.sdtm) + len(specs.adam)} datasets, {len(specs.outputs)} outputs"
    if cut is not None:
        home = build / cut / "data"
        if not home.is_dir():
            raise InputError(f"{home}: no such build. Run `datacut build --cut {cut}` first.")
        sdtm, adam = (
            {d.name: d for d in (read_parquet(p) for p in sorted((home / stage).glob("*.parquet")))}
            for stage in ("sdtm", "adam")
        )
        found += [*check_sdtm(sdtm), *check_adam(adam, sdtm)]
        checked += f"; {len(sdtm) + len(adam)} built datasets"
    print_findings([[str(f.severity), f.rule, f.where, f.what, f.value, f.remedy] for f in found], limit=SHOWN)
    errors = sum(f.severity is Severity.ERROR for f in found)
    console().print(f"checked {checked}: {errors} errors, {len(found) - errors} other findings")
    return 1 if errors else 0
