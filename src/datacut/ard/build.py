"""One output spec and the datasets to analysis results. Nothing else in `datacut` computes a number that is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from datacut.ard.call import bind_method, run_method
from datacut.ard.columns import SUBJECT, ResultColumn, build_columns
from datacut.ard.context import MethodContext
from datacut.ard.records import build_records
from datacut.ard.rows import Placed, ard_frame, header_rows, label_row
from datacut.ard.source import SUBJECTS, Sources, fault
from datacut.ard.total_n import ard_total_n
from datacut.datasets.filter import mask
from datacut.errors import Finding, Findings, nearest
from datacut.spec.output import Analysis, ColumnTemplate, OutputLibrary, OutputSpec, resolve_output
from datacut.spec.registry import BoundCall, Registry
from datacut.spec.study import CodelistSpec, Study
from datacut.spec.where import Where, and_, columns_of


@dataclass(frozen=True)
class BuiltResults:
    """The results of one output, its spec with the template filled in, and what was found on the way.

    empty: no eligible record, so the output prints its empty text; the ARD then holds the header alone.
    """

    spec: OutputSpec
    ard: pd.DataFrame
    empty: bool
    findings: list[Finding]


def build_ard(
    spec: OutputSpec,
    library: OutputLibrary,
    study: Study,
    frames: Mapping[str, pd.DataFrame],
    registry: Registry,
    codelists: Mapping[str, CodelistSpec] | None = None,
) -> BuiltResults:
    """Run every analysis of `spec` on `frames` (ADaM datasets by name, ADSL among them).

    Raises SpecError for an unknown analysis set, dataset, column, method or pattern.
    """
    shown = resolve_output(spec, library)
    return _Build(shown, library, study, frames, registry, codelists or {}).run()


class _Build:
    """One run: the analysis set and the columns once, then every analysis into `placed`."""

    def __init__(
        self,
        spec: OutputSpec,
        library: OutputLibrary,
        study: Study,
        frames: Mapping[str, pd.DataFrame],
        registry: Registry,
        codelists: Mapping[str, CodelistSpec],
    ) -> None:
        self.spec = spec
        self.library = library
        self.registry = registry
        self.codelists = codelists
        self.findings = Findings()
        self.placed: list[Placed] = []
        self.eligible = 0
        self.place = f"specs/tlf/{spec.output}.yml"
        self.settings = {name: s.value for name, s in study.settings.items()}
        self.population = self._population(study)
        if SUBJECTS not in frames:
            raise fault(self.place, f"no dataset {SUBJECTS}", "Build it first.")
        adsl = frames[SUBJECTS]
        subjects = adsl.loc[mask(adsl, self.population, self.settings)]
        self.sources = Sources(self.place, frames, self.settings, study, subjects)
        self.across: str | None = None
        self.columns: tuple[ResultColumn, ...] = ()
        if spec.columns is not None:
            template = self._template(spec.columns)
            self.across = template.across
            self.columns = build_columns(template, subjects, study, self.settings)

    def run(self) -> BuiltResults:
        """Every analysis and record, or the header alone where nothing is eligible."""
        subjects = self.sources.subjects
        header: list[dict[str, object]] = []
        if self.columns:
            counts = ard_total_n(subjects, context=self._context("N", self.columns))
            header = header_rows(self.columns, self.population, counts)
        there = self.spec.holds(self.settings) and len(subjects) > 0
        if there:
            for name, analysis in self.spec.identified:
                if analysis.holds(self.settings):
                    self._analysis(name, analysis)
        records: list[dict[str, object]] = []
        if self.spec.records is not None:
            context = self._context("records", ())
            made = build_records(self.spec.records, self.sources, self.registry, context, self.population)
            header += made.header
            records = made.rows
            self.eligible += made.count
        empty = not there or (self.spec.empty_if == "records" and self.eligible == 0)
        if empty:
            self.placed, records = [], []
        if self.across == "statistics":
            header += self._transpose()
        ard = ard_frame(self.spec.output, self.spec.population, [*header, *records], self.placed)
        return BuiltResults(self.spec, ard, empty, list(self.findings))

    def _population(self, study: Study) -> Where:
        sets = study.analysis_sets
        if self.spec.population not in sets:
            raise fault(self.place, f"no analysis set {self.spec.population}", nearest(self.spec.population, sets))
        return sets[self.spec.population].where

    def _template(self, name: str) -> ColumnTemplate:
        if name not in self.library.columns:
            raise fault(self.place, f"no columns {name}", nearest(name, self.library.columns))
        return self.library.columns[name]

    def _context(self, name: str, columns: tuple[ResultColumn, ...]) -> MethodContext:
        return MethodContext(
            f"{self.spec.output}/{name}", columns, self.library.patterns, self.settings, self.findings, self.codelists
        )

    def _analysis(self, name: str, analysis: Analysis) -> None:
        """Run one analysis for every page and every value of its `by`."""
        dataset = analysis.dataset or self.spec.dataset
        bound = bind_method(self.registry, analysis.call, self.place)
        splits = [b for b in (self.spec.pages, analysis.by) if b is not None]
        needed = [*bound.reads, *(columns_of(analysis.where) if analysis.where is not None else ())]
        needed += [c for b in splits for c in (b.variable, b.order) if c]
        frame = self.sources.with_columns(self.sources.frame(dataset), dataset, needed)
        if SUBJECT not in frame.columns:
            raise fault(self.place, f"{dataset} has no {SUBJECT}", "Show its records instead.")
        frame = self.sources.select(frame, analysis.where)
        shown = frozenset[str]().union(*(c.subjects for c in self.columns))
        self.eligible += int(frame[SUBJECT].isin(shown).sum())
        job = _Job(name, analysis, dataset, bound)
        if self.spec.pages is None:
            self._by(job, frame, (), None, ())
            return
        for level, (label, where) in self.sources.levels(self.spec.pages, frame).items():
            page = self.sources.select(frame, where)
            byline = f"{self.spec.pages.label}{label}"
            self._by(replace(job, name=f"{name}.{level}"), page, (byline,), where, ())

    def _by(
        self,
        job: _Job,
        frame: pd.DataFrame,
        path: tuple[str, ...],
        where: Where | None,
        groups: tuple[tuple[str, str], ...],
    ) -> None:
        analysis = job.analysis
        path = (*path, *analysis.under, *((analysis.label,) if analysis.label is not None else ()))
        if analysis.by is None:
            self._run(job, frame, path, where, groups)
            return
        for level, (label, condition) in self.sources.levels(analysis.by, frame).items():
            part = self.sources.select(frame, condition)
            group = (*groups, (analysis.by.variable, level))
            self._run(job, part, (*path, label), and_(where, condition), group)

    def _run(
        self,
        job: _Job,
        frame: pd.DataFrame,
        path: tuple[str, ...],
        where: Where | None,
        groups: tuple[tuple[str, str], ...],
    ) -> None:
        by_key = {c.key: c for c in self.columns}
        selected = and_(where, job.analysis.where)
        for r in run_method(job.bound, frame, self._context(job.name, self.columns)):
            column = by_key[r.column]
            key = r.column if job.analysis.column is None else f"{r.column}/{job.analysis.column}"
            self.placed.append(
                Placed(
                    r,
                    (*path, *r.path),
                    key,
                    job.name,
                    job.bound.verb.name,
                    job.dataset,
                    and_(self.population, column.where, selected),
                    (*column.groups, *groups),
                    empty_column=column.n == 0,
                )
            )

    def _transpose(self) -> list[dict[str, object]]:
        """Statistics become columns, the columns' groups the outermost rows; returns the header of the new columns."""
        labels: dict[str, str] = {}
        turned = []
        by_key = {c.key: c for c in self.columns}
        keys = list(by_key)
        for p in sorted(self.placed, key=lambda p: keys.index(p.result.column)):
            column = by_key[p.result.column]
            statistic = p.path[-1]
            labels.setdefault(statistic, statistic)
            pages = 1 if self.spec.pages is not None else 0
            group = f"{column.label} (N={column.n})"
            turned.append(replace(p, path=(*p.path[:pages], group, *p.path[pages:-1]), column=statistic))
        self.placed = turned
        return [label_row(0, key, (label,), label, "statistic_label") for key, label in labels.items()]


@dataclass(frozen=True)
class _Job:
    name: str
    analysis: Analysis
    dataset: str
    bound: BoundCall
