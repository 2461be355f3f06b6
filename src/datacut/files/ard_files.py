"""The ARD as one dataset that a transport file could hold: names of at most 8 characters, texts of at most 200 bytes.

A longer text goes on in columns of the same name with a number: PRED, PRED1, PRED2; their texts, joined, are the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from datacut.datasets.ard import FILE_COLUMNS, GROUPS
from datacut.datasets.model import MAX_TEXT, Variable
from datacut.files.csv_cells import safe_cell

NAMES: dict[str, tuple[str, str]] = {
    "output": ("OUTID", "Output"),
    "analysis": ("ANALID", "Analysis of the Output"),
    "method": ("METHOD", "Method"),
    "dataset": ("DSNAME", "Dataset Analysed"),
    "population": ("ANLSET", "Analysis Set"),
    **{
        name: told
        for i in range(1, GROUPS + 1)
        for name, told in (
            (f"group{i}", (f"GRP{i}", f"Grouping Variable {i}")),
            (f"group{i}_level", (f"GRP{i}LV", f"Level of Grouping Variable {i}")),
        )
    },
    "variable": ("VARNAM", "Variable Analysed"),
    "variable_level": ("VARLVL", "Level of the Variable Analysed"),
    "stat_name": ("STATNM", "Statistic"),
    "stat_label": ("STATLB", "Label of the Statistic"),
    "stat": ("STATN", "Value of the Statistic (N)"),
    "stat_text": ("STATC", "Value of the Statistic (C)"),
    "pattern": ("PATTRN", "Pattern It Is Printed By"),
    "formatted": ("FMTVAL", "Text Printed"),
    "reason": ("REASON", "Reason Why There Is No Value"),
    "predicate": ("PRED", "Condition That Selects the Records"),
    "denominator_dataset": ("DENDS", "Dataset of the Denominator"),
    "denominator": ("DENOM", "Condition That Selects the Denominator"),
    "row": ("ROWN", "Row of the Output"),
    "column": ("COLKEY", "Column of the Output"),
}
"""Name and label in files of each column of the ARD."""
_KINDS = {"str": "text", "Float64": "float", "Int64": "integer"}


def ard_variables(parts: Iterable[pd.DataFrame]) -> tuple[Variable, ...]:
    """The variables of an ARD that comes in parts (`file_frame`): names of `NAMES`, long texts in several of them."""
    lengths: dict[str, list[int]] = {name: [1] for name in FILE_COLUMNS}
    for part in parts:
        for source in (n for n, dtype in FILE_COLUMNS.items() if _KINDS[dtype] == "text"):
            for text in part[source].dropna().unique():
                for i, piece in enumerate(split_text(text)):
                    lengths[source][i : i + 1] = [max([len(piece.encode()), *lengths[source][i : i + 1]])]
    variables: list[Variable] = []
    for source, dtype in FILE_COLUMNS.items():
        name, label = NAMES[source]
        if (kind := _KINDS[dtype]) == "text":
            variables += [
                Variable(f"{name}{i or ''}", f"{label}{f', {i + 1}' if i else ''}", kind, length)
                for i, length in enumerate(lengths[source])
            ]
        else:
            variables.append(Variable(name, label, kind))
    return tuple(variables)


def ard_columns(part: pd.DataFrame, variables: Sequence[Variable]) -> pd.DataFrame:
    """One part of an ARD in its variables."""
    known = {v.name for v in variables}
    columns: dict[str, pd.Series] = {}
    for source, dtype in FILE_COLUMNS.items():
        name, _ = NAMES[source]
        if _KINDS[dtype] != "text":
            columns[name] = part[source]
            continue
        codes, different = pd.factorize(part[source])
        pieces = [split_text(text) for text in different]
        for i in range(sum(f"{name}{n or ''}" in known for n in range(len(known)))):
            texts = pd.array([*(p[i] if i < len(p) else None for p in pieces), None], dtype="str").take(codes)
            columns[f"{name}{i or ''}"] = pd.Series(texts, index=part.index)
    return pd.DataFrame(columns, index=part.index)


def write_ard_csv(parts: Iterable[pd.DataFrame], variables: Sequence[Variable], path: Path) -> None:
    """Write the parts of an ARD (`ard_columns`) as CSV in UTF-8, numbers at full precision, missing values empty."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(v.name for v in variables) + "\n")
        for part in parts:
            columns = [_written(part[v.name]) for v in variables]
            file.writelines(",".join(row) + "\n" for row in zip(*columns, strict=True))


def _written(column: pd.Series) -> list[str]:
    """The values of a column as CSV has them; each different value is made once."""
    codes, different = pd.factorize(column)
    shown = np.array([*(_quoted(safe_cell(str(v))) for v in different.tolist()), ""], dtype=object)
    return cast("list[str]", shown[codes].tolist())


def _quoted(text: str) -> str:
    """A text in quotes where CSV needs them (RFC 4180)."""
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text


def split_text(text: str, limit: int = MAX_TEXT) -> list[str]:
    """`text` in parts of at most `limit` bytes, before a blank where there is one; joined, they are the text."""
    parts = []
    rest = text
    while len(rest.encode()) > limit:
        head = rest.encode()[:limit].decode(errors="ignore")
        word = head if rest[len(head)] == " " else head.rpartition(" ")[0]
        part = word.rstrip(" ") or head
        parts.append(part)
        rest = rest[len(part) :]
    return [*parts, rest]
