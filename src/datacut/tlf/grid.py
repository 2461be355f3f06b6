"""The table of one page as rows of boxes: where every cell begins and ends, in twips from the left of the body."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from datacut.tlf.columns import GAP
from datacut.tlf.layout import Align, HeaderCell, Page, PageColumn, Paper

AIR = 40
"""Twips above the text of every header row and of the first body row."""
SLACK = 20
"""Twips a text may run over its end: the face of a viewer can be a hair wider than ours."""


@dataclass(frozen=True, slots=True)
class Box:
    """One cell: its edges, where its text ends, its lines; `rule` draws a line below its text."""

    left: int
    right: int
    end: int
    lines: tuple[str, ...]
    align: Align
    rule: bool = False


@dataclass(frozen=True, slots=True)
class BoxRow:
    """One row: `height` lines of text; top, bottom: a line over the whole width; link: output it leads to."""

    boxes: tuple[Box, ...]
    height: int
    header: bool = False
    top: bool = False
    bottom: bool = False
    air: bool = False
    link: str = ""

    @property
    def cells(self) -> tuple[Box, ...]:
        """The boxes as table cells: one with a rule is cut where its rule ends."""
        if not self.header:
            return self.boxes
        return tuple(cell for box in self.boxes for cell in _cut(box))


def _cut(box: Box) -> tuple[Box, ...]:
    if not box.rule:
        return (box,)
    return replace(box, right=box.end), Box(box.end, box.right, box.right, ("",), Align.LEFT)


def box_rows(page: Page, paper: Paper) -> Iterator[BoxRow]:
    """Header rows, then body rows or the message; nothing for a page without columns."""
    columns = page.columns
    if not columns:
        return
    edges = [column.left * paper.char for column in columns[1:]] + [paper.chars * paper.char]
    last = len(page.header) - 1
    for level, cells in enumerate(page.header):
        boxes = tuple(_header_box(cell, columns, edges, paper, ruled=level < last) for cell in cells)
        height = max(len(cell.lines) for cell in cells)
        yield BoxRow(boxes, height, header=True, top=level == 0, bottom=level == last, air=True)
    if page.message:
        end = (paper.chars - GAP) * paper.char
        for i, lines in enumerate((("",), page.message, ("",))):
            yield BoxRow((Box(0, edges[-1], end, lines, Align.CENTRE),), len(lines), bottom=i == 2, air=i == 0)
    places = [
        (c.left * paper.char, edge, (c.left + c.width) * paper.char) for c, edge in zip(columns, edges, strict=True)
    ]
    for i, row in enumerate(page.rows):
        boxes = tuple(
            Box(left, right, end, lines, column.align)
            for (left, right, end), column, lines in zip(places, columns, row.cells, strict=True)
        )
        yield BoxRow(boxes, row.height, bottom=i == len(page.rows) - 1, air=i == 0, link=row.link)


def _header_box(
    cell: HeaderCell, columns: Sequence[PageColumn], edges: Sequence[int], paper: Paper, *, ruled: bool
) -> Box:
    """A header cell; its rule ends with its text, before the gap, so that neighbouring rules do not touch."""
    end = (columns[cell.last].left + columns[cell.last].width) * paper.char
    left = columns[cell.first].left * paper.char
    return Box(left, edges[cell.last], end, cell.lines, cell.align, cell.rule and ruled)
