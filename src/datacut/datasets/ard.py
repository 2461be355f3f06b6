"""The column contract of analysis results: one row per statistic.

Statistics verbs write it; displays, figures and files only read it. In memory the path of a row, the key of a column
and the condition that selects the records are structured values (`Parts`, `Predicate`); they are text in files alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from datacut.datasets.parts import KEY, PATH, join_parts, split_parts
from datacut.errors import Finding, Findings, in_data, nearest
from datacut.spec.where import parse_predicate, predicate_text

LABEL = "label"
"""Method and analysis of the labels of rows and columns; their column where they are of rows."""
GROUPS = 5
"""Variables and levels a row may name; what a result is further split by stands in its predicate alone."""

ARD_COLUMNS: dict[str, str] = {
    "output": "str",
    "analysis": "str",
    "method": "str",
    "dataset": "str",
    "population": "str",
    **{f"group{i}{suffix}": "str" for i in range(1, GROUPS + 1) for suffix in ("", "_level")},
    "variable": "str",
    "variable_level": "str",
    "stat_name": "str",
    "stat_label": "str",
    "stat": "Float64",
    "stat_text": "str",
    "pattern": "str",
    "formatted": "str",
    "reason": "str",
    "predicate": "object",
    "denominator_dataset": "str",
    "denominator": "object",
    "row": "Int64",
    "column": "object",
    "path": "object",
}
"""denominator: the condition that selects what a percentage, its limits or a rate is of; path: of the label of a row or
column, the headings it stands under and itself.
"""
FILE_COLUMNS: dict[str, str] = {n: "str" if t == "object" else t for n, t in ARD_COLUMNS.items() if n != "path"}
"""Columns in files: conditions and column key are texts, and a path is the `stat_text` of its label."""
_REQUIRED = ("output", "analysis", "method", "stat_name")
_GROUPS = tuple(f"group{i}" for i in range(1, GROUPS + 1))


def empty_ard() -> pd.DataFrame:
    """An ARD without rows."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in ARD_COLUMNS.items()})


