"""`Layout` to PDF: every line where the layout has it, all faces embedded, figures as vectors, bookmarks, no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import groupby
from typing import cast
from unicodedata import normalize

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    StreamObject,
)
from reportlab import rl_config
from reportlab.lib.rl_accel import fp_str
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import getFont
from reportlab.pdfgen.canvas import Canvas

from datacut.tlf.book import Book, Leaf, named
from datacut.tlf.fonts import characters, east_asian_face, is_wide, mono_face, mono_scale
from datacut.tlf.grid import AIR, BoxRow, box_rows
from datacut.tlf.layout import Align, Image, Layout, Page, Paper

rl_config.useA85 = 0  # bytes as they are: no reader wants them as ASCII

_NOTES_AIR = 60
_DESCENT = 0.24
_RULE = 0.5
_LEADING = 1.2
_ESCAPED = str.maketrans({c: f"\\{c}" for c in "\\()"})
_DRAWING = "/Drawing"
_VERSION = (1, 7)  # agencies read 1.4 to 1.7


def render_pdf(layout: Layout) -> bytes:
    """One output, its pages as bookmarks."""
    name = named(layout)
    return _document(name, layout.source, (Leaf(layout, 1, name),), numbered=False)


def bind_pdf(book: Book) -> bytes:
    """A combined document: bookmarks by chapter, a linked table of contents, page numbers of the document."""
    return _document(book.title, "; ".join(book.lines), book.leaves, numbered=True)


def _document(title: str, subject: str, leaves: Sequence[Leaf], *, numbered: bool) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, invariant=1, pageCompression=1, pdfVersion=_VERSION, lang="en", initialFontName=mono_face())
    canvas.setTitle(title)
    canvas.setAuthor("")
    canvas.setSubject(subject)
    canvas.setCreator("datacut")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    canvas.showOutline()
    wide = frozenset(char for leaf in leaves for char in characters(leaf.layout) if is_wide(char))
    face = east_asian_face(wide) if wide else ""
    images: list[tuple[int, Image, tuple[float, float, float]]] = []
    number = 0
    for leaf in leaves:
        paper = leaf.layout.paper
        for page in leaf.layout.pages:
            number += 1
            canvas.setPageSize((paper.width / 20, paper.height / 20))
            if page.number == 1:
                _mark(canvas, leaf)
            sheet = _Sheet(canvas, paper, face)
            sheet.draw(page)
            if numbered:
                sheet.write_number(number)
            if page.image and sheet.image_place:
                images.append((number - 1, page.image.image, sheet.image_place))
            canvas.showPage()
    canvas.save()
    return _with_images(out.getvalue(), images) if images else out.getvalue()


def _mark(canvas: Canvas, leaf: Leaf) -> None:
    """Bookmarks of one output: its chapter where it opens one, and itself."""
    key = leaf.layout.id
    canvas.bookmarkPage(key, fit="Fit")
    if leaf.chapter:
        canvas.bookmarkPage(f"chapter-{key}", fit="Fit")
        canvas.addOutlineEntry(leaf.chapter, f"chapter-{key}", 0, closed=True)
    canvas.addOutlineEntry(leaf.name, key, leaf.level)


def _with_images(document: bytes, images: Sequence[tuple[int, Image, tuple[float, float, float]]]) -> bytes:
    """The document with the vector page of each figure laid into its place: left, bottom, scale."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(document)))
    writer.pdf_header = "%PDF-{}.{}".format(*_VERSION)  # the writer would say 1.3
    for number, image, (left, bottom, scale) in images:
        page = writer.pages[number]
        place = DecodedStreamObject()
        place.set_data(f"q {scale:.6f} 0 0 {scale:.6f} {left:.4f} {bottom:.4f} cm {_DRAWING} Do Q".encode())
        page[NameObject("/Contents")] = ArrayObject([page.raw_get("/Contents"), writer._add_object(place)])
        resources = cast("DictionaryObject", page["/Resources"])
        resources[NameObject("/XObject")] = DictionaryObject({NameObject(_DRAWING): _form(writer, image)})
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _form(writer: PdfWriter, image: Image) -> IndirectObject:
    """The page of a drawing as a form of the document: its content is taken over as it is."""
    drawing = PdfReader(BytesIO(image.pdf)).pages[0]
    form = cast("StreamObject", drawing["/Contents"]).clone(writer)
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): drawing.mediabox.clone(writer),
            NameObject("/Resources"): cast("DictionaryObject", drawing["/Resources"]).clone(writer),
        }
    )
    return cast("IndirectObject", form.indirect_reference)


type Text = tuple[float, float, str, Align]
"""Left edge, end, text and how it stands between them."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Text in one face, from `left` to `end`."""

    left: float
    end: float
    text: str
    wide: bool


