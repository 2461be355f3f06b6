"""--DY and EPOCH, from complete and partial dates (SDTMIG 3.4 sections 4.4.4 and 5.3)."""

from __future__ import annotations

import pandas as pd

from datacut.compute.dates import date_part, study_day
from datacut.spec.registry import Column, NewColumn, Source, SourceColumn, verb

_DAY = len("2026-01-31")


@verb("column", reads=("USUBJID",))
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


@verb("column", reads=("USUBJID",))
def derive_epoch(
    dataset: pd.DataFrame,
    dtc: Column,
    new: NewColumn,
    source: Source = "SE",  # type: ignore[assignment]
    start: SourceColumn = "SESTDTC",
    epoch: SourceColumn = "EPOCH",
) -> pd.DataFrame:
    """EPOCH of the subject element (SE) in which `dtc` falls: the last element that starts at or before it.

    Dates are compared at the precision both have; on the day an element starts, a date without time belongs to it. A
    partial date within whose span an element starts stays missing, and so does one before the first element.
    """
    elements = source[["USUBJID", start, epoch]].dropna(subset=[start]).sort_values(["USUBJID", start], kind="stable")
    rows = dataset[["USUBJID", dtc]].assign(_at=range(len(dataset))).dropna(subset=[dtc])
    pairs = rows.merge(elements, on="USUBJID", how="inner")
    when, begin = pairs[dtc].tolist(), pairs[start].tolist()
    shared = [(w[: len(b)], b[: len(w)]) for w, b in zip(when, begin, strict=True)]
    started = pd.Series([b <= w for w, b in shared], index=pairs.index, dtype=bool)
    unclear = pd.Series([b == w and len(w) < _DAY for w, b in shared], index=pairs.index, dtype=bool)
    last = pairs[started].drop_duplicates("_at", keep="last").set_index("_at")[epoch]
    last = last.drop(index=pd.Index(pairs.loc[unclear, "_at"].unique()).intersection(last.index))
    found = last.reindex(range(len(dataset))).set_axis(dataset.index)
    return dataset.assign(**{new: found.astype("str")})
