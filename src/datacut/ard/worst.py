"""Subjects by the worst of their values, on the record that a flag of the dataset marks."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from datacut.ard.columns import SUBJECT, equals
from datacut.ard.context import MethodContext
from datacut.ard.counts import denominator, denominator_of, records_of, share, subjects_in
from datacut.ard.results import Result, results_of
from datacut.ard.tabulate import MISSING
from datacut.spec.registry import Column, Condition, verb
from datacut.spec.where import Comparison, Literal, Missing, Where, and_

FLAGGED = "Y"


@verb("method")
def ard_count_worst(
    frame: pd.DataFrame,
    variable: Column,
    *,
    flag: Column,
    levels: dict[str, str],
    base: Condition | None = None,
    pattern: str = "S-NPCT",
    context: MethodContext,
) -> list[Result]:
    """Subjects by the highest value of the number `variable` over their records, a row for each of `levels`.

    flag: `Y` on one record of each subject, one with its highest value. It is in the predicate, which so selects just
    the records counted; a flag that stands elsewhere is an error finding. levels: a number or a range such as `1-2`,
    and its label. Of N or of the subjects with a record in `base`; a row `Missing`, there if any column needs it,
    counts those without a value on any record. Reads USUBJID.
    """
    inside = frame if base is None else frame.loc[context.mask(frame, base)]
    known = None if base is None else records_of(frame, context, base)
    marked = marked_worst(inside, variable, flag, context)
    rows = {text: (label, range_where(variable, *level_range(text, context))) for text, label in levels.items()}
    if marked[variable].isna().any():
        rows[""] = (MISSING, Missing(variable, negated=False))
    out = []
    for text, (label, level) in rows.items():
        found = records_of(marked, context, level)
        if not text and not any(subjects_in(column, found) for column in context.columns):
            continue
        where = and_(base, equals(flag, FLAGGED), level)
        for column in context.columns:
            out += results_of(
                context.pattern(pattern),
                share(subjects_in(column, found), denominator(column, known)),
                column=column.key,
                path=(label,),
                variable=variable,
                variable_level=text or None,
                where=where,
                of=denominator_of(base),
            )
    return out


def marked_worst(frame: pd.DataFrame, variable: str, flag: str, context: MethodContext) -> pd.DataFrame:
    """The records that `flag` marks; a finding for each subject where it is not one record with the highest value."""
    marked = frame.loc[frame[flag].eq(FLAGGED).fillna(False)]
    highest = frame.groupby(SUBJECT)[variable].max()
    shown = marked.groupby(SUBJECT)[variable].agg(["size", "max"]).reindex(highest.index)
    same = shown["max"].eq(highest).fillna(False) | (shown["max"].isna() & highest.isna())
    wrong = ~(shown["size"].eq(1).fillna(False) & same)
    for subject in highest.index[wrong.to_numpy(dtype=bool)]:
        context.findings.error(
            "ard.worst",
            replace(context.place, key=str(subject)),
            f"{flag} does not mark one record with the highest {variable} of the subject among those analysed",
            remedy="Name the flag that was derived among just these records.",
        )
    return marked


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
