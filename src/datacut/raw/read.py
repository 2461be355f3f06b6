"""One export folder to one text frame a form, with the file and line of every row."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from datacut.datasets.context import FILE, ROW
from datacut.datasets.lineage import RID
from datacut.errors import Findings, InputError, nearest
from datacut.raw.decode import decode
from datacut.spec.crf import CrfForm, System
from datacut.spec.load import Specs


def read_export(folder: Path, specs: Specs, findings: Findings, shown_as: str) -> dict[str, pd.DataFrame]:
    """Read every form's CSV of one export.

    Returns `raw.<form>` -> frame of text columns as the CRF spec names them (missing is NA) plus `_rid` and `_row` (line
    in the file, header is 1) and `_file`. A form, column or byte that does not fit the CRF spec is a finding, and what can be
    read is read. Raises InputError if the folder is not there.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such export. Run `datacut simulate`, or name a folder with --raw.")
    present = {p.name: p for p in sorted(folder.iterdir()) if p.name.lower().endswith((".csv", ".csv.gz"))}
    known = {form.filename: form for form in specs.forms.values()}
    for name in sorted(set(present) - set(known)):
        findings.error(
            "raw.form.unknown",
            f"{shown_as}/{name}",
            "a file that no form in specs/crf describes",
            value=name,
            remedy=f"{nearest(name, known)} Describe the form, or take the file out of the export.",
        )
    frames: dict[str, pd.DataFrame] = {}
    for form in specs.forms.values():
        place = f"{shown_as}/{form.filename}"
        columns = list(specs.columns(form))
        path = present.get(form.filename)
        if path is None:
            if not form.optional:
                findings.error(
                    "raw.form.missing",
                    place,
                    f"the form {form.form} ({form.label}) is missing from the export",
                    value=form.filename,
                    remedy="Ask for a complete export; everything made from it is empty.",
                )
            frames[f"raw.{form.form}"] = _frame([], [], columns, place)
            continue
        data = path.read_bytes()
        frames[f"raw.{form.form}"] = _read_form(
            gzip.decompress(data) if path.suffix == ".gz" else data, form, specs, findings, place
        )
    return frames


def _read_form(data: bytes, form: CrfForm, specs: Specs, findings: Findings, place: str) -> pd.DataFrame:
    system = specs.study.systems[form.system]
    columns = specs.columns(form)
    text = _decoded(data, system, findings, place)
    if text is None:
        return _frame([], [], list(columns), place)
    header, rows, lines = _parse(text, system.delimiter, findings, place)
    _check_columns(header, list(columns), findings, place)
    frame = _frame(_select(header, rows, list(columns)), lines, list(columns), place)
    frame = frame.where(~frame.isin(["", *system.missing]) | ~frame.columns.isin(list(columns)))
    _check_rows(frame, form, specs, findings, place)
    return frame


def _decoded(data: bytes, system: System, findings: Findings, place: str) -> str | None:
    found = decode(data, system.encoding)
    if found.refused is not None:
        read_as = f"it was read as {found.encoding}" if found.text is not None else "the form could not be read"
        findings.error(
            "raw.encoding",
            f"{place}:{found.row}:byte {found.column}",
            f"the file is not {found.refused} as declared; {read_as}",
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
            f"{place}:{reader.line_num}",
            f"not a CSV from here on: {fault}",
            remedy="Mend the file's quotes.",
        )
    return header, rows, lines


def _check_columns(header: list[str], columns: list[str], findings: Findings, place: str) -> None:
    for name in columns:
        if name not in header:
            findings.error(
                "raw.column.missing",
                f"{place}:1:{name}",
                "a column of the CRF spec is missing from the file",
                value=name,
                remedy=f"{nearest(name, [h for h in header if h not in columns])} Its values are missing below.",
            )
    for number, name in enumerate(header):
        if name not in columns:
            findings.error(
                "raw.column.extra",
                f"{place}:1:{name}",
                "a column that the CRF spec does not describe",
                value=name,
                remedy=f"{nearest(name, [c for c in columns if c not in header] or columns)} Its values are not used.",
            )
        elif name in header[:number]:
            findings.error(
                "raw.column.twice",
                f"{place}:1:{name}",
                "the column stands twice",
                value=name,
                remedy="The first is used.",
            )


def _select(header: list[str], rows: list[list[str]], columns: list[str]) -> list[list[str | None]]:
    at = [header.index(c) if c in header else -1 for c in columns]
    return [[row[i] if i >= 0 else None for i in at] for row in rows]


def _frame(rows: Iterable[list[str | None]], lines: list[int], columns: list[str], place: str) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=pd.Index(columns), dtype="str")
    frame[RID] = pd.Series(lines, dtype="Int64")
    frame[ROW] = frame[RID]
    frame[FILE] = pd.Series(place, index=frame.index, dtype="str")
    return frame


def _check_rows(frame: pd.DataFrame, form: CrfForm, specs: Specs, findings: Findings, place: str) -> None:
    required = [n for n, f in specs.columns(form).items() if f.required]
    for name in required:
        for line in frame.loc[frame[name].isna(), ROW]:
            findings.error(
                "raw.required", f"{place}:{line}:{name}", "a required field is blank", remedy="Query the site."
            )
    if not form.keys:
        return
    keys = [k for k in form.keys if k in frame.columns]
    twice = frame[frame.duplicated(keys, keep="first")]
    first = frame.drop_duplicates(keys).set_index(keys)[ROW]
    for record in twice.to_dict("records"):
        key = tuple(record[k] for k in keys)
        earlier = first.loc[key if len(keys) > 1 else key[0]]
        findings.error(
            "raw.key.duplicate",
            f"{place}:{record[ROW]}:{keys[-1]}",
            f"the key {', '.join(keys)} stands on line {earlier} already",
            value="|".join(map(str, key)),
            remedy="Delete or renumber one of the two rows; both are kept.",
        )
