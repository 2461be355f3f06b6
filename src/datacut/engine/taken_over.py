"""Variables taken over as they are: from the subject's record of another dataset, or a supplemental qualifier."""

from __future__ import annotations

import pandas as pd

from datacut.datasets.model import DTYPES
from datacut.spec.dataset import Kind


def of_subject(rows: pd.DataFrame, source: pd.DataFrame, column: str) -> pd.Series:
    """The value of the subject of each row. Of one who stands there twice, which is a finding of its own, the first."""
    known = source[["USUBJID", column]].dropna(subset=["USUBJID"])
    first = known.drop_duplicates("USUBJID").set_index("USUBJID")[column]
    return first.reindex(rows["USUBJID"]).set_axis(rows.index)


def qualifier_of(rows: pd.DataFrame, source: pd.DataFrame, dataset: str, qnam: str) -> pd.Series:
    """QVAL of the supplemental qualifier of each row; missing where the SUPP-- has no such record."""
    values = source[(source["QNAM"] == qnam).fillna(False)].drop_duplicates(["USUBJID", "IDVARVAL"])
    numbers = rows.get(f"{dataset[4:]}SEQ", pd.Series("", index=rows.index)).astype("str")
    by_record = values["QVAL"].set_axis([values["USUBJID"], values["IDVARVAL"].fillna("")])
    return by_record.reindex(pd.MultiIndex.from_arrays([rows["USUBJID"], numbers])).set_axis(rows.index)


def empty_column(kind: Kind | None, index: pd.Index) -> pd.Series:
    """A column of missing values of the given kind (text if it is not known)."""
    return pd.Series(pd.NA, index=index, dtype=DTYPES[kind or Kind.TEXT])
