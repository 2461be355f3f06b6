"""--LOBXFL: the last observation before first exposure (SDTMIG 3.4 section 4.5.9)."""

from __future__ import annotations

import pandas as pd

from datacut.spec.registry import Column, Columns, NewColumn, Source, SourceColumn, verb


@verb(
    "column",
    reads=("USUBJID",),
    gives={"new": ('"Y"',)},
    says=(
        '"Y" on the last record within subject and {by} whose {result} is not missing and whose {dtc} '
        "lies before {reference} of {source}, at the precision both have (a record of that day without a "
        "time counts as before it)"
    ),
)
def derive_lobxfl(
    dataset: pd.DataFrame,
    by: Columns,
    dtc: Column,
    result: Column,
    new: NewColumn,
    source: Source = "DM",  # type: ignore[assignment]
    reference: SourceColumn = "RFXSTDTC",
) -> pd.DataFrame:
    """Y on the last record with a result, within subject and `by`, before the subject's `reference` date and time.

    Compared at the precision both have: a record on the day of exposure counts as before it if either has no time. Of
    two records at the same time the later in record order is flagged. Partial dates (no day) are never flagged.
    """
    references = source.drop_duplicates("USUBJID").set_index("USUBJID")[reference]
    exposure = references.reindex(dataset["USUBJID"]).set_axis(dataset.index)
    usable = dataset[result].notna() & exposure.notna() & (dataset[dtc].str.len() >= 10).fillna(False)
    rows = dataset.loc[usable, ["USUBJID", *by, dtc]].assign(_exposure=exposure[usable])
    length = pd.concat([rows[dtc].str.len(), rows["_exposure"].str.len()], axis=1).min(axis=1)
    when = pd.Series([w[:n] for w, n in zip(rows[dtc], length, strict=True)], index=rows.index, dtype="str")
    limit = pd.Series([w[:n] for w, n in zip(rows["_exposure"], length, strict=True)], index=rows.index, dtype="str")
    before = rows[(when < limit) | ((when == limit) & (length < 16))]
    last = before.sort_values(dtc, kind="stable").drop_duplicates(["USUBJID", *by], keep="last").index
    flag = pd.Series(pd.NA, index=dataset.index, dtype="str")
    flag.loc[last] = "Y"
    return dataset.assign(**{new: flag})
