"""Baseline against a later value: a row for each level at baseline, a sub-column for each level after it."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from datacut.ard.columns import SUBJECT, ResultColumn
from datacut.ard.context import MethodContext
from datacut.ard.counts import share
from datacut.ard.results import OF_N, Denominator, Result, results_of
from datacut.ard.tabulate import MISSING, level_equals, level_key
from datacut.spec.output import Pattern
from datacut.spec.registry import Column, verb
from datacut.spec.where import Missing, Where, and_

TOTAL = "Total"
_COUNT = Pattern(rows={"": "{n}"})
NO_LEVEL = ""


@verb("method")
def ard_shift(
    frame: pd.DataFrame,
    baseline: Column,
    value: Column,
    *,
    levels: dict[str, str],
    base: str = "both",
    seen: bool = False,
    pattern: str = "S-NPCT",
    context: MethodContext,
) -> list[Result]:
    """Subjects by `baseline` (rows) and `value` (sub-columns), with a row and a sub-column for missing and for all.

    One record a subject: of a visit, or that with the worst value. levels: value and label of both. Sub-columns have
    the values of the levels as keys, then `missing` and `total`. base: `both`, percentages and totals are of the
    subjects with a value at baseline and after it, the others are a count under missing; `column`, all are of N.
    Those without a record are in no cell. seen: without the rows of levels, or of missing, that no subject of any
    column has at baseline. Reads USUBJID.
    """
    if base not in ("both", "column"):
        raise context.fault(f"base={base} is none of both, column", "Give one of them.")
    repeated = frame.loc[frame[SUBJECT].duplicated(), SUBJECT]
    if len(repeated):
        context.findings.error(
            "ard.repeated",
            context.place,
            "a subject has more than one record in a shift",
            value=str(repeated.iloc[0]),
            remedy="Narrow where to one record a subject.",
        )
    cells: dict[str, tuple[str, str]] = {}
    for subject, before, after in zip(frame[SUBJECT], frame[baseline], frame[value], strict=True):
        cells.setdefault(str(subject), (_level(before), _level(after)))
    unknown = sorted({v for pair in cells.values() for v in pair if v != NO_LEVEL and v not in levels})
    if unknown:
        context.findings.error(
            "ard.level",
            context.place,
            f"a value of {baseline} or {value} is not among the levels of the shift and counts in the totals alone",
            value=", ".join(unknown),
            remedy="Add it to levels.",
        )
    shift = _Shift(frame, baseline, value, levels, cells)
    rows: list[tuple[str | None, str]] = [*levels.items(), (NO_LEVEL, MISSING), (None, TOTAL)]
    if seen:
        shown = frozenset[str]().union(*(column.subjects for column in context.columns))
        met = {before for subject, (before, _) in cells.items() if subject in shown}
        rows = [(row, label) for row, label in rows if row is None or row in met]
    of_known = OF_N if base == "column" else Denominator(and_(*shift.known))
    out = []
    for column in context.columns:
        counts = Counter(cells[subject] for subject in column.subjects & cells.keys())
        of = shift.denominator(column, counts, base)
        for row, label in rows:
            for sub, key in (*((v, v) for v in levels), (NO_LEVEL, "missing"), (None, "total")):
                counted = _COUNT if base == "both" and NO_LEVEL in (row, sub) else context.pattern(pattern)
                out += results_of(
                    counted,
                    share(shift.count(counts, row, sub, base), of),
                    column=column.key,
                    path=(label,),
                    variable=value,
                    variable_level=key,
                    where=shift.where(row, sub, base),
                    groups=((baseline, row or label),),
                    silent=("m",),
                    sub=key,
                    of=of_known,
                )
    return out


class _Shift:
    """The conditions of the cells, each made once, and the denominators."""

    def __init__(
        self, frame: pd.DataFrame, baseline: str, value: str, levels: dict[str, str], cells: dict[str, tuple[str, str]]
    ) -> None:
        self.cells = cells
        self.before = {level: _condition(frame, baseline, level) for level in (*levels, NO_LEVEL)}
        self.after = {level: _condition(frame, value, level) for level in (*levels, NO_LEVEL)}
        self.known = (Missing(baseline, negated=True), Missing(value, negated=True))
        self.made: dict[tuple[str | None, str | None], Where | None] = {}

    def where(self, row: str | None, sub: str | None, base: str) -> Where | None:
        """What selects the records of a cell; a total of both known leaves the missing ones out."""
        if (row, sub) not in self.made:
            known = self.known if base == "both" else (None, None)
            before = self.before[row] if row is not None else known[0] if sub != NO_LEVEL else None
            after = self.after[sub] if sub is not None else known[1] if row != NO_LEVEL else None
            self.made[(row, sub)] = and_(before, after)
        return self.made[(row, sub)]

    def count(self, counts: Counter[tuple[str, str]], row: str | None, sub: str | None, base: str) -> int:
        """Subjects of a cell."""
        outside = base == "both" and NO_LEVEL not in (row, sub)
        return sum(
            c
            for (before, after), c in counts.items()
            if row in (None, before) and sub in (None, after) and not (outside and NO_LEVEL in (before, after))
        )

    def denominator(self, column: ResultColumn, counts: Counter[tuple[str, str]], base: str) -> int:
        if base == "column":
            return column.n
        return sum(c for (before, after), c in counts.items() if NO_LEVEL not in (before, after))


def _level(value: object) -> str:
    return NO_LEVEL if pd.isna(value) else level_key(value)  # type: ignore[call-overload]


def _condition(frame: pd.DataFrame, variable: str, level: str) -> Where:
    return Missing(variable, negated=False) if level == NO_LEVEL else level_equals(frame, variable, level)
