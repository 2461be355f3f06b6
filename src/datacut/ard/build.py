"""One output spec and the datasets to analysis results. Nothing else in `datacut` computes a number that is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from datacut.ard.call import bind_method, run_method
from datacut.ard.columns import SUBJECT, ResultColumn, build_columns
from datacut.ard.context import MethodContext
from datacut.ard.records import build_records
from datacut.ard.rows import Placed, ard_frame, header_rows, label_row, predicate_of
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
        self.study = study
        self.frames = frames
        self.settings = {name: s.value for name, s in study.settings.items()}
        if SUBJECTS not in frames:
            raise fault(self.place, f"no dataset {SUBJECTS}", "Build it first.")
        self.template = None if spec.columns is None else self._template(spec.columns)
        self.scope = self._scope(spec.population)

    def run(self) -> BuiltResults:
        """Every analysis and record, or the header alone where nothing is eligible."""
        scope = self.scope
        header: list[dict[str, object]] = []
        if scope.columns:
            counts = ard_total_n(scope.sources.subjects, context=self._context("N", scope.columns))
            header = header_rows(scope.columns, scope.where, counts)
        there = self.spec.holds(self.settings) and len(scope.sources.subjects) > 0
        if there:
            for name, analysis in self.spec.identified:
                if analysis.holds(self.settings):
                    self._analysis(name, analysis)
        records: list[dict[str, object]] = []
        if self.spec.records is not None:
            context = self._context("records", ())
            made = build_records(self.spec.records, scope.sources, self.registry, context, scope.where)
            header += made.header
            records = made.rows
            self.eligible += made.count
        empty = not there or (self.spec.empty_if == "records" and self.eligible == 0)
        if empty:
            self.placed, records = [], []
        if self.template is not None and self.template.across == "statistics":
            header += self._transpose()
        ard = ard_frame(self.spec.output, self.spec.population, [*header, *records], self.placed)
        return BuiltResults(self.spec, ard, empty, list(self.findings))

    def _scope(self, population: str) -> _Scope:
        """The subjects of an analysis set and the columns over them."""
        sets = self.study.analysis_sets
        if population not in sets:
            raise fault(self.place, f"no analysis set {population}", nearest(population, sets))
        where = sets[population].where
        adsl = self.frames[SUBJECTS]
        subjects = adsl.loc[mask(adsl, where, self.settings)]
        sources = Sources(self.place, self.frames, self.settings, self.study, subjects)
        columns: tuple[ResultColumn, ...] = ()
        if self.template is not None:
            columns = build_columns(self.template, subjects, self.study, self.settings)
        return _Scope(population, where, sources, columns)

    def _scope_of(self, analysis: Analysis) -> _Scope:
        """The analysis set of one analysis, in the columns of the output."""
        if analysis.population is None or self.template is None:
            return self.scope
        kept = self.template.model_copy(update={"empty": "keep"})
        scope = self._scope(analysis.population)
        every = build_columns(kept, scope.sources.subjects, self.study, self.settings)
        keys = [c.key for c in self.scope.columns]
        return replace(scope, columns=tuple(c for c in every if c.key in keys))

    def _template(self, name: str) -> ColumnTemplate:
        if name not in self.library.columns:
            raise fault(self.place, f"no columns {name}", nearest(name, self.library.columns))
        return self.library.columns[name]

    def _context(self, name: str, columns: tuple[ResultColumn, ...]) -> MethodContext:
        return MethodContext(
            f"{self.spec.output}/{name}",
            columns,
            self.library.patterns,
            self.settings,
            self.findings,
            self.codelists,
            self.study.groupings,
        )

    def _analysis(self, name: str, analysis: Analysis) -> None:
        """Run one analysis for every page and every value of its `by`."""
        dataset = str(analysis.dataset)
        scope = self._scope_of(analysis)
        bound = bind_method(self.registry, analysis.call, self.place)
        splits = [b for b in (self.spec.pages, analysis.by) if b is not None]
        needed = [*bound.reads, *(columns_of(analysis.where) if analysis.where is not None else ())]
        needed += [c for b in splits for c in (b.variable, b.order) if c]
        frame = scope.sources.with_columns(scope.sources.frame(dataset), dataset, needed)
        if SUBJECT not in frame.columns:
            raise fault(self.place, f"{dataset} has no {SUBJECT}", "Show its records instead.")
        frame = scope.sources.select(frame[list(dict.fromkeys((SUBJECT, *needed)))], analysis.where)
        shown = frozenset[str]().union(*(c.subjects for c in scope.columns))
        self.eligible += int(frame[SUBJECT].isin(shown).sum())
        job = _Job(name, analysis, dataset, bound, scope)
        if self.spec.pages is None:
            self._by(job, frame)
            return
        for level, (label, where) in scope.sources.levels(self.spec.pages, frame).items():
            byline = f"{self.spec.pages.label}{label}"
            page = replace(job, name=f"{name}.{level}", path=(byline,), where=where)
            self._by(page, scope.sources.select(frame, where))

    def _by(self, job: _Job, frame: pd.DataFrame) -> None:
        analysis, sources = job.analysis, job.scope.sources
        above = (*job.path, *analysis.under)
        own = () if analysis.label is None else (analysis.label,)
        if analysis.by is None:
            self._run(replace(job, path=(*above, *own)), frame)
            return
        for level, (label, where) in sources.levels(analysis.by, frame).items():
            groups = (*job.groups, (analysis.by.variable, level))
            part = replace(job, path=(*above, label, *own), where=and_(job.where, where), groups=groups)
            self._run(part, sources.select(frame, where))

    def _run(self, job: _Job, frame: pd.DataFrame) -> None:
        by_key = {c.key: c for c in job.scope.columns}
        predicates: dict[tuple[str, int], str | None] = {}
        results = run_method(job.bound, frame, self._context(job.name, job.scope.columns))
        for r in results:
            column = by_key[r.column]
            place = (r.column, id(r.where))
            if place not in predicates:
                predicates[place] = predicate_of(job.scope.where, column.where, job.where, job.analysis.where, r.where)
            self.placed.append(
                Placed(
                    r,
                    path=(*job.path, *r.path),
                    column=r.column if job.analysis.column is None else f"{r.column}/{job.analysis.column}",
                    analysis=job.name,
                    method=job.bound.verb.name,
                    dataset=job.dataset,
                    population=job.scope.population,
                    predicate=predicates[place],
                    groups=(*column.groups, *job.groups),
                    empty_column=column.n == 0,
                )
            )

    def _transpose(self) -> list[dict[str, object]]:
        """Statistics become columns, the columns' groups the outermost rows; returns the header of the new columns."""
        labels: dict[str, str] = {}
        turned = []
        by_key = {c.key: c for c in self.scope.columns}
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
class _Scope:
    """An analysis set: its condition on ADSL, the records of its subjects, and the columns over them."""

    population: str
    where: Where
    sources: Sources
    columns: tuple[ResultColumn, ...]


@dataclass(frozen=True)
class _Job:
    """One analysis bound to its method; path, where and groups of the page and value it is at."""

    name: str
    analysis: Analysis
    dataset: str
    bound: BoundCall
    scope: _Scope
    path: tuple[str, ...] = ()
    where: Where | None = None
    groups: tuple[tuple[str, str], ...] = ()
