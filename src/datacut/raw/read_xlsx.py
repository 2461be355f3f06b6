"""A form that is a sheet of a workbook."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from datacut.errors import Findings, in_file
from datacut.raw.cells import Cells, cell_text
from datacut.spec.crf import CrfField


@dataclass(frozen=True)
class Book:
    """An open workbook. formulas: cells (row, column, both from 1) of each sheet that hold one, with its text."""

    sheets: tuple[str, ...]
    values: CalamineWorkbook
    formulas: Mapping[str, Mapping[tuple[int, int], str]]


def open_book(path: Path, findings: Findings, place: str) -> Book | None:
    """The workbook; None, with a finding, if it is none."""
    try:
        values = CalamineWorkbook.from_path(str(path))
        formulas = _formulas(path)
    except (CalamineError, zipfile.BadZipFile, KeyError) as fault:
        findings.error(
            "raw.xlsx", in_file(place), f"the file is no workbook: {fault}", remedy="Ask for the export again, as XLSX."
        )
        return None
    return Book(tuple(values.sheet_names), values, formulas)


def _formulas(path: Path) -> dict[str, dict[tuple[int, int], str]]:
    """Formulas by sheet; the parts are searched first, since a workbook that is an export has hardly ever one."""
    with zipfile.ZipFile(path) as package:
        sheets = [n for n in package.namelist() if n.startswith("xl/worksheets/") and n.endswith(".xml")]
        if not any(b"<f>" in part or b"<f " in part for part in map(package.read, sheets)):
            return {}
    from openpyxl import load_workbook  # hardly ever needed, and long to import

    book = load_workbook(path, read_only=True)
    found: dict[str, dict[tuple[int, int], str]] = {}
    for sheet in book.worksheets:
        cells = (c for row in sheet.iter_rows() for c in row if c.data_type == "f")
        found[sheet.title] = {(c.row, c.column): str(c.value) for c in cells}
    book.close()
    return found


def read_sheet(book: Book, name: str, columns: Mapping[str, CrfField], findings: Findings, place: str) -> Cells:
    """Header and rows of a sheet, as text; the number of a row is that of the sheet.

    A second row that holds the labels of the CRF spec is no data. A date is written in the format of its CRF field. A
    formula that the file has no value of is an error finding and blank.
    """
    rows = book.values.get_sheet_by_name(name).to_python(skip_empty_area=False)
    if not rows:
        return Cells()
    header = [str(v).strip() for v in rows[0]]
    while header and not header[-1]:
        header.pop()
    shapes = [columns[h].format if h in columns else None for h in header]
    formulas = book.formulas.get(name, {})
    found = Cells(header)
    for number, row in enumerate(rows[1:], 2):
        cells = [cell_text(v, s) for v, s in zip(row, shapes, strict=False)]
        if number == 2 and _is_labels(header, cells, columns):
            continue
        for at, text in enumerate(cells, 1):
            if not text and (number, at) in formulas:
                from openpyxl.utils import get_column_letter

                findings.error(
                    "raw.formula",
                    in_file(place, number, header[at - 1] or get_column_letter(at)),
                    "a formula without a value; it is read as blank",
                    value=formulas[number, at],
                    remedy="Ask for an export of values, or open and save the workbook once.",
                )
        if any(cells) or any(r == number for r, _ in formulas):
            found.rows.append(cells)
            found.lines.append(number)
    return found


def _is_labels(header: list[str], cells: list[str], columns: Mapping[str, CrfField]) -> bool:
    known = [(columns[h].label, c) for h, c in zip(header, cells, strict=True) if h in columns]
    return sum(label == text for label, text in known) * 2 > len(known)
