"""One export folder to one text frame a form, with the file and line of every row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from datacut.compute.rounding import without_dust
from datacut.datasets.lineage import RID
from datacut.engine.context import FILE, ROW
from datacut.errors import Findings, InputError, in_file, nearest
from datacut.raw.cells import Cells
from datacut.raw.check import check_columns, check_keys, check_required, check_sites, check_values, own_rows
from datacut.raw.read_csv import read_csv
from datacut.raw.read_sas import SAS, read_sas_file
from datacut.raw.read_xlsx import Book, open_book, read_sheet
from datacut.spec.crf import CrfForm, sheet_name, workbook_name
from datacut.spec.load import Specs


@dataclass(frozen=True)
class Export:
    """One export as read.

    folder: as shown in messages; frames: `raw.<form>` -> frame of text columns as the CRF spec names them (missing is
    NA) plus `_rid`, `_row` (line in the file, header is 1; row of the sheet; record of a SAS file) and `_file`; places,
    paths: the file each form is in, as shown and on disk, of forms that have one; headers: its columns as they stand
    there, of forms that could be read.
    """

    folder: str
    frames: Mapping[str, pd.DataFrame]
    places: Mapping[str, str]
    paths: Mapping[str, Path]
    headers: Mapping[str, tuple[str, ...]]


def read_export(folder: Path, specs: Specs, findings: Findings, shown_as: str) -> dict[str, pd.DataFrame]:
    """The frames of `read_files`."""
    return dict(read_files(folder, specs, findings, shown_as).frames)


def read_files(folder: Path, specs: Specs, findings: Findings, shown_as: str, *, judged: bool = True) -> Export:
    """Read every form of one export: its own CSV, XPT or SAS7BDAT file, or its sheet in the workbook of its system.

    A form, column or byte that does not fit the CRF spec is a finding, and what can be read is read. judged: whether
    values, keys and sites are held against the CRF spec too. Raises InputError if the folder is not there.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such export. Run `datacut simulate`, or name a folder with --raw.")
    export = _Files(folder, specs, findings, shown_as, judged)
    frames = {f"raw.{form.form}": export.frame(form) for form in specs.forms.values()}
    export.check_known()
    if judged:
        check_sites(frames, specs, findings)
    return Export(shown_as, frames, export.places, export.paths, export.headers)


