"""SAS transport files, version 5 (record layout of SAS TS-140).

80-byte records: library header, member header, one 140-byte NAMESTR per variable, then the observations one after the
other, blank to a multiple of 80. There is no row count, so a row of blanks at the end would be padding: null rows are
refused. Nothing is mended here. What may not be written as it stands is a finding, and then no file is written.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from datacut.datasets.model import Dataset, Variable
from datacut.errors import Finding, Severity, WriteError, in_data
from datacut.files._ibm import to_ibm
from datacut.files._xpt_check import check_xpt, encoded, number_values

CREATED = "01JAN60:00:00:00"
"""The time every file says it was made at, so that equal data give equal files."""

_VERSION = b"9.4     "
_SYSTEM = b"        "
_FORMATS = {"date": "DATE9.", "datetime": "DATETIME20.", "time": "TIME8."}
_FORMAT = re.compile(r"(?P<name>\$?(?:[A-Z_][A-Z0-9_]*[A-Z_]|[A-Z_])?)(?P<width>\d*)\.(?P<decimals>\d*)")
_NAMESTR = struct.Struct(">hhhh8s40s8shhh2s8shhl52s")
_SAS_EPOCH_DAYS = 3653
_SAS_EPOCH_SECONDS = _SAS_EPOCH_DAYS * 86400


class XptRefusedError(WriteError):
    """A dataset that may not be written as a transport file; `findings` says everything that stands against it."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        errors = [f for f in findings if f.severity is Severity.ERROR]
        super().__init__("\n".join(str(f) for f in errors))


def write_xpt(dataset: Dataset, path: Path, *, encoding: str = "ascii", created: str = CREATED) -> list[Finding]:
    """Write a dataset; returns warnings, raises XptRefusedError (a WriteError) and writes nothing on any error.

    Numbers are IBM doubles, exact; dates are days, datetimes seconds since 1960 and times seconds since midnight, shown
    as DATE9., DATETIME20. and TIME8. unless a format is declared. Missing is `.` or blank. encoding is any that keeps
    ASCII as it is; lengths and labels count in its bytes.
    """
    findings = check_xpt(dataset, encoding)
    if path.name != f"{dataset.name.lower()}.xpt":
        remedy = f"Name it {dataset.name.lower()}.xpt."
        what = "file is not named after its dataset"
        findings.append(Finding(Severity.ERROR, "file.name", in_data(dataset.name), what, path.name, remedy))
    if not re.fullmatch(r"\d{2}[A-Z]{3}\d{2}:\d{2}:\d{2}:\d{2}", created):
        remedy = f"Write it as {CREATED}."
        findings.append(
            Finding(Severity.ERROR, "file.made", in_data(dataset.name), "illegal time of making", created, remedy)
        )
    findings.extend(
        Finding(
            Severity.ERROR,
            "file.format",
            in_data(dataset.name, v.name),
            "illegal format",
            v.format,
            "Write it as 8.2 or DATE9.",
        )
        for v in dataset.variables
        if v.format is not None and _parsed(v.format) is None
    )
    if any(f.severity is Severity.ERROR for f in findings):
        raise XptRefusedError(findings)
    lengths = [_length(dataset, v, encoding) for v in dataset.variables]
    parts = [
        _headers(dataset, encoding, created),
        _namestrs(dataset, lengths, encoding),
        _observations(dataset, lengths, encoding),
    ]
    path.write_bytes(b"".join(_padded(part) for part in parts))
    return findings


def _padded(part: bytes) -> bytes:
    return part + b" " * (-len(part) % 80)


def _header(kind: str, numbers: str) -> bytes:
    return f"HEADER RECORD*******{kind:<8}HEADER RECORD!!!!!!!{numbers}  ".encode("ascii")


def _headers(dataset: Dataset, encoding: str, created: str) -> bytes:
    stamp = created.encode("ascii")
    name = dataset.name.encode("ascii").ljust(8)
    blank = b" " * 24
    return b"".join(
        [
            _header("LIBRARY", "0" * 30),
            b"SAS     SAS     SASLIB  " + _VERSION + _SYSTEM + blank + stamp,
            stamp + b" " * 64,
            _header("MEMBER", "000000000000000001600000000140"),
            _header("DSCRPTR", "0" * 30),
            b"SAS     " + name + b"SASDATA " + _VERSION + _SYSTEM + blank + stamp,
            stamp + b" " * 16 + dataset.label.encode(encoding).ljust(40) + b" " * 8,
            _header("NAMESTR", f"000000{len(dataset.variables):04d}{'0' * 20}"),
        ]
    )


def _namestrs(dataset: Dataset, lengths: list[int], encoding: str) -> bytes:
    packed, position = [], 0
    for number, (variable, length) in enumerate(zip(dataset.variables, lengths, strict=True), start=1):
        name, width, decimals = _parsed(variable.format or _FORMATS.get(variable.type, "")) or ("", 0, 0)
        packed.append(
            _NAMESTR.pack(
                2 if variable.type == "text" else 1,
                0,
                length,
                number,
                variable.name.encode("ascii").ljust(8),
                variable.label.encode(encoding).ljust(40),
                name.encode("ascii").ljust(8),
                width,
                decimals,
                0,
                b"\0\0",
                b" " * 8,
                0,
                0,
                position,
                b"\0" * 52,
            )
        )
        position += length
    return b"".join(packed)


def _observations(dataset: Dataset, lengths: list[int], encoding: str) -> bytes:
    kinds = [f"S{n}" if v.type == "text" else ">u8" for v, n in zip(dataset.variables, lengths, strict=True)]
    layout = np.dtype([(f"f{i}", kind) for i, kind in enumerate(kinds)])
    records = np.empty(len(dataset.frame), dtype=layout)
    for i, (variable, length) in enumerate(zip(dataset.variables, lengths, strict=True)):
        values = dataset.frame[variable.name]
        records[f"f{i}"] = _text(values, length, encoding) if variable.type == "text" else _numbers(values, variable)
    header = _header("OBS", "0" * 30)
    return header + records.tobytes()


def _text(values: pd.Series[Any], length: int, encoding: str) -> np.ndarray[Any, Any]:
    codes, words = encoded(values, encoding)
    padded: np.ndarray[Any, Any] = np.array([w.ljust(length) for w in words] + [b" " * length], dtype=f"S{length}")
    return padded.take(codes)  # -1, missing, is the last: blank


def _numbers(values: pd.Series[Any], variable: Variable) -> np.ndarray[Any, Any]:
    numbers, missing = number_values(values)
    if variable.type == "date":
        numbers = numbers / 86400 + _SAS_EPOCH_DAYS
    elif variable.type == "datetime":
        numbers = numbers + _SAS_EPOCH_SECONDS
    return to_ibm(numbers, missing)


def _length(dataset: Dataset, variable: Variable, encoding: str) -> int:
    if variable.type != "text":
        return 8
    if variable.length is not None:
        return variable.length
    _, words = encoded(dataset.frame[variable.name], encoding)
    return max([1, *map(len, words)])


def _parsed(text: str) -> tuple[str, int, int] | None:
    """Name, width and decimals of a SAS format such as `DATE9.`, `8.2`, `$20.`; None if it is none."""
    match = _FORMAT.fullmatch(text)
    if not match or len(match["name"]) > 8 or not (match["name"] or match["width"]):
        return None
    return match["name"], int(match["width"] or 0), int(match["decimals"] or 0)
