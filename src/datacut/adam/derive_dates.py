"""Dates, datetimes, their imputation flags, and study days. ADaMIG 1.3 section 3.1.3 and 3.3.3."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd

from datacut.adam.groups import text
from datacut.compute.dates import Highest, How, impute_date, iso_parts, study_day
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Column, Columns, NewColumn, verb

UNKNOWN_TIME = {"first": (0, 0, 0), "last": (23, 59, 59)}


@verb(
    "column",
    says={
        "new": (
            "the date of {dtc}{how?none=|{highest?n=|D=; an unknown day|M=; an unknown day or month|Y=; what "
            "is unknown}}{how?none=|{highest?n=; a partial date is missing| is imputed as the "
            "{how?first=first|last=last|mid=middle} possible one[, not before {not_before}][, not after "
            "{not_after}]}}"
        ),
        "flag": ('the highest part of the date of {dtc} that was imputed: "D", "M" or "Y"; missing where none was'),
    },
)
def derive_vars_dt(
    dataset: pd.DataFrame,
    dtc: Column,
    new: NewColumn,
    how: str = "first",
    highest: str = "n",
    flag: NewColumn | None = None,
    not_before: Column | None = None,
    not_after: Column | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """The date of an ISO 8601 text, as a date, with the imputation flag in `flag`.

    how, highest, not_before, not_after as in `compute.dates.impute_date`: highest is the highest component that may be
    imputed (`n` none, `D` day, `M` month, `Y` year), how is `first`, `mid` or `last`; `none` imputes nothing.
    An incomplete date that may not be imputed is missing and a note; a text that is no date is missing and an error.
    """
    date, imputed = _date(dataset, dtc, how, highest, not_before, not_after)
    report_lost(dataset, dtc, date, context)
    out = {new: date} | ({flag: imputed} if flag is not None else {})
    return dataset.assign(**out)


@verb(
    "column",
    says={
        "new": (
            "the datetime of {dtc}{how?none=|{highest?n=|D=; an unknown day|M=; an unknown day or month|Y=; "
            "what is unknown}}{how?none=|{highest?n=; a partial date is missing| is imputed as the "
            "{how?first=first|last=last|mid=middle} possible one[, not before {not_before}][, not after "
            "{not_after}]}}; an unknown time is {time?first=00:00:00|last=23:59:59|missing, and so is the "
            "datetime}"
        ),
        "flag": 'the highest part of the date of {dtc} that was imputed: "D", "M" or "Y"',
        "time_flag": 'the highest part of the time of {dtc} that was filled: "H" or "M"',
    },
)
def derive_vars_dtm(
    dataset: pd.DataFrame,
    dtc: Column,
    new: NewColumn,
    how: str = "first",
    highest: str = "n",
    time: str = "none",
    flag: NewColumn | None = None,
    time_flag: NewColumn | None = None,
    not_before: Column | None = None,
    not_after: Column | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """The datetime of an ISO 8601 text, with the imputation flags of date and time.

    The date part as in `derive_vars_dt`. time: `first` (00:00:00), `last` (23:59:59) fills unknown hours and minutes,
    `none` leaves the datetime missing, which is no finding. time_flag: highest component filled, `H` or `M`; seconds
    not collected are 0 and not flagged (ADaMIG 3.1.3). not_before, not_after bound the date only.
    """
    date, imputed = _date(dataset, dtc, how, highest, not_before, not_after)
    parts = iso_parts(dataset[dtc])
    hour, minute, second = (parts[p] for p in ("hour", "minute", "second"))
    minute, second = minute.where(hour.notna()), second.where(hour.notna() & minute.notna())
    fill = UNKNOWN_TIME.get(time, (0, 0, 0))
    whole_time = hour.notna() & minute.notna()
    collected = second.where(second.notna(), "00").where(whole_time, f"{fill[2]:02d}")
    seconds = (
        hour.fillna(f"{fill[0]:02d}").astype("int64") * 3600
        + minute.fillna(f"{fill[1]:02d}").astype("int64") * 60
        + collected.astype("int64")
    )
    moment = date + pd.to_timedelta(seconds, unit="s").astype("timedelta64[s]")
    known = date.notna() & (whole_time if time == "none" else True)
    moment = moment.where(known).astype("datetime64[s]")
    report_lost(dataset, dtc, date, context)
    filled = np.select([hour.isna(), minute.isna()], ["H", "M"], default="")
    out: dict[str, pd.Series[Any]] = {new: moment}
    if flag is not None:
        out[flag] = imputed.where(known)
    if time_flag is not None:
        out[time_flag] = text(filled, dataset.index).where(known & (filled != ""))
    return dataset.assign(**out)


@verb(
    "column",
    says="study day of {date}: {reference} is day 1, the day before it day -1, there is no day 0",
)
def derive_vars_dy(dataset: pd.DataFrame, date: Column, reference: Column, new: NewColumn) -> pd.DataFrame:
    """CDISC study day of `date`: the reference date is day 1, the day before day -1, there is no day 0.

    Times of day are ignored. Missing if either is.
    """
    return dataset.assign(**{new: study_day(dataset[date], dataset[reference])})


@verb(
    "column",
    says="{date} plus {days} days",
)
def derive_var_date_shift(dataset: pd.DataFrame, date: Column, new: NewColumn, days: float) -> pd.DataFrame:
    """The date `days` whole days after `date` (before, if negative); missing if `date` is."""
    moved = dataset[date].dt.normalize() + pd.Timedelta(days=int(days))
    return dataset.assign(**{new: moved.astype("datetime64[s]")})


@verb(
    "column",
    says="the date of {datetime}",
)
def derive_var_datepart(dataset: pd.DataFrame, datetime: Column, new: NewColumn) -> pd.DataFrame:
    """The date of a datetime column; missing if it is."""
    return dataset.assign(**{new: dataset[datetime].dt.normalize().astype("datetime64[s]")})


@verb(
    "column",
    says="the {mode?first=earliest|latest} of {columns} that is not missing",
)
def derive_var_extreme_date(
    dataset: pd.DataFrame, columns: Columns, new: NewColumn, mode: str = "last"
) -> pd.DataFrame:
    """The earliest (`first`) or latest (`last`) of several date columns of the record; missing if all are."""
    dates = dataset[list(columns)]
    out = dates.min(axis=1) if mode == "first" else dates.max(axis=1)
    return dataset.assign(**{new: out.astype("datetime64[s]")})


def _date(
    dataset: pd.DataFrame,
    dtc: str,
    how: str,
    highest: str,
    not_before: str | None,
    not_after: str | None,
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    if how == "none":
        how, highest = "first", "n"
    return impute_date(
        dataset[dtc],
        cast("How", how),
        cast("Highest", highest),
        dataset[not_before] if not_before else None,
        dataset[not_after] if not_after else None,
    )


def report_lost(dataset: pd.DataFrame, dtc: str, date: pd.Series[Any], context: Context) -> None:
    """Tell of texts from which no date was made: an error if one is no date, a note if it is incomplete."""
    lost = dataset[dtc].notna() & date.isna()
    if not lost.any():
        return
    readable = iso_parts(dataset[dtc]).notna().any(axis=1)
    context.report(
        dataset,
        lost & ~readable,
        dtc,
        "adam.date.unreadable",
        "not an ISO 8601 date",
        remedy="Mend the SDTM variable; the analysis date is missing.",
    )
    context.report(
        dataset,
        lost & readable,
        dtc,
        "adam.date.incomplete",
        "an incomplete date that this variable does not impute",
        remedy="The analysis date is missing; allow imputation with highest= if the plan does.",
        severity=Severity.NOTE,
    )
