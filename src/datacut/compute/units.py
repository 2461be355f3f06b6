"""Unit spellings, factors between units, and linear conversion; which units a test may have is the caller's table."""

from __future__ import annotations

import re
import unicodedata
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, Final

import pandas as pd

from datacut.compute.rounding import significant

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
_SHOWN: Final = re.compile(r"( x )?(?<![\d.])10\^([+-]?\d+)")
_LIFTED: Final = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_POWER: Final = re.compile(r"(?<![\d.])[xX*]?10(?:\*\*|[\^*eE])(-?\d+)")
_PREFIXES: Final = {"": 0, "k": 3, "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15}
_BASES: Final = {
    "g": ("mass", 1),
    "mol": ("amount", 1),
    "L": ("volume", 1),
    "m": ("length", 1),
    "U": ("catalysis", 1),
    "kat": ("catalysis", 60_000_000),  # 1 U turns over 1 umol a minute, 1 kat 1 mol a second
    "IU": ("IU", 1),
    "copies": ("copies", 1),
    "cells": ("", 1),
    "": ("", 1),
}
_TEMPERATURES: Final = {
    "K": (Fraction(1), Fraction(0)),
    "C": (Fraction(1), Fraction("273.15")),
    "F": (Fraction(5, 9), Fraction("459.67") * 5 / 9),
}
"""Scales with zeros of their own: a reading times the one plus the other is in kelvin."""
_CUBED: Final = {"dm^3": "L", "cm^3": "mL", "mm^3": "uL"}
_MOLAR: Final = Context(prec=5)
_PIECE: Final = re.compile(
    r"(?:10\^(?P<power>-?\d+))?(?:(?P<counted>copies|cells|)|(?P<prefix>[kdcmunpf]?)(?P<base>g|mol|L|m|U|kat|IU))"
)


def normalise_unit(unit: str) -> str:
    """One ASCII spelling of a unit: no blanks, `10^9/L` for any power of ten, `u` for micro; case is kept.

    Not a translation: `U/L` and `IU/L`, `g/L` and `g/l` stay what they are. Blank gives "".
    """
    text = unicodedata.normalize("NFC", unit).translate(_FOLD)
    text = _RAISED.sub(lambda raised: "^" + raised.group().translate(_SUPERSCRIPT), text)
    return _POWER.sub(r"10^\1", re.sub(r"\s+", "", text))


def unit_factor(unit: str, standard: str, molar_mass: Decimal | None = None) -> float | None:
    """What a number in `unit` is multiplied by to be in `standard`; None where the two do not measure the same.

    Both are normalised spellings of the form `10^9/L`, `mg/dL`, `cells/uL`: SI prefixes, counts, U and kat. U and IU
    are different things. molar_mass: g/mol, makes mass and amount of substance convertible; such a factor has the 5
    significant digits that a molar mass has.
    """
    found, wanted = _measured(unit), _measured(standard)
    if found is None or wanted is None:
        return None
    (of, per), size = found
    (wanted_of, wanted_per), wanted_size = wanted
    if per != wanted_per:
        return None
    if of == wanted_of:
        return float(size / wanted_size)
    if molar_mass is None or {of, wanted_of} != {"mass", "amount"}:
        return None
    mass = Fraction(molar_mass)
    factor = size / wanted_size * (mass if of == "amount" else 1 / mass)
    return float(_MOLAR.divide(Decimal(factor.numerator), Decimal(factor.denominator)))


def unit_offset(unit: str, standard: str) -> tuple[float, float] | None:
    """Factor and what is added after it that bring a reading of a temperature (`F`, `C`, `K`) to the other scale.

    None where the two are not both temperatures. Source: SI brochure, section 2.3.1 (kelvin and degree Celsius); one
    degree Fahrenheit is 5/9 K, and 32 F is 0 C.
    """
    if unit not in _TEMPERATURES or standard not in _TEMPERATURES:
        return None
    (size, zero), (wanted, wanted_zero) = _TEMPERATURES[unit], _TEMPERATURES[standard]
    return float(size / wanted), float((zero - wanted_zero) / wanted)


def _measured(unit: str) -> tuple[tuple[str, str], Fraction] | None:
    """What a unit measures (of, per) and how much of it: `mg/dL` is 1/100 (mass, volume)."""
    above, slash, below = unit.partition("/")
    pieces = [_piece(above), _piece(below)]
    if pieces[0] is None or pieces[1] is None or not unit or bool(slash) != bool(below):
        return None
    return (pieces[0][0], pieces[1][0]), pieces[0][1] / pieces[1][1]


def _piece(text: str) -> tuple[str, Fraction] | None:
    found = _PIECE.fullmatch(_CUBED.get(text, text))
    if found is None:
        return None
    name, size = _BASES[found["base"] or found["counted"]]
    return name, Fraction(10) ** (int(found["power"] or 0) + _PREFIXES[found["prefix"] or ""]) * size


def convert(
    value: pd.Series[Any], factor: float | pd.Series[Any], offset: float | pd.Series[Any] = 0.0
) -> pd.Series[Any]:
    """value x factor + offset, Float64, kept to 15 significant digits so that 0.1 x 3 is 0.3; missing stays missing.

    factor, offset: one number, or one per row (missing: missing result).
    """
    return significant(value.astype("Float64") * factor + offset)


def with_powers(text: str) -> str:
    """A text with powers of ten as a page has them: `10^9/L` is 10⁹/L, `3 x 10^8` is 3 × 10⁸."""
    if "10^" not in text:
        return text
    return _SHOWN.sub(lambda found: f"{' × ' if found[1] else ''}10{found[2].translate(_LIFTED)}", text)
