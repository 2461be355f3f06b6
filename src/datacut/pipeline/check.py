"""`datacut check` of a build: the specs, the rules over its datasets and results, and CDISC CORE if asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from datacut.adam.build import subjects_left_out
from datacut.conformance.agency import profile_of
from datacut.conformance.datasets import check_datasets
from datacut.conformance.define import check_define
from datacut.conformance.package import package_of
from datacut.conformance.pages import read_bodies
from datacut.conformance.result_rules import check_results
from datacut.conformance.results import results_of
from datacut.datasets.ard import ard_of_file
from datacut.datasets.model import Dataset
from datacut.datasets.records import ShownRecords
from datacut.errors import Finding, InputError, Severity, in_form
from datacut.files.parquet import read_frame, read_lineage, read_parquet
from datacut.files.record_files import read_records
from datacut.pipeline.check_specs import run_check_specs, tell
from datacut.pipeline.console import console, print_accounting, progress_bar
from datacut.pipeline.outside import OutsideOpinion
from datacut.pipeline.report import FormLine, read_forms
from datacut.pipeline.selected import RECORDS
from datacut.pipeline.specs import read_specs
from datacut.pipeline.store import require_name
from datacut.spec.load import Specs
from datacut.submission.define import is_dated


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
                        Severity.ERROR, "accounting.balance", in_form(line.form), what, f"{count} / {other}", remedy
                    )
                )
    return found


def run_check(root: Path, cut: str | None, build: Path, *, core: bool = False, core_cache: Path | None = None) -> int:
    """Print every finding of the specs, and of built datasets; returns the exit code.

    The datasets are those of `cut`, or those of every build if `core` is asked for and no cut.
    """
    bound = read_specs(root)
    specs = bound.specs
    outside = OutsideOpinion(specs, core_cache) if core else None
    homes = _homes(build, cut)
    errors = run_check_specs(root, build)
    for home in homes:
        sdtm, adam = _stage(home, "sdtm"), _stage(home, "adam")
        checked = f"{home.name}: {len(sdtm) + len(adam)} built datasets"
        forms = read_forms(home / "accounting")
        print_accounting(forms)
        lineages = (d.lineage for d in (*sdtm.values(), *adam.values()))
        found = [
            *check_datasets(package_of(specs, bound.plans, sdtm, adam, home.name, subjects_left_out(specs, sdtm))),
            *check_accounting(forms, lineages),
        ]
        found += _check_outputs(specs, adam, home)
        for stage, datasets in (("sdtm", sdtm), ("adam", adam)):
            if datasets and is_dated(home.name):
                found += check_define(home / stage / "define.xml", f"{stage}/define.xml", datasets)
        errors += tell(checked, found)
        console().print(f"{home.name}: {profile_of(specs.study.conformance.agency)}")
        if outside is not None:
            with progress_bar(home.name) as progress:
                opinion = outside.check(home, sdtm, progress)
            errors += tell(f"{home.name}: {opinion.ran}", opinion.findings)
    if outside is not None:
        errors += tell(f"{len(specs.explained)} explanations of CDISC CORE issues", outside.check_explanations())
    return 1 if errors else 0


def _homes(build: Path, cut: str | None) -> list[Path]:
    if cut is not None:
        if not (build / require_name(cut, "a cut") / "data").is_dir():
            raise InputError(f"{build / cut}: no such build. Run `datacut build --cut {cut}` first.")
        return [build / cut]
    found = [p for p in sorted(build.glob("*")) if (p / "data").is_dir()]
    if not found:
        raise InputError(f"{build}: no build. Run `datacut build` first.")
    return found


def _stage(home: Path, stage: str) -> dict[str, Dataset]:
    found = {}
    for path in sorted((home / "data" / stage).glob("*.parquet")):
        dataset = replace(read_parquet(path), lineage=read_lineage(home / "lineage" / stage / path.name))
        found[dataset.name] = dataset
    return found


def _check_outputs(specs: Specs, adam: Mapping[str, Dataset], home: Path) -> list[Finding]:
    """The rules over the results of a build; none where it has no outputs."""
    if not (home / "ard.parquet").is_file():
        return []
    ard = ard_of_file(read_frame(home / "ard.parquet")[0])
    records: dict[str, dict[str, ShownRecords]] = {}
    for path in sorted((home / RECORDS).glob("*.parquet")):
        output, name, shown = read_records(path)
        records.setdefault(output, {})[name] = shown
    frames = {name: d.frame for name, d in adam.items()}
    return check_results(results_of(specs, frames, ard, records, read_bodies(home / "tlf")))
