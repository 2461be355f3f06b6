"""`Display` to `Layout`: every line of every page, decided once for all renderers.

Type is 9 pt; 8 pt is taken where columns do not fit or where it saves a page or a horizontal split or keeps
the footnotes on the page. Titles, header, footnotes and source stand on every page. With several page sets of
columns (P-HOR) all sets break at the same rows and follow one another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest

from datacut.datasets.parts import KEY, Parts, join_parts
from datacut.errors import Finding, Findings, in_output
from datacut.tlf.breaks import Piece, break_rows
from datacut.tlf.columns import (
    GAP,
    LAST_GAP,
    Measured,
    Panel,
    measure,
    place_panel,
    split_panels,
    widen_for_spans,
)
from datacut.tlf.layout import (
    LETTER,
    Column,
    Display,
    Image,
    Kind,
    Layout,
    Page,
    PageImage,
    Paper,
    Row,
    Section,
    Span,
)
from datacut.tlf.metrics import clean, width, wrap
from datacut.tlf.rows import RowBoxes
from datacut.tlf.sections import one_section, used_columns

LEAST_BODY = 8
_MARK = re.compile(r"(\[\w{1,3}\]|\(\w\)|\w[.)]|[*†‡§]+|[⁰¹²³⁴-⁹ᵃ-ᶻ])\s+")


def paginate(display: Display, papers: Sequence[Paper] = LETTER) -> tuple[Layout, list[Finding]]:
    """Resolve a display into pages, with findings on what had to be moved, replaced or cut.

    papers: the same sheet in type sizes from preferred to smallest.
    """
    findings = Findings()
    shown = _clean_display(display, findings)
    best = _Pager(shown, papers[0])
    for paper in papers[1:]:
        small = _Pager(shown, paper)
        saves_page = small.page_count < best.page_count
        saves_width = best.narrowed or small.panel_count < best.panel_count
        if saves_width or small.notes_kept > best.notes_kept or saves_page:
            best = small
    layout = Layout(shown.id, shown.kind, shown.number, shown.title, best.paper, best.pages(), shown.source)
    findings.extend(best.findings)
    return layout, list(findings)


def figure_size(display: Display, papers: Sequence[Paper] = LETTER) -> tuple[float, float]:
    """Width and height in inches of the image area that titles and footnotes leave, at most 9 x 5.2.

    Draw at this size: an image that has to be shrunk has smaller type than it was drawn with.
    """
    pager = _Pager(replace(_clean_display(display, Findings()), sections=(Section(),)), papers[0])
    byline = max((len(wrap(s.byline, pager.text_width - 4)) for s in display.sections if s.byline), default=0)
    room = pager.room(("",) * byline, len(pager.notes) if pager.notes_kept else len(_NOTES_MOVED), pager.header_height)
    return 9.0, min(5.2, int(room * papers[0].line / 14.4) / 100)


# --------------------------------------------------------------------------------------------- printable text


def _clean_display(display: Display, findings: Findings) -> Display:
    """The display with line ends made equal, tabs made blanks and unprintable characters replaced."""

    def text(value: str) -> str:
        made, lost = clean(value)
        if lost:
            findings.warning(
                "tlf.characters",
                in_output(display.id),
                "text holds characters that cannot be printed; shown as U+FFFD",
                value=ascii(value),
                remedy="Correct the value in the source.",
            )
        return made

    def row(value: Row) -> Row:
        joined = "".join(value.cells)
        if joined.isprintable() and "".join(value.group).isprintable():
            return value
        return replace(value, cells=tuple(map(text, value.cells)), group=tuple(map(text, value.group)))

    return replace(
        display,
        number=text(display.number),
        title=text(display.title),
        population=text(display.population),
        header_left=text(display.header_left),
        header_right=text(display.header_right),
        columns=tuple(replace(c, header=tuple(map(text, c.header))) for c in display.columns),
        spans=tuple(replace(s, label=text(s.label)) for s in display.spans),
        sections=tuple(replace(s, rows=tuple(map(row, s.rows)), byline=text(s.byline)) for s in display.sections)
        or (Section(),),
        footnotes=tuple(map(text, display.footnotes)),
        source=text(display.source),
        empty_text=text(display.empty_text),
    )


# ------------------------------------------------------------------------------------------------------ pages


@dataclass(frozen=True, slots=True)
class _Body:
    """What one page holds between its titles and its footnotes."""

    byline: tuple[str, ...]
    panel: Panel | None
    pieces: tuple[Piece, ...] = ()
    boxes: RowBoxes | None = None
    message: tuple[str, ...] = ()
    image: PageImage | None = None


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The rows of one section, what its columns need and the page sets they stand on."""

    rows: tuple[Row, ...]
    measured: tuple[Measured, ...] = ()
    panels: tuple[Panel, ...] = ()

    @property
    def header_height(self) -> int:
        return max((panel.header_height for panel in self.panels), default=0)


