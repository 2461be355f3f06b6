"""--SEQ, dates taken from other domains, ends of elements, decodes: derivations on built domains."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from datacut.compute.dates import date_part
from datacut.compute.numbers import numbers_in
from datacut.datasets.context import Context
from datacut.errors import Severity
from datacut.sdtm.collected import terms_of
from datacut.spec.registry import Column, Columns, NewColumn, Source, SourceColumn, SourceCondition, verb


@verb("column")
def derive_seq(dataset: pd.DataFrame, by: Columns, new: NewColumn, group: Columns = "USUBJID") -> pd.DataFrame:  # type: ignore[assignment]
    """1, 2, ... within `group` in the order of `by` (missing first, ties in record order); Int64."""
    groups = [group] if isinstance(group, str) else list(group)
    order = dataset.sort_values([*groups, *by], kind="stable", na_position="first")
    numbers = order.groupby(groups, sort=False, dropna=False).cumcount() + 1
    return dataset.assign(**{new: numbers.reindex(dataset.index).astype("Int64")})


@verb("column")
def decode(dataset: pd.DataFrame, source: Column, new: NewColumn, context: Context) -> pd.DataFrame:
    """The decode of `source` in that variable's codelist, or in its own; missing where the list has no such value."""
    name = context.codelist_of.get(source) or context.codelist
    decodes = {t.value: t.decode or t.value for t in terms_of(name, context)} if name else {}
    return dataset.assign(**{new: dataset[source].astype("str").map(decodes).astype("str")})


@verb("column", reads=("USUBJID",))
def derive_extreme_dtc(
    dataset: pd.DataFrame,
    source: Source,
    column: SourceColumn,
    mode: str,
    new: NewColumn,
    context: Context,
    where: SourceCondition | None = None,
) -> pd.DataFrame:
    """The subject's `first` or `last` ISO 8601 date of another domain; missing where there is none.

    Partial dates are compared as text, so `2026-03` comes before `2026-03-01`.
    """
    chosen = source[context.mask(source, where)].dropna(subset=[column])
    found = chosen.groupby("USUBJID")[column].agg("min" if mode == "first" else "max")
    return dataset.assign(**{new: found.reindex(dataset["USUBJID"]).set_axis(dataset.index).astype("str")})


@verb("column")
def derive_latest(dataset: pd.DataFrame, columns: Columns, new: NewColumn) -> pd.DataFrame:
    """The latest of several ISO 8601 dates of a record, compared as text; missing only if all are."""
    latest = dataset[columns[0]]
    for name in columns[1:]:
        other = dataset[name]
        latest = latest.where(other.isna() | (latest >= other).fillna(False), other)
    return dataset.assign(**{new: latest.astype("str")})


@verb("column")
def derive_first_available(
    dataset: pd.DataFrame, columns: Columns, new: NewColumn, context: Context, agree: bool = False
) -> pd.DataFrame:
    """The first of several columns that is not missing.

    agree: columns of ISO 8601 dates that differ at the precision both have are a warning finding.
    """
    found = dataset[columns[0]]
    for name in columns[1:]:
        other = dataset[name]
        if agree:
            pairs = zip(found.fillna("").tolist(), other.fillna("").tolist(), strict=True)
            differ = pd.Series([not (a.startswith(b) or b.startswith(a)) for a, b in pairs], index=dataset.index)
            context.report(
                dataset.assign(**{new: found + " / " + other}),
                differ,
                new,
                "sdtm.disagree",
                "sources disagree; the first is used",
                remedy="Query the site.",
                severity=Severity.WARNING,
            )
        found = found.fillna(other)
    return dataset.assign(**{new: found})


@verb("column")
def derive_copy(dataset: pd.DataFrame, source: Column, new: NewColumn) -> pd.DataFrame:
    """The value of another column (of the records `where` names)."""
    return dataset.assign(**{new: dataset[source]})


@verb("column")
def derive_paste(dataset: pd.DataFrame, columns: Columns, new: NewColumn, sep: str = "-") -> pd.DataFrame:
    """The values of several text columns joined by `sep`; missing if any is missing."""
    out = dataset[columns[0]]
    for name in columns[1:]:
        out = out + sep + dataset[name]
    return dataset.assign(**{new: out.astype("str")})


