"""Parts assessed on neighbouring days are one assessment: its number, and which record stands for each of its parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import flag, group_numbers, keys_complete, pick
from datacut.engine.context import Context
from datacut.spec.registry import Column, Columns, Condition, NewColumn, verb


@verb(
    "column",
    reads=("PARAMCD",),
    says={
        "new": (
            "number (1, 2, ...) of the assessment within {by}, in order of {date}: the first record[ where {where}] "
            "with one of {values} begins one, which holds the records dated at most {days} days after it; the next "
            "with one of {values} begins the next. A record without them is of the assessment that holds its {date}; "
            "those that none holds make assessments of their own in the same way. Dates before {apart} and from it on "
            "are never joined; those of a {visit} without a date are one, numbered after all that have one, in the "
            "order of the dataset"
        ),
        "used": (
            '"Y" on the record that stands for its parameter in the assessment: the last with one of {values} by '
            "{date} and {order}, without such a record the last; of records of one {date} whose {values} differ, none"
        ),
    },
)
def derive_vars_assessment(
    dataset: pd.DataFrame,
    by: Columns,
    date: Column,
    days: int,
    new: NewColumn,
    used: NewColumn,
    values: Columns,
    order: Columns,
    apart: Column,
    visit: Column,
    where: Condition | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """The number of the assessment to which each record belongs, from 1 on in order of time within `by`.

    An assessment holds the records of `where` that have one of `values` and whose dates lie at most `days` after the
    first of them; the next such date begins another. A record without a value belongs to the assessment whose span
    holds its date, else such records make assessments of their own. Dates before `apart` and from it on are never
    joined. The records of a `visit` whose date is not known are one, numbered after those that have a date. used: `Y`
    on the record that stands for its parameter in the assessment, the last with a value by date and `order`. A record
    outside `where`, or with a missing key, has neither. Two records of one parameter and day whose values differ are an
    error finding, and neither is used.
    """
    kept = dataset.loc[context.mask(dataset, where) & keys_complete(dataset, by)]
    known = kept[list(values)].notna().any(axis=1)
    day = kept[date].dt.normalize().astype("datetime64[s]").to_numpy().astype("datetime64[D]").astype("int64")
    dated = kept[date].notna().to_numpy()
    later = (kept[date] >= kept[apart]).fillna(False).to_numpy(dtype=bool)
    visits = group_numbers(kept, [visit]).to_numpy()
    number = np.zeros(len(kept), dtype=np.int64)
    for places in kept.groupby(list(by), sort=False).indices.values():
        own, undated = places[dated[places]], places[~dated[places]]
        number[own] = _numbered(day[own], later[own], known.to_numpy()[own], days)
        number[undated] = number[own].max(initial=0) + 1 + pd.factorize(visits[undated])[0]
    out = pd.Series(pd.NA, index=dataset.index, dtype="Int64")
    out.loc[kept.index] = number
    kept = kept.assign(__known=known.astype("Int64"))
    kept[new] = number
    part = [*by, new, "PARAMCD"]
    differing = _differing(kept, [*part, date], list(values))
    context.report(
        kept,
        differing,
        date,
        "adam.assessment.several",
        "one of several values of a parameter on one day; none is used",
        value="",
        remedy="Ask the site which of them holds, and correct the others at the source.",
    )
    chosen = pick(kept.loc[~differing], part, ["__known", date, *order], "last")
    return dataset.assign(**{new: out, used: flag(pd.Series(dataset.index.isin(chosen), index=dataset.index))})


def _numbered(
    day: np.ndarray[Any, Any], later: np.ndarray[Any, Any], known: np.ndarray[Any, Any], days: int
) -> np.ndarray[Any, Any]:
    """The number of the assessment of each record of one subject."""
    starts: list[tuple[bool, int]] = []
    for wanted in (known, ~known):
        for side, at in sorted(set(zip(later[wanted].tolist(), day[wanted].tolist(), strict=True))):
            if not any(side == own and start <= at <= start + days for own, start in starts):
                starts.append((side, at))
    places = {start: number for number, start in enumerate(sorted(starts), 1)}
    return np.array([places[_start(starts, side, at, days)] for side, at in zip(later, day, strict=True)])


def _start(starts: list[tuple[bool, int]], side: bool, at: int, days: int) -> tuple[bool, int]:
    """The assessment that holds a day: the first that was begun, so that of values before that of records without."""
    return next(s for s in starts if s[0] == side and s[1] <= at <= s[1] + days)


def _differing(kept: pd.DataFrame, by: list[str], values: list[str]) -> pd.Series[Any]:
    """Where a record with a value has another of the same key with another value."""
    valued = kept.loc[kept["__known"].eq(1)]
    key, answer = group_numbers(valued, by), group_numbers(valued, [*by, *values])
    differ = answer.groupby(key).transform("nunique") > 1
    return differ.reindex(kept.index, fill_value=False)
