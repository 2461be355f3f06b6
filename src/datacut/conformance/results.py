"""Rules over the results of a build: that outputs agree with the datasets and with each other.

Nothing of the engine that made the results is used: a result is held against the records its predicate selects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd

from datacut.conformance.rules import Rule, all_rules
from datacut.datasets.filter import mask
from datacut.datasets.model import value_text
from datacut.errors import Finding
from datacut.spec.load import Specs
from datacut.spec.output import OutputKind
from datacut.spec.resolve_output import resolve_output
from datacut.spec.study import SettingValue
from datacut.spec.where import Where, and_, columns_of, conjuncts_of, parse_where

SUBJECT = "USUBJID"
SUBJECTS = "ADSL"
type Parts = Mapping[str, Where]
type Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]

_NAMED = re.compile(r'\bUSUBJID EQ "([^"]+)"')


@dataclass(frozen=True)
class Listing:
    """What a listing shows: records of `dataset` that satisfy `where`; subjects: the condition on ADSL of its set."""

    dataset: str
    where: Where | None
    subjects: Where


@dataclass(frozen=True, eq=False)
class Results:
    """The ARD of a build, the ADaM datasets it was made of, its analysis sets and listings.

    pages: the texts in the bodies of the printed outputs, by output.
    """

    ard: pd.DataFrame
    frames: Mapping[str, pd.DataFrame]
    settings: Mapping[str, SettingValue]
    sets: Mapping[str, Where]
    listings: Mapping[str, Listing] = field(default_factory=dict)
    pages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def adsl(self) -> pd.DataFrame:
        return self.frames[SUBJECTS].drop_duplicates(SUBJECT)

    @cached_property
    def _masks(self) -> dict[tuple[str, str], Mask]:
        return {}

    @cached_property
    def _selected(self) -> dict[tuple[str, tuple[str, ...]], tuple[str, ...]]:
        return {}

    def selected(self, dataset: str, parts: Parts) -> tuple[str, ...]:
        """The subject of each record of a dataset, joined with ADSL, that satisfies all conditions."""
        key = (dataset, tuple(parts))
        if key not in self._selected:
            chosen = np.ones(len(self.frames[dataset]), dtype=bool)
            for text, part in parts.items():
                chosen &= self._mask(dataset, part, text)
            self._selected[key] = tuple(compress(self._subjects(dataset), chosen))
        return self._selected[key]

    def size(self, name: str) -> int:
        """N of an analysis set."""
        return len(set(self.selected(SUBJECTS, told_apart(self.sets[name]))))

    def _mask(self, dataset: str, part: Where, text: str) -> Mask:
        if (dataset, text) not in self._masks:
            frame = self.frames[dataset]
            self._masks[dataset, text] = mask(self._with(frame, part), part, self.settings).to_numpy(dtype=bool)
        return self._masks[dataset, text]

    def _subjects(self, dataset: str) -> list[str]:
        if dataset not in self._names:
            self._names[dataset] = list(map(str, self.frames[dataset][SUBJECT]))
        return self._names[dataset]

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        return {}

    def _with(self, frame: pd.DataFrame, where: Where) -> pd.DataFrame:
        """`frame` with the columns a condition reads, those it lacks from ADSL."""
        read = dict.fromkeys(columns_of(where))
        own = frame[[c for c in read if c in frame.columns]]
        of_subject = self.adsl.set_index(SUBJECT)
        lacking = [c for c in read if c not in frame.columns and c in of_subject.columns]
        return own.assign(**{c: frame[SUBJECT].map(of_subject[c]).astype(of_subject[c].dtype) for c in lacking})

    def of_methods(self, rule: Rule, stat: str) -> list[dict[str, Any]]:
        """The results of the methods of a rule that have a value and a predicate."""
        ard = self._valued
        wanted = ard["method"].isin(rule.data["methods"]) & ard["stat_name"].eq(stat)
        rows: list[dict[str, Any]] = ard.loc[wanted].to_dict("records")  # type: ignore[assignment]
        return rows

    @cached_property
    def _valued(self) -> pd.DataFrame:
        """The results of analyses that have a value and a predicate."""
        ard = self.ard.loc[self.ard["analysis"].ne("records").fillna(False)]
        return ard.loc[ard["stat"].notna() & ard["predicate"].notna()]


def results_of(
    specs: Specs, frames: Mapping[str, pd.DataFrame], ard: pd.DataFrame, pages: Mapping[str, tuple[str, ...]]
) -> Results:
    """The results of a build; frames: ADaM datasets by name; pages: see `Results`."""
    sets = {name: s.where for name, s in specs.study.analysis_sets.items()}
    listings: dict[str, Listing] = {}
    for name in [n for n in dict.fromkeys(ard["output"]) if n in specs.outputs]:
        spec = resolve_output(specs.outputs[name], specs.library)
        among = spec.among.where if spec.among is not None else None
        apart = spec.unless_same is not None or (spec.among is not None and spec.among.dataset != SUBJECTS)
        if spec.kind is OutputKind.LISTING and spec.records is not None and not apart:
            subjects = and_(sets[spec.population], among)
            if subjects is not None:
                listings[name] = Listing(spec.records.dataset or spec.dataset, spec.records.where, subjects)
    return Results(ard, frames, specs.settings, sets, listings, pages)


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
            if SUBJECT not in results.frames[row["dataset"]].columns:
                continue
            chosen = results.selected(row["dataset"], parts_of(row["predicate"]))
            expected = len(set(chosen)) if counts == "subjects" else len(chosen)
            if row["stat"] != expected:
                yield rule.finding(_place(row), value_text(row["stat"]), f"its predicate selects {expected} {counts}")


@check_of_results
def same_for_same(results: Results, rule: Rule) -> Iterator[Finding]:
    """Results of one statistic, dataset and predicate are one number, in whatever outputs they stand."""
    for stat in rule.data["stats"]:
        met: dict[tuple[object, ...], dict[str, Any]] = {}
        for row in results.of_methods(rule, stat):
            count = stat in rule.data["counts"]
            about = ("", "") if count else (row["method"], value_text(row["variable"]))
            key = (row["dataset"], frozenset(parts_of(row["predicate"])), *about)
            first = met.setdefault(key, row)
            if abs(first["stat"] - row["stat"]) > 1e-9 * max(1.0, abs(row["stat"])):
                told = f"{_place(first)} has {value_text(first['stat'])}"
                yield rule.finding(_place(row), value_text(row["stat"]), told)


@check_of_results
def percent_of_count(results: Results, rule: Rule) -> Iterator[Finding]:
    """A percentage is its count of its denominator, or else of a whole number between the count and N of the set.

    parts: names of count, percentage and denominator.
    """
    ard = results.ard
    names = {name for part in rule.data["parts"] for name in part}
    cells: dict[tuple[str, ...], dict[str, dict[Any, Any]]] = {}
    for row in ard.loc[ard["stat_name"].isin(names).fillna(False)].to_dict("records"):
        key = tuple(map(str, (row[c] for c in ("output", "analysis", "row", "column", "predicate", "variable_level"))))
        cells.setdefault(key, {})[row["stat_name"]] = row
    for cell in cells.values():
        for count, percent, whole in rule.data["parts"]:
            n, p, m = (_stat(cell.get(name)) for name in (count, percent, whole))
            if n is None or p is None:
                continue
            limit = results.size(str(cell[percent]["population"]))
            of = m if m is not None else round(100 * n / p) if p else None
            followed = p == 0 if n == 0 else of is not None and abs(p * of - 100 * n) <= 1e-7 * 100 * n
            if not followed or not (of is None or n <= of <= limit):
                denominator = f" of {value_text(m)}" if m is not None else f", N of the set is {limit}"
                yield rule.finding(_place(cell[percent]), value_text(p), f"{value_text(n)}{denominator}")


def _stat(row: Mapping[str, Any] | None) -> float | None:
    return None if row is None or pd.isna(row["stat"]) else float(row["stat"])


@check_of_results
def listed_as_counted(results: Results, rule: Rule) -> Iterator[Finding]:
    """A listing holds the subjects that tables count under its own condition, and no other of the columns' subjects."""
    rows = {(r["output"], r["dataset"], r["predicate"]): r for r in results.of_methods(rule, "n")}
    shown = results.ard.loc[results.ard["analysis"].eq("records") & results.ard["row"].gt(0).fillna(False)]
    for name, listing in results.listings.items():
        predicates = shown.loc[shown["output"].eq(name).fillna(False), "predicate"].dropna().unique()
        listed = {subject for p in predicates for subject in _NAMED.findall(p)}
        own = set() if listing.where is None else set(told_apart(listing.where))
        eligible = set(results.selected(SUBJECTS, told_apart(listing.subjects)))
        told: set[tuple[str, str]] = set()
        for row in (r for r in rows.values() if r["dataset"] == listing.dataset):
            parts = parts_of(row["predicate"])
            if not own <= set(parts):
                continue
            counted = set(results.selected(listing.dataset, parts))
            extra = {text: part for text, part in parts.items() if text not in own}
            wrong = {(s, "counted, not listed") for s in (counted & eligible) - listed}
            if all(set(columns_of(part)) <= set(results.adsl.columns) for part in extra.values()):
                wrong |= {(s, "listed, not counted") for s in listed & set(results.selected(SUBJECTS, extra)) - counted}
            for subject, how in sorted(wrong - told):
                yield rule.finding(f"{name}:{subject}", "", f"{how} in {_place(row)}")
            told |= wrong


