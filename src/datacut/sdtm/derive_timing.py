"""--DY, EPOCH and the reference event of a time point, from complete and partial dates (SDTMIG 3.4, 4.4.4 and 5.3)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from datacut.compute.dates import date_part, datetime_part, ends_before, possible_days, study_day
from datacut.engine.context import Context
from datacut.spec.registry import Column, NewColumn, Source, SourceColumn, SourceCondition, verb


@verb(
    "column",
    reads=("USUBJID",),
    says=(
        "study day of {dtc}: the day of {reference} of {source} is day 1, the day before it day -1, "
        "there is no day 0; missing where one of the dates is partial or missing"
    ),
)
def derive_study_day(
    dataset: pd.DataFrame,
    dtc: Column,
    new: NewColumn,
    source: Source = "DM",  # type: ignore[assignment]
    reference: SourceColumn = "RFSTDTC",
) -> pd.DataFrame:
    """Study day of `dtc` relative to the subject's `reference` date in `source`: no day 0; Int64.

    Missing where either date is partial or missing.
    """
    references = source.drop_duplicates("USUBJID").set_index("USUBJID")[reference]
    start = references.reindex(dataset["USUBJID"]).set_axis(dataset.index)
    return dataset.assign(**{new: study_day(date_part(dataset[dtc]), date_part(start))})


@verb(
    "column",
    reads=("USUBJID",),
    gives={"new": ("epoch",)},
    says=(
        "{epoch} of the last record of {source} of the subject whose {start} is at or before {dtc}; "
        "missing where a partial date leaves it open"
    ),
)
def derive_epoch(
    dataset: pd.DataFrame,
    dtc: Column,
    new: NewColumn,
    source: Source = "SE",  # type: ignore[assignment]
    start: SourceColumn = "SESTDTC",
    epoch: SourceColumn = "EPOCH",
    *,
    context: Context,
) -> pd.DataFrame:
    """EPOCH of the subject element (SE) in which `dtc` falls: the last element that starts at or before it.

    On the day an element starts, a date without time belongs to it. Partial dates are compared by the days they can
    mean: a date within whose days an element can start stays missing, and so does one before the first element.
    """
    elements = source.dropna(subset=[start]).sort_values(["USUBJID", start], kind="stable")
    rows = dataset[["USUBJID", dtc]].assign(_at=range(len(dataset))).dropna(subset=[dtc])
    known = elements[["USUBJID", start, epoch]].assign(_element=np.arange(len(elements)))
    pairs = rows.merge(known, on="USUBJID", how="inner")
    started = ~ends_before(pairs[start], pairs[dtc]) & _known_order(pairs[start], pairs[dtc])
    unclear = ~ends_before(pairs[start], pairs[dtc]) & ~started
    last = pairs[started].drop_duplicates("_at", keep="last").set_index("_at")
    last = last.drop(index=pd.Index(pairs.loc[unclear, "_at"].unique()).intersection(last.index))
    found = last.reindex(range(len(dataset)))
    context.chose(dataset, elements, found["_element"].fillna(-1).to_numpy(dtype=int), {new: epoch})
    return dataset.assign(**{new: found[epoch].set_axis(dataset.index).astype("str")})


def _known_order(begin: pd.Series, when: pd.Series) -> pd.Series:
    """Whether every day that `when` can mean is on or after every day on which the element can have begun."""
    return (possible_days(when)[0] >= possible_days(begin)[1]).fillna(False)


@verb(
    "column",
    reads=("USUBJID",),
    says={
        "new": (
            "{start} of the last record of {source}[ where {where}] of the subject that began at or before "
            "{dtc}, by the clock where both have a time, else on an earlier day; of the first one where none "
            "had begun"
        ),
        "number": (
            "number (1, 2, ... by {start}) of the record of {source}[ where {where}] that began last at or "
            "before {dtc}, of the first one where none had begun"
        ),
    },
)
def derive_last_start(
    dataset: pd.DataFrame,
    dtc: Column,
    source: Source,
    start: SourceColumn,
    new: NewColumn,
    number: NewColumn,
    context: Context,
    where: SourceCondition | None = None,
) -> pd.DataFrame:
    """--RFTDTC of a time point that repeats: start of the subject's last event of `source` that had begun by `dtc`.

    number: which one it is (1, 2, ... in order of `start`; Int64). Compared by the clock where both have one, else the
    event must lie on an earlier date. The first event where none had begun or `dtc` is no complete date; both missing
    without an event. Events without a complete date are not counted.
    """
    events = source.loc[context.mask(source, where) & date_part(source[start]).notna()]
    events = events.drop_duplicates(["USUBJID", start]).sort_values(["USUBJID", start], kind="stable")
    known = events[["USUBJID", start]].assign(_event=np.arange(len(events)))
    known = known.assign(_no=known.groupby("USUBJID").cumcount() + 1)
    pairs = dataset[["USUBJID", dtc]].assign(_at=range(len(dataset))).merge(known, on="USUBJID", how="inner")
    clock = datetime_part(pairs[dtc]) >= datetime_part(pairs[start])
    timed = datetime_part(pairs[dtc]).notna() & datetime_part(pairs[start]).notna()
    begun = clock.where(timed, date_part(pairs[dtc]) > date_part(pairs[start]))
    chosen = pairs.loc[begun | (pairs["_no"] == 1)].drop_duplicates("_at", keep="last").set_index("_at")
    found = chosen.reindex(range(len(dataset))).set_axis(dataset.index)
    event = found["_event"].fillna(-1).to_numpy(dtype=int)
    context.chose(dataset, events, event, {new: start, number: start})
    columns: dict[str, pd.Series] = {new: found[start].astype("str"), number: found["_no"].astype("Int64")}
    return dataset.assign(**columns)
