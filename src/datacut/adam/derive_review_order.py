"""The order of decisions: what was assigned or given before the dose review that allows it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.adam.groups import in_order, take
from datacut.compute.cart.dlt import possible_days
from datacut.compute.cart.review_order import HeldReview, steps_before_review
from datacut.compute.courses import day_number
from datacut.compute.threeway import to_yn
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Column, Columns, NewColumn, Source, SourceColumn, SourceCondition, verb


@verb(
    "column",
    says={
        "new": (
            '"Y" where one of {steps} was surely taken before the record of {source}[ where {where}] that '
            'allows {dose}, "N" where none was, missing where partial dates leave it open. The last record '
            "with {held} on or before the day stands; it allows {allows} and lower doses; cohort {cohort} "
            "needs as many records as its number less 1; before any, the lowest of {levels} alone is allowed"
        ),
        "before": ("the names ({names}) of the steps {steps} that were taken before it, joined by semicolons"),
        "review": (
            "{number} of the record of {source} that stood at the first of {steps}, or if it does not allow "
            "{dose}, of the first after it that does"
        ),
        "date": "{held} of the record of {source} that {review} names",
    },
)
def derive_vars_before_review(
    dataset: pd.DataFrame,
    dose: Column,
    cohort: Column,
    steps: Columns,
    names: list[str],
    source: Source,
    held: SourceColumn,
    allows: SourceColumn,
    number: SourceColumn,
    levels: list[float],
    new: NewColumn,
    before: NewColumn,
    review: NewColumn,
    date: NewColumn,
    where: SourceCondition | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` where a step was taken before the dose review that allows the dose, `N` where none was, missing if open.

    dose: planned dose of the assigned level; cohort: number of the cohort; steps: their ISO 8601 texts,
    partial allowed, in order, and names what they are called. source: the reviews, `held` on a date, which allow the
    dose `allows`; levels: the planned doses, of which the lowest needs no review. before: the names of those steps;
    review, date: `number` and date of the review that allows the dose (`steps_before_review`). A review without date or
    dose allows nothing and is a warning.
    """
    kept = source.loc[context.mask(source, where)]
    unclear = kept[held].isna() | kept[allows].isna()
    if unclear.any():
        context.report(
            dataset,
            dataset.index[:1],
            new,
            "adam.review.unclear",
            f"a dose review without date or next dose; it is taken to allow nothing ({number})",
            value=", ".join(map(str, kept.loc[unclear, number])),
            remedy="Complete the review.",
            severity=Severity.WARNING,
        )
    kept = in_order(kept.loc[~unclear], [held, number], "first").reset_index(drop=True)
    reviews = [
        HeldReview(int(day), float(amount)) for day, amount in zip(day_number(kept[held]), kept[allows], strict=True)
    ]
    taken = pd.DataFrame(
        {n: _pairs(dataset[column]) for n, column in zip(names, steps, strict=True)}, index=dataset.index
    )
    found = steps_before_review(taken, dataset[dose], dataset[cohort], reviews, min(levels))
    place = found["review"].fillna(-1).to_numpy(dtype=int)
    context.chose(dataset, kept, place, {review: number, date: held})
    columns: dict[str, Any] = {
        new: to_yn(found["any"]),
        before: found["before"],
        review: take(kept[number], place, dataset.index),
        date: take(kept[held], place, dataset.index),
    }
    return dataset.assign(**columns)


def _pairs(dtc: pd.Series[Any]) -> pd.Series[Any]:
    """First and last possible day as a pair; missing where there is no text."""
    first, last = possible_days(dtc)
    pairs = [(int(a), int(b)) if known else None for a, b, known in zip(first, last, dtc.notna(), strict=True)]
    return pd.Series(pairs, index=dtc.index, dtype=object)
