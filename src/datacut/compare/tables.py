"""Tables as their makers meant them: columns with their headings, and lines with labels, from the rows of a file.

Pages are joined, blank rows left out, and a heading that spans columns belongs to each of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from datacut.compare.rtf import Cell, Row

NUMBER = re.compile(r"(?<![\w.])[-−–]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_CONTINUED = re.compile(r"[\s,:;–-]*\(?\bcont(?:inued|['’]d|\.)?\)?\s*$", re.I)
_TOKEN = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+|[<>≤≥=+%]")
_VALUE = re.compile(r"[<>≤≥=(\[ ]*[-−–]?\d")
_BLANK_WIDTH = 100
"""Twips that a leading blank counts as."""
_NEXT_COLUMN = 100_000
"""What a label in the second column of labels is further in than one in the first, in twips."""


type Place = tuple[int, int]
"""Number of a header row and of a cell in it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table. parents: labels above it that it belongs to; values: texts by column, but blank ones."""

    label: str
    parents: tuple[str, ...]
    values: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: headings of the columns that hold values, from the left, each with what spans it; and its lines.

    parts: of each heading the cells it is made of from above, each with its place among the header rows, which is the
    same where one cell spans several columns.
    """

    parts: tuple[tuple[tuple[Place, str], ...], ...]
    lines: tuple[Line, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """Each heading as one text."""
        return tuple(" ".join(text for _, text in parts) for parts in self.parts)


def plain(text: str) -> str:
    """A label as it is compared: small letters, numbers and signs of comparison, without other marks and blanks."""
    found = _CONTINUED.sub("", unicodedata.normalize("NFKC", text)).lower()
    return " ".join(_TOKEN.findall(found))


def without_numbers(text: str) -> str:
    """The same with every number as #."""
    return re.sub(r"\d+(?:\.\d+)?", "#", plain(text))


def read_tables(rows: Sequence[Row]) -> list[Table]:
    """The tables of a file; pages with the same headings are one table.

    Header rows are those that the file marks, else the first rows up to the first with a label and a number, and their
    repetitions.
    """
    found: list[tuple[list[Row], list[list[Row]]]] = []
    for headings, body in _pages(rows):
        same = next((part for part in found if _texts(part[0]) == _texts(headings)), None)
        if same is None:
            found.append((headings, [body]))
        else:
            same[1].append(body)
    return [_table(headings, pages) for headings, pages in found if any(pages)]


def _pages(rows: Sequence[Row]) -> Iterator[tuple[list[Row], list[Row]]]:
    if not any(row.heading for row in rows):
        yield from _unmarked(rows)
        return
    headings: list[Row] = []
    body: list[Row] = []
    for row in rows:
        if row.heading and body:
            yield headings, body
            headings, body = [], []
        (headings if row.heading else body).append(row)
    yield headings, body


def _unmarked(rows: Sequence[Row]) -> Iterator[tuple[list[Row], list[Row]]]:
    amount = next((i for i, row in enumerate(rows) if _is_line(row)), 1)
    while amount > 1 and _is_label(rows[amount - 1]):
        amount -= 1  # a label above the first line belongs to the lines
    headings = list(rows[:amount])
    told = _texts(headings)
    start = amount
    for i in range(amount, len(rows)):
        if amount and _texts(rows[i : i + amount]) == told:
            yield headings, list(rows[start:i])
            start = i + amount
    yield headings, list(rows[start:])


def _is_line(row: Row) -> bool:
    return bool(row.cells[0].text.strip()) and any(_VALUE.match(c.text) for c in row.cells[1:])


def _is_label(row: Row) -> bool:
    return bool(row.cells[0].text.strip()) and not any(c.text.strip() for c in row.cells[1:])


def _texts(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    return [tuple(plain(c.text) for c in row.cells) for row in rows]


def _table(headings: Sequence[Row], pages: Sequence[Sequence[Row]]) -> Table:
    body = [row for page in pages for row in page]
    edges = _columns([r for r in body if len(r.cells) > 1] or [*headings, *body])
    told = [_heading(headings, left, right) for left, right in edges]
    labels = max(next((i for i, text in enumerate(told) if text), 1), 1)
    lines = _Lines(edges, labels)
    for page in pages:
        lines.top = True
        for row in page:
            lines.add(row)
    return Table(tuple(told[labels:]), tuple(lines.found))


def _columns(rows: Sequence[Row]) -> tuple[tuple[int, int], ...]:
    """Edges of the columns: those that most rows have."""
    return Counter(tuple((c.left, c.right) for c in row.cells) for row in rows).most_common(1)[0][0]


def _heading(rows: Sequence[Row], left: int, right: int) -> tuple[tuple[Place, str], ...]:
    """What stands above a column; a row of one cell is a title of all of them and left out."""
    middle = (left + right) / 2
    return tuple(
        ((i, j), " ".join(cell.text.split()))
        for i, row in enumerate(rows)
        for j, cell in enumerate(row.cells)
        if len(row.cells) > 1 and cell.left <= middle < cell.right and cell.text.strip()
    )


@dataclass(slots=True)
class _Label:
    """A label that lines may stand under.

    empty: it has no values; beside, under: a line has stood as far in, or further, since.
    """

    indent: int
    text: str
    empty: bool
    beside: bool = False
    under: bool = False


@dataclass
class _Lines:
    """Lines of a table, row by row, and the labels under which the next one stands."""

    edges: Sequence[tuple[int, int]]
    labels: int
    top: bool = True
    """Whether nothing but labels has stood on this page yet."""
    found: list[Line] = field(default_factory=list)
    over: list[_Label] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Take one row; a blank one says nothing."""
        labels: list[tuple[int, str]] = []
        values: dict[int, str] = {}
        for cell in row.cells:
            text = " ".join(cell.text.split())
            if not text:
                continue
            at = self._column(cell)
            if at < self.labels:
                labels.append((at * _NEXT_COLUMN + _indent(cell), _CONTINUED.sub("", text)))
            else:
                values[at - self.labels] = f"{values[at - self.labels]} {text}" if at - self.labels in values else text
        if not labels and not values:
            return
        self.top = self.top and not values
        for i, (indent, label) in enumerate(labels):
            last = i == len(labels) - 1
            empty = not (last and values)
            self._leave(indent, empty=empty)
            line = Line(label, tuple(x.text for x in self.over), values if last else {})
            if not (self.top and self._told_before(line)):
                self.found.append(line)
            self.over.append(_Label(indent, label, empty))
        if not labels:
            self.found.append(Line("", tuple(x.text for x in self.over), values))

    def _column(self, cell: Cell) -> int:
        middle = (cell.left + min(cell.right, cell.left + 20)) / 2
        return next((i for i, (left, right) in enumerate(self.edges) if left <= middle < right), len(self.edges) - 1)

    def _leave(self, indent: int, *, empty: bool) -> None:
        """Leave the labels that the next one, so far in and with values or without, does not belong to."""
        while self.over:
            last = self.over[-1]
            if indent > last.indent:
                last.under = True
                return
            if indent == last.indent and last.empty and not last.under and not (empty and last.beside):
                last.beside = True
                return
            self.over.pop()

    def _told_before(self, line: Line) -> bool:
        """Whether it is a label that the top of a page repeats."""
        return any(plain(x.label) == plain(line.label) and x.parents == line.parents for x in self.found)


def _indent(cell: Cell) -> int:
    return cell.indent + _BLANK_WIDTH * (len(cell.text) - len(cell.text.lstrip(" ")))
