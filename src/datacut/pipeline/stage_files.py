"""Every file of the datasets of one stage: Parquet, Dataset-JSON, transport, lineage, and its define.xml."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from datacut.conformance.define import check_define
from datacut.datasets.lineage import RID
from datacut.datasets.model import Dataset
from datacut.engine.context import FILE
from datacut.errors import Finding, Findings, in_file
from datacut.files.dataset_json import FileOrigin, write_dataset_json
from datacut.files.parquet import write_frame, write_lineage, write_parquet
from datacut.files.xpt import XptRefusedError, write_xpt
from datacut.history.told import dataset_facts, study_facts
from datacut.pipeline.origin import file_origin
from datacut.pipeline.report import Product
from datacut.pipeline.specs import Bound
from datacut.raw.identity import identify
from datacut.submission.define import is_dated, write_define
from datacut.submission.derivations import Derivations


@dataclass
class StageFiles:
    """What was written of a stage, faults met on the way, and what the rules say of its define.xml."""

    products: list[Product] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    define: list[Finding] = field(default_factory=list)


def write_stage(bound: Bound, datasets: Mapping[str, Dataset], cut: str, folder: Path, stage: str) -> StageFiles:
    """Write `<stage>/`, `data/<stage>/`, `json/<stage>/`, `lineage/<stage>/`. stage: SDTM or ADaM.

    A dataset without records is in `data/` and in define.xml, and has no file that is published.
    """
    written = StageFiles()
    place = stage.lower()
    origin = file_origin(bound.specs.study, cut, stage)
    plan = bound.plans.adam if stage == "ADaM" else bound.plans.sdtm
    derivations = Derivations(bound.specs, plan)
    specified = {s.dataset for s in (*bound.specs.sdtm.values(), *bound.specs.adam.values())}
    for sub in (place, *(f"{kind}/{place}" for kind in ("data", "json", "lineage"))):
        (folder / sub).mkdir(parents=True)
    for name, dataset in sorted(datasets.items()):
        stem = name.lower()
        write_parquet(dataset, folder / "data" / place / f"{stem}.parquet")
        write_lineage(dataset, folder / "lineage" / place)
        if name in specified:
            facts = dataset_facts(bound.specs, plan, derivations, name)
            write_facts(facts, folder / "lineage" / place / f"{stem}.json")
        lacking = _publish(dataset, folder, place, origin, written.findings)
        written.products.append(Product(stage, name, dataset.label, len(dataset.frame), "records", lacking))
    _write_define(bound, datasets, cut, folder, stage, written)
    return written


def _publish(dataset: Dataset, folder: Path, place: str, origin: FileOrigin, findings: Findings) -> str:
    """Write the files that leave the house, and say why the transport file is lacking, if it is."""
    stem = dataset.name.lower()
    if dataset.frame.empty:
        return "no records, so no file"
    write_dataset_json(dataset, folder / "json" / place / f"{stem}.json", origin)
    try:
        findings.extend(write_xpt(dataset, folder / place / f"{stem}.xpt"))
    except XptRefusedError as refused:
        findings.extend(refused.findings)
        return "no transport file, see findings"
    return ""


def _write_define(
    bound: Bound, datasets: Mapping[str, Dataset], cut: str, folder: Path, stage: str, written: StageFiles
) -> None:
    """Write the define.xml of a stage and check it as a reviewer would; a cut without a date has none."""
    if not datasets:
        return
    place = stage.lower()
    if not is_dated(cut):
        remedy = "Give the date of the cut with --cut YYYY-MM-DD."
        written.findings.warning(
            "define.undated",
            in_file(f"{place}/define.xml"),
            "not written: the cut has no date",
            value=cut,
            remedy=remedy,
        )
        return
    path = write_define(bound.specs, bound.plans, datasets, cut, folder / place, adam=stage == "ADaM")
    written.define = check_define(path, f"{place}/{path.name}", datasets)


def write_origins(bound: Bound, sources: Mapping[str, pd.DataFrame], exported: str, folder: Path) -> None:
    """Write `lineage/study.json`, and `lineage/raw/<form>.parquet`: the identity of the row on each line of a form."""
    place = folder / "lineage" / "raw"
    place.mkdir(parents=True)
    files = {}
    for name, form in bound.specs.forms.items():
        frame = sources[f"raw.{name}"]
        if len(frame):
            files[name] = str(frame[FILE].iloc[0])
            known = identify(frame, form, bound.specs.study.systems[form.system])
            write_frame(known.assign(line=frame[RID]), place / f"{name}.parquet")
    write_facts(study_facts(bound.specs, exported, files), folder / "lineage" / "study.json")


def write_facts(facts: dict[str, Any], path: Path) -> None:
    """Write what is kept for `datacut trace`."""
    path.write_text(json.dumps(facts, ensure_ascii=False, sort_keys=True), encoding="utf-8")


def keep_received(received: Mapping[str, Dataset], folder: Path) -> None:
    """Keep what was received, so that lineage leads to its file; it is not published again."""
    for name, dataset in sorted(received.items()):
        write_parquet(dataset, folder / "data" / "sdtm" / f"{name.lower()}.parquet")
        write_lineage(dataset, folder / "lineage" / "sdtm")
