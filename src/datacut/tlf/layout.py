"""What is to be shown (`Display`) and where every line of it stands (`Layout`).

A `Display` is filled from results and knows nothing of pages. `paginate` resolves it once into a `Layout`;
renderers print a layout and decide nothing, so that RTF, HTML, DOCX and PDF break at the same lines. Both are
plain frozen values: tuples of text, no frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from datacut.datasets.parts import Parts

NO_DATA = "No data to report"


class Align(StrEnum):
    """How the cells of a column stand; `DECIMAL` lines up the units digit of the first number of each cell."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"
    DECIMAL = "decimal"


class Kind(StrEnum):
    """What an output is."""

    TABLE = "table"
    LISTING = "listing"
    FIGURE = "figure"


# ---------------------------------------------------------------------------------------------------- display


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    key: unique name, used by spans; of results, the key of their column. header: its header, one entry per line (each
    may wrap further).
    width: weight for sharing the page width; None takes the natural width of the content as weight.
    stub: row label, repeated on every page set of a horizontal split. once: key column of a listing, printed
    when it changes and again at each page top. panel: columns of different panels never share a page.
    min_width: characters.
    """

    key: Parts
    header: tuple[str, ...] = ()
    width: float | None = None
    align: Align = Align.LEFT
    stub: bool = False
    once: bool = False
    panel: int = 0
    min_width: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """A header over the columns `first`..`last` (keys, inclusive). Level 1 is the outermost of at most three.

    rule: a line below; None draws it under spans of several columns that have no further span of the same
    range below.
    """

    label: str
    first: Parts
    last: Parts
    level: int = 1
    rule: bool | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What a row shows: the row of the results of this number and path; without a path, the record of this number."""

    number: int
    path: Parts = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `cells` has one text per column of the display.

    indent: levels of two characters, applied to the first column. block: consecutive rows of one number stay
    on one page where they fit (P-BLK; in a listing, one subject). group: labels of the enclosing headings,
    outermost first, carried by the heading row itself too; a break inside repeats them with " (continued)"
    (P-SOC). gap: blank line before, dropped at a page top. link: id of the output this row of a contents leads to.
    shows: None of a row that comes from no results.
    """

    cells: tuple[str, ...]
    indent: int = 0
    block: int | None = None
    group: tuple[str, ...] = ()
    gap: bool = False
    link: str = ""
    shows: Identity | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """One drawn figure as PNG and as one vector PDF page; its size in inches and what it shows, in words."""

    png: bytes
    width: float
    height: float
    alt: str
    pdf: bytes = b""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows or one image that begin on a new page, under an optional by-line such as `Parameter: ... (unit)`.

    unused: keys of the columns that its pages leave out. shows: the row of the results that the by-line is.
    """

    rows: tuple[Row, ...] = ()
    byline: str = ""
    image: Image | None = None
    unused: frozenset[Parts] = frozenset()
    shows: Identity | None = None


@dataclass(frozen=True, slots=True)
class Display:
    """One output before paging. A wrong number of cells or an unknown span column is a fault of the caller."""

    id: str
    number: str
    title: str
    columns: tuple[Column, ...]
    sections: tuple[Section, ...]
    population: str = ""
    header_left: str = ""
    header_right: str = ""
    spans: tuple[Span, ...] = ()
    footnotes: tuple[str, ...] = ()
    source: str = ""
    empty_text: str = NO_DATA
    kind: Kind = Kind.TABLE

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if len(set(keys)) != len(keys):
            raise ValueError(f"{self.id}: column keys repeat: {keys}")
        for section in self.sections:
            for row in section.rows:
                if len(row.cells) != len(keys):
                    raise ValueError(f"{self.id}: {len(row.cells)} cells for {len(keys)} columns: {row.cells}")
        self._require_spans({key: i for i, key in enumerate(keys)})

    def _require_spans(self, place: dict[Parts, int]) -> None:
        for level in sorted({span.level for span in self.spans}):
            if level not in (1, 2, 3):
                raise ValueError(f"{self.id}: span level {level} is not 1, 2 or 3")
            ranges = []
            for span in (s for s in self.spans if s.level == level):
                if span.first not in place or span.last not in place or place[span.first] > place[span.last]:
                    raise ValueError(f"{self.id}: span {span.label!r} covers no columns {span.first}..{span.last}")
                ranges.append((place[span.first], place[span.last]))
            if any(before[1] >= after[0] for before, after in pairwise(sorted(ranges))):
                raise ValueError(f"{self.id}: spans of level {level} overlap")


# ----------------------------------------------------------------------------------------------------- layout


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet and a type size; text stands on a grid of characters and lines inside a body of 10.2 x 7.25
    inches, three quarters of an inch from the top, where a landscape sheet is bound, and half an inch from the bottom.

    All lengths are twips (1/20 pt). Courier New advances 0.6 em, so 9 pt gives 108 twips exactly.
    """

    name: str
    width: int
    height: int
    half_points: int
    line: int

    BODY_WIDTH = 14688
    BODY_HEIGHT = 10440
    MARGIN_BOTTOM = 720

    @property
    def char(self) -> int:
        """Advance of one character."""
        return self.half_points * 6

    @property
    def chars(self) -> int:
        """Characters across the body."""
        return self.BODY_WIDTH // self.char

    @property
    def lines(self) -> int:
        """Lines down the body; one is held back for the thickness of rules and the rounding of viewers."""
        return self.BODY_HEIGHT // self.line - 1

    @property
    def margin_x(self) -> int:
        return (self.width - self.BODY_WIDTH) // 2

    @property
    def margin_top(self) -> int:
        return self.height - self.BODY_HEIGHT - self.MARGIN_BOTTOM


LETTER = (Paper("letter", 15840, 12240, 18, 190), Paper("letter", 15840, 12240, 16, 168))


@dataclass(frozen=True, slots=True)
class PageColumn:
    """A column as printed: `width` characters of text from character `left`, then a gap; never `DECIMAL`."""

    key: Parts
    left: int
    width: int
    align: Align
    stub: bool


@dataclass(frozen=True, slots=True)
class HeaderCell:
    """Lines over the page's columns `first`..`last` (indexes, inclusive); `rule` draws a line below."""

    lines: tuple[str, ...]
    first: int
    last: int
    align: Align
    rule: bool = False


@dataclass(frozen=True, slots=True)
class PageRow:
    """One row as printed: per column the lines of its cell, padded on the left where alignment needs it.

    height: lines it takes. continued: a heading repeated after a page break. gap: a blank line. link, shows: as in
    `Row`, of a heading repeated those of the heading.
    """

    cells: tuple[tuple[str, ...], ...]
    height: int
    continued: bool = False
    gap: bool = False
    link: str = ""
    shows: Identity | None = None


@dataclass(frozen=True, slots=True)
class PageImage:
    """An image as printed, in twips."""

    image: Image
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page, every line resolved.

    heads: pairs of left and right text above the titles; the last pair carries the counted `Page x of y`.
    header: one entry per header level, the columns' own headers last.
    """

    number: int
    of: int
    heads: tuple[tuple[str, str], ...]
    titles: tuple[str, ...]
    byline: tuple[str, ...]
    columns: tuple[PageColumn, ...]
    header: tuple[tuple[HeaderCell, ...], ...]
    rows: tuple[PageRow, ...]
    message: tuple[str, ...]
    image: PageImage | None
    footnotes: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """An output, page by page. source: its source line, whole."""

    id: str
    kind: Kind
    number: str
    title: str
    paper: Paper
    pages: tuple[Page, ...]
    source: str = ""
