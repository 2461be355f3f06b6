"""Subjects by level of a variable."""

from __future__ import annotations

import pandas as pd

from datacut.ard.columns import SUBJECT, equals
from datacut.ard.context import MethodContext
from datacut.ard.counts import denominator, records_of, share
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
    base: Condition | None = None,
    pattern: str = "S-NPCT",
    context: MethodContext,
) -> list[Result]:
    """Subjects at each level of `variable`, a row for each level.

    Levels: those given (value and label), or of the codelist, then those only the data have, by `order` or name.
    empty: `keep` prints planned levels nobody has, `drop` does not. A row `Missing` counts the subjects of the column
    without a value; it is there if any column has one. Reads USUBJID.
    """
    shown = _levels(frame, variable, levels, codelist, order, context)
    if empty == "drop":
        present = set(frame[variable].dropna().map(_key))
        shown = {value: label for value, label in shown.items() if value in present}
    out: list[Result] = []
    silent = () if base is None else ("m",)
    without: list[tuple[int, list[Result]]] = []
    known = None if base is None else records_of(frame, context, base)
    inside = frame if base is None else frame.loc[context.mask(frame, base)]
    with_level: dict[str, set[str]] = {}
    for subject, found in zip(inside[SUBJECT], inside[variable], strict=True):
        if pd.notna(found):
            with_level.setdefault(_key(found), set()).add(subject)
    with_any = set[str]().union(*with_level.values())
    conditions = {value: and_(base, _equal(frame, variable, value)) for value in shown}
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
            )
        n = of - len(column.subjects & with_any)
        results = results_of(
            context.pattern(pattern),
            share(n, of),
            column=column.key,
            path=(MISSING,),
            variable=variable,
            where=and_(base, Missing(variable, negated=False)),
            silent=silent,
        )
        without.append((n, results))
    if missing and any(n for n, _ in without):
        out += [r for _, results in without for r in results]
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
    return planned | {v: v for v in map(_key, met[variable]) if v not in planned}


def _key(value: object) -> str:
    """A level as text: 3.0 and 3 are one level."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _equal(frame: pd.DataFrame, variable: str, value: str) -> Where:
    if pd.api.types.is_numeric_dtype(frame[variable].dtype):
        number = float(value)
        return equals(variable, int(number) if number.is_integer() else number)
    return equals(variable, value)
