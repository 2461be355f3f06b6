"""Sections of a display on shared pages: several as one, and the columns that one uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from datacut.tlf.layout import Column, Display, Row, Section, Span


def one_section(sections: Sequence[Section]) -> Section:
    """Sections as one, the by-line of each the heading of its rows; one alone stays as it is."""
    if len(sections) == 1:
        return sections[0]
    rows: list[Row] = []
    blocks = 0
    for section in sections:
        blank = ("",) * (len(section.rows[0].cells) - 1)
        head = Row((section.byline, *blank), group=(section.byline,), gap=bool(rows), shows=section.shows)
        own = {block: blocks + i for i, block in enumerate(dict.fromkeys(row.block for row in section.rows))}
        blocks += len(own)
        rows += [head]
        for i, row in enumerate(section.rows):
            block = None if row.block is None else own[row.block]
            group = (section.byline, *row.group)
            rows.append(replace(row, indent=row.indent + 1, block=block, group=group, gap=row.gap and i > 0))
    return Section(tuple(rows), unused=frozenset.intersection(*(section.unused for section in sections)))


def used_columns(display: Display, section: Section) -> tuple[tuple[Column, ...], tuple[Span, ...], tuple[Row, ...]]:
    """Columns, spans and rows of a section without the columns it leaves out."""
    if not section.unused:
        return display.columns, display.spans, section.rows
    keys = [column.key for column in display.columns]
    kept = [i for i, key in enumerate(keys) if key not in section.unused]
    spans = []
    for span in display.spans:
        over = [keys[i] for i in kept if keys.index(span.first) <= i <= keys.index(span.last)]
        if over:
            spans.append(replace(span, first=over[0], last=over[-1]))
    rows = tuple(replace(row, cells=tuple(row.cells[i] for i in kept)) for row in section.rows)
    return tuple(display.columns[i] for i in kept), tuple(spans), rows
