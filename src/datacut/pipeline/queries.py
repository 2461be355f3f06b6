"""Queries for data management: findings in cells of the export, with a status that is kept from cut to cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from zipfile import BadZipFile

import pandas as pd
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import InvalidFileException

from datacut.datasets.model import value_text
from datacut.engine.context import FILE, ROW
from datacut.errors import Findings, InputError, Location
from datacut.files.xlsx_bytes import workbook_bytes
from datacut.pipeline.report import read_places
from datacut.pipeline.store import require_name
from datacut.raw.read import read_export
from datacut.spec.load import Specs, load_specs

SHEET = "Queries"
OPEN = "OPEN"
_WIDTHS = {"question": 60, "value": 24, "place": 34, "form": 24, "field": 28, "comment": 40}


@dataclass(frozen=True, slots=True)
class Query:
    """One row of the workbook.

    query: its id, the same in every cut: form, record of the system, column, rule; form, field: their labels; value: as
    it stands; question: what is wrong and what is asked; place: file, row and column in the export of the last cut it
    was found in; found: Y in the last cut, else N; status, comment: of those who answer, never changed here.
    """

    query: str
    severity: str
    subject: str
    visit: str
    form: str
    field: str
    record: str
    value: str
    question: str
    place: str
    first_cut: str
    last_cut: str
    found: str
    status: str = OPEN
    comment: str = ""


HEADER = tuple(f.name.upper().replace("_", " ") for f in fields(Query))


def update_queries(root: Path, cut: str, build: Path, path: Path) -> tuple[int, int, int]:
    """Bring the workbook at `path` up to a build: queries open now, of them new ones, and those no longer found.

    Raises InputError where the build, its export or a workbook that can be read is missing.
    """
    home = build / require_name(cut, "a cut")
    if not (home / "findings_places.csv").is_file():
        raise InputError(f"{home}: no build of this cut. Run `datacut build --cut {cut}`.")
    specs = load_specs(root)
    frames = read_export(root / "raw" / cut, specs, Findings(), f"raw/{cut}")
    now = {q.query: q for q in collect_queries(read_places(home), frames, specs, cut)}
    before = read_queries(path) if path.exists() else {}
    kept = {
        name: replace(now[name], first_cut=q.first_cut, status=q.status, comment=q.comment)
        if name in now
        else replace(q, found="N")
        for name, q in before.items()
    }
    rows = {**now, **kept}
    path.write_bytes(queries_bytes(sorted(rows.values(), key=lambda q: (q.subject, q.form, q.record, q.query))))
    return len(now), len(now.keys() - before.keys()), len(before.keys() - now.keys())


def collect_queries(
    found: Iterable[tuple[Location, list[str]]], frames: Mapping[str, pd.DataFrame], specs: Specs, cut: str
) -> list[Query]:
    """The queries of findings (place, line of findings.csv) that stand in a cell of an export read as `raw.<form>`.

    A second finding of one rule at one cell of one record is not asked again.
    """
    records = {
        (value_text(file), int(row)): (form, at)
        for form, frame in frames.items()
        if FILE in frame.columns and ROW in frame.columns
        for at, (file, row) in enumerate(zip(frame[FILE], frame[ROW], strict=True))
    }
    out: dict[str, Query] = {}
    for where, (severity, rule, _, _, what, value, remedy) in found:
        place = records.get((where.file, where.row))
        if not where.column or place is None:
            continue
        name, at = place
        form = specs.forms[name.removeprefix("raw.")]
        system, row = specs.study.systems[form.system], frames[name].iloc[at]
        record = value_text(row.get(system.record)) if system.record else str(where.row)
        field = specs.columns(form).get(where.column)
        query = "/".join((form.form, record, where.column, rule))
        out.setdefault(
            query,
            Query(
                query,
                severity,
                value_text(row.get(system.subject)) if system.subject else "",
                value_text(row.get(system.visit)) if system.visit else "",
                form.label,
                field.label if field else where.column,
                record,
                value,
                f"{what[:1].upper()}{what[1:]}. {remedy}",
                str(where),
                cut,
                cut,
                "Y",
            ),
        )
    return list(out.values())


def read_queries(path: Path) -> dict[str, Query]:
    """The queries of a workbook by id. Raises InputError for a file that is none, or lacks a column of ours."""
    try:
        book = load_workbook(path, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, OSError) as fault:
        raise InputError(
            f"{path}: not a workbook that can be read ({fault}). Move it away, or name another."
        ) from fault
    if SHEET not in book.sheetnames:
        raise InputError(f"{path}: no sheet {SHEET}. Move the file away, or name another.")
    header, *rows = [["" if c is None else str(c) for c in row] for row in book[SHEET].iter_rows(values_only=True)]
    lacking = [name for name in HEADER if name not in header]
    if lacking:
        raise InputError(
            f"{path}: sheet {SHEET} has no column {', '.join(lacking)}. Give it back, or move the file away."
        )
    places = [header.index(name) for name in HEADER]
    read = [Query(*(row[at] for at in places)) for row in rows if any(row)]
    return {query.query: query for query in read}


def queries_bytes(queries: Iterable[Query]) -> bytes:
    """The workbook: one sheet, every cell a text that no spreadsheet evaluates."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    for number, row in enumerate([HEADER, *map(astuple, queries)], 1):
        for at, text in enumerate(row, 1):
            cell = sheet.cell(number, at)
            cell.value, cell.data_type = ILLEGAL_CHARACTERS_RE.sub("", text), "s"
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if number == 1:
                cell.font = Font(bold=True)
    for at, field in enumerate(fields(Query), 1):
        sheet.column_dimensions[sheet.cell(1, at).column_letter].width = _WIDTHS.get(field.name, 14)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    return workbook_bytes(book)
