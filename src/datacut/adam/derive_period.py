"""Source records that fall within a period of the record: what was given or found from its start to its end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.derive_joined import day_of, days_of
from datacut.adam.derive_merged import STATISTICS, extremes, summary
from datacut.adam.groups import keys_complete, match, pick, take
from datacut.adam.misuse import misuse
from datacut.engine.context import Context
from datacut.errors import Severity, in_data
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
        "{statistic?count=number of records|distinct=number of different values of {column} in "
        "records|min=the smallest (earliest) {column} of the records|max=the largest (latest) {column} "
        "of the records|sum=the sum of {column} over the records|mean=the mean of {column} over the "
        "records} of {source}[ (where {where})] with the same {by}[ ({source_by} there)] whose "
        "{source_start}[ to {source_end}] lies in, or overlaps, {start} to {end}, both included (a "
        "missing end is open)"
    ),
)
def derive_var_period_summary(
    dataset: pd.DataFrame,
    by: Keys,
    source: Source,
    new: NewColumn,
    start: Column,
    end: Column,
    source_start: SourceColumn,
    source_end: SourceColumn | None = None,
    statistic: str = "count",
    column: SourceColumn | None = None,
    where: SourceCondition | None = None,
    source_by: SourceColumns | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """One number or date over the source records of the key dated from `start` to `end`, both days included.

    Without source_end the record's source_start must lie in the period; with it the two must overlap, a missing
    source_end being open. A missing `end` is open too. statistic as in `derive_var_merged_summary`: `count` and
    `distinct` are 0 without a record, the others missing. A source record without any start date is in no period, and
    one whose partial date may lie in it or not is left out and a warning; missing where `start` or a key is.
    """
    if statistic not in STATISTICS or (column is None) != (statistic == "count"):
        what = f"statistic {statistic} with column {column}"
        raise misuse(in_data(context.dataset, new), what, "", "All but count need column=.")
    kept = source.loc[context.mask(source, where)].reset_index(drop=True)
    pairs = _within(dataset, by, kept, source_by or by, start, end, source_start, source_end, context)
    joined = kept.iloc[pairs["record"].to_numpy()].reset_index(drop=True)
    value = summary(joined, pairs["row"], statistic, column)
    value = value.reindex(range(len(dataset))).set_axis(dataset.index)
    if statistic in ("count", "distinct"):
        value = value.fillna(0)
    known = dataset[start].notna() & keys_complete(dataset, by)
    made = dataset.assign(**{new: value.where(known)})
    if column is not None and statistic in ("min", "max"):
        once = extremes(joined.assign(_row=pairs["row"].to_numpy()), ["_row", column])
        found = match(made.assign(_row=range(len(made))), ["_row", new], once, ["_row", column])
        context.chose(dataset, once, found, {new: column})
    return made


@verb(
    "column",
    says=(
        "{new_vars} of the {mode:plain} record of {source}[ (where {where})] with the same {by}[ "
        "({source_by} there)] whose {source_start} lies from {start} to {end} (missing: open), by "
        "{order}[ ({descending} from high to low)]"
    ),
)
def derive_vars_period_extreme(
    dataset: pd.DataFrame,
    by: Keys,
    source: Source,
    new_vars: ColumnMap,
    start: Column,
    end: Column,
    source_start: SourceColumn,
    order: SourceColumns,
    mode: str = "first",
    descending: SourceColumns | None = None,
    where: SourceCondition | None = None,
    source_by: SourceColumns | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """Columns of the first or last source record, by `order`, of the key dated from `start` to `end`, both included.

    order, and of it `descending` from high to low, sorts the records of a period; a missing `end` is open. No record in
    the period: missing.
    """
    kept = source.loc[context.mask(source, where)].reset_index(drop=True)
    pairs = _within(dataset, by, kept, source_by or by, start, end, source_start, None, context)
    ordered = pairs.assign(**{c: take(kept[c], pairs["record"].to_numpy(), pairs.index) for c in order})
    chosen = ordered.loc[pick(ordered, ["row"], order, mode, descending or ())]
    found = chosen.set_index("row")["record"].reindex(range(len(dataset))).fillna(-1).to_numpy(dtype=int)
    context.chose(dataset, kept, found, new_vars)
    return dataset.assign(**{new: take(kept[old], found, dataset.index) for new, old in new_vars.items()})


def _within(
    dataset: pd.DataFrame,
    by: list[str],
    kept: pd.DataFrame,
    source_by: list[str],
    start: str,
    end: str,
    source_start: str,
    source_end: str | None,
    context: Context,
) -> pd.DataFrame:
    """Every pair of a row (`row`) and a source record (`record`) with one key whose periods meet, in their order."""
    keys = [f"key{n}" for n in range(len(by))]
    left = dataset[list(by)].set_axis(keys, axis=1).reset_index(drop=True)
    left = left.assign(row=np.arange(len(left)), start=_day(dataset[start]), end=_day(dataset[end]))
    right = kept[list(source_by)].set_axis(keys, axis=1)
    right = right.assign(record=np.arange(len(right)))
    for name, column in (("first", source_start), ("last", source_end or source_start)):
        low, high = days_of(kept[column])
        right[f"{name}_low"], right[f"{name}_high"] = low.to_numpy(), high.to_numpy()
    pairs = left.dropna(subset=[*keys, "start"]).merge(right.dropna(subset=[*keys, "first_low"]), on=keys, how="inner")
    sure, may = (
        (pairs["end"].isna() | (pairs[begun] <= pairs["end"]))
        & (pairs[ended].isna() | (pairs[ended] >= pairs["start"]))
        for begun, ended in (("first_high", "last_low"), ("first_low", "last_high"))
    )
    context.report(
        dataset,
        dataset.index[np.unique(pairs.loc[may & ~sure, "row"])],
        start,
        "adam.date.open",
        f"a record of which {source_start} is partial may lie in this time or not; it is left out",
        remedy="Ask for the date.",
        severity=Severity.WARNING,
    )
    return pairs.loc[sure, ["row", "record"]].sort_values(["row", "record"], ignore_index=True)


def _day(values: pd.Series[Any]) -> Any:
    return day_of(values).to_numpy()
