"""One export folder to one text frame a form, with the file and line of every row."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from datacut.datasets.context import FILE, ROW
from datacut.datasets.lineage import RID
from datacut.errors import Findings, InputError, nearest
from datacut.raw.decode import decode
from datacut.spec.crf import CrfField, CrfForm, System
from datacut.spec.load import Specs


def read_export(folder: Path, specs: Specs, findings: Findings, shown_as: str) -> dict[str, pd.DataFrame]:
    """Read every form's CSV of one export.

    Returns `raw.<form>` -> frame of text columns as the CRF spec names them (missing is NA) plus `_rid`, `_row` (line
    in the file, header is 1) and `_file`. A form, column or byte that does not fit the CRF spec is a finding, and what
    can be read is read. Raises InputError if the folder is not there.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such export. Run `datacut simulate`, or name a folder with --raw.")
    present = {p.name: p for p in sorted(folder.iterdir()) if p.name.lower().endswith((".csv", ".csv.gz"))}
    known = {form.filename for form in specs.forms.values()}
    for name in sorted(set(present) - known):
        findings.error(
            "raw.form.unknown",
            f"{shown_as}/{name}",
            "a file that no form in specs/crf describes",
            value=name,
            remedy=f"{nearest(name, known - set(present) or known)} Describe the form, or take the file out.",
        )
    frames: dict[str, pd.DataFrame] = {}
    for form in specs.forms.values():
        place = f"{shown_as}/{form.filename}"
        path = present.get(form.filename)
        text = _read_text(path, specs.study.systems[form.system], findings, place) if path else None
        if path is None and not form.optional:
            findings.error(
                "raw.form.missing",
                place,
                f"the form {form.form} ({form.label}) is missing from the export",
                value=form.filename,
                remedy="Ask for a complete export; everything made from it is empty.",
            )
        if text is None:
            frames[f"raw.{form.form}"] = _frame([], [], list(specs.columns(form)), place)
        else:
            frames[f"raw.{form.form}"] = _read_form(text, form, specs, findings, place)
    return frames


def _read_text(path: Path, system: System, findings: Findings, place: str) -> str | None:
    data = path.read_bytes()
    if path.suffix.lower() == ".gz":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as fault:
            findings.error(
                "raw.gzip", place, f"the file cannot be unpacked: {fault}", remedy="Ask for the export again."
            )
            return None
    return _decoded(data, system, findings, place)


def _read_form(text: str, form: CrfForm, specs: Specs, findings: Findings, place: str) -> pd.DataFrame:
    system = specs.study.systems[form.system]
    columns = specs.columns(form)
    header, rows, lines = _parse(text, system.delimiter, findings, place)
    if not header:
        findings.error("raw.empty", place, "the file has no header", remedy="Ask for the export again.")
        return _frame([], [], list(columns), place)
    _check_columns(header, list(columns), findings, place)
    missing = frozenset(("", *system.missing))
    frame = _frame(_select(header, rows, list(columns), missing), lines, list(columns), place)
    # what is said of a column that is not there is said once
    there = {n: f for n, f in columns.items() if n in header}
    _check_required(frame, there, findings, place)
    if form.keys and there.keys() >= set(form.keys):
        _check_keys(frame, list(form.keys), findings, place)
    return frame


def _decoded(data: bytes, system: System, findings: Findings, place: str) -> str | None:
    found = decode(data, system.encoding)
    if found.refused is not None:
        read_as = f"it was read as {found.encoding}" if found.text is not None else "the form could not be read"
        declared = " as declared" if system.encoding else ""
        findings.error(
            "raw.encoding",
            f"{place}:{found.row}:byte {found.column}",
            f"the file is not {found.refused}{declared}; {read_as}",
            value=found.byte,
            remedy="Correct `encoding` of its system in specs/study.yml, or ask for the export again.",
        )
    return found.text


