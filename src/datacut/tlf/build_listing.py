"""The body of a listing, or of a table that shows records: one row for each record."""

from __future__ import annotations

from datacut.spec.output import OutputSpec, RecordsShown
from datacut.tlf.build_table import Grid
from datacut.tlf.layout import Align, Column, Row, Section


def listing_columns(records: RecordsShown, grid: Grid) -> tuple[Column, ...]:
    """The columns the results have; keys, printed once, and those of `repeat` stand unshrunk on every page set."""
    out = []
    for head in grid.heads:
        shown = records.columns.get(head.key)
        if shown is None:
            continue
        key = head.key in records.keys
        stub = key or head.key in records.repeat
        least = int(shown.width or 0) if stub else 0
        align = Align(shown.align)
        out.append(Column(head.key, (head.label,), shown.width, align, stub=stub, once=key, min_width=least))
    return tuple(out)


def listing_sections(spec: OutputSpec, records: RecordsShown, grid: Grid) -> tuple[Section, ...]:
    """One section with a row for each record; the records of one key stay together."""
    columns = [c.key for c in listing_columns(records, grid)]
    keys = [c for c in columns if c in records.keys]
    rows = []
    before: tuple[str, ...] | None = None
    block = 0
    for number in grid.rows:
        cells = tuple(grid.cells.get((number, c), "") for c in columns)
        key = tuple(grid.cells.get((number, c), "") for c in keys)
        changed = bool(keys) and key != before
        block += changed
        rows.append(Row(cells, block=block if keys else None, gap=changed and before is not None))
        before = key
    return (Section(tuple(rows), byline=spec.byline),) if rows else ()
