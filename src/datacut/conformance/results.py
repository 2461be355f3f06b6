"""Rules over the results of a build: that outputs agree with the datasets and with each other.

Nothing of the engine that made the results is used: a result is held against the records its predicate selects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from datacut.datasets.ard import LABEL, plain_rows
from datacut.datasets.model import value_text
from datacut.datasets.parts import KEY, PATH, Parts, join_parts
from datacut.datasets.records import ShownRecords, values_named
from datacut.engine.filter import mask
from datacut.errors import Finding, Location, Rule, all_rules, in_output
from datacut.spec.load import Specs
from datacut.spec.output import OutputKind
from datacut.spec.resolve_output import resolve_output
from datacut.spec.study import SettingValue
from datacut.spec.where import Predicate, Where, and_, columns_of, predicate_of

SUBJECT = "USUBJID"
SUBJECTS = "ADSL"
RECORDS = "records"
"""Name of the records that are a listing's own."""
type Names = np.ndarray[tuple[int], np.dtype[np.object_]]
type Numbers = np.ndarray[tuple[int], np.dtype[np.intp]]


class Told(NamedTuple):
    """What the rules read of one row of the ARD."""

    output: str
    analysis: str
    method: str
    dataset: str
    population: str
    variable: str | None
    variable_level: str | None
    stat_name: str
    stat: float | None
    formatted: str | None
    predicate: Predicate
    row: int | None
    column: Parts
    path: Parts | None

    @property
    def place(self) -> Location:
        column = join_parts(self.column, KEY)
        return in_output(self.output, self.analysis, f"row {self.row}, column {column}, {self.stat_name}")