def _parse(text: str, delimiter: str, findings: Findings, place: str) -> tuple[list[str], list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    line = 1
    try:
        for cells in reader:
            start, line = line, reader.line_num + 1
            if not header:
                header = [c.strip() for c in cells]
            elif len(cells) == len(header):
                rows.append(cells)
                lines.append(start)
            elif cells:
                findings.error(
                    "raw.row.cells",
                    f"{place}:{start}",
                    f"the row has {len(cells)} cells, the header {len(header)}; the row is left out",
                    value=delimiter.join(cells)[:60],
                    remedy="Mend the row's quotes and separators.",
                )
    except csv.Error as fault:
        findings.error(
            "raw.csv",
            f"{place}:{line}",
            f"not a CSV from here on, so the rest is not read: {fault}",
            remedy="Mend the file's quotes.",
        )
    return header, rows, lines


def _check_columns(header: list[str], columns: list[str], findings: Findings, place: str) -> None:
    absent = [c for c in columns if c not in header]
    misspelt: dict[str, str] = {}
    for name in absent:
        alike = get_close_matches(name, [h for h in header if h not in (*columns, *misspelt)], n=1, cutoff=0.8)
        if alike:
            misspelt[alike[0]] = name
        else:
            findings.error(
                "raw.column.missing",
                f"{place}:1:{name}",
                "a column of the CRF spec is missing from the file; so are its values in everything made from it",
                value=name,
                remedy="Ask for the export again.",
            )
    for number, name in enumerate(header):
        if name in misspelt:
            findings.error(
                "raw.column.misspelt",
                f"{place}:1:{name}",
                f"the column {misspelt[name]} is missing, this one is not in the CRF spec; neither has values",
                value=name,
                remedy=f"Did you mean {misspelt[name]}? Correct the export, or the name in specs/crf.",
            )
        elif name not in columns:
            findings.error(
                "raw.column.extra",
                f"{place}:1:{name}",
                "a column that the CRF spec does not describe",
                value=name,
                remedy="Describe it in specs/crf, or ask for an export without it. Its values are not used.",
            )
        elif name in header[:number]:
            findings.error(
                "raw.column.twice",
                f"{place}:1:{name}",
                "the column stands twice",
                value=name,
                remedy="The first is used.",
            )


def _select(
    header: list[str], rows: list[list[str]], columns: list[str], missing: frozenset[str]
) -> list[list[str | None]]:
    """Cells of the columns of the CRF spec; None for a blank or a mark of missing, and where the file has no column."""
    at = [header.index(c) if c in header else -1 for c in columns]
    return [[None if i < 0 or row[i].strip() in missing else row[i] for i in at] for row in rows]


def _frame(rows: Iterable[list[str | None]], lines: list[int], columns: list[str], place: str) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=pd.Index(columns), dtype="str")
    frame[RID] = pd.Series(lines, dtype="Int64")
    frame[ROW] = frame[RID]
    frame[FILE] = pd.Series(place, index=frame.index, dtype="str")
    return frame


def _check_required(frame: pd.DataFrame, fields: Mapping[str, CrfField], findings: Findings, place: str) -> None:
    for name in (n for n, f in fields.items() if f.required):
        for line in frame.loc[frame[name].isna(), ROW]:
            findings.error(
                "raw.required", f"{place}:{line}:{name}", "a required field is blank", remedy="Query the site."
            )


def _check_keys(frame: pd.DataFrame, keys: list[str], findings: Findings, place: str) -> None:
    """Every row whose key stands on an earlier line; a blank is equal to a blank."""
    first = frame.groupby(keys, dropna=False, sort=False)[ROW].transform("first")
    for record in frame.assign(_first=first)[first != frame[ROW]].fillna("").to_dict("records"):
        findings.error(
            "raw.key.duplicate",
            f"{place}:{record[ROW]}:{keys[-1]}",
            f"the key {', '.join(keys)} stands on line {record['_first']} already",
            value="|".join(str(record[k]) for k in keys),
            remedy="Delete or renumber one of the two rows; both are kept.",
        )
