"""Raw export to everything: one call a cut."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from datacut.adam.build import build_adam, subjects_left_out
from datacut.conformance.datasets import check_datasets
from datacut.conformance.define import check_define
from datacut.conformance.package import package_of
from datacut.conformance.rules import not_told
from datacut.datasets.accounting import account_forms
from datacut.datasets.dataset_json import FileOrigin, write_dataset_json
from datacut.datasets.manifest import file_entries, sha256_of, write_manifest
from datacut.datasets.model import Dataset
from datacut.datasets.parquet import write_lineage, write_parquet
from datacut.datasets.sources import study_frames
from datacut.datasets.xpt import XptRefusedError, write_xpt
from datacut.errors import Findings, Severity
from datacut.pipeline.inputs import input_files
from datacut.pipeline.origin import file_origin
from datacut.pipeline.outputs import write_outputs
from datacut.pipeline.publish import publishing
from datacut.pipeline.report import Account, Product, Summary, write_accounting, write_findings, write_summary
from datacut.pipeline.specs import Bound, read_specs
from datacut.raw.read import read_export
from datacut.raw.read_sdtm import read_sdtm
from datacut.sdtm.accounting import account_values
from datacut.sdtm.build import build_sdtm
from datacut.submission.define import is_dated, write_define

type Progress = Callable[[str, int, int], None]


def build_cut(root: Path, cut: str, raw: Path, build: Path, digest: str, progress: Progress) -> Summary:
    """Build everything of one cut and publish it as `build/<cut>`.

    progress(what, done, total) is told as the work goes on. Raises SpecError or InputError where nothing can be built;
    every other fault is a finding in `findings.csv`.
    """
    # frames in flight live until the end: collecting cycles among them costs time and frees nothing
    gc.disable()
    try:
        return _build(root, cut, raw, build, digest, progress)
    finally:
        gc.enable()


def _build(root: Path, cut: str, raw: Path, build: Path, digest: str, progress: Progress) -> Summary:
    findings = Findings()
    progress("specs", 0, 5)
    bound = read_specs(root)
    specs, registry, plans = bound.specs, bound.registry, bound.plans
    findings.extend(bound.findings)
    progress("raw export", 1, 5)
    sources: dict[str, pd.DataFrame] = dict(read_export(raw, specs, findings, _shown(raw, root)))
    sources |= study_frames(specs, cut)
    progress("SDTM", 2, 5)
    received = read_sdtm(raw, specs, findings, _shown(raw, root))
    made, counts = build_sdtm(specs, plans, registry, sources, findings)
    sdtm = {**received, **made}
    progress("ADaM", 3, 5)
    adam, more = build_adam(specs, plans, registry, sdtm, sources, findings)
    checked = check_datasets(package_of(specs, plans, sdtm, adam, cut, subjects_left_out(specs, sdtm)))
    findings.extend(not_told(checked, {f.rule for f in findings}))
    account = Account(
        account_forms(specs, sources, (counts, more), bound.fields, findings),
        [*counts.blocks, *more.blocks],
        bound.fields,
        account_values(specs, sources, findings),
    )
    progress("outputs", 4, 5)
    with publishing(build, cut, digest) as folder:
        products: list[Product] = []
        for stage, datasets in (("SDTM", made), ("ADaM", adam)):
            origin = file_origin(specs.study, cut, stage)
            _write_datasets(datasets, folder, stage, origin, findings, products)
            _write_define(bound, datasets, cut, folder, stage, findings)
        _keep(received, folder)
        products += write_outputs(bound, adam, cut, folder, findings)
        write_accounting(account, folder / "accounting")
        write_findings(findings, folder / "findings.csv")
        summary = _summary(cut, digest, products, findings)
        write_summary(summary, folder / "summary.json")
        entries = {
            "inputs": {name: sha256_of(path) for name, path in sorted(input_files(root, raw).items())},
            "outputs": dict(file_entries(folder)),
        }
        write_manifest(folder / "manifest.json", entries)
    progress("done", 5, 5)
    return summary


def _shown(raw: Path, root: Path) -> str:
    """The export folder as messages name it: relative to the study where it lies in it."""
    return raw.relative_to(root).as_posix() if raw.is_relative_to(root) else raw.name


def _write_datasets(
    datasets: Mapping[str, Dataset],
    folder: Path,
    stage: str,
    origin: FileOrigin,
    findings: Findings,
    products: list[Product],
) -> None:
    for sub in (stage.lower(), *(f"{kind}/{stage.lower()}" for kind in ("data", "json", "lineage"))):
        (folder / sub).mkdir(parents=True)
    for name, dataset in sorted(datasets.items()):
        stem = name.lower()
        write_parquet(dataset, folder / "data" / stage.lower() / f"{stem}.parquet")
        write_dataset_json(dataset, folder / "json" / stage.lower() / f"{stem}.json", origin)
        write_lineage(dataset.lineage, folder / "lineage" / stage.lower() / f"{stem}.parquet")
        size = f"{len(dataset.frame)} records, {len(dataset.variables)} variables"
        try:
            findings.extend(write_xpt(dataset, folder / stage.lower() / f"{stem}.xpt"))
        except XptRefusedError as refused:
            findings.extend(refused.findings)
            size += ", XPT refused"
        products.append(Product(stage, name, dataset.label, size))


def _keep(received: Mapping[str, Dataset], folder: Path) -> None:
    """Keep what was received, so that lineage leads to its file; it is not published again."""
    for name, dataset in sorted(received.items()):
        write_parquet(dataset, folder / "data" / "sdtm" / f"{name.lower()}.parquet")
        write_lineage(dataset.lineage, folder / "lineage" / "sdtm" / f"{name.lower()}.parquet")


def _write_define(
    bound: Bound, datasets: Mapping[str, Dataset], cut: str, folder: Path, stage: str, findings: Findings
) -> None:
    """Write the define.xml of a stage and check it as a reviewer would; a cut without a date has none."""
    if not datasets:
        return
    place = stage.lower()
    if not is_dated(cut):
        remedy = "Give the date of the cut with --cut YYYY-MM-DD."
        findings.warning(
            "define.undated", f"{place}/define.xml", "not written: the cut has no date", value=cut, remedy=remedy
        )
        return
    path = write_define(bound.specs, bound.plans, datasets, cut, folder / place, adam=stage == "ADaM")
    found = check_define(path, f"{place}/{path.name}", datasets)
    findings.extend(not_told(found, {f.rule for f in findings}))


def _summary(cut: str, digest: str, products: list[Product], findings: Findings) -> Summary:
    counts = {s: sum(f.severity is s for f in findings) for s in Severity}
    return Summary(
        cut, digest, tuple(products), counts[Severity.ERROR], counts[Severity.WARNING], counts[Severity.NOTE]
    )