@verb("column")
def derive_number(dataset: pd.DataFrame, source: Column, new: NewColumn) -> pd.DataFrame:
    """The number a text column holds; Float64, missing where the text is no number."""
    return dataset.assign(**{new: numbers_in(dataset[source])})


@verb("column")
def derive_end_relative(
    dataset: pd.DataFrame, ongoing: Column, end: Column, new: NewColumn, context: Context
) -> pd.DataFrame:
    """--ENRTPT: ONGOING where `ongoing` is Y and there is no end date.

    An end date beside the tick, and neither of them, are warning findings; the date, or nothing, stands.
    """
    ticked, ended = (dataset[ongoing] == "Y").fillna(False), dataset[end].notna()
    for rows, what in (
        (ticked & ended, f"said to be ongoing, but {end} has a date; the date stands"),
        (~ticked & ~ended, f"neither ongoing nor {end}"),
    ):
        context.report(dataset, rows, end, "sdtm.ongoing", what, remedy="Query the site.", severity=Severity.WARNING)
    return dataset.assign(**{new: pd.Series("ONGOING", index=dataset.index, dtype="str").where(ticked & ~ended)})


@verb("column")
def derive_actual_level(
    dataset: pd.DataFrame,
    dose: Column,
    planned: Column,
    levels: list[float],
    new: NewColumn,
    rule: str = "nearest_level",
    scale: float = 1.0,
) -> pd.DataFrame:
    """The level (1, 2, ... as text) a dose given counts as; missing without a dose.

    levels: planned doses by level; scale: the dose times this is in their unit. rule: `nearest_level` takes the level
    whose dose is nearest, the lower of two equally near; `assigned` takes `planned` whatever was given.
    """
    given = dataset[dose].astype("Float64")
    if rule == "assigned":
        return dataset.assign(**{new: dataset[planned].where(given.notna()).astype("str")})
    by = Decimal(repr(float(scale)))
    steps = [Decimal(repr(float(x))) for x in levels]

    def nearest_level(amount: float) -> str:
        exact = Decimal(repr(float(amount))) * by
        return str(min(range(len(steps)), key=lambda i: abs(exact - steps[i])) + 1)

    return dataset.assign(**{new: given.map(nearest_level, na_action="ignore").astype("str")})


@verb("column")
def derive_date_after(dataset: pd.DataFrame, dtc: Column, days: int, new: NewColumn) -> pd.DataFrame:
    """The date `days` days after `dtc` as ISO 8601 text; missing where `dtc` is not a complete date."""
    moved = date_part(dataset[dtc]) + pd.to_timedelta(days, unit="D")
    return dataset.assign(**{new: moved.dt.strftime("%Y-%m-%d").astype("str")})


@verb("column", reads=("USUBJID",))
def derive_next_start(dataset: pd.DataFrame, start: Column, last: Column, new: NewColumn) -> pd.DataFrame:
    """End of an element: the start of the subject's next one; for the last one, `last`."""
    order = dataset.sort_values(["USUBJID", start], kind="stable")
    following = order.groupby("USUBJID")[start].shift(-1).reindex(dataset.index)
    return dataset.assign(**{new: following.fillna(dataset[last]).astype("str")})


@verb("column")
def derive_text(dataset: pd.DataFrame, value: str, new: NewColumn) -> pd.DataFrame:
    """One text on every record (of those `where` names)."""
    return dataset.assign(**{new: pd.Series(value, index=dataset.index, dtype="str")})


@verb("column")
def derive_age(dataset: pd.DataFrame, birth: Column, at: Column, new: NewColumn) -> pd.DataFrame:
    """Completed years from `birth` to `at`; Int64. Missing where either is not a complete date."""
    born, when = date_part(dataset[birth]), date_part(dataset[at])
    years = (when.dt.year - born.dt.year).astype("Int64")
    not_yet = (when.dt.month * 100 + when.dt.day) < (born.dt.month * 100 + born.dt.day)
    return dataset.assign(**{new: (years - not_yet.astype("Int64")).mask(born.isna() | when.isna())})
