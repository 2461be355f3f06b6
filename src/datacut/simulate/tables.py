"""All forms of all subjects as blocks of columns, and the tables an export at one cut consists of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from datacut.errors import InputError, nearest
from datacut.simulate.clock import date_text, moment_text
from datacut.simulate.curves import Curve
from datacut.simulate.draws import Scope, stream
from datacut.simulate.fill import CUT, Filler, fill_form
from datacut.simulate.forms import FormSpec
from datacut.simulate.model import Simulation
from datacut.simulate.process import Course
from datacut.simulate.rows import NEVER, Rows, study_rows, subject_rows
from datacut.spec.crf import CrfField, CrfForm, Repeats
from datacut.spec.load import Specs

_STUDY = 0
_RECORDS = 10_000
_BREAK = re.compile(r"\r\n|\r|\n")

HEADERS = 2
"""Rows of a sheet before the data: names and labels of the columns."""
NOWHERE = (-1, -1)
"""Origin of a row that no block has."""


@dataclass(frozen=True)
class Block:
    """The filled rows of one form and subject (0 = the study). opened: texts in force while a row is not closed."""

    subject: int
    rows: Rows
    columns: dict[str, list[str]]
    opened: dict[str, list[str]]


@dataclass
class Table:
    """One file of an export, or one sheet of a workbook: cells by row; origin: block and row of each.

    By row identity: typed, cells of a sheet that are `text` or a `formula` against the type of their field, with their
    column; touched, the columns in which another text was put than the system had; copies, what a row was entered as
    (a kind of mess) and the origin of the row it is made from. renamed: columns that are named otherwise in the file.
    """

    form: CrfForm
    header: list[str]
    cells: list[list[str]]
    origin: list[tuple[int, int]]
    filename: str
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""
    typed: dict[tuple[int, str], str] = field(default_factory=dict)
    touched: dict[int, set[str]] = field(default_factory=dict)
    copies: dict[int, tuple[str, tuple[int, int]]] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The file, and the sheet in it, as a finding names them."""
        return f"{self.filename}/{self.sheet}" if self.sheet else self.filename

    def lines(self) -> list[int]:
        """The line of the file, or row of the sheet, on which each row starts."""
        if self.sheet:
            return list(range(HEADERS + 1, HEADERS + 1 + len(self.cells)))
        out, line = [], 2
        for cells in self.cells:
            out.append(line)
            line += 1 + sum(len(_BREAK.findall(text)) for text in cells)
        return out

    def add(self, cells: list[str], kind: str, made_from: tuple[int, int]) -> None:
        """A row that no subject's block has: entered as a kind of mess, with the texts of another."""
        self.cells.append(cells)
        self.origin.append(NOWHERE)
        self.copies[id(cells)] = kind, made_from

    def put(self, cells: list[str], column: str, text: str) -> None:
        """Another text in a field of a row; the only way to change one, so that what was done is known."""
        cells[self.column(column)] = text
        self.touched.setdefault(id(cells), set()).add(column)

    def drop(self, row: int) -> None:
        """A row is not in the export."""
        del self.cells[row], self.origin[row]

    def column(self, name: str) -> int:
        if name not in self.header:
            raise InputError(f"specs/simulate.yml: {self.form.form} has no column {name}. {nearest(name, self.header)}")
        return self.header.index(name)


@dataclass(frozen=True)
class Study:
    """Everything simulated, before any cut."""

    course: Course
    blocks: dict[str, list[Block]]
    stamps: dict[str, tuple[str, str]] = field(default_factory=dict)


def build_study(specs: Specs, spec: Simulation, course: Course, seed: int) -> Study:
    """Fill every form of every subject."""
    _require_forms(specs, spec)
    blocks: dict[str, list[Block]] = {name: [] for name in specs.forms}
    for subject in course.subjects:
        record = subject.slot.number * _RECORDS
        for name, form in specs.forms.items():
            sim = spec.forms.get(name)
            rows = subject_rows(subject, form, sim, spec, seed) if sim is not None else None
            if rows is None or sim is None:
                continue
            number = subject.slot.number
            made = _fill(specs, spec, form, sim, rows, (number, record), subject.scope, subject.curves, seed)
            record += len(rows)
            blocks[name].append(made)
    record = _STUDY
    for name, form in specs.forms.items():
        sim = spec.forms.get(name)
        if form.repeats is Repeats.STUDY and sim is not None and course.reviews:
            rows = study_rows(course.reviews, sim)
            blocks[name].append(
                _fill(
                    specs,
                    spec,
                    form,
                    sim,
                    rows,
                    (_STUDY, record),
                    dict.fromkeys(("id", "padded", "number"), ""),
                    {},
                    seed,
                )
            )
            record += len(rows)
    stamps = {name: _stamp_columns(form, spec) for name, form in specs.forms.items()}
    return Study(course, blocks, stamps)


