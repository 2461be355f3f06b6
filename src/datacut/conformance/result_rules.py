"""The rules over results: what each of them holds against the records that predicates select."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pandas as pd

from datacut.conformance.results import RECORDS, SUBJECT, SUBJECTS, Results, Told
from datacut.datasets.ard import LABEL
from datacut.datasets.model import value_text
from datacut.datasets.parts import PATH, Parts
from datacut.datasets.records import ShownRecords, values_named
from datacut.errors import Finding, Rule, all_rules, in_output
from datacut.spec.where import columns_of, predicate_of

type ResultCheck = Callable[[Results, Rule], Iterator[Finding]]

RESULT_CHECKS: dict[str, ResultCheck] = {}
"""Every check of results by the name that rules give it."""


def check_of_results(function: ResultCheck) -> ResultCheck:
    """Register a check under its name."""
    RESULT_CHECKS[function.__name__] = function
    return function


def check_results(results: Results) -> list[Finding]:
    """Every finding of every rule over results."""
    found: list[Finding] = []
    for rule in all_rules().values():
        if rule.check_results is not None:
            found += RESULT_CHECKS[rule.check_results](results, rule)
    return found


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
        if shown is None:
            continue  # it was not made, which is told where that is known
        listed = {str(values_named(p).get(SUBJECT)) for p in shown.predicates}
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