class _Pager:
    """One attempt at paging a display on one paper."""

    def __init__(self, display: Display, paper: Paper) -> None:
        self.display = display
        self.paper = paper
        self.findings = Findings()
        self.text_width = paper.chars - 1
        self.titles = self._centred(display.number, display.title, display.population)
        notes = _paragraphs(display.footnotes)
        self.notes = tuple(line for note in notes for line in _wrap_note(note, self.text_width))
        self.source = wrap(display.source, self.text_width, 2) if display.source else ()
        self.narrowed = False
        self.sections = self._joined()
        self.sheets = self._sheets()
        self.panel_count = sum(len(sheet.panels) for sheet in self.sheets)
        self.header_height = max(sheet.header_height for sheet in self.sheets)
        self.notes_kept = self.room(("",), len(self.notes), self.header_height) >= LEAST_BODY
        if not self.notes_kept:
            self._report_notes()
        self.bodies = list(self._bodies())
        self.page_count = len(self.bodies)

    def pages(self) -> tuple[Page, ...]:
        """The finished pages, counted."""
        bodies = [(body, self.notes if self.notes_kept else _NOTES_MOVED) for body in self.bodies]
        if not self.notes_kept:
            room = max(self.room((), 0, 0), 1)
            starts = range(0, len(self.notes), room)
            bodies.extend((_Body((), None), self.notes[at : at + room]) for at in starts)
        return tuple(self._page(i + 1, len(bodies), body, notes) for i, (body, notes) in enumerate(bodies))

    def _page(self, number: int, of: int, body: _Body, notes: tuple[str, ...]) -> Page:
        panel = body.panel
        rows = body.boxes.printed(body.pieces, panel) if panel and body.boxes else ()
        return Page(
            number,
            of,
            self._heads(f"Page {number} of {of}"),
            self.titles,
            body.byline,
            panel.columns if panel else (),
            panel.header if panel else (),
            rows,
            body.message,
            body.image,
            notes,
            self.source,
        )

    def _heads(self, counter: str) -> tuple[tuple[str, str], ...]:
        half = self.paper.chars // 2 - 2
        left = self.display.header_left
        right = self.display.header_right
        if width(left) + width(right) + 2 <= self.text_width:
            pairs = [(left, right)]
        else:
            pairs = list(zip_longest(wrap(left, half), wrap(right, half), fillvalue=""))
        last, mine = pairs[-1]
        room = self.text_width - width(last) - width(mine) - len(counter) - 2 * GAP
        return (*pairs[:-1], (last, f"{mine}{' ' * GAP}{counter}".strip())) if room >= 0 else (*pairs, ("", counter))

    def _centred(self, *texts: str) -> tuple[str, ...]:
        return tuple(line for text in texts if text for line in wrap(text, self.text_width - 4))

    def _joined(self) -> tuple[Section, ...]:
        """The sections, those after each other on the same pages where their columns fit one page set together."""
        made: list[list[Section]] = []
        for section in self.display.sections:
            if made and self._fit_together([*made[-1], section]):
                made[-1].append(section)
            else:
                made.append([section])
        return tuple(map(one_section, made))

    def _fit_together(self, sections: Sequence[Section]) -> bool:
        if not all(section.rows and section.byline for section in sections):
            return False
        columns, spans, rows = used_columns(self.display, one_section(sections))
        return len(split_panels(_measured(columns, spans, rows), spans, self.paper.chars)) == 1

    def _sheets(self) -> list[_Sheet]:
        """The sheet of each section; sections of the same columns look alike where that takes one page set."""
        sections = self.sections
        used = [used_columns(self.display, section) for section in sections]
        alike: dict[frozenset[Parts], list[Row]] = {}
        for section, (_, _, rows) in zip(sections, used, strict=True):
            alike.setdefault(section.unused, []).extend(rows)
        common = {}
        for section, (columns, spans, _) in zip(sections, used, strict=True):
            if section.unused not in common:
                measured = _measured(columns, spans, alike[section.unused])
                common[section.unused] = measured, len(split_panels(measured, spans, self.paper.chars))
        made = []
        for section, (columns, spans, rows) in zip(sections, used, strict=True):
            measured, sets = common[section.unused]
            own = measured if sets == 1 or len(sections) == 1 else _measured(columns, spans, rows)
            made.append(self._sheet(own, spans, rows))
        return made

    def _sheet(self, measured: list[Measured], spans: Sequence[Span], rows: tuple[Row, ...]) -> _Sheet:
        if not measured:
            return _Sheet(rows)
        sets = split_panels(measured, spans, self.paper.chars)
        for places in sets:
            need = sum(measured[i].least + GAP for i in places) - GAP + LAST_GAP
            if need > self.paper.chars:
                self.narrowed = True
                self._report_width([measured[i].column.key for i in places], need)
        panels = [place_panel(places, measured, spans, self.paper.chars) for places in sets]
        return _Sheet(rows, tuple(measured), tuple(panels))

    def room(self, byline: tuple[str, ...], notes: int, header: int) -> int:
        """Lines left for the body by a by-line, and so many lines of notes and of column headers."""
        fixed = len(self._heads("")) + len(self.titles) + len(byline) + 1 + header + notes + len(self.source)
        return self.paper.lines - fixed - 1

    def _bodies(self) -> Iterator[_Body]:
        for section, sheet in zip(self.sections, self.sheets, strict=True):
            byline = self._centred(section.byline)
            room = self.room(byline, len(self.notes) if self.notes_kept else len(_NOTES_MOVED), sheet.header_height)
            if room < 3:
                self._report_head(room)
                room = 3
            if section.image:
                yield _Body(byline, None, image=self._fit(section.image, room))
            elif not section.rows:
                message = wrap(self.display.empty_text, self.text_width - 4)
                figure = self.display.kind is Kind.FIGURE
                for panel in [None] if figure or not sheet.panels else sheet.panels:
                    yield _Body(byline, panel, message=message)
            else:
                for panels, rows in self._page_sets(sheet):
                    boxes = RowBoxes(rows, sheet.measured, panels)
                    broken = _break_closer(boxes, room)
                    for panel in panels:
                        for pieces in broken:
                            yield _Body(byline, panel, pieces, boxes)

    def _page_sets(self, sheet: _Sheet) -> Iterator[tuple[Sequence[Panel], Sequence[Row]]]:
        """Page sets that break at the same rows; those of a listing on their own, without rows that say nothing."""
        if self.display.kind is not Kind.LISTING or len(sheet.panels) == 1:
            yield sheet.panels, sheet.rows
            return
        for panel in sheet.panels:
            own = [i for i in panel.places if not sheet.measured[i].column.stub]
            rows = [row for row in sheet.rows if any(row.cells[i] for i in own)]
            yield [panel], rows or sheet.rows

    def _fit(self, image: Image, room: int) -> PageImage:
        """The image at its own size, or smaller where the page has less room."""
        width, height = image.width * 1440, image.height * 1440
        scale = min(1.0, self.paper.BODY_WIDTH / width, room * self.paper.line / height)
        if scale < 1.0:
            self.findings.note(
                "tlf.image",
                in_output(self.display.id),
                "the image is larger than its page has room for and was shrunk",
                value=f"{scale:.0%}",
                remedy="Draw it at the size that figure_size() gives.",
            )
        return PageImage(image, round(width * scale), round(height * scale))

    def _report_notes(self) -> None:
        self.findings.warning(
            "tlf.notes",
            in_output(self.display.id),
            "the footnotes leave no room for the body; they are printed on pages of their own at the end",
            value=f"{len(self.notes)} lines",
            remedy="Shorten the footnotes.",
        )

    def _report_width(self, keys: list[Parts], need: int) -> None:
        self.findings.warning(
            "tlf.wide",
            in_output(self.display.id, key=", ".join(join_parts(key, KEY) for key in keys)),
            "the columns do not fit on one page beside each other; they were narrowed and texts in them are cut",
            value=f"{need} characters of {self.paper.chars}",
            remedy="Shorten the texts, or make fewer columns stubs: a text is cut over lines, nothing of it is lost.",
        )

    def _report_head(self, room: int) -> None:
        self.findings.error(
            "tlf.head",
            in_output(self.display.id),
            "titles, column header and source fill the page; printed pages will run over",
            value=f"{room} lines left",
            remedy="Shorten titles or column headers, or give columns more width.",
        )


