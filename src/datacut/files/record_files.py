"""The records that outputs show, a Parquet file for those of one name: what is printed of each, and its condition.

Columns: `record` (number), `predicate`, and of each column shown `<key>.text`, `<key>.reason` and, of numbers,
`<key>.value`. The description of the file says what each is (`read_frame`): label, method, dataset, variable and, of a
column filled from other records, the variables they are matched by and what they satisfy beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pandas as pd

from datacut.datasets.records import Cells, ShownColumn, ShownRecords
from datacut.files.parquet import read_frame, write_frame
from datacut.spec.where import parse_predicate, predicate_text


def write_records(records: ShownRecords, output: str, name: str, path: Path | BinaryIO) -> None:
    """Write the records of one name that an output shows."""
    columns: dict[str, pd.Series] = {
        "record": pd.Series(range(1, len(records) + 1), dtype="Int64"),
        "predicate": pd.Series([predicate_text(p) or None for p in records.predicates], dtype="str"),
    }
    about = []
    for key, column in records.columns.items():
        cells = column.cells
        columns |= {f"{key}.text": cells.texts, f"{key}.reason": cells.reasons}
        if cells.values is not None:
            columns[f"{key}.value"] = cells.values
        about.append(
            {
                "key": key,
                "label": column.label,
                "method": column.method,
                "dataset": column.dataset,
                "variable": column.variable,
                "match": list(column.match),
                "where": predicate_text(column.where),
            }
        )
    told = {
        "output": output,
        "name": name,
        "dataset": records.dataset,
        "where": predicate_text(records.where),
        "one_per": list(records.one_per),
        "columns": about,
    }
    write_frame(pd.DataFrame(columns), path, told)


def read_records(path: Path | BinaryIO) -> tuple[str, str, ShownRecords]:
    """Output, name and records of a file written by `write_records`."""
    frame, told = read_frame(path)
    columns = {}
    for about in told["columns"]:
        key = about.pop("key")
        values = frame[f"{key}.value"] if f"{key}.value" in frame.columns else None
        cells = Cells(frame[f"{key}.text"], frame[f"{key}.reason"], values)
        match, where = tuple(about.pop("match")), parse_predicate(about.pop("where"))
        columns[key] = ShownColumn(**about, cells=cells, match=match, where=where)
    predicates = tuple(parse_predicate(text) for text in frame["predicate"].fillna(""))
    where = parse_predicate(told["where"])
    return (
        told["output"],
        told["name"],
        ShownRecords(told["dataset"], where, predicates, columns, tuple(told["one_per"])),
    )
