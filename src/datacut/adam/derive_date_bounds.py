"""Earliest and latest possible day of what happened once, from partial dates. SDTMIG 3.4 section 4.4.2."""

from __future__ import annotations

import pandas as pd

from datacut.adam.groups import group_numbers, keys_complete, match, take
from datacut.adam.misuse import misuse
from datacut.compute.dates import narrow_days, possible_days
from datacut.engine.context import Context
from datacut.errors import in_data
from datacut.spec.registry import (
    Column,
    Columns,
    Condition,
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
    says={
        "new": (
            "the earliest possible day of {dtc}, by what is known of it[, not before {not_before}][, not "
            "after {not_after}][; only where {happened}]"
        ),
        "latest": (
            "the latest possible day of {dtc}, by what is known of it[, not before {not_before}][, not after "
            "{not_after}][; only where {happened}]"
        ),
    },
)
def derive_vars_dt_bounds(
    dataset: pd.DataFrame,
    dtc: Column,
    new: NewColumn,
    latest: NewColumn,
    happened: Condition | None = None,
    not_before: Columns | None = None,
    not_after: Columns | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """The earliest (`new`) and the latest possible day of an event whose ISO 8601 date may be partial or missing.

    happened: the records on which it did; the others have no day. not_before, not_after: date columns, each of which
    narrows the days in order: what is not known of the date lies between them. A complete date is never moved, and a
    column that leaves no possible day contradicts the date and narrows nothing. A side that stays open is missing.
    """
    first, last = possible_days(dataset[dtc])
    exact = (first == last).fillna(False).astype(bool)
    low, high = first, last
    for column in not_before or ():
        low, high = narrow_days(low, high, not_before=dataset[column].dt.normalize())
    for column in not_after or ():
        low, high = narrow_days(low, high, not_after=dataset[column].dt.normalize())
    did = context.mask(dataset, happened)
    return dataset.assign(**{new: low.where(~exact, first).where(did), latest: high.where(~exact, last).where(did)})


@verb(
    "column",
    says={
        "new": (
            "{mode?last=the latest|the earliest} of the earliest possible days of {column} in the records of "
            "{source}[ (where {where})] with the same {by}"
        ),
        "latest": (
            "{mode?last=the latest|the earliest} of the latest possible days of {column} in the records of "
            "{source}[ (where {where})] with the same {by}"
        ),
    },
)
def derive_vars_merged_dt_bounds(
    dataset: pd.DataFrame,
    by: Keys,
    source: Source,
    column: SourceColumn,
    mode: str,
    new: NewColumn,
    latest: NewColumn | None = None,
    where: SourceCondition | None = None,
    source_by: SourceColumns | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """The earliest (`new`) and the latest possible day of the `first` or `last` source record of the key.

    column: an ISO 8601 text, partial or not. The last lies from the latest of the earliest possible days to the latest
    of the latest ones, so `new` of mode `last` is the last day that is certain; the first likewise. Records without any
    known year are left out. No record: missing.
    """
    if mode not in ("first", "last"):
        raise misuse(in_data(context.dataset, new), "mode", mode, "Use first or last.")
    keys = source_by or by
    kept = source.loc[context.mask(source, where)]
    kept = kept.loc[keys_complete(kept, keys)]
    groups = group_numbers(kept, keys)
    one = kept.drop_duplicates(keys)
    found = match(dataset, by, one, keys)
    out = {}
    for name, days in zip((new, latest), possible_days(kept[column]), strict=True):
        if name is not None:
            grouped = days.groupby(groups)
            value = (grouped.max() if mode == "last" else grouped.min()).reindex(groups.loc[one.index])
            out[name] = take(value, found, dataset.index).astype("datetime64[s]")
    return dataset.assign(**out)
