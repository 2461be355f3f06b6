"""`Layout` to DOCX: paragraphs of exact height and tables of exact widths, written as they stand in the file, no clock.

A page begins with a paragraph that breaks before itself; lines were broken by `paginate` and are joined with line
breaks. The package is our own, so that its bytes repeat and a long listing takes no longer than its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo
from zlib import crc32

from jinja2 import Environment, PackageLoader, StrictUndefined

from datacut.tlf.book import Book, Leaf, anchor, named
from datacut.tlf.grid import AIR, SLACK, Box, BoxRow, box_rows
from datacut.tlf.layout import Align, Layout, Page, PageImage, Paper

_EMU = 635
_NOTES_AIR = 60
_PARTS = {
    "[Content_Types].xml": "types.xml.j2",
    "_rels/.rels": "package.rels.j2",
    "docProps/core.xml": "core.xml.j2",
    "word/styles.xml": "styles.xml.j2",
    "word/footer1.xml": "footer.xml.j2",
    "word/_rels/document.xml.rels": "document.rels.j2",
    "word/document.xml": "document.xml.j2",
}
_JC = {Align.LEFT: "", Align.CENTRE: '<w:jc w:val="center"/>', Align.RIGHT: '<w:jc w:val="right"/>', Align.DECIMAL: ""}
_LINE = '<w:{} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'


def render_docx(layout: Layout) -> bytes:
    """One output."""
    name = named(layout)
    return _document(name, (Leaf(layout, 1, name),), numbered=False)


def bind_docx(book: Book) -> bytes:
    """A combined document: outline levels, a linked table of contents, page numbers of the document."""
    return _document(book.title, book.leaves, numbered=True)


def _document(title: str, leaves: Sequence[Leaf], *, numbered: bool) -> bytes:
    writer = _Writer()
    body = "".join(text for leaf in leaves for text in writer.leaf(leaf))
    layouts = [leaf.layout for leaf in leaves]
    values = {
        "title": title,
        "body": body,
        "paper": layouts[0].paper,
        "papers": {layout.paper.half_points: layout.paper for layout in layouts},
        "images": list(writer.images),
        "numbered": numbered,
    }
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as package:
        for name, template in _PARTS.items():
            _add(package, name, _TEMPLATES.get_template(f"docx/{template}").render(values).encode())
        for name, png in writer.images.items():
            _add(package, f"word/media/{name}", png)
    return out.getvalue()


def _add(package: ZipFile, name: str, data: bytes) -> None:
    entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = ZIP_DEFLATED
    entry.create_system = 3
    package.writestr(entry, data)


_TEMPLATES = Environment(loader=PackageLoader("datacut.tlf"), autoescape=True, undefined=StrictUndefined)


def escape(text: str) -> str:
    """Text between tags or in an attribute."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _run(lines: Sequence[str]) -> str:
    texts = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)
    return f"<w:r>{texts}</w:r>"


@dataclass
class _Writer:
    """The body of one document and what it refers to: images by file name, a running number of bookmarks."""

    images: dict[str, bytes] = field(default_factory=dict)
    marks: int = 0
    drawings: int = 0
    fresh: bool = True

    def leaf(self, leaf: Leaf) -> Iterator[str]:
        """All pages of one layout; the first titled paragraph is its bookmark and its place in the outline."""
        for page in leaf.layout.pages:
            first = True
            for paragraph in self._page(page, leaf):
                broken = first and not self.fresh
                yield paragraph.replace("/>", _BREAK, 1) if broken else paragraph
                first = self.fresh = False

    def _page(self, page: Page, leaf: Leaf) -> Iterator[str]:
        paper = leaf.layout.paper
        tab = f'<w:tabs><w:tab w:val="right" w:pos="{paper.BODY_WIDTH}"/></w:tabs>'
        for left, right in page.heads:
            text = f'<w:r><w:t xml:space="preserve">{escape(left)}</w:t><w:tab/><w:t>{escape(right)}</w:t></w:r>'
            yield _paragraph(paper, text, tab)
        for i, line in enumerate((*page.titles, *page.byline)):
            marked = page.number == 1 and i == 0
            yield self._marked(paper, line, leaf) if marked else _paragraph(paper, _run((line,)), _JC[Align.CENTRE])
        yield _paragraph(paper, "")
        if page.columns:
            yield _table(page, leaf)
        elif page.message:
            for line in ("", *page.message, ""):
                yield _paragraph(paper, _run((line,)), _JC[Align.CENTRE])
        if page.image:
            yield self._picture(page.image, paper)
        space = f'<w:spacing w:before="{_NOTES_AIR}"/>'
        for line in (*page.footnotes, *page.source) or ("",):
            yield _paragraph(paper, _run((line,)), space)
            space = ""

    def _marked(self, paper: Paper, line: str, leaf: Leaf) -> str:
        self.marks += 1
        mark = f'<w:bookmarkStart w:id="{self.marks}" w:name="{anchor(leaf.layout.id)}"/>'
        text = f'{mark}{_run((line,))}<w:bookmarkEnd w:id="{self.marks}"/>'
        return _paragraph(paper, text, f'{_JC[Align.CENTRE]}<w:outlineLvl w:val="{leaf.level}"/>')

    def _picture(self, image: PageImage, paper: Paper) -> str:
        png = image.image.png
        name = f"image-{crc32(png):08x}.png"
        self.images[name] = png
        self.drawings += 1
        return _TEMPLATES.get_template("docx/picture.xml.j2").render(
            style=f"Line{paper.half_points}",
            id=self.drawings,
            name=name,
            alt=image.image.alt,
            width=image.width * _EMU,
            height=image.height * _EMU,
        )


