"""Unit spellings and linear conversion; which unit converts to which is the caller's table."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

import numpy as np
import pandas as pd

_SIGNIFICANT: Final = 12
_FOLD: Final = str.maketrans(
    {
        "\u00b5": "u",  # micro sign
        "\u03bc": "u",  # Greek mu
        "㎍": "ug",
        "㎎": "mg",
        "㎏": "kg",
        "㎕": "uL",
        "㎖": "mL",
        "㎗": "dL",
        "／": "/",
        "％": "%",
        "＊": "*",
        "＾": "^",
        "×": "x",
        "✕": "x",
        "·": ".",
        "℃": "C",
        "°": "",
    }
)
_SUPERSCRIPT: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_RAISED: Final = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_POWER: Final = re.compile(r"(?<![\d.])[xX*]?10(?:\*\*|[\^*eE])(-?\d+)")


def normalise_unit(unit: str) -> str:
    """One ASCII spelling of a unit: no blanks, `10^9/L` for any power of ten, `u` for micro; case is kept.

    Not a translation: `U/L` and `IU/L`, `g/L` and `g/l` stay what they are. Blank gives "".
    """
    text = unicodedata.normalize("NFC", unit).translate(_FOLD)
    text = _RAISED.sub(lambda raised: "^" + raised.group().translate(_SUPERSCRIPT), text)
    return _POWER.sub(r"10^\1", re.sub(r"\s+", "", text))


def convert_unit_spelling(units: pd.Series[Any]) -> pd.Series[Any]:
    """`normalise_unit` for every text of a series: `str` dtype, missing and blank are missing."""
    spelled = {text: normalise_unit(text) or None for text in units.dropna().unique().tolist()}
    return units.astype(object).map(spelled).astype("str")


def convert(value: pd.Series[Any], factor: float | pd.Series[Any], offset: float = 0.0) -> pd.Series[Any]:
    """value x factor + offset, Float64, kept to 12 significant digits so that 0.1 x 3 is 0.3; missing stays missing.

    factor: one number, or one per row (missing factor: missing result).
    """
    product = value.astype("Float64") * factor + offset
    raw = product.to_numpy(dtype="float64", na_value=np.nan)
    size = np.abs(raw)
    countable = np.isfinite(raw) & (size > 0)
    digits = np.zeros(raw.shape)
    digits[countable] = _SIGNIFICANT - 1 - np.floor(np.log10(size[countable]))
    # Powers of ten up to 10^22 are exact doubles: scale up and back, or down and back, in one exact step.
    up, down = 10.0 ** np.clip(digits, 0, 22), 10.0 ** np.clip(-digits, 0, 22)
    rounded = np.round(raw * up / down) / up * down
    kept = np.where(countable, rounded, raw)
    result: pd.Series[Any] = pd.Series(kept, index=value.index).astype("Float64").mask(product.isna())
    return result
