"""Source records chosen by their date and a date of the record: what was there before, what was known then."""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.adam.groups import pick, take
from datacut.compute.dates import date_part
from datacut.datasets.context import Context
from datacut.spec.registry import (
    Column,
    ColumnMap,
    Keys,
    NewColumn,
    Source,
    SourceColumn,
    SourceColumns,
    SourceCondition,
    verb,
)


@verb("column")
def derive_vars_joined(
    dataset: pd.DataFrame,
    by: Keys,
    source: Source,
    new_vars: ColumnMap,
    date: Column,
    source_date: SourceColumn,
    where: SourceCondition | None = None,
    order: SourceColumns | None = None,
    inclusive: bool = False,
    source_by: SourceColumns | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """Columns of the last source record with the same key dated before `date` (or on it, with inclusive=true).

    source_date may be an ISO 8601 text, of which the day counts; a record without complete date is never chosen. Of one
    date the last by `order`, then by the order of the source. Nothing is chosen where `date` or a key is missing.
    """
    kept = source.loc[context.mask(source, where)].reset_index(drop=True)
    pairs = _pairs(dataset, by, kept, source_by or by, date, source_date)
    near = pairs["theirs"] <= pairs["ours"] if inclusive else pairs["theirs"] < pairs["ours"]
    pairs = pairs.loc[near]
    ordered = pairs.assign(**{c: take(kept[c], pairs["record"].to_numpy(), pairs.index) for c in order or []})
    chosen = ordered.loc[pick(ordered, ["row"], ["theirs", *(order or []), "record"], "last")]
    found = chosen.set_index("row")["record"].reindex(range(len(dataset))).fillna(-1).to_numpy(dtype=int)
    return dataset.assign(**{new: take(kept[old], found, dataset.index) for new, old in new_vars.items()})


@verb("column")
def derive_var_joined_count(
    dataset: pd.DataFrame,
    by: Keys,
    source: Source,
    new: NewColumn,
    date: Column,
    source_date: SourceColumn,
    where: SourceCondition | None = None,
    source_by: SourceColumns | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """Number of source records with the same key dated on or before `date`: what was known then; 0 without one.

    A record without complete date never counts. Missing where `date` or a key is.
    """
    kept = source.loc[context.mask(source, where)].reset_index(drop=True)
    pairs = _pairs(dataset, by, kept, source_by or by, date, source_date)
    counts = pairs.loc[pairs["theirs"] <= pairs["ours"]].groupby("row").size()
    known = dataset[[*by, date]].notna().all(axis=1)
    out = counts.reindex(range(len(dataset))).fillna(0).set_axis(dataset.index)
    return dataset.assign(**{new: out.astype("Int64").where(known)})


def _pairs(
    dataset: pd.DataFrame,
    by: list[str],
    kept: pd.DataFrame,
    source_by: list[str],
    date: str,
    source_date: str,
) -> pd.DataFrame:
    """Every pair of a row (`row`, `ours`) and a source record (`record`, `theirs`) with one key, none missing."""
    keys = [f"key{n}" for n in range(len(by))]
    left = dataset[list(by)].set_axis(keys, axis=1).reset_index(drop=True)
    left = left.assign(row=range(len(left)), ours=day_of(dataset[date]).to_numpy()).dropna()
    right = kept[list(source_by)].set_axis(keys, axis=1)
    right = right.assign(record=range(len(right)), theirs=day_of(kept[source_date])).dropna()
    return left.merge(right, on=keys, how="inner")


def day_of(values: pd.Series[Any]) -> pd.Series[Any]:
    """The day of a date, a datetime or an ISO 8601 text; missing for a partial date."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        days: pd.Series[Any] = values.dt.normalize()
        return days
    return date_part(values)