@dataclass(frozen=True, slots=True)
class Selected:
    """What a predicate selects: number of records, and their subjects."""

    records: int
    subjects: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a dataset that satisfy one condition: whether each is inside, and the numbers of those that are."""

    inside: np.ndarray[tuple[int], np.dtype[np.bool_]]
    numbers: Numbers


@dataclass(frozen=True)
class Listing:
    """What a listing shows: records of `dataset` that satisfy `where`; subjects: the condition on ADSL of its set."""

    dataset: str
    where: Where | None
    subjects: Where


@dataclass(frozen=True, eq=False)
class Results:
    """The ARD of a build, the ADaM datasets it was made of, its analysis sets and listings.

    records: those that outputs show, by output and name; pages: the texts in the bodies of the printed outputs, by
    output; stubs: the text over their rows.
    """

    ard: pd.DataFrame
    frames: Mapping[str, pd.DataFrame]
    settings: Mapping[str, SettingValue]
    sets: Mapping[str, Where]
    records: Mapping[str, Mapping[str, ShownRecords]] = field(default_factory=dict)
    listings: Mapping[str, Listing] = field(default_factory=dict)
    pages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stubs: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def adsl(self) -> pd.DataFrame:
        return self.frames[SUBJECTS].drop_duplicates(SUBJECT)

    def selected(self, dataset: str, predicate: Predicate) -> Selected:
        """The records of a dataset, joined with ADSL, that satisfy all conditions."""
        key = (dataset, predicate)
        if key not in self._selected:
            subjects = self._subjects(dataset)[self.rows(dataset, predicate)]
            self._selected[key] = Selected(len(subjects), frozenset(subjects))
        return self._selected[key]

    def rows(self, dataset: str, predicate: Predicate) -> Numbers:
        """The numbers of the records that satisfy all conditions."""
        if not predicate:
            return np.arange(len(self.frames[dataset]), dtype=np.intp)
        # from the fewest rows on, each step looks at what is left alone
        first, *rest = sorted((self._rows(dataset, part) for part in predicate), key=lambda c: len(c.numbers))
        left = first.numbers
        for other in rest:
            left = left[other.inside[left]]
        return left

    def size(self, name: str) -> int:
        """N of an analysis set."""
        if name not in self._sizes:
            self._sizes[name] = len(self.selected(SUBJECTS, predicate_of(self.sets[name])).subjects)
        return self._sizes[name]

    def _rows(self, dataset: str, part: Where) -> _Rows:
        if (dataset, part) not in self._met:
            frame = self.frames[dataset]
            inside = mask(self.with_subjects(frame, columns_of(part)), part, self.settings).to_numpy(dtype=bool)
            self._met[dataset, part] = _Rows(inside, np.flatnonzero(inside))
        return self._met[dataset, part]

    def _subjects(self, dataset: str) -> Names:
        if dataset not in self._names:
            self._names[dataset] = np.array(list(map(str, self.frames[dataset][SUBJECT])), dtype=object)
        return self._names[dataset]

    @cached_property
    def _selected(self) -> dict[tuple[str, Predicate], Selected]:
        return {}

    @cached_property
    def _sizes(self) -> dict[str, int]:
        return {}

    @cached_property
    def _met(self) -> dict[tuple[str, Where], _Rows]:
        return {}

    @cached_property
    def _names(self) -> dict[str, Names]:
        return {}

    @cached_property
    def _by_subject(self) -> pd.DataFrame:
        return self.adsl.set_index(SUBJECT)

    def with_subjects(self, frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
        """The columns of these names, those the frame lacks from ADSL."""
        read = dict.fromkeys(names)
        own = frame[[c for c in read if c in frame.columns]]
        of_subject = self._by_subject
        lacking = [c for c in read if c not in frame.columns and c in of_subject.columns]
        return own.assign(**{c: frame[SUBJECT].map(of_subject[c]).astype(of_subject[c].dtype) for c in lacking})

    def of_methods(self, rule: Rule, stat: str) -> list[Told]:
        """The results of the methods of a rule that have a value and a predicate."""
        return [row for row in self._valued.get(stat, ()) if row.method in rule.data["methods"]]

    @cached_property
    def _valued(self) -> Mapping[str, list[Told]]:
        """The results of analyses that have a value and a predicate, by statistic."""
        out: dict[str, list[Told]] = {}
        for row in self.told:
            if row.stat is not None and row.predicate:
                out.setdefault(row.stat_name, []).append(row)
        return out

    @cached_property
    def told(self) -> list[Told]:
        """Every row of the ARD, in its order."""
        return list(map(Told._make, plain_rows(self.ard, Told._fields)))


def results_of(
    specs: Specs,
    frames: Mapping[str, pd.DataFrame],
    ard: pd.DataFrame,
    records: Mapping[str, Mapping[str, ShownRecords]],
    pages: Mapping[str, tuple[str, ...]],
) -> Results:
    """The results of a build; frames: ADaM datasets by name; records, pages: see `Results`."""
    sets = {name: s.where for name, s in specs.study.analysis_sets.items()}
    listings: dict[str, Listing] = {}
    stubs: dict[str, str] = {}
    for name in [n for n in dict.fromkeys((*ard["output"], *records)) if n in specs.outputs]:
        spec = resolve_output(specs.outputs[name], specs.library)
        stubs[name] = spec.stub
        among = spec.among.where if spec.among is not None else None
        apart = spec.unless_same is not None or (spec.among is not None and spec.among.dataset != SUBJECTS)
        if spec.kind is OutputKind.LISTING and spec.records is not None and not apart:
            subjects = and_(sets[spec.population], among)
            if subjects is not None:
                listings[name] = Listing(spec.records.dataset or spec.dataset, spec.records.where, subjects)
    return Results(ard, frames, specs.settings, sets, records, listings, pages, stubs)


def check_results(results: Results) -> list[Finding]:
    """Every finding of every rule over results."""
    found: list[Finding] = []
    for rule in all_rules().values():
        if rule.check_results is not None:
            found += RESULT_CHECKS[rule.check_results](results, rule)
    return found


type ResultCheck = Callable[[Results, Rule], Iterator[Finding]]

RESULT_CHECKS: dict[str, ResultCheck] = {}
"""Every check of results by the name that rules give it."""


def check_of_results(function: ResultCheck) -> ResultCheck:
    """Register a check under its name."""
    RESULT_CHECKS[function.__name__] = function
    return function


@check_of_results
def selected_by_predicate(results: Results, rule: Rule) -> Iterator[Finding]:
    """A count is that of what its predicate selects. counts: `subjects` or `records` by statistic."""
    for stat, counts in rule.data["counts"].items():
        for row in results.of_methods(rule, stat):
            if SUBJECT not in results.frames[row.dataset].columns:
                continue
            chosen = results.selected(row.dataset, row.predicate)
            expected = len(chosen.subjects) if counts == "subjects" else chosen.records
            if row.stat != expected:
                yield rule.finding(row.place, value_text(row.stat), f"its predicate selects {expected} {counts}")


@check_of_results
def same_for_same(results: Results, rule: Rule) -> Iterator[Finding]:
    """Results of one statistic, dataset and predicate are one number, in whatever outputs they stand."""
    for stat in rule.data["stats"]:
        met: dict[tuple[object, ...], tuple[float, Told]] = {}
        count = stat in rule.data["counts"]
        for row in results.of_methods(rule, stat):
            about = ("", "") if count else (row.method, row.variable)
            value = row.stat or 0.0
            known, first = met.setdefault((row.dataset, frozenset(row.predicate), *about), (value, row))
            if abs(known - value) > 1e-9 * max(1.0, abs(value)):
                yield rule.finding(row.place, value_text(value), f"{first.place} has {value_text(known)}")


@check_of_results
def percent_of_count(results: Results, rule: Rule) -> Iterator[Finding]:
    """A percentage is its count of its denominator, or else of a whole number between the count and N of the set.

    parts: names of count, percentage and denominator.
    """
    names = {name for part in rule.data["parts"] for name in part}
    cells: dict[tuple[object, ...], dict[str, Told]] = {}
    for row in (r for r in results.told if r.stat_name in names):
        key = (row.output, row.analysis, row.row, row.column, row.predicate, row.variable_level)
        cells.setdefault(key, {})[row.stat_name] = row
    for cell in cells.values():
        for count, percent, whole in rule.data["parts"]:
            n, p, m = (cell[name].stat if name in cell else None for name in (count, percent, whole))
            if n is None or p is None:
                continue
            limit = results.size(cell[percent].population)
            of = m if m is not None else round(100 * n / p) if p else None
            followed = p == 0 if n == 0 else of is not None and abs(p * of - 100 * n) <= 1e-7 * 100 * n
            if not followed or not (of is None or n <= of <= limit):
                denominator = f" of {value_text(m)}" if m is not None else f", N of the set is {limit}"
                yield rule.finding(cell[percent].place, value_text(p), f"{value_text(n)}{denominator}")


@check_of_results
def denominator_named(results: Results, rule: Rule) -> Iterator[Finding]:
    """The denominator of a printed percentage is N above it, or the cell, its row or the stub names it.

    parts: names of count, percentage and denominator; named: what begins the words of a row or stub that name one.
    """
    names = {name for part in rule.data["parts"] for name in part}
    of_column: dict[tuple[str, Parts], int] = {}
    paths: dict[tuple[str, int | None], str] = {}
    cells: dict[tuple[object, ...], dict[str, Told]] = {}
    for row in results.told:
        if row.row == 0 and row.analysis == "N":
            chosen = results.selected(row.dataset, row.predicate)
            of_column[row.output, row.column] = len(chosen.subjects)
        elif row.method == LABEL:
            paths[row.output, row.row] = PATH.join(row.path or (row.formatted or "",))
        elif row.stat_name in names:
            cells.setdefault((row.output, row.analysis, row.row, row.column), {})[row.stat_name] = row
    for cell in cells.values():
        for count, percent, whole in rule.data["parts"]:
            n, p, m = (cell.get(name) for name in (count, percent, whole))
            if n is None or p is None or not n.stat or not p.stat or not p.formatted:
                continue
            if m is not None and m.formatted:
                continue
            above = f"{paths.get((p.output, p.row), '')} {results.stubs.get(p.output, '')}"
            column = p.column if (p.output, p.column) in of_column else p.column[:-1]
            of = m.stat if m is not None and m.stat else round(100 * n.stat / p.stat)
            size = of_column.get((p.output, column))
            if of != size and f"(N={of:g})" not in above and rule.data["named"] not in above:
                yield rule.finding(p.place, f"{of:g}", f"N is {size}")


@check_of_results
def listed_as_counted(results: Results, rule: Rule) -> Iterator[Finding]:
    """A listing holds the subjects that tables count under its own condition, and no other of the columns' subjects."""
    rows = {(r.output, r.dataset, r.predicate): r for r in results.of_methods(rule, "n")}
    for name, listing in results.listings.items():
        of_subject = set(results.adsl.columns)
        shown = results.records.get(name, {}).get(RECORDS)
        listed = set() if shown is None else {str(values_named(p).get(SUBJECT)) for p in shown.predicates}
        own = set(predicate_of(listing.where))
        eligible = results.selected(SUBJECTS, predicate_of(listing.subjects)).subjects
        told: set[tuple[str, str]] = set()
        for row in (r for r in rows.values() if r.dataset == listing.dataset):
            if not own.issubset(row.predicate):
                continue
            counted = results.selected(listing.dataset, row.predicate).subjects
            wrong = {(s, "counted, not listed") for s in (counted & eligible) - listed}
            extra = tuple(part for part in row.predicate if part not in own)
            if all(of_subject.issuperset(columns_of(part)) for part in extra):
                others = results.selected(SUBJECTS, extra).subjects
                wrong |= {(s, "listed, not counted") for s in listed & others - counted}
            for subject, how in sorted(wrong - told):
                yield rule.finding(in_output(name, key=subject), "", f"{how} in {row.place}")
            told |= wrong


