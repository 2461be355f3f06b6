"""Datasets as Dataset-JSON 1.1: one file a dataset, rows as lists, one a line.

What a value is, is the same as in the transport file: both writers start from a conformed `Dataset`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from datacut.datasets.model import Dataset, Variable

_TYPES = {
    "text": ("string", None),
    "integer": ("integer", None),
    "float": ("float", None),
    "date": ("date", "integer"),
    "datetime": ("datetime", "integer"),
    "time": ("time", "integer"),
}
"""Type of a variable to dataType and, for ISO 8601 text that stands for a SAS number, targetDataType."""
_FORMATS = {"date": "DATE9.", "datetime": "DATETIME20.", "time": "TIME8."}


@dataclass(frozen=True, slots=True)
class FileOrigin:
    """What a file says of itself: study, metadata version, and the time it counts as made at (ISO 8601, no clock)."""

    study: str
    metadata: str
    created: str
    originator: str = ""
    system: tuple[str, str] = ("datacut", "")


def write_dataset_json(dataset: Dataset, path: Path, origin: FileOrigin) -> None:
    """Write a dataset as Dataset-JSON 1.1 (CDISC, 2024).

    Missing text is "", any other missing value null. Dates, datetimes and times are ISO 8601 text with targetDataType
    integer: they are SAS numbers in the transport file.
    """
    write_json_parts(dataset, [dataset.frame], len(dataset.frame), path, origin)


def write_json_parts(
    dataset: Dataset, parts: Iterable[pd.DataFrame], records: int, path: Path, origin: FileOrigin
) -> None:
    """The same of a dataset whose records come in parts and are written part by part; its own frame is not read."""
    about = {
        "datasetJSONCreationDateTime": origin.created,
        "datasetJSONVersion": "1.1.0",
        "fileOID": f"{origin.study}/{origin.metadata}/{dataset.name}",
        **({"originator": origin.originator} if origin.originator else {}),
        "sourceSystem": {"name": origin.system[0], "version": origin.system[1]},
        "studyOID": origin.study,
        "metaDataVersionOID": origin.metadata,
        "itemGroupOID": f"IG.{dataset.name}",
        "records": records,
        "name": dataset.name,
        "label": dataset.label,
        "columns": [_column(dataset, v) for v in dataset.variables],
    }
    head = json.dumps(about, ensure_ascii=False, separators=(",", ":"))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{head[:-1]},"rows":[')
        mark = "\n"
        for part in parts:
            columns = [_values(part[v.name], v.type) for v in dataset.variables]
            for row in zip(*columns, strict=True):
                file.writelines((mark, "[", ",".join(row), "]"))
                mark = ",\n"
        file.write("\n]}\n")


def _column(dataset: Dataset, variable: Variable) -> dict[str, object]:
    kind, target = _TYPES[variable.type]
    column: dict[str, object] = {
        "itemOID": f"IT.{dataset.name}.{variable.name}",
        "name": variable.name,
        "label": variable.label,
        "dataType": kind,
    }
    if target is not None:
        column["targetDataType"] = target
    if variable.type == "text":
        column["length"] = variable.length or 1
    shown = variable.format or _FORMATS.get(variable.type)
    if shown is not None:
        column["displayFormat"] = shown
    if variable.key is not None:
        column["keySequence"] = variable.key
    return column


def _values(column: pd.Series, kind: str) -> list[str]:
    """The values of a column written as JSON; each different value is made once."""
    codes, different = pd.factorize(column)
    values = [*(_value(v, kind) for v in different.tolist()), "" if kind == "text" else None]
    shown = np.array([json.dumps(value, ensure_ascii=False) for value in values], dtype=object)
    return cast("list[str]", shown[codes].tolist())


def _value(value: object, kind: str) -> object:
    match value:
        case pd.Timestamp() if kind == "date":
            return value.date().isoformat()
        case pd.Timestamp():
            return value.isoformat(timespec="seconds")
        case int() if kind == "time":
            return f"{value // 3600:02d}:{value // 60 % 60:02d}:{value % 60:02d}"
        case _:
            return value
