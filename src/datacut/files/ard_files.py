"""The ARD as one dataset that a transport file could hold: names of at most 8 characters, texts of at most 200 bytes.

A longer text goes on in columns of the same name with a number: PRED, PRED1, PRED2; their texts, joined, are the whole.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from datacut.datasets.ard import ARD_COLUMNS, GROUPS
from datacut.datasets.model import MAX_TEXT, Dataset, Variable
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
    "row": ("ROWN", "Row of the Output"),
    "column": ("COLKEY", "Column of the Output"),
}
"""Name and label in files of each column of the ARD."""
_KINDS = {"str": "text", "Float64": "float", "Int64": "integer"}


def ard_dataset(ard: pd.DataFrame) -> Dataset:
    """The ARD under the names of `NAMES`, its long texts in several columns, in its order."""
    variables: list[Variable] = []
    columns: dict[str, pd.Series] = {}
    for source, dtype in ARD_COLUMNS.items():
        name, label = NAMES[source]
        kind = _KINDS[dtype]
        if kind != "text":
            variables.append(Variable(name, label, kind))
            columns[name] = ard[source]
            continue
        codes, different = pd.factorize(ard[source])
        pieces = [split_text(text) for text in different]
        for i in range(max(map(len, pieces), default=1)):
            part = [p[i] if i < len(p) else None for p in pieces]
            length = max((len(p.encode()) for p in part if p is not None), default=1)
            variables.append(Variable(f"{name}{i or ''}", f"{label}{f', {i + 1}' if i else ''}", kind, length or 1))
            texts = pd.array([*part, None], dtype="str").take(codes)
            columns[f"{name}{i or ''}"] = pd.Series(texts, index=ard.index)
    return Dataset("ARD", "Analysis Results", tuple(variables), pd.DataFrame(columns, index=ard.index))


def write_ard_csv(dataset: Dataset, path: Path) -> None:
    """Write the dataset as CSV in UTF-8, numbers at full precision, missing values empty."""
    columns = [_written(dataset.frame[v.name]) for v in dataset.variables]
    rows = [tuple(v.name for v in dataset.variables), *zip(*columns, strict=True)]
    path.write_text("\n".join(map(",".join, rows)) + "\n", encoding="utf-8", newline="\n")


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