def _require_forms(specs: Specs, spec: Simulation) -> None:
    for name, sim in spec.forms.items():
        form = specs.forms.get(name)
        if form is None:
            raise InputError(f"specs/simulate.yml: no form {name} in specs/crf. {nearest(name, specs.forms)}")
        filled = {*spec.systems.get(form.system, {}), *sim.fields, *(sim.items.fields if sim.items else ())}
        filled |= {
            name + spec.suffixes.get(part, "")
            for name, test in sim.tests.items()
            for part in ("", "unit", "low", "high", "not_done")
            if part != "unit" or any(u.unit for u in test.units)
        }
        if sim.items is not None and sim.items.not_due_suffix:
            filled |= {f + sim.items.not_due_suffix for f in sim.items.fields}
        if sim.items is not None and sim.items.ever_suffix:
            filled |= {f + sim.items.ever_suffix for f in sim.items.fields}
        columns = specs.columns(form)
        for column in sorted(filled - set(columns)):
            raise InputError(f"specs/simulate.yml: {name} fills {column}. {nearest(column, columns)}")
        for column, crf in columns.items():
            if crf.required and column not in filled:
                raise InputError(f"specs/simulate.yml: {name} does not fill {column}, which is required. Add it.")


def _stamp_columns(form: CrfForm, spec: Simulation) -> tuple[str, str]:
    """Names of the columns that hold first entry and last change, blank if the system has none."""
    found = {f.row: n for n, f in spec.systems.get(form.system, {}).items() if f.row in ("created", "updated")}
    return found.get("created", ""), found.get("updated", "")


def _fill(
    specs: Specs,
    spec: Simulation,
    form: CrfForm,
    sim: FormSpec,
    rows: Rows,
    at: tuple[int, int],
    scope: Scope,
    curves: Mapping[str, Curve],
    seed: int,
) -> Block:
    number, record = at
    rng = stream(seed, number, f"fill:{form.form}")
    crf = specs.columns(form)
    rows.variables["record"] = [str(record + i) for i in range(1, len(rows) + 1)]
    first, last = _stamp_columns(form, spec)
    minutes = rng.integers(9 * 60, 18 * 60, size=len(rows))
    closing = np.maximum(rows.created, np.where(rows.closes < NEVER, rows.closes, 0))
    rows.variables["created"] = _stamps(crf, first, rows.created, minutes)
    rows.variables["updated"] = _stamps(crf, last, closing, minutes)
    filler = Filler(rows, scope, curves, crf, rng, {}, {}, {})
    fill_form(filler, sim, spec.suffixes)
    filler.fill(spec.systems.get(form.system, {}))
    if last:
        filler.opened[last] = rows.variables["created"]
    return Block(number, rows, filler.columns, filler.opened)


def _stamps(crf: Mapping[str, CrfField], column: str, days: NDArray[np.int64], minutes: NDArray[np.int64]) -> list[str]:
    form = (crf[column].format if column else None) or "y-m-d H:M:S"
    return [moment_text(form, int(d), int(m)) for d, m in zip(days, minutes, strict=True)]


def cut_tables(specs: Specs, study: Study, cut: int) -> dict[str, Table]:
    """What the systems export on the ordinal day `cut`: rows entered by then, as they stand then."""
    tables: dict[str, Table] = {}
    for name, form in specs.forms.items():
        system = specs.study.systems[form.system]
        header = list(specs.columns(form))
        table = Table(form, header, [], [], form.filename, system.encoding or "utf-8", system.delimiter)
        for index, block in enumerate(study.blocks[name]):
            _append(table, block, index, cut)
        tables[name] = table
    return tables


def _append(table: Table, block: Block, index: int, cut: int) -> None:
    created, closes = block.rows.created, block.rows.closes
    known = [int(i) for i in np.flatnonzero(created <= cut)]
    if not known:
        return
    still_open = {i for i in known if closes[i] > cut}
    columns: list[Iterable[str]] = []
    for name in table.header:
        texts = block.columns.get(name)
        if texts is None:
            columns.append([""] * len(known))
            continue
        other = block.opened.get(name)
        picked = [other[i] if other is not None and i in still_open else texts[i] for i in known]
        if picked[0].startswith(CUT):
            picked = [date_text(t.removeprefix(CUT), cut) for t in picked]
        columns.append(picked)
    table.cells += [list(row) for row in zip(*columns, strict=True)]
    table.origin += [(index, i) for i in known]
