"""Subjects by the worst of their values."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from datacut.ard.columns import SUBJECT, equals
from datacut.ard.context import MethodContext
from datacut.ard.counts import denominator, records_of, share
from datacut.ard.results import Result, results_of
from datacut.ard.tabulate import MISSING
from datacut.spec.registry import Column, Condition, verb
from datacut.spec.where import Comparison, Literal, Missing, Where, and_


@verb("method")
def ard_count_worst(
    frame: pd.DataFrame,
    variable: Column,
    *,
    levels: dict[str, str],
    base: Condition | None = None,
    pattern: str = "S-NPCT",
    context: MethodContext,
) -> list[Result]:
    """Subjects by the highest value of the number `variable` over their records, a row for each of `levels`.

    levels: a number or a range such as `1-2`, and its label. Every subject counts once, of N or of those with a record
    in `base`; a row `Missing`, there if any column needs it, counts those without a value on any record. The predicate
    of a row selects the records with that value; those of a subject with a higher one are among them. Reads USUBJID.
    """
    inside = frame if base is None else frame.loc[context.mask(frame, base)]
    known = None if base is None else records_of(frame, context, base)
    ranges = {text: level_range(text, context) for text in levels}
    highest = highest_of(inside, variable)
    out = []
    for text, label in levels.items():
        low, high = ranges[text]
        subjects = {s for s, value in highest.items() if value is not None and low <= value <= high}
        where = and_(base, range_where(variable, low, high))
        for column in context.columns:
            out += results_of(
                context.pattern(pattern),
                share(len(column.subjects & subjects), denominator(column, known)),
                column=column.key,
                path=(label,),
                variable=variable,
                variable_level=text,
                where=where,
            )
    unknown = {s for s, value in highest.items() if value is None}
    if any(column.subjects & unknown for column in context.columns):
        where = and_(base, Missing(variable, negated=False))
        for column in context.columns:
            out += results_of(
                context.pattern(pattern),
                share(len(column.subjects & unknown), denominator(column, known)),
                column=column.key,
                path=(MISSING,),
                variable=variable,
                where=where,
            )
    return out


def highest_of(frame: pd.DataFrame, variable: str) -> Mapping[str, float | None]:
    """The highest value of each subject with a record; None where it has none."""
    highest = frame.groupby(SUBJECT)[variable].max()
    return {str(s): None if pd.isna(value) else float(value) for s, value in highest.items()}


def level_range(text: str, context: MethodContext) -> tuple[float, float]:
    """`3` as 3 to 3, `1-2` as 1 to 2. Raises SpecError for another text."""
    low, _, high = text.partition("-")
    try:
        return float(low), float(high or low)
    except ValueError:
        raise context.fault(f"levels: {text} is neither a number nor a range", "Write 3, or 1-2.") from None


def range_where(variable: str, low: float, high: float) -> Where:
    """The condition that selects the records from `low` to `high`."""
    if low == high:
        return equals(variable, _whole(low))
    from_low = Comparison(variable, "GE", (Literal(_whole(low)),))
    return and_(from_low, Comparison(variable, "LE", (Literal(_whole(high)),))) or from_low


def _whole(value: float) -> float:
    return int(value) if value.is_integer() else value
