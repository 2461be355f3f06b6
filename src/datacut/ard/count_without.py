"""Subjects without a record."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from datacut.ard.columns import named
from datacut.ard.context import MethodContext
from datacut.ard.counts import records_of, share, subjects_in
from datacut.ard.results import OF_N, Result, Stat, results_of
from datacut.spec.registry import Condition, verb


@verb("method")
def ard_count_without(
    frame: pd.DataFrame, where: Condition | None = None, *, pattern: str = "S-N", context: MethodContext
) -> list[Result]:
    """Subjects of the column without a record that satisfies `where`: a visit not yet reached. Reads USUBJID.

    The predicate names them, since no record can. Kept beside: `found`, the subjects with a record, whose predicate
    says which records were looked for.
    """
    found = records_of(frame, context, where)
    printed = context.pattern(pattern)
    out = []
    for column in context.columns:
        without = column.subjects - found.keys()
        values = share(len(without), column.n)
        values |= {"found": Stat(subjects_in(column, found))}
        made = results_of(
            printed,
            values,
            column=column.key,
            where=named(without),
            silent=("m", "found"),
            of_subjects=True,
            of=OF_N,
        )
        out += [replace(r, where=where, of_subjects=False) if r.stat_name == "found" else r for r in made]
    return out
