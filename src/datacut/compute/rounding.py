"""The one rule for decimals, and the one rounding policy: half away from zero, once, when printed.

A number is its decimal of 15 significant digits, all that a double holds whatever its size: what was typed as 36.4 is
36.4 though a file or a sum left 36.400000000000006. Numbers are read, compared, kept and printed as these decimals.
Python and numpy round half to even on the binary value (2.675 -> 2.67, 0.5 -> 0); SAS, and a reader with a pencil,
round half away from zero on the decimal one (2.68, 1).
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

import numpy as np
import pandas as pd

# Wide enough for any double written out in full: 309 digits before the point, any sane number after it.
_CONTEXT = Context(prec=400, rounding=ROUND_HALF_UP)
_DIGITS: Final = 15
_SIGNIFICANT = Context(prec=_DIGITS, rounding=ROUND_HALF_UP)
_FRACTION: Final = re.compile(r"[+-]?[0-9]*\.[0-9]+", re.ASCII)


def decimal_of(x: float) -> Decimal:
    """The decimal of 15 significant digits of a float. Raises ValueError for NaN and infinity."""
    if not math.isfinite(x):
        raise ValueError(f"{x} has no decimal text; say why the value is missing instead.")
    return _SIGNIFICANT.create_decimal_from_float(float(x))  # its exact value: a shorter text would round twice


def decimal_text(x: float) -> str:
    """`decimal_of` as text without exponent and without zeros at its end: 36.4, 0.00005, 120. Errors as there."""
    text = format(decimal_of(x), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def without_dust(text: str) -> str:
    """A decimal fraction in text with more than 15 significant digits as its author saw it; any other text as it is."""
    if len(text) <= _DIGITS or not _FRACTION.fullmatch(text) or len(Decimal(text).as_tuple().digits) <= _DIGITS:
        return text
    return decimal_text(float(text))


def significant(values: pd.Series[Any]) -> pd.Series[Any]:
    """Every number as the float of its `decimal_of`, so that equal decimals are equal floats; dtype and missing stay.

    Whole numbers of up to 15 digits are their own decimals, and a series of integers is returned as it is.
    """
    if not pd.api.types.is_float_dtype(values.dtype):
        return values
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    broken = np.isfinite(numbers) & ((numbers != np.trunc(numbers)) | (np.abs(numbers) >= 10.0**_DIGITS))
    if not broken.any():
        return values
    different, places = np.unique(numbers[broken], return_inverse=True)
    numbers = numbers.copy()
    numbers[broken] = np.array([float(decimal_of(x)) for x in different])[places]
    result: pd.Series[Any] = pd.Series(numbers, index=values.index).astype(values.dtype)
    return result.mask(values.isna())


def _quantized(x: float | Decimal, digits: int) -> Decimal:
    exact = Decimal(x) if isinstance(x, (int, Decimal)) else decimal_of(x)
    return exact.quantize(Decimal(1).scaleb(-digits), context=_CONTEXT)


def round_half_away(x: float | Decimal, digits: int = 0) -> float:
    """Round `x` to `digits` decimals, half away from zero on its decimal text.

    Scalar in, float out, same unit. NaN stays NaN. Negative `digits` round to tens, hundreds, ...
    Source: SAS ROUND; style study, lesson 15.
    """
    if isinstance(x, float) and not math.isfinite(x):
        return x
    return float(_quantized(x, digits))


def format_fixed(x: float | Decimal, digits: int = 0) -> str:
    """The text of `x` with exactly `digits` decimals, rounded half away from zero; minus zero prints as zero.

    Scalar in, text out. Raises ValueError for NaN and infinity: a missing number has a reason, not a text.
    """
    if digits < 0:
        raise ValueError(f"A printed number cannot have {digits} decimals; give 0 or more.")
    value = _quantized(x, digits)
    return format(abs(value) if value == 0 else value, "f")


def format_fixed_series(values: pd.Series[Any], digits: int = 0) -> pd.Series[Any]:
    """`format_fixed` for every number of a series: `str` dtype, same index, missing stays missing."""
    texts = {v: format_fixed(v, digits) for v in values.dropna().unique().tolist()}
    return values.astype(object).map(texts).astype("str")
