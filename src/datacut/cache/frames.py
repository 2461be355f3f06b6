"""Frames as bytes, and digests of what they hold: the form in which every frame is kept."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from datacut.cache.content import digest_of

_DTYPES = b"dtypes"


class FormError(TypeError):
    """A frame that cannot be kept: a column holds what is neither text, number, date nor truth value."""


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


def _arrow(column: pd.Series) -> pa.Array:
    try:
        made = pa.array(column.to_numpy(dtype=object), from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as fault:
        raise FormError(f"{column.name}: {fault}") from fault
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
