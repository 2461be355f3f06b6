"""Start and end of an event, imputed together. ADaMIG 1.3 section 3.1.3, OCCDS 1.1 section 3.2.4."""

from __future__ import annotations

from typing import Any, cast

import pandas as pd

from datacut.adam.derive_dates import report_lost
from datacut.compute.dates import Highest, How, impute_date
from datacut.datasets.model import value_text
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Column, NewColumn, verb


@verb(
    "column",
    says={
        "new": (
            "the date of {start}; {how?none=a partial one is missing|an unknown {highest?D=day|day or month} "
            "is the {how?mid=middle|first} possible one[, not before {not_before}], not after the last "
            "possible {end}}"
        ),
        "new_end": (
            "the date of {end}; an unknown {highest?D=day|day or month} is the last possible one[, not after "
            "{not_after}], not before the start"
        ),
        "flag": 'the highest part of the date of {start} that was imputed: "D" or "M"',
        "end_flag": 'the highest part of the date of {end} that was imputed: "D" or "M"',
    },
)
def derive_vars_dt_span(
    dataset: pd.DataFrame,
    start: Column,
    end: Column,
    new: NewColumn,
    new_end: NewColumn,
    how: str = "first",
    highest: str = "M",
    flag: NewColumn | None = None,
    end_flag: NewColumn | None = None,
    not_before: Column | None = None,
    not_after: Column | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """The dates of two ISO 8601 texts; what is unknown is imputed so that the end does not lie before the start.

    An imputed start is the first possible day (how=`mid` the middle), not before `not_before` and not after the last
    possible end; an imputed end is the last possible day, not after `not_after` and not before the start: each bound
    holds only where it lies among the days the partial date can mean, and the other date wins over `not_before` and
    `not_after`. how=`none` imputes no start; highest (`D`, `M`) is the highest component imputed. Complete dates are
    never moved. An incomplete date that may not be imputed is missing and a note, a text that is no date missing and
    an error; an end before its start is a warning with both texts, and both dates stay.
    """
    last_end, _ = impute_date(dataset[end], "last", cast("Highest", highest))
    begin_how, begin_highest = ("first", "n") if how == "none" else (how, highest)
    begins, begin_flag = impute_date(
        dataset[start],
        cast("How", begin_how),
        cast("Highest", begin_highest),
        dataset[not_before] if not_before else None,
        last_end,
    )
    cap = dataset[not_after] if not_after else pd.Series(pd.NaT, index=dataset.index, dtype="datetime64[s]")
    # the start wins over not_after: an event that began after the end of follow-up ends on that day or later
    cap = cap.where(cap.isna() | begins.isna() | (cap >= begins), begins)
    ends, ends_flag = impute_date(dataset[end], "last", cast("Highest", highest), begins, cap)
    for dtc, date in ((start, begins), (end, ends)):
        report_lost(dataset, dtc, date, context)
    _report_order(dataset, start, end, (ends < begins).fillna(False), context)
    out: dict[str, pd.Series[Any]] = {new: begins, new_end: ends}
    out |= {name: column for name, column in ((flag, begin_flag), (end_flag, ends_flag)) if name is not None}
    return dataset.assign(**out)


def _report_order(dataset: pd.DataFrame, start: str, end: str, rows: pd.Series[Any], context: Context) -> None:
    for label in dataset.index[rows.astype(bool)]:
        context.report(
            dataset,
            [label],
            end,
            "adam.date.order",
            f"the end lies before {start}",
            value=f"{value_text(dataset.loc[label, start])} to {value_text(dataset.loc[label, end])}",
            remedy="Ask the site; both dates are kept as they are.",
            severity=Severity.WARNING,
        )
