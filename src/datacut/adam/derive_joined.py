"""Source records chosen by their date and a date of the record: what was there before, what was known then."""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.adam.groups import pick, take
from datacut.compute.dates import date_part, possible_days
from datacut.engine.context import Context
from datacut.errors import Severity
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


@verb(
    "column",
    says=(
        "{new_vars} of the last record of {source}[ (where {where})] with the same {by}[ ({source_by} "
        "there)] whose {source_date} lies before {date}{inclusive?true= or on it|}[, on one date the "
        "last by {order}]; missing where partial dates leave open which that is"
    ),
)
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

    source_date may be an ISO 8601 text, of which the day counts; of a partial one every day that it can mean: where it
    may be the last or not, the columns are taken if all records that may be the last have the same, else they are
    missing and a warning. A record without any date is never chosen. Of one date the last by `order`, then by the order
    of the source. Nothing is chosen where `date` or a key is missing.
    """
    kept = source.loc[context.mask(source, where)].reset_index(drop=True)
    pairs = _pairs(dataset, by, kept, source_by or by, date, source_date)
    bound = pairs["ours"] if inclusive else pairs["ours"] - pd.Timedelta(days=1)
    sure = pairs["latest"] <= bound
    certain = pairs["theirs"].where(sure).groupby(pairs["row"]).transform("max")
    capped = pairs["latest"].where(sure, bound)
    partial = (pairs["theirs"] < pairs["latest"]) & (pairs["theirs"] <= bound) & ~(capped < certain).fillna(False)
    rivals = pairs.loc[partial | (sure & (pairs["theirs"] == certain))]
    open_ = _open_rows(rivals, pairs.loc[partial, "row"], sure, kept, list(new_vars.values()))
    labels = dataset.index[sorted(open_)]
    context.report(
        dataset,
        labels,
        date,
        "adam.date.open",
        f"a record of which {source_date} is partial may be the last before this date or not",
        remedy="Ask for the date.",
        severity=Severity.WARNING,
    )
    pairs = pairs.loc[(sure | partial) & ~pairs["row"].isin(open_)]
    ordered = pairs.assign(**{c: take(kept[c], pairs["record"].to_numpy(), pairs.index) for c in order or []})
    chosen = ordered.loc[pick(ordered, ["row"], ["theirs", *(order or []), "record"], "last")]
    found = chosen.set_index("row")["record"].reindex(range(len(dataset))).fillna(-1).to_numpy(dtype=int)
    context.chose(dataset, kept, found, new_vars)
    return dataset.assign(**{new: take(kept[old], found, dataset.index) for new, old in new_vars.items()})


def _open_rows(
    rivals: pd.DataFrame, rows: pd.Series[Any], sure: pd.Series[Any], kept: pd.DataFrame, columns: list[str]
) -> set[int]:
    """Rows with a partial record among those that may be the last, unless all of these have the same values."""
    out: set[int] = set()
    for row in rows.unique().tolist():
        mine = rivals.loc[rivals["row"] == row]
        values = kept.loc[mine["record"], columns].drop_duplicates()
        # where none is surely before the date there may be none at all
        if len(values) > 1 or not sure.loc[mine.index].any():
            out.add(row)
    return out


@verb(
    "column",
    number=True,
    says=(
        "number of records of {source}[ (where {where})] with the same {by} whose {source_date} is on or "
        "before {date} (a partial date by its last possible day)"
    ),
)
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

    A record without a date never counts, a partial date counts by its latest possible day. Missing where `date` or a
    key is.
    """
    kept = source.loc[context.mask(source, where)].reset_index(drop=True)
    pairs = _pairs(dataset, by, kept, source_by or by, date, source_date)
    counts = pairs.loc[pairs["latest"] <= pairs["ours"]].groupby("row").size()
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
    """Pairs of a row (`row`, `ours`) and a source record (`record`, `theirs`, `latest`) with one key, none missing.

    theirs, latest: the earliest and the latest day that the source record can have.
    """
    keys = [f"key{n}" for n in range(len(by))]
    left = dataset[list(by)].set_axis(keys, axis=1).reset_index(drop=True)
    left = left.assign(row=range(len(left)), ours=day_of(dataset[date]).to_numpy()).dropna()
    right = kept[list(source_by)].set_axis(keys, axis=1)
    theirs, latest = days_of(kept[source_date])
    right = right.assign(record=range(len(right)), theirs=theirs, latest=latest).dropna()
    return left.merge(right, on=keys, how="inner")


def days_of(values: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """The earliest and the latest possible day of a date, a datetime or an ISO 8601 text."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        days: pd.Series[Any] = values.dt.normalize()
        return days, days
    return possible_days(values)


def day_of(values: pd.Series[Any]) -> pd.Series[Any]:
    """The day of a date, a datetime or an ISO 8601 text; missing for a partial date."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        days: pd.Series[Any] = values.dt.normalize()
        return days
    return date_part(values)
