"""Datasets and other frames as Parquet, the same bytes each time.

Written without pandas' own metadata, which changes with its version: column types say the dtype, and what a
dataset is beside its frame stands as one JSON under the file's key `datacut`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from datacut.datasets.lineage import COLUMNS, MAKERS, VALUES
from datacut.datasets.model import Dataset, Variable
from datacut.errors import InputError, WriteError

_KEY = b"datacut"
_ARROW = {
    "str": pa.string(),
    "string": pa.string(),
    "Int64": pa.int64(),
    "Float64": pa.float64(),
    "datetime64[s]": pa.timestamp("ms"),
}
_PANDAS = {
    pa.string(): "str",
    pa.large_string(): "str",
    pa.int64(): "Int64",
    pa.float64(): "Float64",
    pa.timestamp("ms"): "datetime64[s]",
}
_ROW_GROUP = 1 << 20


def write_parquet(dataset: Dataset, path: Path) -> None:
    """Write the frame and what describes it; the lineage has a file of its own (`write_lineage`)."""
    about = {
        "name": dataset.name,
        "label": dataset.label,
        "keys": list(dataset.keys),
        "variables": [
            {
                "name": v.name,
                "label": v.label,
                "type": str(v.type),
                "length": v.length,
                "format": v.format,
                "key": v.key,
            }
            for v in dataset.variables
        ],
    }
    write_frame(dataset.frame, path, about)


def read_parquet(path: Path) -> Dataset:
    """Read a dataset written by `write_parquet`, with an empty lineage."""
    frame, about = read_frame(path)
    if not about:
        raise InputError(f"{path}: not a dataset written by datacut")
    return Dataset(
        name=about["name"],
        label=about["label"],
        variables=tuple(Variable(**v) for v in about["variables"]),
        frame=frame,
        keys=tuple(about["keys"]),
    )


def write_lineage(dataset: Dataset, folder: Path) -> None:
    """Write the lineage of a dataset into `folder`: `ae.parquet` of its records; and where there is something to tell,
    `ae.values.parquet` of its values, `ae.makers.parquet`, what made each record, and `ae.working.parquet`, its working
    columns.
    """
    stem = dataset.name.lower()
    write_frame(dataset.lineage[list(COLUMNS)].astype(COLUMNS), folder / f"{stem}.parquet", numbered=True)
    for name, frame, columns in (("values", dataset.values, VALUES), ("makers", dataset.makers, MAKERS)):
        if len(frame):
            write_frame(frame[list(columns)].astype(columns), folder / f"{stem}.{name}.parquet", numbered=True)
    if len(dataset.working.columns):
        write_frame(dataset.working, folder / f"{stem}.working.parquet")


def read_lineage(path: Path) -> pd.DataFrame:
    """Read a lineage table back."""
    return read_frame(path)[0]


def write_frame(
    frame: pd.DataFrame, path: Path | BinaryIO, about: dict[str, Any] | None = None, *, numbered: bool = False
) -> None:
    """Write a frame of str, Int64, Float64 and datetime64[s] columns; any other dtype is a WriteError.

    numbered: its Int64 are numbers of records, of which the differences are stored, a tenth of the size.
    """
    write_frames(frame.iloc[:0], [frame], path, about, numbered=numbered)


def write_frames(
    shape: pd.DataFrame,
    parts: Iterable[pd.DataFrame],
    path: Path | BinaryIO,
    about: dict[str, Any] | None = None,
    *,
    numbered: bool = False,
) -> None:
    """Write frames of the columns of `shape` below each other as one, part by part."""
    fields = []
    for name in shape.columns:
        if (kind := _ARROW.get(str(shape[name].dtype))) is None:
            raise WriteError(f"{path}: column {name} has dtype {shape[name].dtype}, which is not stored")
        fields.append(pa.field(str(name), kind))
    text = json.dumps(about or {}, sort_keys=True, ensure_ascii=False)
    schema = pa.schema(fields)
    numbers = [f.name for f in fields if f.type == pa.int64()] if numbered else []
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=3,
        version="2.6",
        data_page_version="1.0",
        store_schema=False,
        use_dictionary=[f.name for f in fields if f.name not in numbers] if numbers else True,
        column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED") if numbers else None,
    ) as writer:
        for part in parts:
            arrays = [_array(part[field.name], field.type) for field in schema]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=_ROW_GROUP)
        writer.add_key_value_metadata({_KEY: text.encode()})


def read_frame(path: Path | BinaryIO) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read a frame written by `write_frame` and its description."""
    try:
        with pq.ParquetFile(path) as file:
            table, extra = file.read(use_threads=False), file.metadata.metadata or {}
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{path}: cannot be read as Parquet: {error}") from error
    about = _described(extra)
    columns: dict[str, pd.Series[Any]] = {}
    for field, column in zip(table.schema, table.columns, strict=True):
        columns[field.name] = _series(column, _PANDAS[field.type])
    return pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows)), about


def about_of(file: pq.ParquetFile) -> dict[str, Any]:
    """What stands beside the frame in a file of ours; nothing in another."""
    return _described(file.metadata.metadata or {})


def _described(extra: Mapping[bytes, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(extra.get(_KEY, b"{}"))
    return found


def _array(column: pd.Series[Any], kind: pa.DataType) -> pa.Array:
    if kind == pa.timestamp("ms"):
        return pa.array(column.to_numpy().astype("datetime64[ms]"), type=kind, from_pandas=True)
    found = pa.array(column.array, from_pandas=True)
    combined = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return combined.cast(kind)


def _series(column: pa.ChunkedArray, dtype: str) -> pd.Series[Any]:
    if dtype == "str":
        kind: Any = pd.StringDtype(na_value=np.nan)
        return pd.Series(kind.__from_arrow__(column))
    if dtype == "datetime64[s]":
        return pd.Series(column.to_numpy().astype("datetime64[s]"))
    mask = column.is_null().to_numpy()
    values = column.fill_null(0).to_numpy()
    kind = pd.arrays.IntegerArray if dtype == "Int64" else pd.arrays.FloatingArray
    return pd.Series(kind(values.copy(), mask.copy()))