class _Sheet:
    """One sheet of paper, filled from the top; lengths are twips until they are drawn."""

    def __init__(self, canvas: Canvas, paper: Paper, face: str) -> None:
        self.canvas = canvas
        self.paper = paper
        self.face = face
        self.size = paper.half_points / 2
        self.y = paper.margin_top
        self.image_place: tuple[float, float, float] | None = None

    def draw(self, page: Page) -> None:
        """The page from its heads to its source line."""
        for left, right in page.heads:
            width = self.paper.BODY_WIDTH
            self._write((0, width, left, Align.LEFT), (0, width, right, Align.RIGHT))
            self._feed()
        self._centred((*page.titles, *page.byline, ""))
        if page.columns:
            for row in box_rows(page, self.paper):
                self._row(row)
        elif page.message:
            self._centred(("", *page.message, ""))
        if page.image:
            self._place_image(page)
        self.y += _NOTES_AIR
        for line in (*page.footnotes, *page.source):
            self._write((0, self.paper.BODY_WIDTH, line, Align.LEFT))
            self._feed()

    def write_number(self, number: int) -> None:
        """The page number of the document, in the bottom margin."""
        self.y = self.paper.height - self.paper.MARGIN_BOTTOM // 2 - self.paper.line
        self._write((0, self.paper.BODY_WIDTH, str(number), Align.CENTRE))

    def _centred(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._write((0, self.paper.BODY_WIDTH, line, Align.CENTRE))
            self._feed()

    def _feed(self, lines: int = 1) -> None:
        self.y += lines * self.paper.line

    def _row(self, row: BoxRow) -> None:
        right = row.boxes[-1].right
        top = self.y
        if row.top:
            self._rule(0, right)
        if row.air:
            self.y += AIR
        for at in range(row.height):
            self._write(*_line_of(row, at))
            self._feed()
        for box in row.boxes:
            if box.rule:
                self._rule(box.left, box.end)
        if row.bottom:
            self._rule(0, right)
        if row.link:
            area = (self._x(0), self._down(self.y), self._x(right), self._down(top))
            self.canvas.linkRect("", row.link, area, relative=0, thickness=0)

    def _place_image(self, page: Page) -> None:
        if page.image is None:
            return
        left = (self.paper.BODY_WIDTH - page.image.width) / 2
        self.y += page.image.height
        if page.image.image.pdf:
            scale = page.image.width / 1440 / page.image.image.width
            self.image_place = (self._x(left), self._down(self.y), scale)
        else:
            place = (self._x(left), self._down(self.y), page.image.width / 20, page.image.height / 20)
            self.canvas.drawImage(ImageReader(BytesIO(page.image.image.png)), *place)

    def _rule(self, left: int, right: int) -> None:
        self.canvas.setLineWidth(_RULE)
        self.canvas.line(self._x(left), self._down(self.y), self._x(right), self._down(self.y))

    def _write(self, *texts: Text) -> None:
        """One line of texts; those in one face a whole number of characters apart are drawn as one."""
        baseline = self._down(self.y + self.paper.line - _DESCENT * self.size * 20)
        joined: list[_Run] = []
        for run in (run for text in texts for run in self._placed(*text)):
            before = joined[-1] if joined else None
            gap, rest = divmod(run.left - before.end, self.paper.char) if before else (-1.0, 0.0)
            if before and not before.wide and not run.wide and gap >= 0 and rest == 0:
                joined[-1] = _Run(before.left, run.end, before.text + " " * int(gap) + run.text, wide=False)
            else:
                joined.append(run)
        for run in joined:
            if run.text.isascii() and run.text.isprintable():
                self._write_plain(self._x(run.left), baseline, run.text)
                continue
            font, size = (self.face, self.size) if run.wide else (mono_face(), self.size * mono_scale())
            self.canvas.setFont(font, size)
            self.canvas.drawString(self._x(run.left), baseline, run.text)

    def _write_plain(self, x: float, y: float, text: str) -> None:
        """The same operators as `drawString` for a text whose characters are their own codes, much sooner."""
        shown = text.translate(_ESCAPED)
        self.canvas.addLiteral(f"BT 1 0 0 1 {fp_str(x, y)} Tm {self._plain_face} ({shown}) Tj T* ET")

    @cached_property
    def _plain_face(self) -> str:
        """The operators that choose the face of texts in ASCII."""
        size = self.size * mono_scale()
        name = getFont(mono_face()).getSubsetInternalName(0, self.canvas._doc)
        return f"{name} {fp_str(size)} Tf {fp_str(size * _LEADING)} TL"

    def _placed(self, left: float, end: float, text: str, align: Align) -> Iterator[_Run]:
        if not text or text.isspace():
            return
        runs = _runs(text)
        total = sum(self._length(run, wide=wide) for wide, run in runs)
        if align is Align.RIGHT:
            left = end - total
        elif align is Align.CENTRE:
            left += (end - left - total) / 2
        for wide, run in runs:
            end = left + self._length(run, wide=wide)
            yield _Run(left, end, run, wide)
            left = end

    def _length(self, run: str, *, wide: bool) -> float:
        return len(run) * (self.size * 20 if wide else self.paper.char)

    def _x(self, left: float) -> float:
        return (self.paper.margin_x + left) / 20

    def _down(self, y: float) -> float:
        return (self.paper.height - y) / 20


def _runs(text: str) -> list[tuple[bool, str]]:
    """Text cut where the face changes."""
    if text.isascii():
        return [(False, text)]
    return [(wide, "".join(run)) for wide, run in groupby(normalize("NFC", text), is_wide)]


def _line_of(row: BoxRow, at: int) -> Iterator[Text]:
    """One line of a row, cell by cell. Header cells stand on the bottom line."""
    for box in row.boxes:
        place = at - (row.height - len(box.lines)) if row.header else at
        if 0 <= place < len(box.lines):
            yield box.left, box.end, box.lines[place], box.align
