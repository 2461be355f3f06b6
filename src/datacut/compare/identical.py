"""Values as small whole numbers, equal where the values are: what records are paired by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from datacut.compare.columns import Column, Kind, trimmed

type Numbers = np.ndarray[Any, np.dtype[np.int64]]


def numbered(columns: Sequence[Column]) -> tuple[Numbers, int]:
    """A number for each value of columns of one kind set below each other, from 0, and how many numbers there are.

    Texts are equal but for blanks at their end; of missing values each kind is equal to itself.
    """
    if columns[0].kind is Kind.TEXT:
        below = pa.chunked_array([chunk for c in columns for chunk in c.values.chunks], pa.large_string())
        encoded = below.combine_chunks().dictionary_encode()
        at = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy().astype(np.int64)
        words = trimmed(pa.chunked_array([encoded.dictionary, pa.array([None], pa.large_string())]))
        short, different = pd.factorize(np.asarray(words.to_pandas(), dtype=object))
        return short.astype(np.int64)[at], len(different)
    values = np.concatenate([c.values for c in columns])
    found, different = pd.factorize(values, use_na_sentinel=True)
    codes = found.astype(np.int64)
    gone = codes < 0
    if gone.any():
        kinds = [np.zeros(len(c), np.uint8) if c.codes is None else c.codes for c in columns]
        codes[gone] = len(different) + np.concatenate(kinds)[gone].astype(np.int64)
        return codes, len(different) + 256
    return codes, len(different)


def grouped(columns: Sequence[Sequence[Column]], lengths: Sequence[int]) -> tuple[list[Numbers], int]:
    """A number for each record, the same where all columns have equal values, of each side; and how many there are.

    columns: one of each side, of one kind, for every variable; none at all puts every record into one group.
    """
    total = np.zeros(sum(lengths), np.int64)
    size = 1
    for sides in columns:
        codes, amount = numbered(sides)
        if size * amount >= 1 << 62:
            total, size = _dense(total)
        total = total * amount + codes
        size *= amount
    if len(columns):
        total, size = _dense(total)
    ends = np.cumsum(lengths)
    return np.split(total, ends[:-1]), size


def _dense(codes: Numbers) -> tuple[Numbers, int]:
    dense, different = pd.factorize(codes)
    return dense.astype(np.int64), max(len(different), 1)
