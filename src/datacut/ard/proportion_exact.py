"""A proportion with its exact interval."""

from __future__ import annotations

import pandas as pd

from datacut.ard.context import MethodContext
from datacut.ard.counts import NO_DENOMINATOR, denominator, denominator_of, records_of, share, subjects_in
from datacut.ard.results import Result, Stat, results_of
from datacut.compute.statistics import clopper_pearson
from datacut.spec.registry import Condition, verb
from datacut.spec.where import and_


@verb("method")
def ard_proportion_exact(
    frame: pd.DataFrame,
    where: Condition,
    *,
    base: Condition | None = None,
    level: float = 0.95,
    pattern: str = "S-PROP",
    context: MethodContext,
) -> list[Result]:
    """Subjects with a record that satisfies `where`, percent, and the two-sided Clopper-Pearson interval in percent.

    Of N, or of the subjects with a record in `base`. 0 of n has the lower limit 0, n of n the upper limit 100, nobody
    at all none (NE). Reads USUBJID.
    """
    out = []
    found = records_of(frame, context, base, where)
    known = None if base is None else records_of(frame, context, base)
    printed, of = context.pattern(pattern), denominator_of(base)
    silent = () if base is None else ("m",)
    for column in context.columns:
        n = subjects_in(column, found)
        m = denominator(column, known)
        values = share(n, m)
        if m:
            lower, upper = clopper_pearson(n, m, level)
            values |= {"lower": Stat(100 * lower), "upper": Stat(100 * upper)}
        else:
            values |= {name: Stat(None, NO_DENOMINATOR, "NE") for name in ("lower", "upper")}
        out += results_of(printed, values, column=column.key, where=and_(base, where), silent=silent, of=of)
    return out
