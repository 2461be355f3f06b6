"""Values from another dataset by key: `derive_vars_merged` and what wraps it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import flag, group_numbers, keys_complete, match, pick, take
from datacut.adam.misuse import misuse
from datacut.compute.date_extremes import extreme_dtc
from datacut.compute.dates import date_part
from datacut.compute.rounding import decimal_of
from datacut.engine.context import Context
from datacut.errors import in_data
from datacut.spec.registry import (
    ColumnMap,
    Keys,
    NewColumn,
    Source,
    SourceColumn,
    SourceColumns,
    SourceCondition,
    verb,
)

STATISTICS = ("count", "distinct", "min", "max", "sum", "mean")


@verb(
    "column",
    says=(
        "{new_vars} of the {mode?first=first |last=last |}record of {source}[ (where {where})] with the "
        "same {by}[ ({source_by} there)][, in order of {order}]"
    ),
)
def derive_vars_merged(
    dataset: pd.DataFrame,
    by: Keys,
    source: Source,
    new_vars: ColumnMap,
    where: SourceCondition | None = None,
    order: SourceColumns | None = None,
    mode: str | None = None,
    source_by: SourceColumns | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """Columns of the one source record with the same key.

    where narrows the source; order and mode (first, last) choose among several records of a key, missing order values
    being chosen last, equal ones by the order of the source. source_by: names of the keys in the source, if others.
    Without mode, several records of a key are an error finding and the new columns stay missing. No record, or a
    missing key: missing.
    """
    keys = source_by or by
    kept = source.loc[context.mask(source, where)]
    kept = kept.loc[keys_complete(kept, keys)]
    if mode is not None:
        kept = kept.loc[pick(kept, keys, order or [], mode)]
    else:
        several = kept.duplicated(keys, keep=False)
        if several.any():
            doubled = kept.loc[several].drop_duplicates(keys)
            rows = match(dataset, by, doubled, keys) >= 0
            context.report(
                dataset,
                pd.Series(rows, index=dataset.index),
                next(iter(new_vars)),
                "adam.merge.several",
                f"several source records have the key {', '.join(keys)}; none is merged",
                value="",
                remedy="Narrow them with where=, or choose one with order= and mode=.",
            )
            kept = kept.loc[~several]
    found = match(dataset, by, kept, keys)
    if mode is not None:
        context.chose(dataset, kept, found, new_vars)
    return dataset.assign(**{new: take(kept[old], found, dataset.index) for new, old in new_vars.items()})


@verb(
    "column",
    gives={"new": ("yes", "no")},
    says=("{yes} where {source} has a record with the same {by}[ ({source_by} there)][ where {where}][, else {no}]"),
)
def derive_var_merged_exist_flag(
    dataset: pd.DataFrame,
    by: Keys,
    source: Source,
    new: NewColumn,
    where: SourceCondition | None = None,
    yes: str = "Y",
    no: str | None = None,
    source_by: SourceColumns | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """`yes` where the source has a record with the key that satisfies `where`, else `no` (missing if left out).

    A condition that cannot be judged for missing values is not satisfied. A missing key has no record.
    """
    keys = source_by or by
    kept = source.loc[context.mask(source, where)].drop_duplicates(keys)
    found = pd.Series(match(dataset, by, kept, keys) >= 0, index=dataset.index)
    return dataset.assign(**{new: flag(found, yes, no)})


@verb(
    "column",
    says=(
        "{statistic?count=number of records|distinct=number of different values of {column} in "
        "records|min=the smallest (earliest) {column} of the records|max=the largest (latest) {column} "
        "of the records|sum=the sum of {column} over the records|mean=the mean of {column} over the "
        "records} of {source} with the same {by}[ ({source_by} there)][ where {where}]{statistic?sum=; "
        "missing if one value is|mean=; missing if one value is|}"
    ),
)
def derive_var_merged_summary(
    dataset: pd.DataFrame,
    by: Keys,
    source: Source,
    new: NewColumn,
    statistic: str,
    column: SourceColumn | None = None,
    where: SourceCondition | None = None,
    source_by: SourceColumns | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """One number or date over all source records of the key.

    statistic: `count` of records (0 without one), `distinct` values of `column` (0 without one), its `min`, `max`
    (missing values left out; of a --DTC as far as it is certain), `sum` (in decimal) or `mean` (both missing if one
    value is: a part is not a sum). Without a record all but the counts are missing.
    """
    if statistic not in STATISTICS or (column is None) != (statistic == "count"):
        what = f"statistic {statistic} with column {column}"
        remedy = f"Use one of {', '.join(STATISTICS)}; all but count need column=."
        raise misuse(in_data(context.dataset, new), what, "", remedy)
    keys = source_by or by
    kept = source.loc[context.mask(source, where)]
    kept = kept.loc[keys_complete(kept, keys)]
    groups = group_numbers(kept, keys)
    one = kept.drop_duplicates(keys)
    found = match(dataset, by, one, keys)
    value = summary(kept, groups, statistic, column).reindex(groups.loc[one.index])
    out = take(value, found, dataset.index)
    if statistic in ("count", "distinct"):
        out = out.fillna(0)
    made = dataset.assign(**{new: out})
    if column is not None and statistic in ("min", "max"):
        once = extremes(kept, [*keys, column])
        context.chose(dataset, once, match(made, [*by, new], once, [*keys, column]), {new: column})
    return made


def summary(kept: pd.DataFrame, groups: pd.Series[Any], statistic: str, column: str | None) -> pd.Series[Any]:
    """One of `STATISTICS` of each group, indexed by its number; `column` is missing for a count."""
    if column is None:
        return groups.groupby(groups).size().astype("Int64")
    grouped = kept[column].groupby(groups)
    if statistic == "distinct":
        return grouped.nunique().astype("Int64")
    if statistic in ("min", "max") and column.endswith("DTC"):
        return extreme_dtc(kept[column], groups, "first" if statistic == "min" else "last")[0].reindex(
            np.unique(groups.to_numpy())
        )
    if statistic in ("min", "max"):
        chosen = kept.loc[kept[column].notna()].sort_values(column, kind="stable")
        once = ~groups.loc[chosen.index].duplicated(keep="first" if statistic == "min" else "last")
        chosen = chosen.loc[once]
        value = pd.Series(chosen[column].array, index=groups.loc[chosen.index].to_numpy())
        return value.reindex(np.unique(groups.to_numpy()))
    total = _sums(kept[column], groups)
    whole = kept[column].notna().groupby(groups).all()
    return (total if statistic == "sum" else total / grouped.size()).where(whole)


def extremes(kept: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The records that an extreme value can be said to be of: of several alike the first, and no partial date, since
    what is certain of several dates in part is of none of them.
    """
    column = names[-1]
    whole = date_part(kept[column]).notna() if column.endswith("DTC") else kept[column].notna()
    return kept.loc[whole].drop_duplicates(names)


def _sums(numbers: pd.Series[Any], groups: pd.Series[Any]) -> pd.Series[Any]:
    """The sum of each group in decimal, of the values that are there."""
    sums = dict.fromkeys(sorted(set(groups.tolist())), Decimal(0))
    for group, value in zip(groups.tolist(), numbers.tolist(), strict=True):
        if pd.notna(value):
            sums[group] += decimal_of(value)
    return pd.Series([float(total) for total in sums.values()], index=list(sums), dtype="Float64")
