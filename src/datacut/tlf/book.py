"""A combined document: a title page, a table of contents and many outputs, all of them layouts.

Renderers print its leaves one after the other; a row of the contents leads to the output it names and gives the page of
the document on which that begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from datacut.tlf.layout import Align, Column, Display, Kind, Layout, Row, Section
from datacut.tlf.metrics import width, wrap
from datacut.tlf.paginate import paginate

_KINDS = tuple(Kind)
_DROP = 10


@dataclass(frozen=True, slots=True)
class Chapter:
    """Outputs under one heading."""

    heading: str
    layouts: tuple[Layout, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One layout and the page of the document it begins on.

    name: its bookmark; level: depth of that, 0 or 1; chapter: heading it opens.
    """

    layout: Layout
    start: int
    name: str
    level: int = 0
    chapter: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """A combined document, ready to be printed. lines: what its title page says below the title."""

    title: str
    leaves: tuple[Leaf, ...]
    lines: tuple[str, ...] = ()

    @property
    def pages(self) -> int:
        return sum(len(leaf.layout.pages) for leaf in self.leaves)


def bind(title: str, lines: Sequence[str], chapters: Sequence[Chapter]) -> Book:
    """Title page of centred lines, contents and outputs. Chapters without outputs are left out."""
    filled = [chapter for chapter in chapters if chapter.layouts]
    contents = _contents(filled, {})
    starts: dict[str, int] = {}
    page = 2 + len(contents.pages)
    for chapter in filled:
        for layout in chapter.layouts:
            starts[layout.id] = page
            page += len(layout.pages)
    contents = _contents(filled, starts)
    leaves = [Leaf(_title_page(title, lines, contents), 1, "Title page"), Leaf(contents, 2, contents.title)]
    for chapter in filled:
        for i, layout in enumerate(chapter.layouts):
            opens = chapter.heading if i == 0 else ""
            leaves.append(Leaf(layout, starts[layout.id], named(layout), 1, opens))
    return Book(title, tuple(leaves), tuple(filter(None, lines)))


def number_key(output: str, number: str, kind: Kind) -> tuple[tuple[int, ...], int, str]:
    """Order of outputs in a document: by number, tables before listings before figures."""
    return number_parts(number), _KINDS.index(kind), output


def number_parts(number: str) -> tuple[int, ...]:
    """`Table 14.3.1.2` as 14, 3, 1, 2."""
    return tuple(map(int, re.findall(r"\d+", number)))


def named(layout: Layout) -> str:
    """Number and title on one line."""
    return f"{layout.number} {layout.title}".strip().replace("\n", " ")


def anchor(output: str) -> str:
    """The bookmark of an output where a name may hold no hyphen."""
    return output.replace("-", "_")


def _contents(chapters: Sequence[Chapter], starts: dict[str, int]) -> Layout:
    """The contents; its width and so its pages do not depend on the numbers in it."""
    rows: list[Row] = []
    for chapter in chapters:
        rows.append(Row((chapter.heading, "", ""), group=(chapter.heading,), gap=True))
        for layout in chapter.layouts:
            cells = (layout.number, layout.title.replace("\n", " "), str(starts.get(layout.id, "")))
            rows.append(Row(cells, indent=1, group=(chapter.heading,), link=layout.id))
    widest = max((width(row.cells[0]) for row in rows), default=0) + 2
    columns = (
        Column(("number",), ("Output",), width=widest, stub=True),
        Column(("title",), ("Title",), width=110 - widest),
        Column(("page",), ("Page",), width=8, align=Align.RIGHT, min_width=6),
    )
    display = Display("contents", "", "Table of Contents", columns, (Section(tuple(rows)),), kind=Kind.LISTING)
    return paginate(display)[0]


def _title_page(title: str, lines: Sequence[str], contents: Layout) -> Layout:
    room = contents.paper.chars - 20
    texts = [(*wrap(text, room), "") for text in (title, *lines) if text]
    shown = ("",) * _DROP + tuple(line for text in texts for line in text)
    page = replace(
        contents.pages[0], of=1, heads=(), titles=(), byline=(), columns=(), header=(), rows=(), message=shown,
        footnotes=(), source=(),
    )  # fmt: skip
    return replace(contents, id="title", title=title, pages=(page,))
