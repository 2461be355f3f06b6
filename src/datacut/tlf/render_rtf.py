"""`Layout` to RTF: 7-bit text, real tables of exact widths, one section per page, no clock.

Lines were broken by `paginate`; this module joins them with `\\line` and never relies on the viewer to wrap.
Courier New is the face, SimSun the one for East Asian wide characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from unicodedata import east_asian_width

from datacut.tlf.book import Book, Leaf, anchor, named
from datacut.tlf.grid import AIR, SLACK, Box, box_rows
from datacut.tlf.layout import Align, Layout, Page, PageImage, Paper

_FONTS = (
    r"{\fonttbl{\f0\fmodern\fprq1\fcharset0 Courier New;}"
    r"{\f1\fnil\fprq1\fcharset134{\*\falt NSimSun}SimSun;}}"
)
_PLAIN = re.compile(r"[ -\[\]-z|~]*")
_ALIGN = {Align.LEFT: r"\ql", Align.CENTRE: r"\qc", Align.RIGHT: r"\qr", Align.DECIMAL: r"\ql"}
_TOP = r"\clbrdrt\brdrs\brdrw10"
_BOTTOM = r"\clbrdrb\brdrs\brdrw10"
_AIR = rf"\sb{AIR}"
_HEADER = r"\trhdr"
_FOOTER = r"{\footer\pard\qc\f0\fs18 {\field{\*\fldinst PAGE}{\fldrslt 1}}\par}"


def render_rtf(layout: Layout) -> str:
    """One output; encode it as ASCII."""
    name = named(layout)
    return _document(name, (Leaf(layout, 1, name),), numbered=False)


def bind_rtf(book: Book) -> str:
    """A combined document: outline levels, a linked table of contents, page numbers of the document."""
    return _document(book.title, book.leaves, numbered=True)


def _document(title: str, leaves: Sequence[Leaf], *, numbered: bool) -> str:
    paper = leaves[0].layout.paper
    parts = [
        r"{\rtf1\ansi\ansicpg1252\uc1\deff0\deflang1033",
        _FONTS,
        r"{\colortbl;\red0\green0\blue0;}",
        rf"{{\info{{\title {escape(title)}}}}}",
        rf"\paperw{paper.width}\paperh{paper.height}\margl{paper.margin_x}\margr{paper.margin_x}"
        rf"\margt{paper.margin_top}\margb{paper.MARGIN_BOTTOM}\landscape\nowidctlpar",
    ]
    if numbered:
        parts.append(_FOOTER)
    start = ""
    for leaf in leaves:
        for page in leaf.layout.pages:
            parts.append(_section(page, leaf, start))
            start = r"\sect"
    parts.append("}\n")
    return "\n".join(parts)


@lru_cache(maxsize=65536)
def escape(text: str) -> str:
    """Text in 7 bits: other characters become `\\uN?`, wide ones in the Chinese font."""
    if _PLAIN.fullmatch(text):
        return text
    made: list[str] = []
    for wide, chars in groupby(text, lambda char: east_asian_width(char) in "WF"):
        run = "".join(map(_escape_char, chars))
        made.append(rf"{{\f1 {run}}}" if wide else run)
    return "".join(made)


def _escape_char(char: str) -> str:
    if char in "\\{}":
        return "\\" + char
    if char == "\n":
        return r"\line "
    code = ord(char)
    if 32 <= code < 127:
        return char
    if code < 32:
        return "?"
    units = [code] if code < 0x10000 else [0xD800 + ((code - 0x10000) >> 10), 0xDC00 + (code & 0x3FF)]
    return "".join(rf"\u{unit - 0x10000 if unit > 0x7FFF else unit}?" for unit in units)


def _section(page: Page, leaf: Leaf, start: str) -> str:
    paper = leaf.layout.paper
    body = list(_page(page, leaf))
    setup = (
        rf"{start}\sectd\sbkpage\lndscpsxn\pgwsxn{paper.width}\pghsxn{paper.height}"
        rf"\marglsxn{paper.margin_x}\margrsxn{paper.margin_x}"
        rf"\margtsxn{paper.margin_top}\margbsxn{paper.MARGIN_BOTTOM}\headery360\footery360"
        rf"\plain\f0\fs{paper.half_points}"
    )
    return "\n".join([setup, *body]).removesuffix(r"\par")


def _page(page: Page, leaf: Leaf) -> Iterator[str]:
    paper = leaf.layout.paper
    for left, right in page.heads:
        yield _paragraph(paper, rf"\ql\tqr\tx{paper.BODY_WIDTH} {escape(left)}\tab {escape(right)}")
    for i, line in enumerate((*page.titles, *page.byline)):
        mark = _mark(leaf) if page.number == 1 and i == 0 else r"\qc "
        yield _paragraph(paper, f"{mark}{escape(line)}")
    yield _paragraph(paper, "")
    if page.columns:
        yield from _table(page, paper)
    elif page.message:
        for line in ("", *page.message, ""):
            yield _paragraph(paper, rf"\qc {escape(line)}")
    if page.image:
        yield _picture(page.image)
    space = r"\sb60"
    for line in (*page.footnotes, *page.source) or ("",):
        yield _paragraph(paper, rf"{space}\ql {escape(line)}")
        space = ""


def _mark(leaf: Leaf) -> str:
    """The first title of an output is its bookmark and its place in the outline."""
    name = anchor(leaf.layout.id)
    return rf"\qc\outlinelevel{leaf.level}{{\*\bkmkstart {name}}}{{\*\bkmkend {name}}}"


def _paragraph(paper: Paper, text: str) -> str:
    return rf"\pard\sl-{paper.line}\slmult0{text}\par"


def _picture(image: PageImage) -> str:
    data = image.image.png
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    words = data.hex()
    lines = "\n".join(words[at : at + 128] for at in range(0, len(words), 128))
    alt = escape(image.image.alt)
    return (
        rf"\pard\sl0\qc{{\pict{{\*\picprop{{\sp{{\sn wzDescription}}{{\sv {alt}}}}}}}\pngblip"
        rf"\picw{width}\pich{height}\picwgoal{image.width}\pichgoal{image.height}"
        f"\n{lines}}}\\par"
    )


# ----------------------------------------------------------------------------------------------------- tables


def _table(page: Page, paper: Paper) -> Iterator[str]:
    for row in box_rows(page, paper):
        rules = (_TOP if row.top else "") + (_BOTTOM if row.bottom else "")
        foot = r"\clvertalb" if row.header else ""
        cells = row.cells
        edges = "".join(f"{rules}{_BOTTOM if box.rule else ''}{foot}\\cellx{box.right}" for box in cells)
        start = rf"\pard\intbl\sl-{paper.line}\slmult0{_AIR if row.air else ''}"
        begin, end = _link(row.link) if row.link else ("", "")
        texts = "".join(
            f"{start}{_ALIGN[box.align]}{_inset(box)} {begin}"
            f"{escape(box.lines[0]) if len(box.lines) == 1 else _lines(box.lines)}{end}\\cell"
            for box in cells
        )
        yield rf"\trowd\trgaph0\trleft0\trkeep{_HEADER if row.header else ''}{edges}" f"\n{texts}\\row"


def _link(output: str) -> tuple[str, str]:
    return rf'{{\field{{\*\fldinst HYPERLINK \\l "{anchor(output)}"}}{{\fldrslt ', "}}"


def _inset(box: Box) -> str:
    """Keeps the gap after a column out of centring; a little is left for viewers whose face is a hair wider."""
    if box.align in (Align.LEFT, Align.DECIMAL):
        return ""
    left = rf"\li-{SLACK // 2}" if box.end == box.right else ""
    return rf"{left}\ri{box.right - box.end - SLACK}"


def _lines(lines: Sequence[str]) -> str:
    return r"\line ".join(map(escape, lines))