@check_of_results
def printed_from_results(results: Results, rule: Rule) -> Iterator[Finding]:
    """A text with a digit in the body of an output is a label, or the results of one cell of its ARD, joined."""
    body = results.ard.loc[results.ard["row"].gt(0).fillna(False), ["output", "method", "row", "column", "formatted"]]
    body = body.assign(formatted=body["formatted"].fillna(""))
    labels = body["method"].eq("label").fillna(False)
    known: dict[str, set[str]] = {}
    for output, text in zip(body.loc[labels, "output"], body.loc[labels, "formatted"], strict=True):
        known.setdefault(output, set()).add(_packed(text))
    cells: dict[tuple[str, int, str], str] = {}
    for output, _, row, column, text in body.loc[~labels].itertuples(index=False, name=None):
        cells[output, row, column] = cells.get((output, row, column), "") + text
    for (output, _, _), text in cells.items():
        known.setdefault(output, set()).add(_packed(text))
    for output, texts in results.pages.items():
        for text in texts:
            packed = _packed(text).removesuffix(rule.data["continued"])
            if any(c.isdigit() for c in packed) and packed not in known.get(output, ()):
                yield rule.finding(output, text.strip())


def _packed(text: str) -> str:
    """Without blanks, which wrapping and alignment change."""
    return "".join(text.split())


def told_apart(where: Where) -> Parts:
    """The conditions that a condition joins, by their text."""
    return {str(part): part for part in conjuncts_of(where)}


@cache
def parts_of(predicate: str) -> Parts:
    """The conditions a predicate joins, by their text."""
    return told_apart(parse_where(predicate))


def _place(row: Mapping[str, object]) -> str:
    return f"{row['output']}/{row['analysis']}:row {row['row']}, column {row['column']}, {row['stat_name']}"
