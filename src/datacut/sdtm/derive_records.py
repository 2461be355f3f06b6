"""--SEQ, dates taken from other domains, ends of elements: derivations on built domains."""

from __future__ import annotations

import math

import pandas as pd

from datacut.compute.date_extremes import completed_years, extreme_dtc
from datacut.compute.dates import date_part
from datacut.compute.numbers import numbers_in
from datacut.compute.rounding import decimal_of
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Column, Columns, NewColumn, Source, SourceColumn, SourceCondition, verb


@verb(
    "column",
    says="the number 1, 2, ... of the record within {group}, sorted by {by} (missing first)",
    may_lack=("by",),  # a record needs a number of its own, whatever the order
)
def derive_seq(dataset: pd.DataFrame, by: Columns, new: NewColumn, group: Columns = "USUBJID") -> pd.DataFrame:  # type: ignore[assignment]
    """1, 2, ... within `group` in the order of `by` (missing first, ties in record order); Int64."""
    groups = [group] if isinstance(group, str) else list(group)
    order = dataset.sort_values([*groups, *by], kind="stable", na_position="first")
    numbers = order.groupby(groups, sort=False, dropna=False).cumcount() + 1
    return dataset.assign(**{new: numbers.reindex(dataset.index).astype("Int64")})


@verb(
    "column",
    reads=("USUBJID",),
    says=(
        "the {mode?first=earliest|latest} {column} of the subject in {source}[ where {where}], as "
        "precise as partial dates leave it certain"
    ),
)
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

    A partial date counts by the days it can mean. Where one may lie on either side of another, the answer is as precise
    as it is certain (`2026-03` of 5 March and some day of March), which is a note unless the variable is a working one.
    """
    chosen = source[context.mask(source, where)].dropna(subset=[column, "USUBJID"])
    found, certain = extreme_dtc(chosen[column], chosen["USUBJID"], "first" if mode == "first" else "last")
    made = dataset.assign(**{new: found.reindex(dataset["USUBJID"]).set_axis(dataset.index).astype("str")})
    if not new.startswith("_"):
        open_ = certain.reindex(dataset["USUBJID"]).set_axis(dataset.index).eq(False)
        _report_open(made, open_.fillna(False).astype(bool), new, context)
    # of several with the date the first; one that is certain only in part is of no single record
    once = chosen.loc[date_part(chosen[column]).notna()].drop_duplicates(["USUBJID", column])
    of_date = pd.Series(range(len(once)), index=pd.MultiIndex.from_frame(once[["USUBJID", column]]))
    found_at = of_date.reindex(pd.MultiIndex.from_frame(made[["USUBJID", new]])).fillna(-1)
    context.chose(dataset, once, found_at.to_numpy(dtype=int), {new: column})
    return made


def _report_open(made: pd.DataFrame, rows: pd.Series, new: str, context: Context) -> None:
    context.report(
        made,
        rows,
        new,
        "sdtm.date.open",
        "a partial date may come before or after the others; only what is certain stands",
        remedy="Ask for the date.",
        severity=Severity.NOTE,
    )


@verb(
    "column",
    says="the latest of {columns}, as precise as partial dates leave it certain",
)
def derive_latest(dataset: pd.DataFrame, columns: Columns, new: NewColumn, context: Context) -> pd.DataFrame:
    """The latest of several ISO 8601 dates of a record; missing only if all are.

    Partial dates count as in `derive_extreme_dtc`, and what is not certain is a note.
    """
    texts = pd.concat([dataset[name].set_axis(range(len(dataset))) for name in columns])
    found, certain = extreme_dtc(texts, texts.index.to_series(), "last")
    made = dataset.assign(**{new: found.reindex(range(len(dataset))).set_axis(dataset.index).astype("str")})
    open_ = certain.reindex(range(len(dataset))).set_axis(dataset.index).eq(False)
    _report_open(made, open_.fillna(False).astype(bool), new, context)
    return made


@verb(
    "column",
    says="{columns} joined by {sep}; missing if one is",
)
def derive_paste(dataset: pd.DataFrame, columns: Columns, new: NewColumn, sep: str = "-") -> pd.DataFrame:
    """The values of several text columns joined by `sep`; missing if any is missing."""
    out = dataset[columns[0]]
    for name in columns[1:]:
        out = out + sep + dataset[name]
    return dataset.assign(**{new: out.astype("str")})


@verb(
    "column",
    gives={"new": ('"ONGOING"',)},
    says='"ONGOING" where {ongoing} is "Y" and {end} is missing',
)
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


@verb(
    "column",
    says=(
        "{rule?assigned=the assigned level, {planned}|the place (1, 2, ...) of the nearest of the "
        "planned doses {levels} to {dose}{scale?1.0=| times {scale}}, the lower of two equally near}; missing where "
        "{dose} is"
    ),
)
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
    by = decimal_of(scale)
    steps = [decimal_of(x) for x in levels]

    def nearest_level(amount: float) -> str:
        exact = decimal_of(amount) * by
        return str(min(range(len(steps)), key=lambda i: abs(exact - steps[i])) + 1)

    return dataset.assign(**{new: given.map(nearest_level, na_action="ignore").astype("str")})


@verb(
    "column",
    says="the date {days} days after {dtc}; missing where that is no complete date",
)
def derive_date_after(dataset: pd.DataFrame, dtc: Column, days: int, new: NewColumn) -> pd.DataFrame:
    """The date `days` days after `dtc` as ISO 8601 text; missing where `dtc` is not a complete date."""
    moved = date_part(dataset[dtc]) + pd.to_timedelta(days, unit="D")
    return dataset.assign(**{new: moved.dt.strftime("%Y-%m-%d").astype("str")})


@verb(
    "column",
    reads=("USUBJID",),
    says="{start} of the next record of the subject; of the last one {last}",
)
def derive_next_start(dataset: pd.DataFrame, start: Column, last: Column, new: NewColumn) -> pd.DataFrame:
    """End of an element: the start of the subject's next one; for the last one, `last`."""
    order = dataset.sort_values(["USUBJID", start], kind="stable")
    following = order.groupby("USUBJID")[start].shift(-1).reindex(dataset.index)
    return dataset.assign(**{new: following.fillna(dataset[last]).astype("str")})


