"""Numbers as they are typed."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd

from datacut.compute.rounding import decimal_of

DIGITS = str.maketrans("０１２３４５６７８９．－＋", "0123456789.-+")
"""Full-width digits and signs."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def numbers_in(values: pd.Series[Any]) -> pd.Series[Any]:
    """The texts that are decimal numbers, full-width digits included, as Float64 of 15 significant digits; all others
    missing.
    """
    texts = values.astype("str")
    found: dict[str, float] = {}
    for text in texts.dropna().unique():
        plain = text.strip().translate(DIGITS)
        if _NUMBER.fullmatch(plain) and math.isfinite(float(plain)):
            found[text] = float(decimal_of(float(plain)))
    result: pd.Series[Any] = texts.map(found).astype("Float64")
    return result
