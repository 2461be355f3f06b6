"""Digests of values, and frames as bytes: what keys are over, and the form in which everything made is kept."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

_DTYPES = b"dtypes"


class FormError(TypeError):
    """A frame that cannot be kept: a column holds what is neither text, number, date nor truth value."""


def digest_of(*parts: object) -> str:
    """SHA-256 of texts and what JSON can say of values; the order of the keys of a map does not count.

    >>> digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    True
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def digest_column(column: pd.Series) -> str:
    """SHA-256 of the values of a column in their order, and of its dtype; its index and name do not count.

    What lies beneath a missing value does not count either.
    """
    total = hashlib.sha256(f"{column.dtype} {len(column)} ".encode())
    if isinstance(column.dtype, pd.StringDtype) or column.dtype == object:
        for buffer in _arrow(column).buffers():
            total.update(b"-" if buffer is None else memoryview(buffer))
    elif isinstance(column.array, pd.arrays.IntegerArray | pd.arrays.FloatingArray | pd.arrays.BooleanArray):
        total.update(column.isna().to_numpy().tobytes())
        numbers = column.to_numpy(dtype=str(column.dtype).lower().replace("boolean", "bool"), na_value=0)
        total.update(numbers.tobytes())
    else:
        total.update(np.ascontiguousarray(column.to_numpy()).tobytes())
    return total.hexdigest()


def digest_frame(frame: pd.DataFrame) -> str:
    """SHA-256 of the columns of a frame by name, in their order."""
    return digest_of([(str(name), digest_column(frame[name])) for name in frame.columns], len(frame))


def frame_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as Parquet; its index is not kept. Raises FormError where it cannot be."""
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as fault:
        raise FormError(str(fault)) from fault
    dtypes = {str(name): str(dtype) for name, dtype in frame.dtypes.items()}
    table = table.replace_schema_metadata({**table.schema.metadata, _DTYPES: json.dumps(dtypes).encode()})
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", write_statistics=False, use_dictionary=False)
    return out.getvalue()


def frame_from(data: bytes) -> pd.DataFrame:
    """The frame of `frame_bytes`, with the dtypes it had, and rows numbered from 0."""
    table = pq.ParquetFile(pa.BufferReader(data)).read(use_threads=False)
    had: dict[str, str] = json.loads(table.schema.metadata[_DTYPES])
    rows = pd.RangeIndex(table.num_rows)
    if not had:
        return pd.DataFrame(index=rows, columns=pd.Index([], dtype="object"))
    # column by column: conversion of whole tables, and of their types afterwards, takes three times as long
    return pd.DataFrame({n: _series(c, d) for (n, d), c in zip(had.items(), table.columns, strict=True)}, index=rows)


def _series(column: pa.ChunkedArray, dtype: str) -> Any:
    """A column of a table with the dtype it had."""
    kind = pd.api.types.pandas_dtype(dtype)
    if hasattr(kind, "__from_arrow__"):
        return kind.__from_arrow__(column)
    values: pd.Series[Any] = column.to_pandas()
    if dtype == "object":
        return values.astype("object").where(values.notna(), None)
    return values if values.dtype == kind else values.astype(kind)


def json_bytes(value: object) -> bytes:
    """A value as JSON that is the same for the same value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=_plain).encode()


def json_from(data: bytes) -> Any:
    """The value of `json_bytes`; what was a tuple is a list."""
    return json.loads(data)


def _arrow(column: pd.Series) -> pa.Array:
    try:
        made = pa.array(column.to_numpy(dtype=object), from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as fault:
        raise FormError(f"{column.name}: {fault}") from fault
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made


def _plain(value: object) -> object:
    """What JSON has no word for."""
    dump = getattr(value, "model_dump", None)
    if dump is not None:
        return dump(mode="json")
    if isinstance(value, Mapping):
        return {str(k): v for k, v in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(value)
    return list(value) if isinstance(value, Iterable) else repr(value)
