"""Events by the time subjects were followed."""

from __future__ import annotations

from math import fsum

import pandas as pd

from datacut.ard.columns import SUBJECT
from datacut.ard.context import MethodContext
from datacut.ard.counts import events_in, records_of, subjects_in
from datacut.ard.results import OF_N, Result, Stat, number, results_of
from datacut.errors import in_data
from datacut.spec.registry import Column, Condition, verb

DAYS_OF_YEAR = 365.25


@verb("method")
def ard_incidence_rate(
    frame: pd.DataFrame,
    where: Condition | None = None,
    *,
    exposure: Column,
    unit_days: float = 1,
    per: float = 100,
    pattern: str = "S-RATE",
    context: MethodContext,
) -> list[Result]:
    """Records that satisfy `where` by the subject-years of the column, per 100 of them.

    exposure: time of each subject, a variable of ADSL, and the days of its unit; a subject without it is reported and
    adds no time. Statistics: n (subjects), events, exposure (years), rate. Without any time the rate is `-`. Reads
    USUBJID.
    """
    adsl = context.of_subjects(exposure)
    days = {str(s): number(d) for s, d in zip(adsl[SUBJECT], adsl[exposure], strict=True)}
    for subject, known in days.items():
        if known is None:
            context.findings.warning(
                "ard.exposure",
                in_data("ADSL", exposure, subject),
                "is missing; the subject adds no time to a rate",
                remedy="Derive it for every subject of the analysis set.",
            )
    found = records_of(frame, context, where)
    out = []
    for column in context.columns:
        # exact, since a set has no order and a sum of rounded steps would depend on it
        years = fsum(days.get(s) or 0.0 for s in column.subjects) * unit_days / DAYS_OF_YEAR
        events = events_in(column, found)
        rate = Stat(per * events / years) if years > 0 else Stat(None, "no time of follow-up", "-")
        values = {"n": Stat(subjects_in(column, found)), "events": Stat(events), "exposure": Stat(years), "rate": rate}
        out += results_of(context.pattern(pattern), values, column=column.key, where=where, silent=("n",), of=OF_N)
    return out
