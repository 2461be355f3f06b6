"""The body of a listing, or of a table that shows records: one row for each record."""

from __future__ import annotations

from datacut.datasets.records import ShownRecords
from datacut.spec.output import OutputSpec, RecordsShown
from datacut.tlf.layout import Align, Column, Identity, Row, Section

RECORDS = "records"
"""Name of the records of the output itself."""


def listing_columns(records: RecordsShown, shown: ShownRecords) -> tuple[Column, ...]:
    """The columns shown; keys, printed once, and those of `repeat` stand unshrunk on every page set."""
    out = []
    for name, column in shown.columns.items():
        spec = records.columns[name]
        key = name in records.keys
        stub = key or name in records.repeat
        least = int(spec.width or 0) if stub else 0
        align = Align(spec.align)
        out.append(Column((name,), (column.label,), spec.width, align, stub=stub, once=key, min_width=least))
    return tuple(out)


def listing_sections(spec: OutputSpec, records: RecordsShown, shown: ShownRecords) -> tuple[Section, ...]:
    """One section with a row for each record; the records of one key stay together."""
    texts = [column.cells.texts.tolist() for column in shown.columns.values()]
    keys = [place for place, name in enumerate(shown.columns) if name in records.keys]
    rows = []
    before: tuple[str, ...] | None = None
    block = 0
    for number, cells in enumerate(zip(*texts, strict=True), 1):
        key = tuple(cells[place] for place in keys)
        changed = bool(keys) and key != before
        block += changed
        gap = changed and before is not None
        rows.append(Row(cells, block=block if keys else None, gap=gap, shows=Identity(number)))
        before = key
    return (Section(tuple(rows), byline=spec.byline),) if rows else ()
