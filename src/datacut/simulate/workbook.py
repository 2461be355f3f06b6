"""Tables of one system as one workbook: a sheet a form, names and labels in two rows, the same bytes always."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet.worksheet import Worksheet

from datacut.files.xlsx_bytes import workbook_bytes
from datacut.simulate.clock import MONTHS
from datacut.simulate.tables import Table
from datacut.spec.crf import CrfField, FieldType

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_NUMBERS = (FieldType.INTEGER, FieldType.NUMBER)


def tables_workbook(tables: Sequence[Table], columns: Mapping[str, Mapping[str, CrfField]]) -> bytes:
    """The workbook; columns: fields by form and column.

    Whole dates and numbers of such fields are typed cells, all else is text; characters that a workbook cannot hold are
    left out.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in tables:
        sheet = book.create_sheet(table.sheet)
        fields = columns[table.form.form]
        for at, name in enumerate(table.header, 1):
            sheet.cell(1, at, name)
            sheet.cell(2, at, fields[name].label if name in fields else name)
        for number, cells in zip(table.lines(), table.cells, strict=True):
            _write_row(sheet, number, table, cells, fields)
    return workbook_bytes(book)


def _write_row(sheet: Worksheet, number: int, table: Table, cells: list[str], fields: Mapping[str, CrfField]) -> None:
    for at, (name, text) in enumerate(zip(table.header, cells, strict=True), 1):
        if text == "":
            continue
        cell = sheet.cell(number, at)
        how = table.typed.get((id(cells), name))
        field = fields.get(name)
        day = _whole_date(text, field) if how is None and field is not None else None
        if how == "formula":
            cell.value, cell.data_type = text, "f"
        elif day is not None:
            cell.value, cell.number_format = day, "dd-mmm-yyyy"
        elif how is None and field is not None and field.type in _NUMBERS and _NUMBER.fullmatch(text):
            cell.value = float(text)
        else:
            cell.value, cell.data_type = ILLEGAL_CHARACTERS_RE.sub("", text), "s"


def _whole_date(text: str, field: CrfField) -> date | None:
    if field.type is not FieldType.DATE or field.format not in ("d-mmm-y", "y-m-d"):
        return None
    parts = text.split("-") if field.format == "d-mmm-y" else text.split("-")[::-1]
    if len(parts) != 3:
        return None
    day, month, year = parts
    number = str(MONTHS.index(month) + 1) if month in MONTHS else month
    if not (day.isdigit() and number.isdigit() and year.isdigit() and len(year) == 4):
        return None
    try:
        return date(int(year), int(number), int(day))
    except ValueError:
        return None
