"""Subjects by level of a variable."""

from __future__ import annotations

import pandas as pd

from datacut.ard.columns import SUBJECT, equals, named
from datacut.ard.context import MethodContext
from datacut.ard.counts import denominator, denominator_of, records_of, share, subjects_in
from datacut.ard.results import Result, results_of
from datacut.spec.registry import Column, Condition, verb
from datacut.spec.where import Missing, Where, and_

MISSING = "Missing"


@verb("method")
def ard_tabulate(
    frame: pd.DataFrame,
    variable: Column,
    *,
    levels: dict[str, str] | None = None,
    codelist: str | None = None,
    order: Column | None = None,
    empty: str = "keep",
    missing: bool = True,
    sentence: bool = False,
    base: Condition | None = None,
    pattern: str = "S-NPCT",
    context: MethodContext,
) -> list[Result]:
    """Subjects at each level of `variable`, a row for each level.

    Levels: those given (value and label), or of the codelist, then those only the data have, by `order` or name.
    empty: `keep` prints planned levels nobody has, `drop` does not. A row `Missing` counts the subjects of the column
    without a value; it is there if any column has one. sentence: labels in capitals print in sentence case. Reads
    USUBJID.
    """
    shown = _levels(frame, variable, levels, codelist, order, context)
    if sentence:
        shown = {value: context.sentence(label) for value, label in shown.items()}
    if empty == "drop":
        present = set(frame[variable].dropna().map(level_key))
        shown = {value: label for value, label in shown.items() if value in present}
    out: list[Result] = []
    silent = () if base is None else ("m",)
    without: list[tuple[int, list[Result]]] = []
    known = None if base is None else records_of(frame, context, base)
    inside = frame if base is None else frame.loc[context.mask(frame, base)]
    with_level: dict[str, set[str]] = {}
    for subject, found in zip(inside[SUBJECT], inside[variable], strict=True):
        if pd.notna(found):
            with_level.setdefault(level_key(found), set()).add(subject)
    with_any = set[str]().union(*with_level.values())
    without_value = set(inside.loc[inside[variable].isna(), SUBJECT])
    whole = denominator_of(base)
    conditions = {value: and_(base, level_equals(frame, variable, value)) for value in shown}
    for column in context.columns:
        of = denominator(column, known)
        for value, label in shown.items():
            where = conditions[value]
            values = share(len(column.subjects & with_level.get(value, set())), of)
            out += results_of(
                context.pattern(pattern),
                values,
                column=column.key,
                path=(label,),
                variable=variable,
                variable_level=value,
                where=where,
                silent=silent,
                of=whole,
            )
        lacking = (column.subjects if known is None else column.subjects & known.keys()) - with_any
        # most are those with a record that lacks the value; who has no record at all can only be named
        by_name = lacking != column.subjects & without_value
        n = len(lacking)
        results = results_of(
            context.pattern(pattern),
            share(n, of),
            column=column.key,
            path=(MISSING,),
            variable=variable,
            where=named(lacking) if by_name else and_(base, Missing(variable, negated=False)),
            silent=silent,
            of_subjects=by_name,
            of=whole,
        )
        without.append((n, results))
    if missing and any(n for n, _ in without):
        out += [r for _, results in without for r in results]
    return out


@verb("method")
def ard_tabulate_across(
    frame: pd.DataFrame,
    variable: Column,
    *,
    levels: dict[str, str],
    base: Condition | None = None,
    missing: bool = False,
    pattern: str = "S-NM",
    context: MethodContext,
) -> list[Result]:
    """Subjects at each level of `variable` in one row, a sub-column for each level: its value is the key.

    Of N, or of the subjects with a record in `base`. missing: a sub-column `missing` for those with a record and no
    value. Reads USUBJID.
    """
    out: list[Result] = []
    known = None if base is None else records_of(frame, context, base)
    conditions: dict[str, Where] = {value: level_equals(frame, variable, value) for value in levels}
    if missing:
        conditions["missing"] = Missing(variable, negated=False)
    for value, where in conditions.items():
        found = records_of(frame, context, base, where)
        counted = and_(base, where)
        for column in context.columns:
            out += results_of(
                context.pattern(pattern),
                share(subjects_in(column, found), denominator(column, known)),
                column=column.key,
                variable=variable,
                variable_level=value,
                where=counted,
                silent=("m",),
                sub=value,
                of=denominator_of(base),
            )
    return out


def _levels(
    frame: pd.DataFrame,
    variable: str,
    levels: dict[str, str] | None,
    codelist: str | None,
    order: str | None,
    context: MethodContext,
) -> dict[str, str]:
    planned = dict(levels or {})
    if codelist is not None:
        planned |= {k: v for k, v in context.codelist(codelist).items() if k not in planned}
    by = [order, variable] if order else [variable]
    met = frame[by].dropna(subset=[variable]).drop_duplicates().sort_values(by)
    return planned | {v: v for v in map(level_key, met[variable]) if v not in planned}


def level_key(value: object) -> str:
    """A level as text: 3.0 and 3 are one level."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def level_equals(frame: pd.DataFrame, variable: str, value: str) -> Where:
    """The condition that `variable` has the level, of text or numbers as the column is."""
    if pd.api.types.is_numeric_dtype(frame[variable].dtype):
        number = float(value)
        return equals(variable, int(number) if number.is_integer() else number)
    return equals(variable, value)