@verb(
    "column",
    says=(
        "completed years from {birth} to {at}; of a partial date only where every day it can mean gives "
        "the same[, else {collected}]"
    ),
)
def derive_age(
    dataset: pd.DataFrame, birth: Column, at: Column, new: NewColumn, context: Context, collected: Column | None = None
) -> pd.DataFrame:
    """Completed years from `birth` to `at`, ISO 8601; Int64. Known where every possible day of both gives the same.

    collected: the age on the form, which serves where the dates leave it open. One that the dates do not allow is a
    warning: the dates stand, and a missing age stays missing. An age that is missing in the end is a warning too.
    """
    least, most = completed_years(dataset[birth], dataset[at])
    said = (
        numbers_in(dataset[collected]).astype("Float64") if collected else least.mask(least.notna()).astype("Float64")
    )
    # an age on the form counts completed years, so a part of a year is not one
    whole = said.map(math.floor, na_action="ignore").astype("Int64")
    outside = ((whole < least) | (whole > most)).fillna(False).astype(bool)
    same = (least == most).fillna(False).astype(bool)
    made = dataset.assign(**{new: least.where(same, whole.mask(outside)).astype("Int64")})
    for rows, column, what, remedy in (
        (outside, collected or birth, f"not an age that {birth} and {at} allow; the dates stand", "Query the site."),
        (
            made[new].isna(),
            birth,
            f"{new} is not the same for every possible day, or a date is missing; it is missing",
            "Ask for the date of birth, or for the age.",
        ),
    ):
        context.report(dataset, rows, column, "sdtm.age", what, remedy=remedy, severity=Severity.WARNING)
    return made
