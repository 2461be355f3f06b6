"""The one rounding policy: half away from zero, on the number as it reads in decimal, once, when printed.

Python and numpy round half to even on the binary value (2.675 -> 2.67, 0.5 -> 0); SAS, and a reader with a
pencil, round half away from zero on the decimal one (2.68, 1). The decimal of a float is its shortest text
that reads back to the same float (`repr`), freed of the dust of binary arithmetic beyond 14 significant digits: the
mean of 1.0 and 1.1 is 1.05 even where the sum left 1.0499999999999998. SAS ROUND has a fuzz for the same reason.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import pandas as pd

# Wide enough for any double written out in full: 309 digits before the point, any sane number after it.
_CONTEXT = Context(prec=400, rounding=ROUND_HALF_UP)
_WITHOUT_DUST = Context(prec=14, rounding=ROUND_HALF_UP)


def _quantized(x: float | Decimal, digits: int) -> Decimal:
    if isinstance(x, (int, Decimal)):
        exact = Decimal(x)
    else:
        value = float(x)
        if not math.isfinite(value):
            raise ValueError(f"{value} has no decimal text; say why the value is missing instead.")
        exact = _WITHOUT_DUST.create_decimal(repr(value))
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
