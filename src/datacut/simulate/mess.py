"""Mess on request: each kind spoils one place of an export, and tells which."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from datacut.errors import InputError, nearest
from datacut.simulate.clock import iso
from datacut.simulate.draws import stream
from datacut.simulate.forms import Problem
from datacut.simulate.tables import Table
from datacut.spec.load import Specs

type Told = dict[str, str | int | None]
type Spoil = Callable[[dict[str, Table], Problem, int, Specs], Told]

_STUDY = 0


def mess_kinds(asked: Sequence[str], known: Mapping[str, Problem]) -> list[str]:
    """The kinds meant by `--mess`: `none`, `all`, or names. Raises InputError for an unknown one."""
    words = [w.strip() for part in asked for w in part.split(",") if w.strip()]
    if "all" in words:
        return [k for k in KINDS if k in known]
    kinds = [w for w in words if w != "none"]
    for kind in kinds:
        if kind not in KINDS or kind not in known:
            raise InputError(
                f"{kind}: no such kind of mess. {nearest(kind, [*(set(KINDS) & set(known)), 'all', 'none'])}"
            )
    return [k for k in KINDS if k in kinds]


def spoil(
    tables: dict[str, Table], kinds: Sequence[str], known: Mapping[str, Problem], specs: Specs, seed: int, cut: int
) -> list[Told]:
    """Spoil the tables of one cut in place, in the order of KINDS; tells file, line, column, kind and value of each."""
    told: list[Told] = []
    for kind in kinds:
        problem = known[kind]
        if problem.form not in tables:
            raise InputError(f"specs/simulate.yml: mess {kind} names {problem.form}. {nearest(problem.form, tables)}")
        u = float(stream(seed, _STUDY, f"mess:{kind}").random())
        rows = len(tables[problem.form].cells)
        if not rows:
            continue
        where = KINDS[kind](tables, problem, min(int(u * rows), rows - 1), specs)
        told.append({"cut": iso(cut), "kind": kind, **where})
    return told


def _told(table: Table, row: int | None, column: str | None, value: str) -> Told:
    return {"file": table.filename, "row": row + 2 if row is not None else None, "column": column, "value": value}


def _value(tables: dict[str, Table], problem: Problem, row: int, _: Specs) -> Told:
    table = tables[problem.form]
    field = str(problem.field)
    at = table.column(field)
    row = _filled(table, at, row)
    table.cells[row][at] = problem.value
    return _told(table, row, field, problem.value)


def _filled(table: Table, at: int, row: int) -> int:
    """The first row from `row` on, going round, that has a value in column `at`."""
    size = len(table.cells)
    return next((r % size for r in range(row, row + size) if table.cells[r % size][at]), row)


def _misspelt(tables: dict[str, Table], problem: Problem, _row: int, _: Specs) -> Told:
    table = tables[problem.form]
    table.header[table.column(str(problem.field))] = problem.value
    return {**_told(table, None, problem.value, problem.value), "row": 1}


def _orphan(tables: dict[str, Table], problem: Problem, row: int, specs: Specs) -> Told:
    table = tables[problem.form]
    system = specs.study.systems[table.form.system]
    cells = list(table.cells[row])
    cells[table.column(str(system.subject))] = problem.value
    cells[table.column(str(system.record))] = _fresh(table, str(system.record))
    _add(table, cells)
    return _told(table, len(table.cells) - 1, str(system.subject), problem.value)


def _before_start(tables: dict[str, Table], problem: Problem, row: int, _: Specs) -> Told:
    table = tables[problem.form]
    start, end = table.column(str(problem.start)), table.column(str(problem.field))
    size = len(table.cells)
    known = [r % size for r in range(row, row + size) if table.cells[r % size][end]]
    whole = [r for r in known if "UN" not in table.cells[r][start].upper()]
    at = (whole or known or [row])[0]
    table.cells[at][end] = problem.value
    return _told(table, at, str(problem.field), problem.value)


def _duplicate(tables: dict[str, Table], problem: Problem, row: int, specs: Specs) -> Told:
    table = tables[problem.form]
    record = str(specs.study.systems[table.form.system].record)
    cells = list(table.cells[row])
    if record not in table.form.keys:
        cells[table.column(record)] = _fresh(table, record)
    _add(table, cells)
    keys = [cells[table.column(k)] for k in table.form.keys]
    return _told(table, len(table.cells) - 1, table.form.keys[-1] if table.form.keys else None, "|".join(keys))


def _fresh(table: Table, column: str) -> str:
    """A record number that the file does not have yet."""
    at = table.column(column)
    numbers = [int(c[at]) for c in table.cells if c[at].isdigit()]
    return str(max(numbers) + 1) if numbers else "X1"


def _add(table: Table, cells: list[str]) -> None:
    table.cells.append(cells)
    table.origin.append((-1, -1))


def _encoded(tables: dict[str, Table], problem: Problem, row: int, specs: Specs) -> Told:
    """The file is written in another encoding than its system declares; told is the first line where that shows."""
    table = tables[problem.form]
    told = _value(tables, problem, row, specs)
    table.encoding = "gb18030"
    first = next((r for r, cells in enumerate(table.cells) if not all(c.isascii() for c in cells)), row)
    return {**told, "row": first + 2}


def _missing(tables: dict[str, Table], problem: Problem, _row: int, _: Specs) -> Told:
    table = tables.pop(problem.form)
    return _told(table, None, None, "")


KINDS: dict[str, Spoil] = {
    "impossible_date": _value,
    "outside_codelist": _value,
    "not_a_number": _value,
    "end_before_start": _before_start,
    "orphan_subject": _orphan,
    "duplicate_key": _duplicate,
    "misspelt_column": _misspelt,
    "gb18030_form": _encoded,
    "missing_form": _missing,
}
