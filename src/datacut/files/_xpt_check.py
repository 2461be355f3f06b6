"""What stands against writing a dataset as a version 5 transport file (F01 to F14 of `conformance/agencies.yml`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

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
from datacut.errors import Finding, Findings, Location, in_data
from datacut.files._ibm import in_range

SHOWN = 5
"""Values shown per variable and rule; the rest is counted in one more finding."""

_CONTROL = {*range(1, 32), 127}


def encoded(values: pd.Series[Any], encoding: str) -> tuple[np.ndarray[Any, Any], list[bytes]]:
    """Distinct values as bytes and the number of each row's; missing is number -1. UnicodeEncodeError if one cannot."""
    codes, words = pd.factorize(values)
    return np.asarray(codes), [str(w).encode(encoding) for w in words]


def number_values(
    values: pd.Series[Any],
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.bool_]]]:
    """Values as doubles (dates as seconds since 1970) and where they are missing."""
    missing = values.isna().to_numpy(dtype=bool)
    if pd.api.types.is_datetime64_any_dtype(values):
        seconds = values.astype("datetime64[s]").to_numpy().view("int64")
        return np.where(missing, 0, seconds).astype(np.float64), missing
    return values.to_numpy(dtype=np.float64, na_value=np.nan), missing


def check_xpt(dataset: Dataset, encoding: str = "ascii") -> list[Finding]:
    """Everything that keeps a dataset from being written, and what is legal but unwise (warnings)."""
    findings = Findings()
    name = dataset.name
    if not _keeps_ascii(encoding):
        findings.error(
            "file.encoding",
            in_data(name),
            "encoding does not exist or changes ASCII",
            value=encoding,
            remedy="Use ascii, utf-8 or gb18030.",
        )
        return list(findings)
    if not DATASET_NAME.fullmatch(name):
        findings.error(
            "file.dataset.name",
            in_data(name),
            "illegal dataset name",
            value=name,
            remedy="A letter, then letters and digits, upper case, 8 at most.",
        )
    _check_label(in_data(name), dataset.label, encoding, findings)
    if not dataset.variables:
        findings.error("file.empty", in_data(name), "no variables", remedy="Declare at least one variable.")
    if len(dataset.variables) > 9999:
        findings.error(
            "file.many",
            in_data(name),
            "more than 9999 variables",
            value=str(len(dataset.variables)),
            remedy="Split the dataset.",
        )
    _check_columns(dataset, findings)
    for variable in dataset.variables:
        _check_variable(dataset, variable, encoding, findings)
    if not findings.errors:
        _check_rows(dataset, encoding, findings)
    return list(findings)


def _keeps_ascii(encoding: str) -> bool:
    plain = bytes(range(32, 127))
    try:
        return plain.decode("ascii").encode(encoding) == plain
    except LookupError:
        return False


def _check_columns(dataset: Dataset, findings: Findings) -> None:
    names = [v.name for v in dataset.variables]
    if names != list(dataset.frame.columns):
        findings.error(
            "file.columns",
            in_data(dataset.name),
            "the frame's columns are not the variables in order",
            remedy="Use conform.",
        )
    if len({n.upper() for n in names}) < len(names):
        findings.error(
            "file.columns", in_data(dataset.name), "a variable name occurs twice", remedy="Keep one of them."
        )


def _check_variable(dataset: Dataset, variable: Variable, encoding: str, findings: Findings) -> None:
    where = in_data(dataset.name, variable.name)
    if not VARIABLE_NAME.fullmatch(variable.name):
        findings.error(
            "file.variable.name",
            where,
            "illegal variable name",
            value=variable.name,
            remedy="A letter, then letters and digits, upper case, 8 at most.",
        )
    _check_label(where, variable.label, encoding, findings)
    if variable.type == "text" and variable.length is not None and not 1 <= variable.length <= MAX_TEXT:
        findings.error(
            "file.text.length", where, "length is not 1 to 200", value=str(variable.length), remedy="Declare 1 to 200."
        )
    if variable.name in dataset.frame.columns:
        dtype = str(dataset.frame[variable.name].dtype)
        if variable.type not in DTYPES or dtype not in {
            DTYPES[variable.type],
            "Float64" if variable.type == "float" else "",
        }:
            findings.error(
                "file.variable.type", where, f"type {variable.type} but dtype {dtype}", remedy="Use conform."
            )


def _check_label(where: Location, label: str, encoding: str, findings: Findings) -> None:
    try:
        size = len(label.encode(encoding))
    except UnicodeEncodeError:
        findings.error(
            "file.label.ascii",
            where,
            f"label cannot be written in {encoding}",
            value=label,
            remedy="Declare the encoding, or change the label.",
        )
        return
    if size > MAX_LABEL:
        findings.error(
            "file.label.length", where, f"label has {size} bytes", value=label, remedy="Shorten it to 40 bytes."
        )
    if any(ord(c) < 32 or ord(c) == 127 for c in label):
        findings.error(
            "file.label.control", where, "control character in the label", value=repr(label), remedy="Remove it."
        )


