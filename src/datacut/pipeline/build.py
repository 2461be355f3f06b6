"""Raw export to everything: one call a cut."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import cast

import pandas as pd

from datacut.adam.build import build_adam, subjects_left_out
from datacut.cache.content import digest_of
from datacut.cache.findings import findings_bytes
from datacut.cache.frames import digest_frame
from datacut.cache.tasks import Done, Tasks
from datacut.conformance.agency import profile_of
from datacut.conformance.datasets import check_datasets
from datacut.conformance.package import Package, package_of
from datacut.conformance.rules import not_told
from datacut.datasets.model import Dataset
from datacut.engine.accounting import account_forms
from datacut.engine.failures import CallsFailed
from datacut.engine.sources import study_frames
from datacut.engine.use import Accounting
from datacut.errors import Finding, Findings, Severity
from datacut.pipeline.edition import run_time
from datacut.pipeline.inputs import Inputs
from datacut.pipeline.lineage_files import write_origins
from datacut.pipeline.outputs import write_outputs
from datacut.pipeline.publish import publishing
from datacut.pipeline.remember import digest_dataset, forgetting, make_files, make_findings, said_of_data, tasks_of
from datacut.pipeline.report import (
    Account,
    Product,
    Summary,
    fold_findings,
    write_accounting,
    write_findings,
    write_summary,
)
from datacut.pipeline.review import conversions, findings_by_rule, merges, records_made
from datacut.pipeline.runlog import RunLog
from datacut.pipeline.runlog import Tasks as TasksDone
from datacut.pipeline.selected import keep_outputs, outputs_asked
from datacut.pipeline.specs import Bound, read_specs
from datacut.pipeline.stage_files import StageFiles, keep_received, write_stage
from datacut.pipeline.stages import Stage, make_stage
from datacut.pipeline.why import keep_run
from datacut.pipeline.workers import Task, in_processes
from datacut.raw.audit import latest_entry
from datacut.raw.coding import check_coding
from datacut.raw.read import read_export
from datacut.raw.read_sdtm import read_sdtm
from datacut.sdtm.accounting import account_values
from datacut.sdtm.build import build_sdtm
from datacut.tlf.build_frame import Edition

type Progress = Callable[[str, int, int], None]
type _Told = tuple[list[Finding], list[Done]]
type _Parts = tuple[_Told, _Told, StageFiles, StageFiles]


def build_cut(
    root: Path,
    cut: str,
    raw: Path,
    build: Path,
    inputs: Inputs,
    progress: Progress,
    workers: int,
    only: tuple[str, ...] = (),
    log: RunLog | None = None,
) -> Summary:
    """Build everything of one cut and publish it as `build/<cut>`, the same with however many worker processes.

    inputs: as they were when the build began. only: outputs and selections to be made, all where there is none; what
    the last build made of the others stays. progress(what, done, total) is told as the work goes on. log: told what the
    build did. Raises SpecError or InputError where nothing can be built or an input changes meanwhile; every other
    fault is a finding in `findings.csv`.
    """
    # frames in flight live until the end: collecting cycles among them costs time and frees nothing
    gc.disable()
    try:
        # texts are taken and read one by one far more often than whole columns of them are compared
        with pd.option_context("mode.string_storage", "python"):
            return _build(root, cut, raw, build, inputs, progress, workers, only, log)
    finally:
        gc.enable()


def _build(
    root: Path,
    cut: str,
    raw: Path,
    build: Path,
    inputs: Inputs,
    progress: Progress,
    workers: int,
    only: tuple[str, ...],
    log: RunLog | None,
) -> Summary:
    findings = Findings()
    progress("specs", 0, 6)
    bound = read_specs(root)
    specs, registry = bound.specs, bound.registry
    findings.extend(bound.findings)
    asked = outputs_asked(bound.specs, only)
    progress("raw export", 1, 6)
    sources: dict[str, pd.DataFrame] = dict(read_export(raw, specs, findings, _shown(raw, root)))
    check_coding(sources, raw, specs, cut, findings)
    tasks = tasks_of(build, inputs)
    edition = Edition(inputs.digest, latest_entry(sources, specs), run_time())
    sources |= study_frames(specs, cut)
    progress("SDTM", 2, 6)
    received = read_sdtm(raw, specs, findings, _shown(raw, root))
    inputs.require_unchanged()  # what is kept from here on is kept under what was read, even of a run that is killed
    bound, made, counts, findings = _without_failures(
        bound,
        lambda it: make_stage(
            "SDTM",
            it,
            it.plans.sdtm,
            sources,
            Findings(findings),
            tasks,
            lambda told: build_sdtm(specs, it.plans, registry, sources, told, tasks),
        ),
        findings,
    )
    sdtm = {**received, **made}
    progress("ADaM", 3, 6)
    given = {**sources, **{n: d.frame for n, d in sdtm.items()}}
    bound, adam, more, findings = _without_failures(
        bound,
        lambda it: make_stage(
            "ADaM",
            it,
            it.plans.adam,
            given,
            Findings(findings),
            tasks,
            lambda told: build_adam(specs, it.plans, registry, sdtm, sources, told, tasks),
        ),
        findings,
    )
    plans = bound.plans
    progress("files and rules", 4, 6)
    with forgetting(tasks), publishing(build, cut, inputs) as folder:
        package = package_of(specs, plans, sdtm, adam, cut, subjects_left_out(specs, sdtm))
        stages = (("SDTM", made), ("ADaM", adam))
        parts: list[Task[object]] = [
            partial(_check, bound, package, tasks),
            partial(_account, bound, sources, (counts, more), findings, folder, tasks),
            *(partial(write_stage, bound, datasets, cut, folder, stage, tasks) for stage, datasets in stages),
        ]
        (checked, done), (lost, more_done), *written = cast("_Parts", tuple(in_processes(parts, workers)))
        tasks.done += [*done, *more_done, *(d for stage in written for d in stage.done)]
        findings.extend(not_told(checked, {f.rule for f in findings}))
        findings.extend(lost)
        for stage in written:
            findings.extend(stage.findings)
            findings.extend(not_told(stage.define, {f.rule for f in findings}))
        products = [product for stage in written for product in stage.products]
        keep_received(received, folder)
        write_origins(bound, sources, _shown(raw, root), folder)
        progress("outputs", 5, 6)
        keep_outputs(build / cut, folder, asked)
        products += write_outputs(bound, adam, cut, folder, findings, workers, edition, asked, tasks=tasks)
        write_findings(list(findings), folder)
        summary = _summary(cut, inputs.digest, products, findings, bound.specs.study.conformance.agency)
        write_summary(summary, folder / "summary.json")
    keep_run(build, cut, tasks, partly=bool(only))
    if log is not None:
        reused = sum(done.reused for done in tasks.done)
        log.add(TasksDone(kind="all", ran=len(tasks.done) - reused, reused=reused))
        log.add(*records_made([*counts.blocks, *more.blocks]))
        for plan, frames in ((plans.sdtm, {**sources, **_frames(sdtm)}), (plans.adam, _frames({**sdtm, **adam}))):
            log.add(*merges(plan, frames, specs.settings))
        log.add(*conversions((*sdtm.values(), *adam.values())), *findings_by_rule(findings))
    progress("done", 6, 6)
    return summary


def _without_failures(
    bound: Bound, make: Callable[[Bound], Stage], findings: Findings
) -> tuple[Bound, dict[str, Dataset], Accounting, Findings]:
    """What a stage makes, made again without the calls that failed: each is a finding and costs what rests on it.

    findings: told before the stage; those on the calls are added. Returns the specs without the calls, too.
    """
    while True:
        try:
            return bound, *make(bound)
        except CallsFailed as fault:
            if not set(fault.failures) - set(bound.failures):
                raise
            bound, more = bound.without(fault.failures)
            findings.extend(more)


def _frames(datasets: Mapping[str, Dataset]) -> dict[str, pd.DataFrame]:
    return {name: dataset.frame for name, dataset in datasets.items()}


def _shown(raw: Path, root: Path) -> str:
    """The export folder as messages name it: relative to the study where it lies in it."""
    return raw.relative_to(root).as_posix() if raw.is_relative_to(root) else raw.name


def _check(bound: Bound, package: Package, tasks: Tasks) -> _Told:
    """What the rules over datasets find, and the tasks done for it."""
    own = tasks.apart()
    parts = {name: digest_dataset(dataset) for name, dataset in {**package.sdtm, **package.adam}.items()}
    parts |= {**said_of_data(bound, own), "cut": package.cut, "left out": repr(package.left_out)}
    parts["code"] = own.code.of("datacut.conformance.datasets")
    return make_findings(own, "rules over datasets", parts, lambda: check_datasets(package)), own.done


def _account(
    bound: Bound,
    sources: Mapping[str, pd.DataFrame],
    stages: tuple[Accounting, Accounting],
    told: Findings,
    folder: Path,
    tasks: Tasks,
) -> _Told:
    """Write what became of the export; returns what is lost, and the tasks done for it.

    told: findings so far, none of which is told again.
    """
    own = tasks.apart()

    def write(home: Path) -> list[Finding]:
        findings = Findings(told)
        sdtm, adam = stages
        account = Account(
            account_forms(bound.specs, sources, stages, bound.fields, findings),
            [*sdtm.blocks, *adam.blocks],
            bound.fields,
            account_values(bound.specs, sources, findings),
            sdtm.cut,
        )
        write_accounting(account, home / "accounting")
        return list(findings)[len(told) :]

    parts = {name: digest_frame(frame) for name, frame in sources.items()}
    parts |= {
        **said_of_data(bound, own),
        "fields": repr(bound.fields),
        "findings": digest_of(findings_bytes(told).decode()),
    }
    parts["use of rows"] = digest_of([stage.digest for stage in stages])
    parts["code"] = own.code.of("datacut.engine.accounting", "datacut.sdtm.accounting", "datacut.pipeline.report")
    return make_files(own, "accounting", parts, folder, write), own.done


def _summary(cut: str, digest: str, products: list[Product], findings: Findings, agency: str) -> Summary:
    causes = [finding for finding, _ in fold_findings(findings)]
    counts = {s: sum(f.severity is s for f in causes) for s in Severity}
    return Summary(
        cut,
        digest,
        tuple(products),
        counts[Severity.ERROR],
        counts[Severity.WARNING],
        counts[Severity.NOTE],
        str(profile_of(agency)),
    )
