"""Corrections between cuts: a row is changed, deleted or entered late, the same rows for the same seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datacut.errors import InputError, nearest
from datacut.simulate.clock import iso, moment_text
from datacut.simulate.forms import Correction
from datacut.simulate.tables import Study, Table
from datacut.spec.load import Specs

_ENTRY_MINUTE = 10 * 60
_ENTRY_DAYS = 5


@dataclass(frozen=True)
class Applied:
    """A correction that found its row. cut: first cut that shows it; before, after: texts of a changed field."""

    spec: Correction
    cut: int
    previous: int
    filename: str
    origin: tuple[int, int]
    record: str
    before: str
    after: str

    def told(self) -> dict[str, str]:
        """The correction as the truth file tells it."""
        return {
            "cut": iso(self.cut),
            "file": self.filename,
            "record": self.record,
            "kind": self.spec.kind,
            "column": self.spec.field or "",
            "also": " ".join(self.spec.also),
            "before": self.before,
            "after": self.after,
        }


def plan_corrections(
    corrections: Sequence[Correction], tables: Sequence[Mapping[str, Table]], cuts: Sequence[int], specs: Specs
) -> list[Applied]:
    """Find the row of each correction: the first that matches, of its subject or a later one, at the cut before."""
    planned: list[Applied] = []
    taken: set[tuple[str, tuple[int, int]]] = set()
    for spec in corrections:
        if not 2 <= spec.at <= len(cuts):
            continue
        if spec.form not in tables[0]:
            raise InputError(f"specs/simulate.yml: a correction of {spec.form}. {nearest(spec.form, tables[0])}")
        found = _find(spec, tables[spec.at - 2][spec.form], tables[spec.at - 1][spec.form], specs, taken)
        if found is None:
            continue
        origin, record, before = found
        taken.add((spec.form, origin))
        after = _changed(spec, before)
        name = tables[0][spec.form].filename
        planned.append(Applied(spec, cuts[spec.at - 1], cuts[spec.at - 2], name, origin, record, before, after))
    return planned


def _find(
    spec: Correction, table: Table, later: Table, specs: Specs, taken: set[tuple[str, tuple[int, int]]]
) -> tuple[tuple[int, int], str, str] | None:
    system = specs.study.systems[table.form.system]
    record = table.column(system.record) if system.record else 0
    field = table.column(spec.field) if spec.field else None
    match = {table.column(name): value for name, value in spec.match.items()}
    stays = set(later.origin)
    candidates = 0
    seen: set[int] = set()
    for cells, origin in zip(table.cells, table.origin, strict=True):
        if origin[0] not in seen:
            seen.add(origin[0])
            candidates += 1
        fits = candidates >= spec.subject and all(cells[i] == value for i, value in match.items())
        filled = field is None or (cells[field] != "" if spec.add is None else _is_number(cells[field]))
        if fits and filled and origin in stays and (spec.form, origin) not in taken:
            return origin, cells[record], cells[field] if field is not None else ""
    return None


def _changed(spec: Correction, before: str) -> str:
    if spec.kind != "changed":
        return ""
    if spec.value is not None:
        return spec.value
    if spec.add is None:
        return before
    return f"{float(before) + spec.add:.{len(before.partition('.')[2])}f}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def apply_corrections(
    tables: Mapping[str, Table], planned: Sequence[Applied], cut: int, study: Study, specs: Specs
) -> None:
    """Change the tables of one cut in place."""
    for item in planned:
        table = tables[item.spec.form]
        if item.origin not in table.origin:
            continue
        row = table.origin.index(item.origin)
        shown = cut >= item.cut
        if (item.spec.kind == "late" and not shown) or (item.spec.kind == "deleted" and shown):
            table.drop(row)
            continue
        if not shown:
            continue
        cells = table.cells[row]
        created, updated = study.stamps[item.spec.form]
        if item.spec.kind == "changed" and item.spec.field is not None:
            for name, value in {item.spec.field: item.after, **item.spec.also}.items():
                table.put(cells, name, value)
        for name in (created, updated) if item.spec.kind == "late" else (updated,):
            if name:
                form = specs.columns(table.form)[name].format or "y-m-d H:M:S"
                table.put(cells, name, moment_text(form, item.previous + _ENTRY_DAYS, _ENTRY_MINUTE))
