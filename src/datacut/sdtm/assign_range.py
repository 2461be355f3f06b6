"""Mapping verbs for a reference range collected in one field (`3.5-5.5`)."""

from __future__ import annotations

import pandas as pd

from datacut.compute.result_text import read_range
from datacut.engine.context import Context
from datacut.sdtm.collected import clean_text
from datacut.spec.registry import Column, verb


@verb(
    "mapping",
    says="the lower limit of the range {column}; missing where it is open",
)
def assign_range_low(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """The lower limit of a range in one text (`3.5-5.5`, `≥60`), missing where that side is open.

    A text that is no range is an error finding and becomes missing.
    """
    return _side(raw, column, 0, context)


@verb(
    "mapping",
    says="the upper limit of the range {column}; missing where it is open",
)
def assign_range_high(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """The upper limit of a range in one text (`3.5-5.5`, `<5.5`); otherwise as `assign_range_low`."""
    return _side(raw, column, 1, context)


def _side(raw: pd.DataFrame, column: str, side: int, context: Context) -> pd.Series:
    text = clean_text(raw[column])
    read = {t: read_range(t) for t in text.dropna().unique()}
    context.report(
        raw,
        text.isin([t for t, limits in read.items() if limits is None]),
        column,
        "sdtm.range",
        "not a range",
        remedy="Query the laboratory; the limits are missing in the dataset.",
    )
    return text.map({t: limits[side] or pd.NA for t, limits in read.items() if limits is not None}).astype("str")
