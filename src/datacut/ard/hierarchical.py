"""Subjects and events by nested terms, most frequent first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from datacut.ard.columns import SUBJECT, equals
from datacut.ard.context import MethodContext
from datacut.ard.counts import events_in, records_of, share, subjects_in
from datacut.ard.results import OF_N, Result, Stat, results_of
from datacut.ard.tabulate import MISSING
from datacut.ard.worst import FLAGGED, level_range, marked_worst, range_where
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
    flag: Column | None = None,
    any_flag: Column | None = None,
    levels: dict[str, str] | None = None,
    seen: bool = True,
    least: float = 0,
    pattern: str = "S-NE",
    worst_pattern: str = "S-NPCT",
    context: MethodContext,
) -> list[Result]:
    """Subjects (percent of N) and events for each level of `terms`, outermost first, each below the one above it.

    any: label of a first row for any record. Terms stand by descending subjects over all columns, ties by name;
    uncoded records last, as `Uncoded: verbatim`. Terms in capitals print in sentence case.
    Only terms somebody has are rows. where: the records counted, while all records make the rows: a sub-column of fewer
    records has the rows of the whole. worst, levels: below each innermost term the subjects by their highest value of
    the number `worst`, a row for each of `levels` (`3`, `1-2`) and for missing, printed by `worst_pattern`; seen: only
    those that somebody has. flag: `Y` on one record with the highest value of each subject and innermost term,
    any_flag: of each subject; a flag that stands elsewhere is an error finding.
    least: innermost terms that a smaller percentage of all subjects has are left out, and counted above. Reads USUBJID.
    """
    shown = frozenset[str]().union(*(c.subjects for c in context.columns))
    rows = frame.loc[frame[SUBJECT].isin(shown)]
    by_worst = None
    if worst is not None:
        if flag is None or (any is not None and any_flag is None):
            raise context.fault("worst needs flag, and any_flag beside any", "Name the flags of the worst records.")
        grades = {text: range_where(worst, *level_range(text, context)) for text in levels or {}}
        by_worst = _Worst(worst, flag, any_flag or flag, levels or {}, grades, seen, worst_pattern)
    method = _Hierarchy(tuple(terms), verbatim, pattern, context, where, by_worst, least * len(shown) / 100)
    out = [] if any is None else method.count(rows, (any,), None, None, None, ())
    if any is not None:
        out += method.by_worst(rows, (any,), None, (), any_term=True)
    return out + method.level(rows, 0, (), None, ())


@dataclass(frozen=True, slots=True)
class _Worst:
    """Rows by the highest value of `variable`: flags of a term and of any record, labels and conditions of levels."""

    variable: str
    flag: str
    any_flag: str
    levels: Mapping[str, str]
    grades: Mapping[str, Where]
    seen: bool
    pattern: str


@dataclass(frozen=True)
class _Hierarchy:
    terms: tuple[str, ...]
    verbatim: str | None
    pattern: str
    context: MethodContext
    counted: Where | None
    worst: _Worst | None
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
        self,
        rows: pd.DataFrame,
        path: tuple[str, ...],
        where: Where | None,
        groups: tuple[tuple[str, str], ...],
        *,
        any_term: bool = False,
    ) -> list[Result]:
        """The rows below a term: subjects by their highest value, each once, on the record that the flag marks."""
        worst = self.worst
        if worst is None:
            return []
        flag = worst.any_flag if any_term else worst.flag
        mine = rows if self.counted is None else rows.loc[self.context.mask(rows, self.counted)]
        marked = marked_worst(mine, worst.variable, flag, self.context)
        shown = {text: (label, worst.grades[text]) for text, label in worst.levels.items()}
        if marked[worst.variable].isna().any():
            shown[""] = (MISSING, Missing(worst.variable, negated=False))
        out = []
        for text, (label, level) in shown.items():
            inside = marked.loc[self.context.mask(marked, level)]
            if worst.seen and inside.empty:
                continue
            below = and_(where, equals(flag, FLAGGED), level)
            out += self.count(inside, (*path, label), worst.variable, text or None, below, groups, worst.pattern)
        return out

    def count(
        self,
        rows: pd.DataFrame,
        path: tuple[str, ...],
        variable: str | None,
        value: str | None,
        where: Where | None,
        groups: tuple[tuple[str, str], ...],
        pattern: str | None = None,
    ) -> list[Result]:
        """One row: subjects, percent and events in each column."""
        out = []
        printed = self.context.pattern(pattern or self.pattern)
        found = records_of(rows, self.context, self.counted)
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
                of=OF_N,
            )
        return out

    def _sorted(self, rows: pd.DataFrame, variable: str, *, innermost: bool) -> list[_Term]:
        found = []
        for value, part in rows.groupby(variable, sort=True):
            text = str(value)
            found.append(_Term(self.context.sentence(text), text, equals(variable, text), part))
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
