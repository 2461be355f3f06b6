"""Source records whose time overlaps the time of the record: an event in an episode, a drug in an event."""

from __future__ import annotations

import numpy as np
import pandas as pd

from datacut.adam.derive_joined import days_of
from datacut.adam.groups import flag
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.registry import (
    Column,
    Keys,
    NewColumn,
    Source,
    SourceColumn,
    SourceColumns,
    SourceCondition,
    verb,
)


@verb(
    "column",
    says=(
        '"Y" where a record of {source}[ (where {where})] with the same {by} has a day from {source_start} '
        "to {source_end} in common with {start} to {end} (a missing end is open)[, else {no}]; missing "
        "where partial dates leave it open"
    ),
)
def derive_var_joined_exist_flag(
    dataset: pd.DataFrame,
    by: Keys,
    source: Source,
    new: NewColumn,
    start: Column,
    end: Column,
    source_start: SourceColumn,
    source_end: SourceColumn,
    where: SourceCondition | None = None,
    source_by: SourceColumns | None = None,
    no: str | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` where a source record of the key has a day in common with the time from `start` to `end`, else `no`.

    Days of dates, datetimes or ISO 8601 texts. A missing end is open; a record or source record without any start has
    no day in common with anything. A partial text counts by the days it can mean: where only such a record decides and
    may have a day in common or not, the answer is missing and a warning. For a record of one day give the same column
    twice.
    """
    keys = [f"key{n}" for n in range(len(by))]
    kept = source.loc[context.mask(source, where)]
    left = dataset[list(by)].set_axis(keys, axis=1).reset_index(drop=True)
    left = left.assign(row=range(len(left)), start=_days(dataset[start])[1], end=_days(dataset[end])[0])
    right = kept[list(source_by or by)].set_axis(keys, axis=1).reset_index(drop=True)
    for name, column in (("opens", source_start), ("closes", source_end)):
        right[f"{name}_low"], right[f"{name}_high"] = _days(kept[column])
    pairs = left.dropna(subset=[*keys, "start"]).merge(right.dropna(subset=[*keys, "opens_low"]), on=keys)
    apart = (pairs["closes_low"] < pairs["start"]) | (pairs["end"] < pairs["opens_high"])
    never = (pairs["closes_high"] < pairs["start"]) | (pairs["end"] < pairs["opens_low"])
    sure, may = (dataset.index[np.unique(pairs.loc[~rows, "row"])] for rows in (apart, never))
    open_ = may.difference(sure)
    context.report(
        dataset,
        open_,
        start,
        "adam.date.open",
        f"a record of which {source_start} or {source_end} is partial may lie in this time or not",
        remedy="Ask for the date.",
        severity=Severity.WARNING,
    )
    found = flag(pd.Series(dataset.index.isin(sure), index=dataset.index), no=no)
    return dataset.assign(**{new: found.mask(dataset.index.isin(open_))})


def _days(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    low, high = days_of(values.reset_index(drop=True))
    return low, high
