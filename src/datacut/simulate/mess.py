"""Mess on request: each kind spoils one place of an export, and tells which and what must become of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from datacut.errors import InputError, nearest
from datacut.simulate.clock import KNOWN, NO_DAY, NO_MONTH, date_text, iso, parse_text
from datacut.simulate.draws import stream
from datacut.simulate.forms import Problem
from datacut.simulate.tables import NOWHERE, Table
from datacut.spec.load import Specs

type Told = dict[str, str | int | list[str] | dict[str, str] | None]

_STUDY = 0
_UNKNOWN = {None: KNOWN, "day": NO_DAY, "month": NO_MONTH}
_KNOWN = {None: len("2026-02-05"), "day": len("2026-02"), "month": len("2026")}


@dataclass
class Spoiled:
    """One problem as injected.

    cells: the row that has it (None: the header, or the whole file); column: the column as the file names it now;
    header: whether it stands in the header; deleted: the row is not in the file any more.
    """

    kind: str
    problem: Problem
    table: Table
    cells: list[str] | None
    column: str | None
    value: str
    header: bool = False
    deleted: bool = False
    old: str = ""

    def told(self, cut: int, tables: Mapping[str, Table], specs: Specs) -> Told:
        """The problem as the truth file tells it: its place in the finished file, and what is expected of a build."""
        table, problem = self.table, self.problem
        row = 1 if self.header else None
        if self.cells is not None and not self.deleted:
            row = table.lines()[_at(table, self.cells)]
        texts = dict(zip(table.header, self.cells, strict=True)) if self.cells is not None else {}
        texts["old"] = self.old
        if later := _later(table, problem, self.old):
            texts["day"] = later[1]
        subject = texts.get(specs.study.systems[table.form.system].subject or "", "")
        return {
            "cut": iso(cut),
            "kind": self.kind,
            "form": table.form.form,
            "file": table.place,
            "row": row,
            "column": self.column,
            "value": self.value,
            "subject": subject,
            "expect": "finding" if problem.rules or problem.told else "gone" if problem.gone else "mapped",
            "rules": list(problem.rules),
            "seen_at": [_seen_at(tables[f], subject, column, specs) for f, column in problem.seen_at.items()],
            "also": list(problem.also),
            "told": dict(problem.told),
            "maps": {name: value.format_map(texts) for name, value in problem.maps.items()},
            "among": dict(problem.among),
            "gone": {name: value.format_map(texts) for name, value in problem.gone.items()},
        }


def _seen_at(table: Table, subject: str, column: str, specs: Specs) -> str:
    at = table.column(str(specs.study.systems[table.form.system].subject))
    line = next(n for n, cells in zip(table.lines(), table.cells, strict=True) if cells[at] == subject)
    return f"{table.place}:{line}:{column}"


type SpoilRow = Callable[[str, Table, Problem, list[str], str | None], Spoiled]
type SpoilFile = Callable[[str, Table, Problem], Spoiled]


def mess_kinds(asked: Sequence[str], known: Mapping[str, Problem]) -> list[str]:
    """The kinds meant by `--mess`: `none`, `all`, or names. Raises InputError for an unknown one."""
    words = [w.strip() for part in asked for w in part.split(",") if w.strip()]
    if "all" in words:
        return list(known)
    kinds = [w for w in words if w != "none"]
    for kind in kinds:
        if kind not in known:
            raise InputError(f"{kind}: no such kind of mess. {nearest(kind, [*known, 'all', 'none'])}")
    return [k for k in known if k in kinds]


def spoil(
    tables: dict[str, Table],
    kinds: Sequence[str],
    known: Mapping[str, Problem],
    specs: Specs,
    seed: int,
    cut: tuple[int, int],
    before: Mapping[str, Table] | None = None,
) -> list[Told]:
    """Spoil the tables of one cut (its number and ordinal day) in place; tells place and expectation of each problem.

    before: the tables of the cut before, none at the first. A row is spoiled once. A kind that finds no row it may
    spoil (its `match` fits none) is left out.
    """
    made: list[Spoiled] = []
    taken: dict[int, list[str]] = {}
    packed = any(t.sheet for t in tables.values())
    # what changes whole files comes last, so that the other kinds find their columns
    for kind in sorted(kinds, key=lambda k: known[k].inject in _FILES):
        problem = known[kind]
        if problem.form not in tables:
            raise InputError(f"specs/simulate.yml: mess {kind} names {problem.form}. {nearest(problem.form, tables)}")
        if cut[0] < problem.at or problem.only not in (None, "xlsx" if packed else "csv"):
            continue
        table = tables[problem.form]
        if problem.inject in _FILES:
            made.append(_FILES[problem.inject](kind, table, problem))
            continue
        u = float(stream(seed, _STUDY, f"mess:{kind}").random())
        cells = _choose(table, problem, u, taken, _told_before(table, before) if problem.earlier else None)
        if cells is not None:
            record = specs.study.systems[table.form.system].record
            made.append(_ROWS[problem.inject](kind, table, problem, cells, record))
            taken |= {id(row): row for row in (made[-1].cells, cells) if row is not None}
    order = list(known)
    made.sort(key=lambda s: order.index(s.kind))
    told = [s.told(cut[1], tables, specs) for s in made]
    for spoiled in made:
        if spoiled.problem.inject == "missing":
            del tables[spoiled.problem.form]
    return told


def _told_before(table: Table, before: Mapping[str, Table] | None) -> set[int]:
    """The rows, by identity, that the export of the cut before has too."""
    earlier = before.get(table.form.form) if before is not None else None
    known = set(earlier.origin) - {NOWHERE} if earlier is not None else set()
    return {id(cells) for cells, origin in zip(table.cells, table.origin, strict=True) if origin in known}


def _choose(
    table: Table, problem: Problem, u: float, taken: Mapping[int, list[str]], known: set[int] | None
) -> list[str] | None:
    """The first row that fits, from a random one on and going round: its fields are filled and hold what they must.

    taken: rows that are spoiled, by identity; known: rows of which one is to be taken, all if none.
    """
    filled = [
        table.column(n) for n in (*problem.filled, *([] if problem.blank or not problem.field else [problem.field]))
    ]
    match = {table.column(n): values for n, values in problem.match.items()}
    absent = [table.column(n) for n in problem.empty]
    size = len(table.cells)
    start = min(int(u * size), size - 1)
    for number in range(start, start + size):
        cells = table.cells[number % size]
        if known is not None and id(cells) not in known:
            continue
        fits = all(cells[i] for i in filled) and all(cells[i] in v for i, v in match.items())
        if problem.days is not None and _later(table, problem, cells[table.column(str(problem.field))]) is None:
            continue  # nothing is later than a date that is not complete
        if fits and not any(cells[i] for i in absent) and id(cells) not in taken:
            return cells
    return None


def _day(table: Table, field: str, text: str) -> int | None:
    """The ordinal of a date of a field; none if it is not complete."""
    return parse_text(str(table.form.fields[field].format), text)


def _later(table: Table, problem: Problem, old: str) -> tuple[str, str] | None:
    """The date that replaces `old`, as the field has it and in ISO 8601; none where the problem has no `days`."""
    day = _day(table, str(problem.field), old) if problem.days is not None else None
    if day is None or problem.days is None:
        return None
    form = str(table.form.fields[str(problem.field)].format)
    later = day + problem.days
    return date_text(form, later, _UNKNOWN[problem.unknown]), iso(later)[: _KNOWN[problem.unknown]]


def _at(table: Table, cells: list[str]) -> int:
    return next(n for n, row in enumerate(table.cells) if row is cells)


def _set(table: Table, problem: Problem, cells: list[str]) -> str:
    """Put the texts of the problem into a row; the text of its field."""
    texts = dict(zip(table.header, cells, strict=True))
    texts["old"] = texts.get(problem.field or "", "")
    changed = dict(problem.set)
    if problem.field is not None and problem.value is not None:
        changed[problem.field] = problem.value
    if problem.field is not None and (later := _later(table, problem, texts["old"])):
        changed[problem.field] = texts["new"] = later[0]
    for name, value in changed.items():
        table.put(cells, name, value.format_map(texts))
    return cells[table.column(problem.field)] if problem.field is not None else ""


def _value(kind: str, table: Table, problem: Problem, cells: list[str], _record: str | None) -> Spoiled:
    """Texts of a row are replaced."""
    old = cells[table.column(problem.field)] if problem.field else ""
    return Spoiled(kind, problem, table, cells, problem.field, _set(table, problem, cells), old=old)


def _copy(kind: str, table: Table, problem: Problem, cells: list[str], record: str | None) -> Spoiled:
    """A row is entered again as another record with other texts, at the end of the file."""
    again = list(cells)
    if record is not None:
        again[table.column(record)] = _fresh(table, record)
    table.add(again, kind, table.origin[_at(table, cells)])
    return _value(kind, table, problem, again, record)


def _duplicate(kind: str, table: Table, problem: Problem, cells: list[str], record: str | None) -> Spoiled:
    """A row is there twice, with another record number where that is no key; the value told is its key."""
    again = list(cells)
    if record is not None and record not in table.form.keys:
        again[table.column(record)] = _fresh(table, record)
    table.add(again, kind, table.origin[_at(table, cells)])
    _set(table, problem, again)
    keys = [again[table.column(k)] for k in table.form.keys]
    return Spoiled(kind, problem, table, again, table.form.keys[-1], "|".join(keys))


def _moved(kind: str, table: Table, problem: Problem, cells: list[str], record: str | None) -> Spoiled:
    """A row is deleted and entered again: the same texts under another record number, at the end of the file."""
    spoiled = _copy(kind, table, problem, cells, record)
    row = _at(table, cells)
    table.origin[-1] = table.origin[row]
    table.touched.setdefault(id(table.cells[-1]), set()).update(table.touched.get(id(cells), ()))
    table.drop(row)
    return spoiled


def _deleted(kind: str, table: Table, problem: Problem, cells: list[str], record: str | None) -> Spoiled:
    """A row is deleted; the value told is its record number."""
    table.drop(_at(table, cells))
    number = cells[table.column(record)] if record is not None else ""
    return Spoiled(kind, problem, table, cells, record, number, deleted=True)


def _fresh(table: Table, column: str) -> str:
    """A record number that the file does not have yet."""
    at = table.column(column)
    numbers = [int(c[at]) for c in table.cells if c[at].isdigit()]
    return str(max(numbers) + 1) if numbers else "X1"


def _typed(kind: str, table: Table, problem: Problem, cells: list[str], record: str | None) -> Spoiled:
    """A sheet holds the value as text, or as a formula that was never calculated."""
    table.typed[id(cells), str(problem.field)] = problem.inject
    return _value(kind, table, problem, cells, record)


def _renamed(kind: str, table: Table, problem: Problem) -> Spoiled:
    new = str(problem.value)
    table.header[table.column(str(problem.field))] = table.renamed[str(problem.field)] = new
    return Spoiled(kind, problem, table, None, new, new, header=True)


def _removed(kind: str, table: Table, problem: Problem) -> Spoiled:
    name = str(problem.field)
    at = table.column(name)
    del table.header[at]
    for cells in table.cells:
        del cells[at]
    return Spoiled(kind, problem, table, None, name, name, header=True)


def _added(kind: str, table: Table, problem: Problem) -> Spoiled:
    name = str(problem.field)
    table.header.append(name)
    for cells in table.cells:
        cells.append(str(problem.value))
    return Spoiled(kind, problem, table, None, name, name, header=True)


def _reordered(kind: str, table: Table, problem: Problem) -> Spoiled:
    table.header.reverse()
    for cells in table.cells:
        cells.reverse()
    return Spoiled(kind, problem, table, table.cells[0] if table.cells else None, problem.field, "")


def _emptied(kind: str, table: Table, problem: Problem) -> Spoiled:
    table.cells.clear()
    table.origin.clear()
    return _missing(kind, table, problem)


def _missing(kind: str, table: Table, problem: Problem) -> Spoiled:
    return Spoiled(kind, problem, table, None, None, table.form.filename)


def _encoded(kind: str, table: Table, problem: Problem) -> Spoiled:
    """The file is in the encoding `value`; told is the first row that has another byte in it than ASCII."""
    table.encoding = str(problem.value)
    if table.cells:
        for name, text in problem.set.items():
            table.put(table.cells[len(table.cells) // 2], name, text)
    foreign = [c for c in table.cells if not all(t.isascii() for t in c)]
    return Spoiled(kind, problem, table, next(iter(foreign or table.cells), None), problem.field, table.encoding)


_ROWS: dict[str, SpoilRow] = {
    "value": _value,
    "copy": _copy,
    "duplicate": _duplicate,
    "move": _moved,
    "delete": _deleted,
    "text": _typed,
    "formula": _typed,
}
_FILES: dict[str, SpoilFile] = {
    "rename": _renamed,
    "remove": _removed,
    "add": _added,
    "reorder": _reordered,
    "empty": _emptied,
    "missing": _missing,
    "encode": _encoded,
}
