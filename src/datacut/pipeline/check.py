"""`datacut check`: the specs without data, and the rules over the datasets of a build."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from datacut.datasets.parquet import read_lineage, read_parquet
from datacut.datasets.rules import check_adam, check_sdtm
from datacut.errors import Finding, InputError, Severity
from datacut.pipeline.console import console, print_accounting, print_findings
from datacut.pipeline.report import FormLine, read_forms
from datacut.pipeline.specs import read_specs

SHOWN = 100


def check_accounting(lines: Iterable[FormLine], lineages: Iterable[pd.DataFrame]) -> list[Finding]:
    """Every row in one place, and as many rows mapped as the lineage of the built datasets leads back to.

    The lineage is kept record by record, so the count of mapped rows is not taken on its own word.
    """
    reached: dict[str, set[int]] = {}
    for lineage in lineages:
        for source, rows in lineage.groupby("source")["source_record"]:
            reached.setdefault(str(source), set()).update(rows.dropna().tolist())
    found: list[Finding] = []
    for line in lines:
        parts = line.mapped + line.by_key + line.excluded + line.refused + line.unaccounted
        traced = len(reached.get(f"raw.{line.form}", ()))
        for count, other, what in (
            (line.rows, parts, "the rows of the form are not those accounted for"),
            (line.mapped, traced, "the rows mapped are not those the lineage leads back to"),
            (0, line.unaccounted, "rows of the form are unaccounted for"),
        ):
            if count != other:
                remedy = "Build again; see accounting/forms.csv and findings.csv of the build."
                found.append(
                    Finding(
                        Severity.ERROR, "accounting.balance", f"raw.{line.form}", what, f"{count} / {other}", remedy
                    )
                )
    return found


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
        lines = read_forms(build / cut / "accounting")
        found += check_accounting(
            lines, (read_lineage(p) for p in sorted((build / cut / "lineage").rglob("*.parquet")))
        )
        print_accounting(lines)
        checked += f"; {len(sdtm) + len(adam)} built datasets"
    print_findings([[str(f.severity), f.rule, f.where, f.what, f.value, f.remedy] for f in found], limit=SHOWN)
    errors = sum(f.severity is Severity.ERROR for f in found)
    console().print(f"checked {checked}: {errors} errors, {len(found) - errors} other findings")
    return 1 if errors else 0
