"""Laboratory values computed from others."""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.spec.registry import verb

_PER_GRAM = 0.02
_USUAL = 40.0


@verb(
    "function",
    says="{1} + 0.02 x (40 - {2}), rounded to 4 decimals; missing if either is",
)
def corrected_calcium(columns: pd.DataFrame) -> pd.Series[Any]:
    """Calcium (mmol/L, first column) plus 0.02 for each g/L of albumin (second) below 40; missing if either is.

    Payne 1973, in SI units. Rounded to 4 places, so that a limit of the grades is compared as a decimal.
    """
    calcium, albumin = (columns.iloc[:, place].astype("Float64") for place in (0, 1))
    return (calcium + _PER_GRAM * (_USUAL - albumin)).round(4)


@verb(
    "function",
    says='{2}, or where it is missing, "NEGATIVE" where {1} is',
)
def antibody_status(columns: pd.DataFrame) -> pd.Series[Any]:
    """POSITIVE where the confirmation (second column) is, NEGATIVE where it or the screening (first) is.

    Missing where screening is positive without confirmation, or neither was done. A confirmation outweighs a screening.
    """
    screening, confirmation = (columns.iloc[:, place] for place in (0, 1))
    negative = screening.where(screening == "NEGATIVE")
    return confirmation.where(confirmation.notna(), negative)


@verb("function", says="their sum; missing if one is")
def sum_of_parts(columns: pd.DataFrame) -> pd.Series[Any]:
    """The parts of a whole added up, in their own unit; missing if one of them is. Not smaller than any part."""
    return columns.astype("Float64").sum(axis=1, skipna=False).round(6)
