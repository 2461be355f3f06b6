"""A side of a comparison from Parquet: a dataset of ours with all that describes it, or any table of plain columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datacut.compare.columns import DAY, EPOCH_DAYS, KINDS, About, Column, Kind, Side, as_text, require_names
from datacut.errors import InputError
from datacut.files.parquet import about_of

EXACT_INTEGERS = 2**53


def read_parquet_sides(path: Path) -> list[Side]:
    """The table of a Parquet file; its columns are read when they are compared."""
    try:
        with pq.ParquetFile(path) as file:
            schema, records, described = file.schema_arrow, file.metadata.num_rows, about_of(file)
    except (OSError, pa.ArrowInvalid) as fault:
        raise InputError(f"{path}: cannot be read as Parquet: {str(fault).splitlines()[0]}") from None
    except ValueError:
        raise _damaged(path) from None
    names = require_names(schema.names, str(path))
    try:
        known = {v["name"].upper(): v for v in described.get("variables", ())}
        keys = tuple(k.upper() for k in described.get("keys", ()))
        about = {n: _about(n, i, schema.field(i).type, known.get(n, {}), str(path)) for i, n in enumerate(names)}
    except (AttributeError, KeyError, TypeError):
        raise _damaged(path) from None

    def fetch(name: str) -> Column:
        try:
            with pq.ParquetFile(path) as file:
                read = file.read(columns=[schema.names[names.index(name)]]).column(0)
        except (OSError, pa.ArrowInvalid) as fault:
            raise InputError(f"{path}: {name} cannot be read: {str(fault).splitlines()[0]}") from None
        if len(read) != records:
            raise InputError(f"{path}: {name} has {len(read)} of {records} values: the file is damaged.")
        return _column(read, about[name].kind, f"{path}: {name}")

    name = str(described.get("name") or path.stem).upper()
    return [Side(str(path), name, records, about, fetch, described.get("label"), keys)]


def _damaged(path: Path) -> InputError:
    return InputError(f"{path}: what the file says of its variables is damaged. Ask for it again.")


def _about(name: str, at: int, kind: pa.DataType, known: Mapping[str, Any], place: str) -> About:
    moments = pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_time(kind)
    if known:
        form = known["format"] or (None if moments else "")
        return About(name, KINDS[known["type"]], known["label"], known["length"], form, at + 1, not moments)
    if pa.types.is_date(kind):
        return About(name, Kind.DATE, order=at + 1, sas=False)
    if pa.types.is_timestamp(kind):
        return About(name, Kind.DATETIME, order=at + 1, sas=False)
    if pa.types.is_time(kind):
        return About(name, Kind.TIME, order=at + 1, sas=False)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return About(name, Kind.NUMBER, order=at + 1)
    if pa.types.is_dictionary(kind):
        return _about(name, at, kind.value_type, known, place)
    if (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_null(kind)
    ):
        return About(name, Kind.TEXT, order=at + 1)
    raise InputError(f"{place}: the column {name} holds {kind}, which is no value of a dataset.")


def _column(read: pa.ChunkedArray, kind: Kind, place: str) -> Column:
    if pa.types.is_dictionary(read.type):
        read = read.cast(read.type.value_type)
    if kind is Kind.TEXT:
        return Column(Kind.TEXT, as_text(read))
    if pa.types.is_date(read.type):
        return Column(kind, _doubles(read.cast(pa.date32()).cast(pa.int32())) + EPOCH_DAYS, sas=False)
    if pa.types.is_timestamp(read.type):
        seconds = _doubles(read.cast(pa.timestamp("us")).cast(pa.int64())) / 1e6 + EPOCH_DAYS * DAY
        return Column(kind, seconds / DAY if kind is Kind.DATE else seconds, sas=False)
    if pa.types.is_time(read.type):
        return Column(kind, _doubles(read.cast(pa.time64("us")).cast(pa.int64())) / 1e6, sas=False)
    if pa.types.is_integer(read.type) and (pc.max(pc.abs(read.cast(pa.int64()))).as_py() or 0) > EXACT_INTEGERS:
        raise InputError(f"{place}: whole numbers beyond 2^53, which a SAS number cannot hold. Make them text.")
    return Column(kind, _doubles(read))


def _doubles(read: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.float64]]:
    values: np.ndarray[Any, np.dtype[np.float64]] = pc.fill_null(read.cast(pa.float64()), float("nan")).to_numpy()
    return values
