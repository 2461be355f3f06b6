"""IEEE doubles as IBM 360 doubles, the only numbers a SAS transport file holds."""

from __future__ import annotations

from typing import Any

import numpy as np

MISSING = 0x2E << 56
"""The bits of SAS's `.`: the letter, then zeros."""

LARGEST = float(2**56 - 2**3) * 2.0**-56 * 16.0**63
"""Largest double the format holds, about 7.2e75 (a double has 53 bits, so the last three are zero)."""

SMALLEST = 16.0**-65
"""Smallest positive number it holds, about 5.4e-79."""


def in_range(values: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether each value can be written: zero, or a finite number between SMALLEST and LARGEST."""
    size = np.abs(values)
    return np.asarray((size == 0) | ((size >= SMALLEST) & (size <= LARGEST)))


def to_ibm(
    values: np.ndarray[Any, np.dtype[np.float64]], missing: np.ndarray[Any, np.dtype[np.bool_]]
) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """The bits of each value; exact, since 56 bits of fraction hold the 53 of a double.

    Values must be `in_range` where not missing. An IBM number is 0.f times 16 to the power of (exponent - 64), the
    first hexadecimal digit of f not zero; minus zero is written as zero.
    """
    safe = np.where(missing, 0.0, values)
    mantissa, exponent = np.frexp(np.abs(safe))
    sixteens = -(-exponent.astype(np.int64) // 4)
    shift = (4 * sixteens - exponent).astype(np.uint64)
    fraction = (mantissa * 2.0**53).astype(np.uint64) << np.uint64(3) >> shift
    bits = (sixteens + 64).astype(np.uint64) << np.uint64(56) | fraction
    bits |= np.signbit(safe).astype(np.uint64) << np.uint64(63)
    bits[safe == 0] = 0
    bits[missing] = MISSING
    return bits


def from_ibm(
    bits: np.ndarray[Any, np.dtype[np.uint64]],
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.uint8]]]:
    """The value of each, NaN where it is missing, and the letter of a special missing (65 for `.A`), else 0.

    Missing is a first byte `.`, `_` or A to Z with zeros behind it, which no number has.
    """
    first = (bits >> np.uint64(56)).astype(np.uint8)
    fraction = bits & np.uint64(2**56 - 1)
    special = (fraction == 0) & (((first >= 65) & (first <= 90)) | (first == 95))
    exponent = (first & 0x7F).astype(np.int64) - 64
    values = np.ldexp(fraction.astype(np.float64), 4 * exponent - 56)
    values[first >= 128] *= -1
    values[special | (bits == MISSING)] = np.nan
    return values, np.where(special, first, 0).astype(np.uint8)
