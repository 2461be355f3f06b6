"""Every file of the datasets of one stage: Parquet, Dataset-JSON, transport, lineage, and its define.xml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from datacut.cache.tasks import Done, Tasks
from datacut.conformance.define import check_define
from datacut.datasets.model import Dataset
from datacut.errors import Finding, Findings, Severity, in_file
from datacut.files.parquet import write_lineage, write_parquet
from datacut.history.told import dataset_facts
from datacut.pipeline.dataset_files import write_dataset
from datacut.pipeline.lineage_files import write_facts
from datacut.pipeline.origin import file_origin
from datacut.pipeline.remember import digest_dataset, make_files, said_of_data
from datacut.pipeline.report import Product
from datacut.pipeline.specs import Bound
from datacut.spec.output import OutputLibrary
from datacut.submission.define import is_dated, write_define
from datacut.submission.derivations import Derivations


@dataclass
class StageFiles:
    """What was written of a stage, faults met on the way, what the rules say of its define.xml, and the tasks done."""

    products: list[Product] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    define: list[Finding] = field(default_factory=list)
    done: tuple[Done, ...] = ()


def write_stage(
    bound: Bound, datasets: Mapping[str, Dataset], cut: str, folder: Path, stage: str, tasks: Tasks
) -> StageFiles:
    """Write `<stage>/`, `data/<stage>/`, `json/<stage>/`, `lineage/<stage>/`. stage: SDTM or ADaM.

    A dataset without records is in `data/` and in define.xml, and has no file that is published.
    """
    written, tasks = StageFiles(), tasks.apart()
    place = stage.lower()
    origin = file_origin(bound.specs.study, cut, stage)
    plan = bound.plans.adam if stage == "ADaM" else bound.plans.sdtm
    derivations = Derivations(bound.specs, plan)
    specified = {s.dataset for s in (*bound.specs.sdtm.values(), *bound.specs.adam.values())}
    for sub in (place, *(f"{kind}/{place}" for kind in ("data", "json", "lineage"))):
        (folder / sub).mkdir(parents=True)
    for name, dataset in sorted(datasets.items()):
        told = write_dataset(tasks, dataset, folder, place, origin)
        if name in specified:
            write_facts(dataset_facts(bound.specs, plan, derivations, name), folder / "lineage" / place, name)
        written.findings.extend(told)
        lacking = "no transport file, see findings" if any(f.severity is Severity.ERROR for f in told) else ""
        lacking = "no records, so no file" if dataset.frame.empty else lacking
        written.products.append(Product(stage, name, dataset.label, len(dataset.frame), "records", lacking))
    if datasets and is_dated(cut):
        written.define = _write_define(bound, datasets, cut, folder, stage, tasks)
    elif datasets:
        remedy = "Give the date of the cut with --cut YYYY-MM-DD."
        where = in_file(f"{place}/define.xml")
        written.findings.warning("define.undated", where, "not written: the cut has no date", value=cut, remedy=remedy)
    written.done = tuple(tasks.done)
    return written


def _write_define(
    bound: Bound, datasets: Mapping[str, Dataset], cut: str, folder: Path, stage: str, tasks: Tasks
) -> list[Finding]:
    """Write the define.xml of a stage and check it as a reviewer would."""
    place = stage.lower()
    specs = replace(bound.specs, library=OutputLibrary(), outputs={})  # no line of an output is in it

    def write(home: Path) -> list[Finding]:
        (home / place).mkdir()
        path = write_define(specs, bound.plans, datasets, cut, home / place, adam=stage == "ADaM")
        return check_define(path, f"{place}/{path.name}", datasets)

    parts = {name: digest_dataset(dataset) for name, dataset in datasets.items()}
    parts |= {**said_of_data(bound, tasks), "cut": cut, "code": tasks.code.of(__name__)}
    return make_files(tasks, f"define.xml of {stage}", parts, folder, write)


def keep_received(received: Mapping[str, Dataset], folder: Path) -> None:
    """Keep what was received, so that lineage leads to its file; it is not published again."""
    for name, dataset in sorted(received.items()):
        write_parquet(dataset, folder / "data" / "sdtm" / f"{name.lower()}.parquet")
        write_lineage(dataset, folder / "lineage" / "sdtm")
