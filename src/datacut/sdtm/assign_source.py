"""Mapping verbs that take a value from another form or dataset: by key, or over all of its records."""

from __future__ import annotations

import pandas as pd

from datacut.compute.date_extremes import extreme_dtc
from datacut.engine.context import Context
from datacut.sdtm.collected import clean_text, to_submission
from datacut.spec.registry import Keys, Source, SourceColumn, SourceCondition, verb


@verb(
    "mapping",
    says="{column} of the record of {source} with the same {by}[ where {where}]",
)
def assign_merged(
    raw: pd.DataFrame,
    source: Source,
    column: SourceColumn,
    by: Keys,
    context: Context,
    where: SourceCondition | None = None,
    codelist: str | None = None,
) -> pd.Series:
    """A value of another form, found by the key columns `by`; submission value where the variable has a codelist.

    A key that stands on several rows of the other form is an error finding, and the first is used. No row: missing.
    """
    other = source[context.mask(source, where)]
    twice = other.duplicated(by, keep="first")
    context.report(
        other,
        twice,
        column,
        "sdtm.merge",
        f"more than one row for {', '.join(by)}",
        remedy="Query the site; the first row is used.",
    )
    first = other[~twice]
    values = to_submission(first, column, first[column], context, codelist)
    keyed = values.set_axis(pd.MultiIndex.from_frame(first[by].apply(clean_text)))
    wanted = pd.MultiIndex.from_frame(raw[by].apply(clean_text))
    return keyed.reindex(wanted).set_axis(raw.index).astype("str")


@verb(
    "mapping",
    says="the {mode?first=earliest|latest} {column} of {source}[ where {where}]",
)
def assign_extreme(
    raw: pd.DataFrame,
    source: Source,
    column: SourceColumn,
    mode: str,
    context: Context,
    where: SourceCondition | None = None,
) -> pd.Series:
    """On every record the `first` or `last` ISO 8601 date of all records of a dataset; missing where there is none.

    Partial dates count by the days they can mean; where that leaves it open, what is certain stands (`extreme_dtc`).
    """
    dates = source.loc[context.mask(source, where), column].dropna()
    found, _ = extreme_dtc(dates, pd.Series(0, index=dates.index), "first" if mode == "first" else "last")
    return pd.Series(found.iloc[0] if len(found) else pd.NA, index=raw.index, dtype="str")


@verb(
    "mapping",
    says="number of records of {source}[ where {where}]",
)
def assign_count(
    raw: pd.DataFrame, source: Source, context: Context, where: SourceCondition | None = None
) -> pd.Series:
    """On every record the number of records of a dataset, as text."""
    return pd.Series(str(int(context.mask(source, where).sum())), index=raw.index, dtype="str")