@check_of_results
def selects_its_record(results: Results, rule: Rule) -> Iterator[Finding]:
    """The predicate of a record shown selects it alone, or with `one_per` those it is the first of; together they
    select what all of them satisfy. A cell filled from other records says `no record` where its column matches none.
    """
    for output, by_name in results.records.items():
        for name, shown in by_name.items():
            for number, what in _misled(results, shown) if len(shown) else ():
                yield rule.finding(in_output(output, name, f"record {number}" if number else ""), "", what)


def _misled(results: Results, shown: ShownRecords) -> Iterator[tuple[int, str]]:
    """Number of a record, or 0 for all, and what is wrong with its predicate."""
    own = [p[len(shown.where) :] for p in shown.predicates]
    values = [values_named(parts) for parts in own]
    names = list(values[0])
    for number, (predicate, parts, named) in enumerate(zip(shown.predicates, own, values, strict=True), 1):
        if predicate[: len(shown.where)] != shown.where or list(named) != names or len(named) != len(parts):
            yield number, "its condition is not that of all and its own values"
            return
    rows = results.rows(shown.dataset, shown.where)
    frame = results.frames[shown.dataset].iloc[rows]
    compared = results.with_subjects(frame, names)
    known = _keys(compared[names])
    keys = _keys(pd.DataFrame({n: _of_kind([v[n] for v in values], compared[n]) for n in names}))
    if not names:  # the condition of all is that of each
        known, keys = [()] * len(frame), [()] * len(values)
    counts, repeated = Counter(known), Counter(keys)
    for number, key in enumerate(keys, 1):
        if counts[key] == 0 or (counts[key] > 1 and not shown.one_per):
            yield number, f"its condition selects {counts[key]} records"
        elif repeated[key] > 1:
            yield number, "its condition is that of another record shown"
    at = [place for place, name in enumerate(names) if name in shown.one_per or not shown.one_per]
    covered = {tuple(key[i] for i in at) for key in keys}
    if missed := sum(n for key, n in counts.items() if tuple(key[i] for i in at) not in covered):
        yield 0, f"{missed} records that satisfy the condition are not shown"
    first = {key: place for place, key in reversed(list(enumerate(known)))}
    places = [first[key] for key in keys if key in first]
    if len(places) == len(keys):
        yield from _mismatched(results, shown, frame.iloc[places])


