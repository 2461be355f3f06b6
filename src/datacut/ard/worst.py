"""Subjects by the worst of their values."""

from __future__ import annotations

import pandas as pd

from datacut.ard.columns import SUBJECT, equals
from datacut.ard.context import MethodContext
from datacut.ard.counts import share
from datacut.ard.results import Result, results_of
from datacut.ard.tabulate import MISSING
from datacut.spec.registry import Column, verb
from datacut.spec.where import Missing


@verb("method")
def ard_count_worst(
    frame: pd.DataFrame,
    variable: Column,
    *,
    levels: dict[str, str],
    pattern: str = "S-NPCT",
    context: MethodContext,
) -> list[Result]:
    """Subjects by the highest value of the number `variable` over their records, a row for each of `levels`.

    Every subject counts once, of N; a row `Missing`, there if any column needs it, counts those without a value on any
    record. The predicate of a row selects the records with that value; those of a subject
    with a higher one are among them. Reads USUBJID.
    """
    highest = frame.groupby(SUBJECT)[variable].max()
    out = []
    for value, label in levels.items():
        number = float(value)
        subjects = set(highest.index[highest.eq(number).fillna(False).astype(bool)])
        where = equals(variable, int(number) if number.is_integer() else number)
        for column in context.columns:
            values = share(len(column.subjects & subjects), column.n)
            out += results_of(
                context.pattern(pattern),
                values,
                column=column.key,
                path=(label,),
                variable=variable,
                variable_level=value,
                where=where,
            )
    unknown = set(highest.index[highest.isna()])
    if any(column.subjects & unknown for column in context.columns):
        for column in context.columns:
            out += results_of(
                context.pattern(pattern),
                share(len(column.subjects & unknown), column.n),
                column=column.key,
                path=(MISSING,),
                variable=variable,
                where=Missing(variable, negated=False),
            )
    return out
