"""Where pages break: by blocks and headings, and inside a row only when it is taller than a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from datacut.tlf.layout import Row


class Heights(Protocol):
    """Heights in lines, the greatest over all page sets."""

    def top(self, row: int) -> int:
        """The row as first of a page."""

    def below(self, row: int) -> int:
        """The row under the one before it."""

    def carried(self, row: int) -> int:
        """The headings repeated when a page begins with this row."""

    def resumed(self, row: int) -> int:
        """The labels repeated when a page begins inside this row."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines `start`..`end` of a row; `end` is None for the rest."""

    row: int
    start: int = 0
    end: int | None = None


def shared_groups(rows: Sequence[Row], row: int) -> int:
    """How many enclosing headings a row shares with the row before it."""
    if row == 0:
        return 0
    pairs = zip(rows[row - 1].group, rows[row].group, strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def same_block(rows: Sequence[Row], row: int) -> bool:
    """Whether a row is kept together with the row before it."""
    return row > 0 and rows[row].block is not None and rows[row].block == rows[row - 1].block


def is_heading(row: Row) -> bool:
    """A label without values."""
    return bool(row.cells and row.cells[0]) and not any(row.cells[1:])


def break_rows(rows: Sequence[Row], heights: Heights, room: int) -> list[tuple[Piece, ...]]:
    """The pieces of each page, `room` lines a page."""
    breaker = _Breaker(rows, heights, room)
    breaker.put(0, len(rows), 0)
    return breaker.finish()


class _Breaker:
    def __init__(self, rows: Sequence[Row], heights: Heights, room: int) -> None:
        self.rows = rows
        self.heights = heights
        self.room = room
        self.left = room
        self.page: list[Piece] = []
        self.pages: list[tuple[Piece, ...]] = []

    def put(self, start: int, end: int, level: int) -> None:
        """Place rows together here or on a new page; where neither fits, place their parts."""
        if level > 0:
            if self._fits(start, end, self.left, fresh=not self.page):
                self._place(start, end)
                return
            if self.page and self._fits(start, end, self.room, fresh=True):
                self._turn()
                self._place(start, end)
                return
            if level == 3:
                self._split(start)
                return
        for first, last in self._parts(start, end, level + 1):
            self.put(first, last, level + 1)

    def finish(self) -> list[tuple[Piece, ...]]:
        if self.page:
            self._turn()
        return self.pages

    def _parts(self, start: int, end: int, level: int) -> Iterator[tuple[int, int]]:
        """Level 1: blocks with their headings; 2: headings with their first row; 3: rows."""
        first = start
        for row in range(start + 1, end + 1):
            if row < end and level < 3 and (self._held(row) or (level == 1 and same_block(self.rows, row))):
                continue
            yield first, row
            first = row

    def _held(self, row: int) -> bool:
        """Whether the row before is a heading of this one."""
        before, this = self.rows[row - 1], self.rows[row]
        opens = len(before.group) > shared_groups(self.rows, row - 1)
        if opens and this.group[: len(before.group)] == before.group:
            return True
        return is_heading(before) and this.indent > before.indent

    def _fits(self, start: int, end: int, left: int, *, fresh: bool) -> bool:
        for row in range(start, end):
            left -= self._height(row, fresh=fresh and row == start)
            if left < 0:
                return False
        return True

    def _height(self, row: int, *, fresh: bool) -> int:
        if fresh:
            return self.heights.carried(row) + self.heights.top(row)
        return self.heights.below(row) + self.rows[row].gap

    def _place(self, start: int, end: int) -> None:
        for row in range(start, end):
            self.left -= self._height(row, fresh=not self.page)
            self.page.append(Piece(row))

    def _turn(self) -> None:
        self.pages.append(tuple(self.page))
        self.page = []
        self.left = self.room

    def _split(self, row: int) -> None:
        """A row taller than a page: as many lines as fit on each."""
        if self.page:
            self._turn()
        start, total = 0, self.heights.top(row)
        while True:
            before = self.heights.resumed(row) if start else self.heights.carried(row)
            room = max(self.room - before, 1)
            if total - start <= room:
                self.page.append(Piece(row, start))
                self.left = self.room - before - (total - start)
                return
            self.page.append(Piece(row, start, start + room))
            self._turn()
            start += room
