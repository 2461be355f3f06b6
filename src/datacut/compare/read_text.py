"""Sides of a comparison from text: Dataset-JSON 1.1, as JSON or NDJSON, and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from datacut.compare.columns import About, Column, Kind, Side, harmonised, require_names
from datacut.compare.read_sas import require_codec
from datacut.errors import InputError

_NUMBERS = ("integer", "float", "double", "decimal")
_TOGETHER = 65_536
"""Records of a CSV that are held as Python texts at a time."""
_MOMENTS = {"date": Kind.DATE, "datetime": Kind.DATETIME, "time": Kind.TIME}


def read_json_sides(path: Path) -> list[Side]:
    """The dataset of a Dataset-JSON file. A date with targetDataType integer is the SAS number it stands for."""
    head, rows = _json(path)
    columns = head.get("columns")
    if not isinstance(columns, list) or not isinstance(rows, list) or not all(isinstance(c, dict) for c in columns):
        raise InputError(f"{path}: JSON, but not Dataset-JSON 1.1: it has no columns or no rows.")
    told = head.get("records")
    if told is not None and told != len(rows):
        raise InputError(f"{path}: {told} records are told and {len(rows)} are there: cut off, or altered.")
    names = require_names([str(c.get("name", "")) for c in columns], str(path))
    wrong = next((i for i, row in enumerate(rows) if not isinstance(row, list) or len(row) != len(names)), None)
    if wrong is not None:
        raise InputError(f"{path}: row {wrong + 1} does not have the {len(names)} values of its columns.")
    about = {name: _json_about(name, i, c) for i, (name, c) in enumerate(zip(names, columns, strict=True))}
    ordered = sorted((c["keySequence"], n) for n, c in zip(names, columns, strict=True) if c.get("keySequence"))

    def fetch(name: str) -> Column:
        at = names.index(name)
        return _json_column([row[at] for row in rows], about[name].kind, f"{path}: {name}")

    keys = tuple(n for _, n in ordered)
    return [
        Side(str(path), str(head.get("name") or path.stem).upper(), len(rows), about, fetch, head.get("label"), keys)
    ]


def _json(path: Path) -> tuple[dict[str, Any], Any]:
    """What stands before the rows, and the rows; None where there are none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".ndjson":
            lines: list[Any] = [json.loads(line) for line in text.splitlines() if line.strip()]
            whole = {**lines[0], "rows": lines[1:]} if lines and isinstance(lines[0], dict) else None
        else:
            whole = json.loads(text)
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8, which JSON is.") from None
    except json.JSONDecodeError as fault:
        raise InputError(f"{path}: not JSON, or cut off: {fault}") from None
    if not isinstance(whole, dict):
        raise InputError(f"{path}: JSON, but not Dataset-JSON 1.1: it has no columns or no rows.")
    return whole, whole.get("rows")


def _json_about(name: str, at: int, column: dict[str, Any]) -> About:
    kind = str(column.get("dataType"))
    form = column.get("displayFormat")
    length = column.get("length")
    label = str(column.get("label", ""))
    if kind in _NUMBERS:
        return About(name, Kind.NUMBER, label, length, form, at + 1)
    if kind in _MOMENTS and column.get("targetDataType") == "integer":
        return About(name, _MOMENTS[kind], label, length, form, at + 1, sas=False)
    return About(name, Kind.TEXT, label, length, form, at + 1)


def _json_column(values: Sequence[Any], kind: Kind, place: str) -> Column:
    if kind is Kind.NUMBER:
        try:
            # a decimal is a number in quotes
            return Column(kind, np.array([np.nan if v in (None, "") else float(v) for v in values], np.float64))
        except (TypeError, ValueError):
            raise InputError(f"{place}: something that is no number in a column of numbers.") from None
    if any(v is not None and not isinstance(v, str | bool) for v in values):
        raise InputError(f"{place}: something that is no text in a column of texts or dates.")
    texts = [None if v is None else str(v).lower() if isinstance(v, bool) else v for v in values]
    text = _text(texts)
    return text if kind is Kind.TEXT else harmonised(text, Column(kind, np.zeros(0), sas=False))[0]


def _text(values: Sequence[str | None]) -> Column:
    return Column(Kind.TEXT, pa.chunked_array([pa.array(values, pa.large_string())]))


def read_csv_sides(path: Path, encoding: str | None) -> list[Side]:
    """The table of a CSV file with a header, separated by commas, else semicolons or tabs; UTF-8 unless it is named.

    It has no types: its texts are compared with numbers and dates where the other side holds such.
    """
    data = path.read_bytes()
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    codec = require_codec(encoding) if encoding else "utf-16" if wide else "utf-8-sig"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        raise InputError(f"{path}: not {codec.removesuffix('-sig')}. Name its encoding with --encoding.") from None
    if "\0" in text:
        raise InputError(f"{path}: not a text file, whatever its name says.")
    names, columns = _csv(path, text)
    capitals = require_names(names, str(path))
    about = {name: About(name, Kind.TEXT, order=i + 1, sas=False, typed=False) for i, name in enumerate(capitals)}

    def fetch(name: str) -> Column:
        return Column(Kind.TEXT, columns[capitals.index(name)], typed=False)

    return [Side(str(path), path.stem.upper(), len(columns[0]), about, fetch)]


def _csv(path: Path, text: str) -> tuple[list[str], list[pa.ChunkedArray]]:
    """Header and columns of a CSV; a record of another number of cells is refused."""
    header = text.partition("\n")[0]
    mark = next((m for m in (",", ";", "\t") if m in header), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    names: list[str] = []
    columns: list[list[pa.Array]] = []
    try:
        names = next(row for row in reader if row)
        columns = [[] for _ in names]
        records = 0
        while rows := [row for row in islice(reader, _TOGETHER) if row]:
            for number, row in enumerate(rows, start=records + 1):
                if len(row) != len(names):
                    raise InputError(f"{path}: record {number} has {len(row)} cells, the header {len(names)}.")
            records += len(rows)
            for parts, values in zip(columns, zip(*rows, strict=True), strict=True):
                parts.append(pa.array(values, pa.large_string()))
    except csv.Error as fault:
        raise InputError(f"{path}: not a CSV, or cut off: {fault}") from None
    except StopIteration:
        raise InputError(f"{path}: the file is empty.") from None
    return names, [pa.chunked_array(parts, pa.large_string()) for parts in columns]