def _break_closer(boxes: RowBoxes, room: int) -> list[tuple[Piece, ...]]:
    """The pages of rows; blank lines between them give way where that saves a page."""
    broken = break_rows(boxes.rows, boxes, room)
    if len(broken) == 1 or not any(row.gap for row in boxes.rows):
        return broken
    close = [replace(row, gap=False) for row in boxes.rows]
    closer = break_rows(close, boxes, room)
    if len(closer) == len(broken):
        return broken
    boxes.rows = close
    return closer


def _measured(columns: Sequence[Column], spans: Sequence[Span], rows: Sequence[Row]) -> list[Measured]:
    """What each column needs for these rows and the spans above it."""
    measured = []
    for i, column in enumerate(columns):
        indents = [2 * row.indent for row in rows] if i == 0 else [0] * len(rows)
        measured.append(measure(column, [row.cells[i] for row in rows], indents))
    return widen_for_spans(measured, spans)


_NOTES_MOVED = ("Footnotes: see the end of this output.",)


def _paragraphs(notes: Sequence[str]) -> Iterator[str]:
    """Footnotes that follow one another, and have neither a mark nor lines of their own, run on in one paragraph."""
    for apart, run in groupby(notes, lambda note: "\n" in note or _MARK.match(note) is not None):
        together = list(run)
        yield from together if apart else [" ".join(together)]


def _wrap_note(text: str, limit: int) -> tuple[str, ...]:
    """A footnote, wrapped with a hanging indent under its own text."""
    mark = _MARK.match(text)
    return wrap(text, limit, width(mark.group()) if mark else 2)
