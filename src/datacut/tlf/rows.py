"""Rows as boxes of wrapped lines: their heights for page breaking, and the printed rows of one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from datacut.tlf.breaks import Piece, is_heading, same_block, shared_groups
from datacut.tlf.columns import Measured, Panel
from datacut.tlf.layout import Align, Identity, PageRow, Row
from datacut.tlf.metrics import longest_line, wrap

CONTINUED = " (continued)"
SHORT_CONTINUED = " (cont.)"
_BLANK = ("",)
_RESUMED_LINES = 3
_SHORT = 25
"""Lines of the rows of one key that stay together on every page, so that its own lines can run beside them."""

type Lines = tuple[str, ...]


class RowBoxes:
    """The rows of one section, wrapped for every page set."""

    def __init__(self, rows: Sequence[Row], measured: Sequence[Measured], panels: Sequence[Panel]) -> None:
        self.rows = rows
        self.panels = panels
        self.once = [i for i, m in enumerate(measured) if m.column.once]
        self.hidden = [self._hidden(i) for i in range(len(rows))]
        self.cells = [_wrap_panel(rows, measured, panel) for panel in panels]
        self._top = [max(max(map(len, row)) for row in of_row) for of_row in zip(*self.cells, strict=True)]
        self._below = [self._below_height(i) for i in range(len(rows))]
        self._beside: dict[int, tuple[int, int]] = {}
        for start, end in self._runs():
            self._run_beside(start, end)

    def top(self, row: int) -> int:
        return self._top[row]

    def below(self, row: int) -> int:
        return self._below[row]

    def carried(self, row: int) -> int:
        labels = self._carried_labels(row)
        return max(sum(len(_label(text, depth, panel)) for text, depth, _ in labels) for panel in self.panels)

    def resumed(self, row: int) -> int:
        return max(max(map(len, self._resumed(row, p))) for p in range(len(self.panels)))

    def printed(self, pieces: Sequence[Piece], panel: Panel) -> tuple[PageRow, ...]:
        """The rows of one page for one page set."""
        number = next(i for i, known in enumerate(self.panels) if known is panel)
        made: list[PageRow] = []
        rest = (_BLANK,) * (len(panel.columns) - 1)
        for at, piece in enumerate(pieces):
            cells = self.cells[number][piece.row]
            if beside := self._beside.get(piece.row):
                pairs = zip(panel.places, cells, strict=True)
                lead = slice(*beside) if at or not beside[0] else slice(None)
                cells = tuple(lines[lead] or _BLANK if place in self.once else lines for place, lines in pairs)
                if at and self.rows[piece.row].gap:
                    made.append(PageRow((_BLANK, *rest), 1, gap=True))
            elif at == 0 and piece.start:
                resumed = self._resumed(piece.row, number)
                made.append(_page_row(resumed, continued=True, shows=self.rows[piece.row].shows))
            elif at == 0:
                for text, indent, shows in self._carried_labels(piece.row):
                    made.append(_page_row((_label(text, indent, panel), *rest), continued=True, shows=shows))
            else:
                if self.rows[piece.row].gap:
                    made.append(PageRow((_BLANK, *rest), 1, gap=True))
                if hidden := self.hidden[piece.row]:
                    pairs = zip(panel.places, cells, strict=True)
                    cells = tuple(_BLANK if place in hidden else lines for place, lines in pairs)
            if piece.start or piece.end is not None:
                cells = tuple(lines[piece.start : piece.end] or _BLANK for lines in cells)
            made.append(_page_row(cells, link=self.rows[piece.row].link, shows=self.rows[piece.row].shows))
        return tuple(made)

    def _runs(self) -> list[tuple[int, int]]:
        """Rows of one block that have one key, from the first to the one after the last."""
        if not self.once:
            return []
        starts = [i for i in range(len(self.rows)) if len(self.hidden[i]) < len(self.once)]
        ends = [*starts[1:], len(self.rows)]
        return [
            (a, b) for a, b in zip(starts, ends, strict=True) if all(same_block(self.rows, i) for i in range(a + 1, b))
        ]

    def _run_beside(self, start: int, end: int) -> None:
        """Let the lines of a key run beside its rows, where these are few enough to stay on one page."""
        own = [max(self._lines(row, keys=False)) for row in range(start, end)]
        if sum(own) > _SHORT:
            return
        own[-1] += max(max(self._lines(start, keys=True)) - sum(own), 0)
        for row, height in enumerate(own, start):
            before = sum(own[: row - start])
            self._beside[row] = (before, before + height)
            self._top[row] = self._below[row] = height

    def _lines(self, row: int, *, keys: bool) -> list[int]:
        """Lines of the cells of a row in key columns, or in all others."""
        return [
            len(lines)
            for panel, cells in zip(self.panels, self.cells, strict=True)
            for place, lines in zip(panel.places, cells[row], strict=True)
            if (place in self.once) is keys
        ] or [1]

    def _hidden(self, row: int) -> frozenset[int]:
        """Key columns that say the same as on the row before."""
        same: list[int] = []
        if row:
            this, before = self.rows[row].cells, self.rows[row - 1].cells
            for place in self.once:
                if this[place] != before[place]:
                    break
                same.append(place)
        return frozenset(same)

    def _below_height(self, row: int) -> int:
        hidden = self.hidden[row]
        if not hidden:
            return self._top[row]
        return max(
            max(
                (len(lines) for place, lines in zip(p.places, cells[row], strict=True) if place not in hidden),
                default=1,
            )
            for p, cells in zip(self.panels, self.cells, strict=True)
        )

    def _carried_labels(self, row: int) -> list[tuple[str, int, Identity | None]]:
        """Headings to repeat, with their indents and what they show, where a page begins with this row."""
        rows = self.rows
        labels: list[tuple[str, int, Identity | None]] = []
        for depth in range(1, shared_groups(rows, row) + 1):
            heading = row
            while heading and rows[heading - 1].group[:depth] == rows[row].group[:depth]:
                heading -= 1
            labels.append((rows[row].group[depth - 1], rows[heading].indent, rows[heading].shows))
        if not labels and not self.once and same_block(rows, row):
            heading = row
            while same_block(rows, heading):
                heading -= 1
            label = rows[heading].cells[0] if is_heading(rows[heading]) else ""
            labels.append((label, rows[heading].indent, rows[heading].shows))
        return labels

    def _resumed(self, row: int, number: int) -> tuple[Lines, ...]:
        """The labels of a row whose lines go on from the page before, cut to three lines."""
        panel = self.panels[number]
        keys = {panel.places[0], *self.once}
        made: list[Lines] = []
        for at, (place, lines) in enumerate(zip(panel.places, self.cells[number][row], strict=True)):
            if at == 0:
                lines = _label(self.rows[row].cells[place], self.rows[row].indent, panel)
            made.append(lines[:_RESUMED_LINES] if place in keys else _BLANK)
        return tuple(made)


def _page_row(
    cells: tuple[Lines, ...], *, continued: bool = False, link: str = "", shows: Identity | None = None
) -> PageRow:
    return PageRow(cells, max(map(len, cells)), continued, link=link, shows=shows)


def _label(text: str, indent: int, panel: Panel) -> Lines:
    """A repeated label and its mark, which is shortened in a narrow column."""
    size = panel.columns[0].width
    mark = CONTINUED if size - 2 * indent >= len(CONTINUED) + 1 else SHORT_CONTINUED
    return _indented((text + mark).strip(), indent, size)


def _indented(text: str, indent: int, width: int) -> Lines:
    """Wrapped with a hanging indent of two characters."""
    pad = min(2 * indent, width // 2)
    lines = wrap(text, width - pad, 2)
    return tuple(" " * pad + line for line in lines) if pad else lines


def _wrap_panel(rows: Sequence[Row], measured: Sequence[Measured], panel: Panel) -> list[tuple[Lines, ...]]:
    columns: list[list[Lines]] = []
    for place, column in zip(panel.places, panel.columns, strict=True):
        wrapper = _wrapper(measured[place], column.width, first=place == 0 and not measured[place].column.once)
        made: dict[tuple[str, int], Lines] = {}
        cells: list[Lines] = []
        for row in rows:
            key = (row.cells[place], row.indent)
            lines = made.get(key)
            if lines is None:
                lines = made[key] = wrapper(*key)
            cells.append(lines)
        columns.append(cells)
    return list(zip(*columns, strict=True))


def _wrapper(m: Measured, width: int, *, first: bool) -> Callable[[str, int], Lines]:
    """How a cell of this column becomes lines."""
    if m.column.align is Align.DECIMAL:
        offset = " " * max((width - m.block) // 2, 0)

        def aligned(text: str, _: int) -> Lines:
            if not text.strip():
                return _BLANK
            line = offset + m.padded[text]
            return (line,) if longest_line(line) <= width and "\n" not in line else wrap(text, width)

        return aligned
    if first:
        return lambda text, indent: _indented(text, indent, width)
    return lambda text, _: wrap(text, width)
