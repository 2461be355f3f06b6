"""One output spec and the datasets to analysis results. Nothing else in `datacut` computes a number that is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from datacut.ard.call import bind_method, run_method
from datacut.ard.columns import SUBJECT, ResultColumn, build_columns, variables_of
from datacut.ard.context import MethodContext
from datacut.ard.records import RECORDS, build_records
from datacut.ard.results import Denominator
from datacut.ard.rows import Of, Placed, ard_frame, header_rows, label_row
from datacut.ard.source import SUBJECTS, Sources, fault
from datacut.ard.total_n import ard_total_n
from datacut.datasets.parts import Parts
from datacut.datasets.records import ShownRecords
from datacut.engine.filter import mask
from datacut.errors import Finding, Findings, Location, in_data, in_output, in_spec, nearest
from datacut.spec.bound import BoundCall
from datacut.spec.output import (
    Analysis,
    By,
    ColumnTemplate,
    OutputKind,
    OutputLibrary,
    OutputSpec,
    RecordsShown,
    Subset,
)
from datacut.spec.registry import Registry
from datacut.spec.resolve_output import resolve_output
from datacut.spec.study import CodelistSpec, Study
from datacut.spec.where import Predicate, Where, and_, columns_of, predicate_of

PARAMETER = "PARAMCD"
UNITS = (PARAMETER, "AVALU", "PARAM")
"""A parameter has one unit: AVALU, or the one PARAM names."""


@dataclass(frozen=True)
class BuiltResults:
    """The results of one output, its spec with the template filled in, and what was found on the way.

    records: those shown one by one, by the name of their columns. empty: no eligible record, so the output prints its
    empty text; the ARD then holds the header alone, and no record is shown.
    """

    spec: OutputSpec
    ard: pd.DataFrame
    records: Mapping[str, ShownRecords]
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
        self.mixed: set[Location] = set()
        self.place = in_spec(f"specs/tlf/{spec.output}.yml")
        self.study = study
        self.frames = frames
        self.settings = {name: s.value for name, s in study.settings.items()}
        if SUBJECTS not in frames:
            raise fault(self.place, f"no dataset {SUBJECTS}", "Build it first.")
        self.template = None if spec.columns is None else self._template(spec.columns)
        self.scope = self._scope(spec.population, spec.among)
        self._unplanned()

    def run(self) -> BuiltResults:
        """Every analysis and record, or the header alone where nothing is eligible."""
        scope = self.scope
        header: list[dict[str, object]] = []
        if scope.columns:
            counts = ard_total_n(scope.sources.frame(SUBJECTS, ()), context=self._context("N", scope.columns))
            header = header_rows(scope.columns, scope.where, counts)
        repeated = self._repeated()
        there = self.spec.holds(self.settings) and bool(scope.sources.subjects) and repeated is None
        if there:
            for name, analysis in self.spec.identified:
                if analysis.holds(self.settings):
                    self._analysis(name, analysis)
        printed = self.spec.kind is not OutputKind.FIGURE
        records = {
            name: build_records(
                shown, scope.sources, self.registry, self._context(name, ()), scope.where, printed=printed
            )
            for name, shown in self._records().items()
        }
        self.eligible += len(records.get(RECORDS, ()))
        empty = not there or (self.spec.empty_if == "records" and self.eligible == 0)
        if empty:
            self.placed = []
            records = {name: shown.emptied() for name, shown in records.items()}
        if self.template is not None and self.template.across != "groups":
            header += self._transpose(statistics=self.template.across == "statistics")
        ard = ard_frame(self.spec.output, self.spec.population, header, self.placed)
        spec = self.spec if repeated is None else self.spec.model_copy(update={"empty_text": repeated})
        return BuiltResults(spec, ard, records, empty, list(self.findings))

    def _records(self) -> dict[str, RecordsShown]:
        """Records shown one by one by the name of their results: those of the output, then the layers of a figure."""
        own = {} if self.spec.records is None else {RECORDS: self.spec.records}
        return own | ({} if self.spec.figure is None else dict(self.spec.figure.layers))

    def _unplanned(self) -> None:
        """Report levels of the column groupings that study.yml does not plan: they print after those it does."""
        planned = {g.variable: [x.value for x in g.levels] for g in self.study.groupings.values()}
        met = dict.fromkeys(pair for c in self.scope.columns for pair in c.groups if pair[0] in planned)
        for variable, level in met:
            if level not in planned[variable]:
                self.findings.warning(
                    "ard.level",
                    in_data(SUBJECTS, variable),
                    f"{self.spec.output} has a column for a level that study.yml does not plan",
                    value=level,
                    remedy=f"Mend the data, or add it to groupings. {nearest(level, planned[variable])}",
                )

    def _repeated(self) -> str | None:
        """What is printed instead of an output that would repeat another one; None if it would not."""
        same = self.spec.unless_same
        if same is None:
            return None
        other = self._scope(same.population).sources.subjects
        return f"Identical to {same.number}; not repeated" if self.scope.sources.subjects == other else None

    def _scope(self, population: str, among: Subset | None = None, *, keep: bool = False) -> _Scope:
        """The subjects of an analysis set, or of a part of it, and the columns over them; keep: those of nobody too."""
        sets = self.study.analysis_sets
        if population not in sets:
            raise fault(self.place, f"no analysis set {population}", nearest(population, sets))
        where = sets[population].where
        adsl = self.frames[SUBJECTS]
        subjects = frozenset(map(str, adsl[SUBJECT][mask(adsl, where, self.settings)]))
        sources = Sources(self.place, self.frames, self.settings, self.study, subjects)
        scope = _part(_Scope(population, where, sources, ()), among)
        made = self._with_columns(scope, keep=keep)
        return replace(made, nobody=frozenset(c.key for c in made.columns if c.n == 0))

    def _with_columns(self, scope: _Scope, *, keep: bool) -> _Scope:
        if self.template is None:
            return scope
        template = self.template.model_copy(update={"empty": "keep"}) if keep else self.template
        sources = scope.sources
        needed = variables_of(template, self.study).intersection(self.frames[SUBJECTS].columns)
        subjects = sources.frame(SUBJECTS, sorted(needed))
        columns = build_columns(template, subjects, self.study, self.settings, sources.resolve)
        return replace(scope, columns=columns)

    def _narrowed(self, scope: _Scope, among: Subset | None) -> _Scope:
        """A part of an analysis set in the columns of the output."""
        every = self._with_columns(_part(scope, among), keep=True).columns
        keys = [c.key for c in self.scope.columns]
        return replace(_part(scope, among), columns=tuple(c for c in every if c.key in keys))

    def _scope_of(self, analysis: Analysis) -> _Scope:
        """The analysis set of one analysis, in the columns of the output."""
        if analysis.population is None and analysis.among is None:
            return self.scope
        whole = self.scope if analysis.population is None else self._scope(analysis.population, keep=True)
        return self._narrowed(whole, analysis.among)

    def _template(self, name: str) -> ColumnTemplate:
        if name not in self.library.columns:
            raise fault(self.place, f"no columns {name}", nearest(name, self.library.columns))
        return self.library.columns[name]

    def _context(self, name: str, columns: tuple[ResultColumn, ...]) -> MethodContext:
        return MethodContext(
            in_output(self.spec.output, name),
            columns,
            self.library.patterns,
            self.study.groupings,
            findings=self.findings,
            settings=self.settings,
            codelists=self.codelists,
            abbreviations=tuple(self.library.abbreviations),
        )

    def _analysis(self, name: str, analysis: Analysis) -> None:
        """Run one analysis for every page and every value of its `by`."""
        dataset = str(analysis.dataset)
        scope = self._scope_of(analysis)
        bound = bind_method(self.registry, analysis.call, self.place)
        splits = [*((self.spec.pages,) if self.spec.pages else ()), *(analysis.by or ())]
        needed = [*bound.reads, *(columns_of(analysis.where) if analysis.where is not None else ())]
        needed += [c for b in splits for c in (b.variable, b.order, b.text) if c]
        units = [c for c in UNITS if dataset in self.frames and c in self.frames[dataset].columns]
        frame = scope.sources.frame(dataset, (*needed, *units))
        if SUBJECT not in frame.columns:
            raise fault(self.place, f"{dataset} has no {SUBJECT}", "Show its records instead.")
        frame = scope.sources.select(frame, analysis.where)
        shown = frozenset[str]().union(*(c.subjects for c in scope.columns))
        self.eligible += int(frame[SUBJECT].isin(shown).sum())
        self._units(dataset, frame)
        frame = frame[list(dict.fromkeys((SUBJECT, *needed)))]
        job = _Job(name, analysis, dataset, bound, scope)
        if self.spec.pages is None:
            self._by(replace(job, path=analysis.under), frame, analysis.by or ())
            return
        for value, level in scope.sources.levels(self.spec.pages, frame).items():
            byline = f"{self.spec.pages.label}{level.label}"
            page = replace(job, name=f"{name}.{value}", path=(byline, *analysis.under), where=level.where)
            self._by(page, frame.take(level.rows), analysis.by or ())

    def _units(self, dataset: str, frame: pd.DataFrame) -> None:
        """Report parameters that the analysed records have in two units."""
        if PARAMETER not in frame.columns:
            return
        for column in UNITS[1:]:
            if column not in frame.columns:
                continue
            for parameter, met in frame.groupby(PARAMETER)[column].unique().items():
                units = sorted(map(str, pd.Series(met).dropna()))
                place = in_data(dataset, column, str(parameter))
                if len(units) > 1 and place not in self.mixed:
                    self.mixed.add(place)
                    self.findings.error(
                        "ard.units",
                        place,
                        f"{self.spec.output} summarises a parameter in two units",
                        value="; ".join(units),
                        remedy="Convert the values to one unit, or make them two parameters.",
                    )

    def _by(self, job: _Job, frame: pd.DataFrame, splits: Sequence[By]) -> None:
        """Run one analysis for each combination of the values of its splits, outermost first."""
        label = job.analysis.label
        if not splits:
            self._run(job if label is None else replace(job, path=(*job.path, label)), frame)
            return
        by, *inner = splits
        for value, level in job.scope.sources.levels(by, frame).items():
            groups = (*job.groups, (by.variable, value))
            part = replace(job, path=(*job.path, level.label), where=and_(job.where, level.where), groups=groups)
            records = frame.take(level.rows)
            if value in by.subjects:
                part = replace(part, scope=self._narrowed(job.scope, Subset(where=by.subjects[value])))
                records = part.scope.sources.among(records)
            self._by(part, records, inner)

    def _run(self, job: _Job, frame: pd.DataFrame) -> None:
        by_key = {c.key: c for c in job.scope.columns}
        predicates: dict[tuple[Parts, int], Predicate] = {}
        wholes: dict[tuple[Parts, Denominator | None], Of] = {}
        context = replace(self._context(job.name, job.scope.columns), sources=job.scope.sources)
        for r in run_method(job.bound, frame, context):
            column = by_key[r.column]
            sub = r.sub or job.analysis.column
            if sub is not None and sub not in self.spec.subcolumns:
                raise fault(self.place, f"{job.name} fills no sub-column {sub}", nearest(sub, self.spec.subcolumns))
            place = (r.column, id(r.where))
            if place not in predicates:
                own = () if r.of_subjects else (job.where, job.analysis.where)
                predicates[place] = predicate_of(job.scope.where, column.where, *own, r.where)
            if (r.column, r.of) not in wholes:
                wholes[r.column, r.of] = _whole(r.of, job, column)
            self.placed.append(
                Placed(
                    r,
                    path=(*job.path, *r.path),
                    column=r.column if sub is None else (*r.column, sub),
                    analysis=job.name,
                    method=job.bound.verb.name,
                    dataset=SUBJECTS if r.of_subjects else job.dataset,
                    population=job.scope.population,
                    predicate=predicates[place],
                    groups=(*column.groups, *job.groups),
                    empty_column=column.key in job.scope.nobody,
                    of=wholes[r.column, r.of],
                )
            )

    def _transpose(self, *, statistics: bool) -> list[dict[str, object]]:
        """Groups become rows, and sub-columns, statistics or both the columns; returns the header of the new columns.

        statistics: they are columns, under their sub-column, and the groups the outermost rows; if not, the groups
        stand above the rows of the method.
        """
        heads: dict[str, list[Parts]] = {sub: [] for sub in self.spec.subcolumns or ("",)}
        turned: list[Placed] = []
        by_key = {c.key: c for c in self.scope.columns}
        places = {key: place for place, key in enumerate(by_key)}
        pages = 1 if self.spec.pages is not None else 0
        for p in sorted(self.placed, key=lambda p: places[p.result.column]):
            column = by_key[p.result.column]
            sub = p.column[len(column.key) :]
            path, at = (p.path[:-1], pages) if statistics else (p.path, len(p.path) - 1)
            row = (*path[:at], f"{column.label} (N={column.n})", *path[at:])
            key = (*sub, p.path[-1]) if statistics else sub
            mine = heads[sub[0] if sub else ""]
            if key not in mine:
                beside = turned and turned[-1].path == row and turned[-1].column in mine
                mine.insert(mine.index(turned[-1].column) + 1 if beside else len(mine), key)
            turned.append(replace(p, path=row, column=key))
        self.placed = turned
        made = []
        for sub_key, columns in heads.items():
            above = (self.spec.subcolumns[sub_key],) if sub_key else ()
            for key in columns:
                path = (*above, key[-1]) if statistics else above
                made.append(label_row(0, key, path, path[-1], "statistic_label"))
        return made


@dataclass(frozen=True)
class _Scope:
    """An analysis set: its condition on ADSL, the records of its subjects, and the columns over them.

    nobody: columns without a subject of the whole set, of which only a part may be looked at.
    """

    population: str
    where: Where
    sources: Sources
    columns: tuple[ResultColumn, ...]
    nobody: frozenset[Parts] = frozenset()


def _part(scope: _Scope, among: Subset | None) -> _Scope:
    """The part of an analysis set that `among` selects, all of it if it is None; its columns are to be made."""
    if among is None:
        return scope
    sources, part = scope.sources.narrowed(among)
    return replace(scope, sources=sources, where=and_(scope.where, part) or part)


@dataclass(frozen=True)
class _Job:
    """One analysis bound to its method; path, where and groups of the page and value it is at."""

    name: str
    analysis: Analysis
    dataset: str
    bound: BoundCall
    scope: _Scope
    path: Parts = ()
    where: Where | None = None
    groups: tuple[tuple[str, str], ...] = ()


def _whole(of: Denominator | None, job: _Job, column: ResultColumn) -> Of:
    """Dataset and condition of what a result of a column is of."""
    if of is None:
        return None
    own = () if of.of_subjects else (job.where, job.analysis.where, of.where)
    return SUBJECTS if of.of_subjects else job.dataset, predicate_of(job.scope.where, column.where, *own)