def frame_of(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """An ARD of rows, each with the columns it has a value of."""
    columns: dict[str, list[object]] = {name: [None] * len(rows) for name in ARD_COLUMNS}
    for number, row in enumerate(rows):
        for name, value in row.items():
            columns[name][number] = value
    return pd.DataFrame({name: pd.Series(columns[name], dtype=dtype) for name, dtype in ARD_COLUMNS.items()})


def concat_ard(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """One ARD of several, in order: a column left out is missing there, an unknown one is a ValueError."""
    parts = []
    for frame in frames:
        if unknown := [c for c in frame.columns if c not in ARD_COLUMNS]:
            raise ValueError(f"not a column of an ARD: {unknown[0]}. {nearest(unknown[0], ARD_COLUMNS)}")
        parts.append(frame.reindex(columns=list(ARD_COLUMNS)).astype(ARD_COLUMNS))
    return pd.concat(parts, ignore_index=True) if parts else empty_ard()


def file_frame(ard: pd.DataFrame) -> pd.DataFrame:
    """An ARD as files hold it."""
    paths = _each(ard["path"], lambda path: join_parts(path, PATH) or None)
    return ard.assign(
        predicate=_each(ard["predicate"], lambda predicate: predicate_text(predicate) or None),
        denominator=_each(ard["denominator"], lambda predicate: predicate_text(predicate) or None),
        column=_each(ard["column"], lambda key: join_parts(key, KEY)),
        stat_text=ard["stat_text"].where(ard["path"].isna(), paths).astype("str"),
    )[list(FILE_COLUMNS)]


def ard_of_file(frame: pd.DataFrame) -> pd.DataFrame:
    """The ARD that `file_frame` made a frame of: a label says its path in place of a text.

    A column that the frame lacks, as one of an earlier version may, is missing.
    """
    frame = frame.reindex(columns=list(FILE_COLUMNS))
    label = frame["method"].eq(LABEL).fillna(False)
    texts = frame["stat_text"]
    return concat_ard(
        [
            frame.assign(
                predicate=_each(frame["predicate"], parse_predicate, "object"),
                denominator=_each(frame["denominator"], parse_predicate, "object"),
                column=_each(frame["column"], lambda text: split_parts(text, KEY), "object"),
                path=_each(texts.where(label), lambda text: split_parts(text, PATH), "object"),
                stat_text=texts.mask(label),
            )
        ]
    )


def _each(column: pd.Series, made: Callable[[Any], object], dtype: str = "str") -> pd.Series:
    """A column made anew, each different value once; a missing one stays so."""
    codes, different = pd.factorize(column.to_numpy(dtype=object))
    values = pd.Series([*map(made, different), None], dtype="object").to_numpy()
    return pd.Series(values[codes], index=column.index, dtype=dtype)


def plain_rows(ard: pd.DataFrame, names: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """The values of columns row by row, as plain Python values; a missing one is None."""
    columns = [ard[name].to_numpy(dtype=object, na_value=None).tolist() for name in names]  # type: ignore[call-overload]
    return zip(*columns, strict=True)


def check_ard(frame: pd.DataFrame) -> list[Finding]:
    """What breaks the contract: columns, dtypes, and rows that say neither a value nor a reason."""
    findings = Findings()
    for name in frame.columns:
        if name not in ARD_COLUMNS:
            remedy = nearest(str(name), ARD_COLUMNS)
            findings.error("ard.column", in_data("ARD", name), "unknown column", remedy=remedy)
    for name, dtype in ARD_COLUMNS.items():
        if name not in frame.columns:
            findings.error(
                "ard.column", in_data("ARD", name), "missing column", remedy="Use concat_ard to complete it."
            )
        elif str(frame[name].dtype) != dtype:
            found = str(frame[name].dtype)
            findings.error("ard.type", in_data("ARD", name), "wrong dtype", value=found, remedy=f"Make it {dtype}.")
    if not len(findings):
        if list(frame.columns) != list(ARD_COLUMNS):
            findings.error("ard.order", in_data("ARD"), "columns out of order", remedy="Use concat_ard to order them.")
        _check_rows(frame, findings)
    return list(findings)


def _check_rows(frame: pd.DataFrame, findings: Findings) -> None:
    for name in _REQUIRED:
        for record in _records(frame, frame[name].isna()):
            findings.error(
                "ard.required",
                in_data("ARD", key=f"{record}.{name}"),
                "is missing",
                remedy="Every result row states it.",
            )
    for group in _GROUPS:
        for record in _records(frame, frame[group].isna() & frame[f"{group}_level"].notna()):
            remedy = f"State the variable of the level in {group}."
            findings.error(
                "ard.group", in_data("ARD", key=f"{record}.{group}"), "a level without its variable", remedy=remedy
            )
    silent = frame[["stat", "stat_text", "path", "reason"]].isna().all(axis="columns")
    for record in _records(frame, silent):
        remedy = "Give stat, stat_text, or the reason why there is none."
        findings.error("ard.reason", in_data("ARD", key=record), "neither a value nor a reason", remedy=remedy)
    infinite = frame["stat"].abs().eq(float("inf")).fillna(False)
    for record in _records(frame, infinite):
        findings.error(
            "ard.infinite",
            in_data("ARD", key=record),
            "an infinite value",
            remedy="Leave it missing and give a reason.",
        )


def _records(frame: pd.DataFrame, rows: pd.Series[bool]) -> list[str]:
    """The key of each of `rows`: its number, and the result it is."""
    chosen = frame.loc[rows.astype(bool)]
    names = zip(
        chosen.index,
        chosen["output"].fillna("?"),
        chosen["analysis"].fillna("?"),
        chosen["stat_name"].fillna("?"),
        strict=True,
    )
    return [f"row {number + 1}:{output}/{analysis}/{stat}" for number, output, analysis, stat in names]
