"""Bring a frame into the shape its variables declare, and say what does not fit.

Nothing is mended in silence: a value that breaks its declaration stays as it is, or becomes missing where the type
cannot hold it, and each case is a finding. Numbers are kept to 15 significant digits, in every file alike. Lengths are
counted in UTF-8 bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from datacut.compute.rounding import significant
from datacut.datasets.lineage import RID, Edges, empty_lineage, resolve
from datacut.datasets.model import (
    DATASET_NAME,
    DTYPES,
    MAX_LABEL,
    MAX_TEXT,
    VARIABLE_NAME,
    Dataset,
    Variable,
    record_key,
    value_text,
)
from datacut.errors import Finding, Findings, Location, in_data, nearest

SHOWN = 20
"""Findings given per variable and rule; the rest is counted in one more."""


def conform(
    frame: pd.DataFrame,
    name: str,
    label: str,
    variables: Sequence[Variable],
    keys: Sequence[str],
    edges: Edges | None = None,
) -> tuple[Dataset, list[Finding]]:
    """Select, order, type and sort a frame; check names, labels, lengths and keys.

    Rows are sorted by `keys`, stably, missing first as SAS does; missing equals missing in the check of uniqueness.
    Columns that are not declared are left out. Text gets the length of its longest value where none is declared. Given
    `edges` and a column `_rid`, the dataset's lineage is resolved to the sorted records.
    """
    findings = Findings()
    _check_names(name, label, variables, findings)
    columns: dict[str, pd.Series[Any]] = {}
    for variable in variables:
        if variable.name in frame.columns:
            columns[variable.name] = frame[variable.name]
        else:
            remedy = nearest(variable.name, (str(c) for c in frame.columns))
            findings.error(
                "dataset.variable.missing", in_data(name, variable.name), "declared but not built", remedy=remedy
            )
            columns[variable.name] = pd.Series(pd.NA, index=frame.index, dtype="object")
    known = _check_keys(name, keys, columns, findings)
    shaped = pd.DataFrame(columns, index=frame.index)
    rows = _Rows(name, shaped.copy(), known, findings)
    for variable in variables:
        shaped[variable.name] = _typed(shaped[variable.name], variable, rows)
    sorter = shaped.reset_index(drop=True)
    if known:
        sorter = sorter.sort_values(list(known), kind="stable", na_position="first")
    order = sorter.index
    built = sorter.reset_index(drop=True)
    if known:
        again = built.duplicated(list(known), keep=False)
        _Rows(name, built, known, findings).report(
            again,
            "dataset.key.duplicate",
            ",".join(known),
            built[known[0]],
            "key occurs more than once",
            "Extend the keys, or drop the extra record by a named rule.",
        )
    sized = tuple(_sized(v, built[v.name]) for v in variables)
    lineage = empty_lineage()
    if edges is not None and RID in frame.columns:
        lineage = resolve(edges, frame[RID].iloc[order])
    return Dataset(name, label, sized, built, tuple(keys), lineage), list(findings)


class _Rows:
    """Reports values of the rows of one dataset."""

    def __init__(self, dataset: str, frame: pd.DataFrame, keys: tuple[str, ...], findings: Findings) -> None:
        self.dataset, self.frame, self.keys, self.findings = dataset, frame, keys, findings

    def report(
        self,
        wrong: pd.Series[Any],
        rule: str,
        column: str,
        values: pd.Series[Any],
        what: str,
        remedy: str,
        *,
        warn: bool = False,
    ) -> None:
        """One finding for each wrong row, up to SHOWN, then one for the rest."""
        add = self.findings.warning if warn else self.findings.error
        positions = wrong.fillna(False).to_numpy(dtype=bool).nonzero()[0]
        for position in positions[:SHOWN]:
            where = in_data(self.dataset, column, record_key(self.frame, self.keys, position))
            add(rule, where, what, value=value_text(values.iloc[position]), remedy=remedy)
        if (more := len(positions) - SHOWN) > 0:
            add(rule, in_data(self.dataset, column), f"{what}: {more} more records", remedy=remedy)

    def column(self, rule: str, column: str, values: pd.Series[Any], what: str, remedy: str) -> None:
        """One finding for a column that is of another type altogether, with its first value."""
        present = values.dropna()
        first = value_text(present.iloc[0]) if len(present) else ""
        self.findings.error(rule, in_data(self.dataset, column), what, value=first, remedy=remedy)


def _check_names(name: str, label: str, variables: Sequence[Variable], findings: Findings) -> None:
    remedy = "Use a letter, then letters and digits, upper case, 8 at most."
    if not DATASET_NAME.fullmatch(name):
        findings.error("dataset.name", in_data(name), "illegal dataset name", value=name, remedy=remedy)
    _check_label(in_data(name), label, findings)
    seen: set[str] = set()
    for variable in variables:
        where = in_data(name, variable.name)
        if not VARIABLE_NAME.fullmatch(variable.name):
            findings.error("dataset.variable.name", where, "illegal variable name", value=variable.name, remedy=remedy)
        elif "_" in variable.name:
            findings.warning(
                "dataset.variable.name",
                where,
                "underscore in a variable name",
                value=variable.name,
                remedy="FDA wants letters and digits only.",
            )
        if variable.name in seen:
            findings.error(
                "dataset.variable.twice", where, "declared twice", value=variable.name, remedy="Keep one of them."
            )
        seen.add(variable.name)
        if variable.type not in DTYPES:
            findings.error(
                "dataset.variable.type",
                where,
                "unknown type",
                value=variable.type,
                remedy=nearest(variable.type, DTYPES),
            )
        if variable.length is not None and not 1 <= variable.length <= MAX_TEXT:
            findings.error(
                "dataset.text.declared",
                where,
                "declared length is not 1 to 200",
                value=str(variable.length),
                remedy="Declare 1 to 200.",
            )
        _check_label(where, variable.label, findings)


def _check_label(where: Location, label: str, findings: Findings) -> None:
    if not label:
        findings.error("dataset.label", where, "no label", remedy="Give a label of 1 to 40 bytes.")
    elif (size := len(label.encode())) > MAX_LABEL:
        findings.error("dataset.label", where, f"label has {size} bytes", value=label, remedy="Shorten it to 40 bytes.")


def _check_keys(name: str, keys: Sequence[str], columns: dict[str, Any], findings: Findings) -> tuple[str, ...]:
    for key in keys:
        if key not in columns:
            findings.error(
                "dataset.key.variable",
                in_data(name, key),
                "key is not a variable",
                value=key,
                remedy=nearest(key, columns),
            )
    return tuple(k for k in keys if k in columns)


def _typed(values: pd.Series[Any], variable: Variable, rows: _Rows) -> pd.Series[Any]:
    kind = str(variable.type)
    if values.isna().all():
        dtype: Any = DTYPES.get(kind, "str")
        return pd.Series([pd.NA] * len(values), index=values.index, dtype=dtype)
    if kind in {"date", "datetime"}:
        return _as_dates(values, variable, rows)
    if kind in {"integer", "float", "time"}:
        return _as_numbers(values, variable, rows)
    return _as_text(values, variable, rows)


def _as_text(values: pd.Series[Any], variable: Variable, rows: _Rows) -> pd.Series[Any]:
    name = variable.name
    if not (pd.api.types.is_string_dtype(values) or values.dropna().map(lambda v: isinstance(v, str)).all()):
        rows.column(
            "dataset.variable.type", name, values, "declared text but holds other values", "Convert it in the spec."
        )
        values = values.map(value_text, na_action="ignore")
    text = values.astype("str")
    blank = _of_each(text, lambda t: not t.strip(" "), missing=False)
    rows.report(
        blank,
        "dataset.text.blank",
        name,
        text,
        "blank instead of missing",
        "Missing text is NA, never blank.",
    )
    text = text.mask(blank)
    rows.report(
        _of_each(text, lambda t: t.endswith(" "), missing=False),
        "dataset.text.trailing",
        name,
        text,
        "blanks at the end do not survive a SAS file",
        "Strip it in the spec.",
        warn=True,
    )
    size = text_bytes(text)
    rows.report(
        size > MAX_TEXT,
        "dataset.text.length",
        name,
        text,
        "longer than 200 bytes",
        "Split it into further variables (SUPP--).",
    )
    if variable.length is not None:
        short = (size > variable.length) & (size <= MAX_TEXT)
        rows.report(
            short,
            "dataset.text.declared",
            name,
            text,
            f"longer than the declared {variable.length} bytes",
            "Declare the longer length.",
        )
    return text


def _as_numbers(values: pd.Series[Any], variable: Variable, rows: _Rows) -> pd.Series[Any]:
    name = variable.name
    if pd.api.types.is_timedelta64_dtype(values) and variable.type == "time":
        values = (values.dt.total_seconds()).astype("Float64")
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        found = pd.to_numeric(values.astype("object").where(values.notna(), None), errors="coerce")
        numbers = pd.Series(found, index=values.index).astype("Float64")
        rows.column(
            "dataset.variable.type",
            name,
            values,
            f"declared {variable.type} but holds no numbers",
            "Convert it in the spec.",
        )
        lost = numbers.isna() & values.notna()
        rows.report(
            lost, "dataset.number.unreadable", name, values, "not a number; left missing", "Mend the value or the spec."
        )
    elif pd.api.types.is_integer_dtype(values):
        return values.astype("Float64" if variable.type == "float" else "Int64")
    else:
        numbers = values.astype("Float64")
    infinite = numbers.abs().eq(float("inf"))
    rows.report(infinite, "dataset.number.infinite", name, numbers, "infinite value", "Leave it missing and say why.")
    if variable.type == "float":
        return significant(numbers)
    broken = numbers.ne(numbers.round()) | infinite
    rows.report(
        broken & ~infinite,
        "dataset.number.whole",
        name,
        numbers,
        f"not a whole number in a variable of type {variable.type}",
        "Declare it float, or round it in the spec.",
    )
    return numbers if bool(broken.fillna(False).any()) else numbers.astype("Int64")


def _as_dates(values: pd.Series[Any], variable: Variable, rows: _Rows) -> pd.Series[Any]:
    name = variable.name
    if not pd.api.types.is_datetime64_dtype(values):
        rows.column(
            "dataset.variable.type",
            name,
            values,
            f"declared {variable.type} but holds none; left missing",
            "Derive it as a datetime64 column.",
        )
        return pd.Series(pd.NaT, index=values.index).astype("datetime64[s]")
    seconds = values.astype("datetime64[s]")
    rows.report(
        seconds.ne(values) & values.notna(),
        "dataset.time.second",
        name,
        values,
        "parts of a second were dropped",
        "Round it in the spec.",
    )
    if variable.type == "date":
        timed = seconds.ne(seconds.dt.normalize()) & seconds.notna()
        rows.report(
            timed,
            "dataset.date.time",
            name,
            seconds,
            "a date with a time of day",
            "Declare it datetime, or take the date part in the spec.",
        )
    return seconds


def text_bytes(text: pd.Series[Any]) -> pd.Series[Any]:
    """Length in UTF-8 bytes; missing is 0."""
    return _of_each(text, lambda t: len(t.encode()), missing=0)


def _of_each[T](text: pd.Series[Any], told: Callable[[str], T], missing: T) -> pd.Series[Any]:
    """What is told of each distinct text, on the rows that hold it."""
    codes, texts = pd.factorize(text)
    found = np.array([*map(told, texts), missing])  # code -1, missing, is the last
    return pd.Series(found[codes], index=text.index)


def _sized(variable: Variable, values: pd.Series[Any]) -> Variable:
    if variable.type != "text" or variable.length is not None:
        return variable
    return replace(variable, length=max(1, int(text_bytes(values).max())) if len(values) else 1)
