"""Source records whose time overlaps the time of the record: an event in an episode, a drug in an event."""

from __future__ import annotations

import pandas as pd

from datacut.adam.groups import flag
from datacut.compute.dates import date_part
from datacut.datasets.context import Context
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


@verb("column")
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

    Days of dates, datetimes or ISO 8601 texts. A missing or incomplete end is open; a record or source record without a
    complete start has no day in common with anything. For a record of one day give the same column twice.
    """
    keys = [f"key{n}" for n in range(len(by))]
    kept = source.loc[context.mask(source, where)]
    left = dataset[list(by)].set_axis(keys, axis=1).reset_index(drop=True)
    left = left.assign(row=range(len(left)), start=_days(dataset[start]), end=_days(dataset[end]))
    right = kept[list(source_by or by)].set_axis(keys, axis=1).reset_index(drop=True)
    right = right.assign(opens=_days(kept[source_start]), closes=_days(kept[source_end]))
    pairs = left.dropna(subset=[*keys, "start"]).merge(right.dropna(subset=[*keys, "opens"]), on=keys)
    apart = (pairs["closes"] < pairs["start"]) | (pairs["end"] < pairs["opens"])
    rows = set(pairs.loc[~apart, "row"])
    found = pd.Series([row in rows for row in range(len(dataset))], index=dataset.index)
    return dataset.assign(**{new: flag(found, no=no)})


def _days(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        days: pd.Series = values.dt.normalize()
        return days.reset_index(drop=True)
    return date_part(values).reset_index(drop=True)