class _Files:
    """The files of one export, each opened once."""

    def __init__(self, folder: Path, specs: Specs, findings: Findings, shown_as: str, judged: bool) -> None:
        self._judged = judged
        self._specs, self._findings, self._shown = specs, findings, shown_as
        self._present = {p.name: p for p in sorted(folder.iterdir()) if p.name.lower().endswith(_ENDINGS)}
        self._used: set[str] = set(specs.study.sdtm.files().values())
        self._books: dict[str, Book | None] = {}
        self.places: dict[str, str] = {}
        self.paths: dict[str, Path] = {}
        self.headers: dict[str, tuple[str, ...]] = {}

    def frame(self, form: CrfForm) -> pd.DataFrame:
        found = [n for n in _names(form) if n in self._present]
        self._used |= set(found)
        book = self._book(form.system)
        sheets = [n for n in (sheet_name(form),) if book is not None and n in book.sheets]
        places = [*found, *(f"{workbook_name(form.system)}/{n}" for n in sheets)]
        expected = form.filename if book is None else f"{workbook_name(form.system)}/{sheet_name(form)}"
        place = f"{self._shown}/{places[0] if places else expected}"
        if not places and not form.optional:
            self._findings.error(
                "raw.form.missing",
                in_file(place),
                f"the form {form.form} ({form.label}) is missing from the export",
                value=form.filename,
                remedy="Ask for a complete export; everything made from it is empty.",
            )
        for other in places[1:]:
            self._findings.error(
                "raw.form.twice",
                in_file(f"{self._shown}/{other}"),
                f"the form {form.form} is in {places[0]} already, which is used",
                value=other,
                remedy="Take one of the two out of the export.",
            )
        if places:
            self.places[form.form] = place
            self.paths[form.form] = self._present[found[0] if found else workbook_name(form.system)]
        cells = self._cells(form, found[0] if found else None, book if sheets else None, place)
        return self._fitted(cells, form, place)

    def _cells(self, form: CrfForm, name: str | None, book: Book | None, place: str) -> Cells | None:
        system, columns = self._specs.study.systems[form.system], self._specs.columns(form)
        if name is not None and name.lower().endswith(SAS):
            return read_sas_file(self._present[name], system, columns, self._findings, place)
        if name is not None:
            return read_csv(self._present[name], system, self._findings, place)
        if book is not None:
            return read_sheet(book, sheet_name(form), columns, self._findings, place)
        return None

    def _book(self, system: str) -> Book | None:
        name = workbook_name(system)
        if name in self._present and name not in self._books:
            self._used.add(name)
            self._books[name] = open_book(self._present[name], self._findings, f"{self._shown}/{name}")
        return self._books.get(name)

    def _fitted(self, cells: Cells | None, form: CrfForm, place: str) -> pd.DataFrame:
        columns = self._specs.columns(form)
        if cells is None:
            return _frame([], [], list(columns), place)
        if not cells.header:
            self._findings.error(
                "raw.empty", in_file(place), "the file has no header", remedy="Ask for the export again."
            )
            return _frame([], [], list(columns), place)
        self.headers[form.form] = tuple(cells.header)
        if not cells.rows and not form.optional:
            self._findings.note(
                "raw.form.empty",
                in_file(place),
                f"the form {form.form} ({form.label}) has a header and no rows",
                value=form.filename,
                remedy="Nothing, if nobody had it by the cut; else ask for the export again.",
            )
        check_columns(cells.header, list(columns), self._findings, place)
        missing = frozenset(("", *self._specs.study.systems[form.system].missing))
        frame = _frame(_select(cells, list(columns), missing), cells.lines, list(columns), place)
        study = {c: code for c, code in self._specs.study.systems[form.system].study.items() if c in cells.header}
        frame = own_rows(frame, study, self._findings, place)
        if not self._judged:
            return frame
        # what is said of a column that is not there is said once
        there = {n: f for n, f in columns.items() if n in cells.header}
        check_required(frame, there, self._findings, place)
        check_values(frame, there, self._findings, place)
        if form.keys and there.keys() >= set(form.keys):
            check_keys(frame, list(form.keys), self._findings, place)
        return frame

    def check_known(self) -> None:
        """A file, or a sheet of a workbook, that is no form."""
        forms = self._specs.forms.values()
        known = {form.filename for form in forms}
        for name in sorted(set(self._present) - self._used):
            self._unknown(name, "a file that no form in specs/crf describes", known - set(self._present) or known)
        for system in self._specs.study.systems:
            book = self._books.get(workbook_name(system))
            sheets = {sheet_name(f) for f in forms if f.system == system}
            for name in book.sheets if book is not None else ():
                if name not in sheets:
                    at = f"{workbook_name(system)}/{name}"
                    self._unknown(at, "a sheet that no form in specs/crf describes", sheets)

    def _unknown(self, name: str, what: str, known: Iterable[str]) -> None:
        self._findings.error(
            "raw.form.unknown",
            in_file(f"{self._shown}/{name}"),
            what,
            value=name,
            remedy=f"{nearest(name.rpartition('/')[2], known)} Describe the form, or take it out.",
        )


_ENDINGS = (".csv", ".csv.gz", ".xlsx", *SAS)


def _names(form: CrfForm) -> list[str]:
    """The files a form may be in: the one its spec names, or one of the same name that SAS wrote."""
    stem = form.filename.removesuffix(".gz").removesuffix(".csv")
    return [form.filename, *(f"{stem}{ending}" for ending in SAS)]


def _select(cells: Cells, columns: list[str], missing: frozenset[str]) -> list[list[str | None]]:
    """Cells of the columns of the CRF spec; None for a blank or a mark of missing, and where the file has no column.

    A decimal fraction of more digits than a double holds is the dust of the program that wrote it, in text files too.
    """
    at = [cells.header.index(c) if c in cells.header else -1 for c in columns]
    return [[None if i < 0 or row[i].strip() in missing else without_dust(row[i]) for i in at] for row in cells.rows]


def _frame(rows: Iterable[list[str | None]], lines: list[int], columns: list[str], place: str) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=pd.Index(columns), dtype="str")
    frame[RID] = pd.Series(lines, dtype="Int64")
    frame[ROW] = frame[RID]
    frame[FILE] = pd.Series(place, index=frame.index, dtype="str")
    return frame
