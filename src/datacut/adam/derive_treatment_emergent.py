"""Whether an event or a treatment lies in the time on treatment. ADaM OCCDS 1.1 section 3.2.6."""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.adam.groups import flag
from datacut.spec.registry import Column, NewColumn, verb


@verb(
    "column",
    says=(
        '"Y" where {start} is on or after {reference}[ and not later than {days} days after '
        "{days_from?=that|{days_from}}]; [on the day of {reference} not where {start_time} is before "
        '{reference_time}; ]an unknown {start} is "Y" unless {end} is before {reference}; missing on every other '
        "event, and where {reference} is"
    ),
)
def derive_var_trtemfl(
    dataset: pd.DataFrame,
    start: Column,
    end: Column,
    reference: Column,
    new: NewColumn,
    days: float | None = None,
    start_time: Column | None = None,
    reference_time: Column | None = None,
    days_from: Column | None = None,
) -> pd.DataFrame:
    """`Y` on an event that starts on or after the reference date and not later than `days` days after it.

    Day `days` itself counts, from the date `days_from` if it is given; without days there is no last day. start_time,
    reference_time: datetimes; an event of the reference day whose known time lies before the reference time did not
    start after it. An unknown start counts as emergent unless the event ended before the reference date. No reference
    date (never treated): missing.
    """
    first = dataset[reference].dt.normalize()
    begins = dataset[start].dt.normalize()
    after = begins >= first
    if start_time is not None and reference_time is not None:
        after &= ~(dataset[start_time] < dataset[reference_time])
    if days is not None:
        counted = first if days_from is None else dataset[days_from].dt.normalize()
        after &= begins <= counted + pd.Timedelta(days=int(days))
    ended_before = dataset[end].dt.normalize() < first
    emergent = after | (begins.isna() & ~ended_before)
    return dataset.assign(**{new: flag(emergent & first.notna())})


@verb(
    "column",
    says=(
        '"Y" where {start} to {end} has a day in common with {reference_start} to [{reference_end} plus '
        "]{days} days; an unknown start counts as before, an unknown end as ongoing; missing where "
        "{reference_start} is"
    ),
)
def derive_var_ontrtfl(
    dataset: pd.DataFrame,
    start: Column,
    end: Column,
    reference_start: Column,
    new: NewColumn,
    reference_end: Column | None = None,
    days: float = 0,
) -> pd.DataFrame:
    """`Y` on a record whose time overlaps the time from `reference_start` to `days` days after `reference_end`.

    An unknown start counts as before, an unknown end as ongoing; for one point in time give the same column twice.
    Without reference_end, or where it is missing, the time does not end. No reference_start: missing. A record with
    neither start nor end is on treatment.
    """
    first = dataset[reference_start].dt.normalize()
    begins, ends = dataset[start].dt.normalize(), dataset[end].dt.normalize()
    overlaps: pd.Series[Any] = ~(ends < first)
    if reference_end is not None:
        last = dataset[reference_end].dt.normalize() + pd.Timedelta(days=int(days))
        overlaps &= ~(begins > last)
    return dataset.assign(**{new: flag(overlaps & first.notna())})
