"""Subjects and events by nested terms, most frequent first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from datacut.ard.columns import SUBJECT, equals
from datacut.ard.context import MethodContext
from datacut.ard.counts import events_in, records_of, share, subjects_in
from datacut.ard.results import Result, Stat, results_of
from datacut.ard.tabulate import MISSING
from datacut.ard.worst import highest_of, level_range, range_where
from datacut.spec.registry import Column, Columns, Condition, verb
from datacut.spec.where import Missing, Where, and_

UNCODED = "Uncoded"


@dataclass(frozen=True, slots=True)
class _Term:
    """One term: its label, its value (missing if uncoded), what selects it, and its records."""

    label: str
    value: str | None
    where: Where
    rows: pd.DataFrame


@verb("method")
def ard_hierarchical(
    frame: pd.DataFrame,
    terms: Columns,
    *,
    any: str | None = None,
    verbatim: Column | None = None,
    where: Condition | None = None,
    worst: Column | None = None,
    levels: dict[str, str] | None = None,
    seen: bool = True,
    least: float = 0,
    pattern: str = "S-NE",
    context: MethodContext,
) -> list[Result]:
    """Subjects (percent of N) and events for each level of `terms`, outermost first, each below the one above it.

    any: label of a first row for any record. Terms stand by descending subjects over all columns, ties by name;
    uncoded records last, as `Uncoded: verbatim`. The innermost term prints in sentence case if it is in capitals.
    Only terms somebody has are rows. where: the records counted, while all records make the rows: a sub-column of fewer
    records has the rows of the whole. worst, levels: below each innermost term the subjects by their highest value of
    the number `worst`, a row for each of `levels` (`3`, `1-2`) and for missing; seen: only those that somebody has.
    least: innermost terms that a smaller percentage of all subjects has are left out, and counted above. Reads USUBJID.
    """
    shown = frozenset[str]().union(*(c.subjects for c in context.columns))
    rows = frame.loc[frame[SUBJECT].isin(shown)]
    grades = {} if worst is None else {text: level_range(text, context) for text in levels or {}}
    method = _Hierarchy(
        tuple(terms), verbatim, pattern, context, where, worst, levels or {}, grades, seen, least * len(shown) / 100
    )
    out = [] if any is None else method.count(rows, (any,), None, None, None, ())
    if any is not None:
        out += method.by_worst(rows, (any,), None, ())
    return out + method.level(rows, 0, (), None, ())


@dataclass(frozen=True)
class _Hierarchy:
    terms: tuple[str, ...]
    verbatim: str | None
    pattern: str
    context: MethodContext
    counted: Where | None
    worst: str | None
    levels: Mapping[str, str]
    grades: Mapping[str, tuple[float, float]]
    seen: bool
    least: float

    def level(
        self,
        rows: pd.DataFrame,
        depth: int,
        path: tuple[str, ...],
        where: Where | None,
        groups: tuple[tuple[str, str], ...],
    ) -> list[Result]:
        """The rows of one level and, below each, of the levels under it."""
        if depth == len(self.terms):
            return []
        variable = self.terms[depth]
        innermost = depth == len(self.terms) - 1
        out = []
        for term in self._sorted(rows, variable, innermost=innermost):
            if innermost and term.rows[SUBJECT].nunique() < self.least:
                continue
            below = and_(where, term.where)
            place = (*path, term.label)
            out += self.count(term.rows, place, variable, term.value, below, groups)
            inner = (*groups, (variable, term.value or term.label))
            if innermost:
                out += self.by_worst(term.rows, place, below, inner)
            out += self.level(term.rows, depth + 1, place, below, inner)
        return out

    def by_worst(
        self, rows: pd.DataFrame, path: tuple[str, ...], where: Where | None, groups: tuple[tuple[str, str], ...]
    ) -> list[Result]:
        """The rows below a term: subjects by their highest value, each once."""
        if self.worst is None:
            return []
        mine = rows if self.counted is None else rows.loc[self.context.mask(rows, self.counted)]
        highest = highest_of(mine, self.worst)
        shown = {
            text: (label, range_where(self.worst, *self.grades[text]), self._between(highest, text))
            for text, label in self.levels.items()
        }
        unknown = frozenset(s for s, value in highest.items() if value is None)
        if unknown:
            shown[""] = (MISSING, Missing(self.worst, negated=False), unknown)
        out = []
        for text, (label, level, subjects) in shown.items():
            if self.seen and not subjects:
                continue
            inside = rows.loc[rows[SUBJECT].isin(subjects)]
            out += self.count(inside, (*path, label), self.worst, text or None, and_(where, level), groups, level)
        return out

    def _between(self, highest: Mapping[str, float | None], text: str) -> frozenset[str]:
        low, high = self.grades[text]
        return frozenset(s for s, value in highest.items() if value is not None and low <= value <= high)

    def count(
        self,
        rows: pd.DataFrame,
        path: tuple[str, ...],
        variable: str | None,
        value: str | None,
        where: Where | None,
        groups: tuple[tuple[str, str], ...],
        level: Where | None = None,
    ) -> list[Result]:
        """One row: subjects, percent and events in each column; level: of the grade of the row."""
        out = []
        printed = self.context.pattern(self.pattern)
        found = records_of(rows, self.context, self.counted, level)
        where = and_(where, self.counted)
        for column in self.context.columns:
            values: Mapping[str, Stat] = share(subjects_in(column, found), column.n)
            values = {**values, "events": Stat(events_in(column, found))}
            out += results_of(
                printed,
                values,
                column=column.key,
                path=path,
                variable=variable,
                variable_level=value,
                where=where,
                groups=groups,
            )
        return out

    def _sorted(self, rows: pd.DataFrame, variable: str, *, innermost: bool) -> list[_Term]:
        found = []
        for value, part in rows.groupby(variable, sort=True):
            text = str(value)
            label = text.capitalize() if innermost and text.isupper() else text
            found.append(_Term(label, text, equals(variable, text), part))
        found.sort(key=lambda t: (-t.rows[SUBJECT].nunique(), t.label.casefold()))
        return found + self._uncoded(rows.loc[rows[variable].isna()], variable, innermost=innermost)

    def _uncoded(self, rows: pd.DataFrame, variable: str, *, innermost: bool) -> list[_Term]:
        missing = Missing(variable, negated=False)
        if rows.empty:
            return []
        if not (innermost and self.verbatim):
            return [_Term(UNCODED, None, missing, rows)]
        out = []
        for value, part in rows.groupby(self.verbatim, sort=True):
            where = and_(missing, equals(self.verbatim, str(value)))
            out.append(_Term(f"{UNCODED}: {value}", None, where or missing, part))
        unnamed = rows.loc[rows[self.verbatim].isna()]
        if len(unnamed):
            where = and_(missing, Missing(self.verbatim, negated=False))
            out.append(_Term(UNCODED, None, where or missing, unnamed))
        return sorted(out, key=lambda t: (-t.rows[SUBJECT].nunique(), t.label.casefold()))