def _mismatched(results: Results, shown: ShownRecords, frame: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """The records with a cell that does not say whether there is a record to fill it from. frame: the records shown."""
    for key, column in shown.columns.items():
        if not column.match:
            continue
        source = results.frames[column.dataset].iloc[results.rows(column.dataset, column.where)]
        there = Counter(_keys(results.with_subjects(source, column.match)))
        wanted = _keys(results.with_subjects(frame, column.match))
        for number, (values, reason) in enumerate(zip(wanted, column.cells.reasons, strict=True), 1):
            if (there[values] == 0) is not (reason == "no record"):
                yield number, f"its {key} is not filled from the {there[values]} records that match it"


@check_of_results
def printed_from_results(results: Results, rule: Rule) -> Iterator[Finding]:
    """A text with a digit in the body of an output is a label, the results of one cell of its ARD, joined, or what is
    shown of a record.

    A page may print lines of one cell that follow one another apart from the others, beside several rows.
    """
    known: dict[str, set[str]] = {}
    cells: dict[tuple[str, int, Parts], str] = {}
    for row in (r for r in results.told if r.row):
        if row.method == LABEL:
            known.setdefault(row.output, set()).add(_packed(row.formatted or ""))
        elif row.row is not None:
            place = (row.output, row.row, row.column)
            cells[place] = cells.get(place, "") + (row.formatted or "")
    printed = {(output, text) for (output, _, _), text in cells.items()}
    for output, by_name in results.records.items():
        columns = (c for shown in by_name.values() for c in shown.columns.values())
        printed.update((output, text) for column in columns for text in column.cells.texts.unique())
    for output, text in printed:
        lines = text.split("\n")
        apart = ("".join(lines[a:b]) for a in range(len(lines)) for b in range(a + 1, len(lines) + 1))
        known.setdefault(output, set()).update(map(_packed, apart))
    for output, texts in results.pages.items():
        for text in texts:
            packed = _packed(text).removesuffix(rule.data["continued"])
            if any(c.isdigit() for c in packed) and packed not in known.get(output, ()):
                yield rule.finding(in_output(output), text.strip())


def _keys(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    """The values of each row, numbers as floats, a missing one None."""
    return list(zip(*(_plain(frame[name]) for name in frame.columns), strict=True))


def _plain(column: pd.Series) -> list[object]:
    values = column.astype("Float64") if pd.api.types.is_numeric_dtype(column.dtype) else column
    return values.astype(object).where(values.notna(), None).tolist()


def _of_kind(values: Sequence[object], column: pd.Series) -> pd.Series:
    """Values that a condition names, as the column it compares them with has them."""
    dtype = "Float64" if pd.api.types.is_numeric_dtype(column.dtype) else column.dtype
    return pd.Series(values, dtype=dtype)


def _packed(text: str) -> str:
    """Without blanks, which wrapping and alignment change."""
    return "".join(text.split())