_BREAK = "/><w:pageBreakBefore/>"


def _paragraph(paper: Paper, content: str, properties: str = "") -> str:
    """A paragraph; its style holds type size and height of line."""
    style = f'<w:pStyle w:val="Line{paper.half_points}"/>'
    return f"<w:p><w:pPr>{style}{properties}</w:pPr>{content}</w:p>"


# ----------------------------------------------------------------------------------------------------- tables


def _table(page: Page, leaf: Leaf) -> str:
    paper = leaf.layout.paper
    rows = list(box_rows(page, paper))
    edges = sorted({edge for row in rows for cell in row.cells for edge in (cell.left, cell.right)})
    place = {edge: i for i, edge in enumerate(edges)}
    grid = "".join(f'<w:gridCol w:w="{b - a}"/>' for a, b in pairwise(edges))
    start = (
        f'<w:tbl><w:tblPr><w:tblW w:w="{edges[-1]}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar>'
        f'<w:tblCaption w:val="{escape(leaf.name)}"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
    )
    return f"{start}{''.join(_row(row, place, paper) for row in rows)}</w:tbl>"


def _row(row: BoxRow, place: dict[int, int], paper: Paper) -> str:
    properties = f"<w:trPr><w:cantSplit/>{'<w:tblHeader/>' if row.header else ''}</w:trPr>"
    air = f'<w:spacing w:before="{AIR}"/>' if row.air else ""
    cells = []
    for box in row.cells:
        inset = "" if box.align in _STARTING else _inset(box)
        text = _run(box.lines) if box.lines != ("",) else ""
        if row.link and text:
            text = f'<w:hyperlink w:anchor="{anchor(row.link)}">{text}</w:hyperlink>'
        cells.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{box.right - box.left}" w:type="dxa"/>{_span(box, place)}{_borders(row, box)}'
            f"{_BOTTOM if row.header else ''}</w:tcPr>{_paragraph(paper, text, air + inset + _JC[box.align])}</w:tc>"
        )
    return f"<w:tr>{properties}{''.join(cells)}</w:tr>"


def _inset(box: Box) -> str:
    """Keeps the gap after a column out of centring, less the slack."""
    left = f'w:left="-{SLACK // 2}" ' if box.end == box.right else ""
    return f'<w:ind {left}w:right="{box.right - box.end - SLACK}"/>'


_STARTING = (Align.LEFT, Align.DECIMAL)
_BOTTOM = '<w:vAlign w:val="bottom"/>'


def _span(box: Box, place: dict[int, int]) -> str:
    count = place[box.right] - place[box.left]
    return f'<w:gridSpan w:val="{count}"/>' if count > 1 else ""


def _borders(row: BoxRow, box: Box) -> str:
    top = _LINE.format("top") if row.top else ""
    bottom = _LINE.format("bottom") if row.bottom or box.rule else ""
    return f"<w:tcBorders>{top}{bottom}</w:tcBorders>" if top or bottom else ""