def _check_rows(dataset: Dataset, encoding: str, findings: Findings) -> None:
    for variable in dataset.variables:
        if variable.type == "text":
            _check_text(dataset, variable, encoding, findings)
        else:
            _check_numbers(dataset, variable, findings)
    text = [v.name for v in dataset.variables if v.type == "text"]
    blank = dataset.frame.isna()
    for name in text:
        blank[name] |= dataset.frame[name].str.strip(" ").eq("").fillna(False)
    null = np.flatnonzero(blank.to_numpy(dtype=bool).all(axis=1))
    for position in null[:SHOWN]:
        remedy = "Version 5 cannot tell it from padding: drop the record by a named rule."
        findings.error(
            "file.record.empty",
            in_data(dataset.name, key=f"row {position + 1}"),
            "every value is missing",
            remedy=remedy,
        )


def _report(
    dataset: Dataset,
    variable: Variable,
    rows: np.ndarray[Any, Any],
    rule: str,
    what: str,
    remedy: str,
    findings: Findings,
    *,
    warn: bool = False,
) -> None:
    add = findings.warning if warn else findings.error
    positions = np.flatnonzero(rows)
    where = in_data(dataset.name, variable.name)
    for position in positions[:SHOWN]:
        value = value_text(dataset.frame[variable.name].iloc[position])
        add(
            rule,
            replace(where, key=record_key(dataset.frame, dataset.keys, position)),
            what,
            value=value,
            remedy=remedy,
        )
    if (more := len(positions) - SHOWN) > 0:
        add(rule, where, f"{what}: {more} more records", remedy=remedy)


def _check_text(dataset: Dataset, variable: Variable, encoding: str, findings: Findings) -> None:
    codes, words = pd.factorize(dataset.frame[variable.name])
    sizes, control, nul = [], [], []
    for word in map(str, words):
        try:
            data = word.encode(encoding)
        except UnicodeEncodeError:
            sizes.append(-1)
        else:
            sizes.append(len(data))
        control.append(any(ord(c) in _CONTROL for c in word))
        nul.append("\0" in word)
    size = np.array([*sizes, 0])[codes]
    _report(
        dataset,
        variable,
        size < 0,
        "file.text.ascii",
        f"cannot be written in {encoding}",
        "Declare the encoding, or change the text.",
        findings,
    )
    _report(
        dataset,
        variable,
        size > MAX_TEXT,
        "file.text.length",
        "longer than 200 bytes",
        "Split it into further variables (SUPP--).",
        findings,
    )
    if variable.length is not None:
        short = (size > variable.length) & (size <= MAX_TEXT)
        _report(
            dataset,
            variable,
            short,
            "file.text.declared",
            f"longer than the declared {variable.length} bytes",
            "Declare the longer length.",
            findings,
        )
    _report(
        dataset,
        variable,
        np.array([*nul, False])[codes],
        "file.text.nul",
        "holds a NUL character",
        "Remove it.",
        findings,
    )
    _report(
        dataset,
        variable,
        np.array([*control, False])[codes],
        "file.text.ascii",
        "holds a control character",
        "Replace it by a blank.",
        findings,
        warn=True,
    )
    trailing = dataset.frame[variable.name].str.endswith(" ").fillna(False).to_numpy(dtype=bool)
    _report(
        dataset,
        variable,
        trailing,
        "file.text.blank",
        "blanks at the end will not be read back",
        "Strip it.",
        findings,
        warn=True,
    )


def _check_numbers(dataset: Dataset, variable: Variable, findings: Findings) -> None:
    values = dataset.frame[variable.name]
    numbers, missing = number_values(values)
    nan = np.isnan(numbers) & ~missing
    infinite = np.isinf(numbers)
    _report(
        dataset,
        variable,
        nan | infinite,
        "file.number",
        "not a number, as a value",
        "Leave it missing and say why.",
        findings,
    )
    outside = ~missing & ~nan & ~infinite & ~in_range(numbers)
    _report(dataset, variable, outside, "file.number", "outside the range of SAS numbers", "Rescale it.", findings)
    if str(values.dtype) == "Int64":
        whole = values.fillna(0).to_numpy(dtype=np.int64)
        inexact = ~missing & ((whole > 2**53) | (whole < -(2**53)))
        _report(
            dataset,
            variable,
            inexact,
            "file.number",
            "an integer beyond 2**53 may not be exact",
            "Store it as text.",
            findings,
        )
    if variable.type == "date":
        timed = ~missing & (np.mod(numbers, 86400) != 0)
        _report(
            dataset, variable, timed, "file.date.time", "a date with a time of day", "Declare it datetime.", findings
        )
