"""PDF and DOCX say, page by page and line by line, what the layout says; readers that are not ours tell."""

import os
import shutil
import subprocess
import sys
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from lxml import etree
from pypdf import PdfReader

from datacut.tlf.book import Book, Chapter, bind, number_key
from datacut.tlf.fonts import characters, mono_face, mono_scale, unprintable
from datacut.tlf.layout import Align, Column, Display, Image, Kind, Layout, Page, Row, Section, Span
from datacut.tlf.paginate import paginate
from datacut.tlf.render_docx import bind_docx, render_docx
from datacut.tlf.render_pdf import bind_pdf, render_pdf
from datacut.tlf.render_rtf import bind_rtf
from datacut.tlf.sheet import canvas, save_image

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STUB = Column(("l",), ("System organ class\n  Preferred term",), stub=True)


def lines_of(page: Page) -> list[str]:
    """The printed lines of a page from top to bottom, cells in order; header cells stand on the bottom line."""
    lines = [" ".join(pair) for pair in page.heads] + [*page.titles, *page.byline]
    for level in page.header:
        height = max(len(cell.lines) for cell in level)
        padded = [("",) * (height - len(cell.lines)) + cell.lines for cell in level]
        lines += [" ".join(parts) for parts in zip(*padded, strict=True)]
    lines += page.message
    for row in page.rows:
        lines += [" ".join(parts) for parts in zip_longest(*row.cells, fillvalue="")]
    return [*lines, *page.footnotes, *page.source]


def words(text: str) -> list[str]:
    return text.split()


def columns(*names: str) -> tuple[Column, ...]:
    return (STUB, *(Column((name,), ("(N=3)", "n (%)"), align=Align.DECIMAL) for name in names))


def spans() -> tuple[Span, ...]:
    """Three levels over the columns a, b, c, d."""
    return (
        Span("All doses", ("a",), ("d",), level=1),
        Span("Dose escalation: a label as wide as both columns", ("a",), ("b",), level=2),
        Span("Dose expansion", ("c",), ("d",), level=2),
        *(Span(f"{dose} × 10⁸ cells", (key,), (key,), level=3) for key, dose in zip("abcd", "3456", strict=True)),
    )


def terms() -> Display:
    """A hierarchy that breaks inside a class, under three spanning headers and with an empty column."""
    rows = [Row(("Cardiac disorders", "1 (33.3%)", "0", "-", "3 (100%)"), group=("Cardiac disorders",))]
    rows += [
        Row((f"Term {i} µg ≥ 38 °C", "1 (33.3%)", "0", "-", "3 (100%)"), indent=1, group=("Cardiac disorders",))
        for i in range(60)
    ]
    return Display(
        "t-14-3-1", "Table 14.3.1", "Adverse Events", columns(*"abcd"), (Section(tuple(rows)),), "Safety Set",
        "Protocol: X-1", "Sponsor", spans(), ("Treatment-emergent † only – ± 1 day.",), "Source: t-14-3-1",
    )  # fmt: skip


def panels() -> Display:
    shown = (STUB, *(Column((k,), (k,), align=Align.DECIMAL, panel=k > "b") for k in "abcd"))
    rows = tuple(Row((f"Visit {i}", "1.5 (0.25)", "12", "3; 4", "-"), gap=i % 5 == 0) for i in range(30))
    return Display("t-14-2-1", "Table 14.2.1", "Scores by\nVisit", shown, (Section(rows, byline="Parameter: ALT"),))


def listing() -> Display:
    shown = (
        Column(("s",), ("Subject",), once=True, width=10),
        Column(("t",), ("Term",), width=40),
        Column(("d",), ("Date",), width=12, align=Align.CENTRE),
        Column(("g",), ("Grade",), width=1, align=Align.CENTRE),
        Column(("n",), ("Value",), width=8, align=Align.RIGHT),
        Column(("v",), ("12345",), width=1, align=Align.RIGHT),
    )
    texts = [(f"101-{i // 4:03}", "long words " * (i % 7), "02MAR2026", "Grade", str(i), "12345") for i in range(90)]
    rows = tuple(Row(text, block=i // 4) for i, text in enumerate(texts))
    return Display("l-16-2-7", "Listing 16.2.7", "Records", shown, (Section(rows),), kind=Kind.LISTING)


def empty() -> Display:
    return Display("l-16-2-8", "Listing 16.2.8", "Nothing", columns("a"), (), kind=Kind.LISTING, footnotes=("None.",))


def figure() -> Display:
    with canvas((9.0, 4.0)) as drawn:
        drawn.subplots().plot([0, 1], [2, 3])
        image = save_image(drawn, (9.0, 4.0), "A <rising> line")
    return Display("f-14-2-9", "Figure 14.2.9", "Curve", (), (Section(image=image),), kind=Kind.FIGURE)


def chinese() -> Display:
    rows = (Row(("发热 <38>", "3 (25.0%)")), Row(("系统性红斑狼疮 & SLE", "0"), indent=1))
    return Display("t-14-1-1", "Table 14.1.1", "中文标题", columns("a"), (Section(rows),), footnotes=("脚注。",))


DISPLAYS = (terms, panels, listing, empty, figure, chinese)


@pytest.fixture(scope="module")
def layouts() -> dict[str, Layout]:
    return {make.__name__: paginate(make())[0] for make in DISPLAYS}


@pytest.fixture(scope="module")
def book(layouts: dict[str, Layout]) -> Book:
    chapters = []
    for number in ("14.1", "14.2", "14.3", "16.2"):
        mine = [x for x in layouts.values() if f" {number}." in x.number]
        chapters.append(
            Chapter(f"{number} Part", tuple(sorted(mine, key=lambda m: number_key(m.id, m.number, m.kind))))
        )
    return bind(
        "All outputs", ("A study of Chinese 文字", "Data cut-off 01SEP2026"), [*chapters, Chapter("15 None", ())]
    )


def test_the_table_breaks_over_pages_and_page_sets(layouts: dict[str, Layout]) -> None:
    assert len(layouts["terms"].pages) == 2
    assert len(layouts["terms"].pages[0].header) == 4
    assert layouts["terms"].pages[1].rows[0].cells[0] == ("Cardiac disorders (continued)",)
    assert [len(page.columns) for page in layouts["panels"].pages] == [3, 3]


# --------------------------------------------------------------------------------------------------------- PDF


@pytest.mark.parametrize("name", [make.__name__ for make in DISPLAYS])
def test_pdf_says_what_the_layout_says(layouts: dict[str, Layout], name: str) -> None:
    layout = layouts[name]
    read = PdfReader(BytesIO(render_pdf(layout)))
    assert len(read.pages) == len(layout.pages)
    for page, printed in zip(layout.pages, read.pages, strict=True):
        text = words(printed.extract_text())
        wanted = [word for line in lines_of(page) for word in words(line)]
        assert text[: len(wanted)] == wanted
        assert page.image or len(text) == len(wanted)


def test_pdf_is_of_a_version_that_agencies_read(layouts: dict[str, Layout], book: Book) -> None:
    for data in (bind_pdf(book), render_pdf(layouts["empty"]), render_pdf(layouts["figure"])):
        assert b"%PDF-1.4" <= data[:8] <= b"%PDF-1.7"


def test_pdf_embeds_every_font(layouts: dict[str, Layout], book: Book) -> None:
    for data in (bind_pdf(book), render_pdf(layouts["empty"]), render_pdf(layouts["figure"])):
        fonts = {}
        for page in PdfReader(BytesIO(data)).pages:
            for font in page["/Resources"]["/Font"].values():
                font = font.get_object()
                font = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
                fonts[font["/BaseFont"]] = font["/FontDescriptor"].get_object()
        assert fonts
        assert all({"/FontFile2", "/FontFile3", "/FontFile"} & set(font) for font in fonts.values()), fonts


def test_a_character_takes_six_tenths_of_an_em() -> None:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    size = 9 * mono_scale()
    for char in "0iW×≥≤µμ⁰⁹ᵃα–†\u2011\ufffd":
        assert stringWidth(char, mono_face(), size) == pytest.approx(5.4, abs=0.001), char


def test_the_figure_in_pdf_is_a_vector(layouts: dict[str, Layout]) -> None:
    page = PdfReader(BytesIO(render_pdf(layouts["figure"]))).pages[0]
    assert not page.images
    assert {"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"} <= set(words(page.extract_text()))


def test_an_image_without_a_vector_is_shown_as_it_is() -> None:
    with canvas((2.0, 1.0)) as drawn:
        drawn.subplots()
        png = save_image(drawn, (2.0, 1.0), "axes").png
    display = Display("f-1", "Figure 1", "T", (), (Section(image=Image(png, 2, 1, "axes")),), kind=Kind.FIGURE)
    assert len(PdfReader(BytesIO(render_pdf(paginate(display)[0]))).pages[0].images) == 1


def test_characters_no_face_has_are_named() -> None:
    display = Display("t-1", "Table 1", "ok é × 发 \u1bc0 x", columns("a"), ())
    assert unprintable(characters(paginate(display)[0])) == "\u1bc0"


# -------------------------------------------------------------------------------------------------------- DOCX


@pytest.mark.parametrize("name", [make.__name__ for make in DISPLAYS])
def test_docx_says_what_the_layout_says(layouts: dict[str, Layout], name: str) -> None:
    """Read with python-docx: paragraphs and tables in order, a page beginning at each break."""
    pages: list[list[str]] = [[]]
    for block in docx.Document(BytesIO(render_docx(layouts[name]))).iter_inner_content():
        if isinstance(block, docx.text.paragraph.Paragraph):
            if block.paragraph_format.page_break_before:
                pages.append([])
            pages[-1] += words(block.text)
        else:
            for row in block.rows:
                cells = list(row.cells)
                texts = [c.text.split("\n") for i, c in enumerate(cells) if i == 0 or c._tc is not cells[i - 1]._tc]
                header = row._tr.find(f"{W}trPr/{W}tblHeader") is not None
                height = max(map(len, texts))
                if header:
                    texts = [[""] * (height - len(lines)) + lines for lines in texts]
                pages[-1] += [w for parts in zip_longest(*texts, fillvalue="") for part in parts for w in words(part)]
    assert pages == [[w for line in lines_of(page) for w in words(line)] for page in layouts[name].pages]


def test_docx_tables_have_exact_widths_and_marked_headers(layouts: dict[str, Layout]) -> None:
    for table in docx.Document(BytesIO(render_docx(layouts["terms"]))).tables:
        grid = [int(c.get(f"{W}w")) for c in table._tbl.iterfind(f"{W}tblGrid/{W}gridCol")]
        assert sum(grid) == 14688
        heads = [row._tr.find(f"{W}trPr/{W}tblHeader") is not None for row in table.rows]
        assert heads == [True] * 4 + [False] * (len(heads) - 4)
        for row in table.rows:
            assert sum(int(tc.find(f"{W}tcPr/{W}tcW").get(f"{W}w")) for tc in row._tr.iterfind(f"{W}tc")) == 14688


def test_docx_image_has_its_words_and_its_size(layouts: dict[str, Layout]) -> None:
    shape = docx.Document(BytesIO(render_docx(layouts["figure"]))).inline_shapes[0]
    assert (shape.width.inches, shape.height.inches) == (9.0, 4.0)
    assert shape._inline.docPr.get("descr") == "A <rising> line"


def test_every_part_of_docx_is_well_formed(book: Book) -> None:
    with ZipFile(BytesIO(bind_docx(book))) as package:
        for name in package.namelist():
            if not name.endswith(".png"):
                etree.fromstring(package.read(name))


# -------------------------------------------------------------------------------------------------------- book


def test_contents_give_the_page_each_output_begins_on(book: Book) -> None:
    read = PdfReader(BytesIO(bind_pdf(book)))
    assert len(read.pages) == book.pages == 2 + 1 + 2 + 1 + 2 + 2 + 1
    rows = [row for page in book.leaves[1].layout.pages for row in page.rows if row.link]
    assert [row.link for row in rows] == ["t-14-1-1", "t-14-2-1", "f-14-2-9", "t-14-3-1", "l-16-2-7", "l-16-2-8"]
    for row in rows:
        number, page = row.cells[0][0].strip(), int(row.cells[2][0])
        text = read.pages[page - 1].extract_text()
        assert number in text and "Page 1 of" in text
        assert number.startswith("Figure") or words(text)[-1] == str(page)
    dests = [a.get_object()["/Dest"][0] for a in read.pages[1]["/Annots"]]
    assert [read.get_page_number(d.get_object()) + 1 for d in dests] == [int(row.cells[2][0]) for row in rows]


def test_bookmarks_stand_under_their_chapter(book: Book) -> None:
    outline = PdfReader(BytesIO(bind_pdf(book))).outline
    flat = [[x["/Title"] for x in item] if isinstance(item, list) else item["/Title"] for item in outline]
    assert flat == [
        "Title page", "Table of Contents",
        "14.1 Part", ["Table 14.1.1 中文标题"],
        "14.2 Part", ["Table 14.2.1 Scores by Visit", "Figure 14.2.9 Curve"],
        "14.3 Part", ["Table 14.3.1 Adverse Events"],
        "16.2 Part", ["Listing 16.2.7 Records", "Listing 16.2.8 Nothing"],
    ]  # fmt: skip


def test_links_of_docx_and_rtf_lead_somewhere(book: Book) -> None:
    with ZipFile(BytesIO(bind_docx(book))) as package:
        body = etree.fromstring(package.read("word/document.xml"))
    marks = {e.get(f"{W}name") for e in body.iter(f"{W}bookmarkStart")}
    links = [e.get(f"{W}anchor") for e in body.iter(f"{W}hyperlink")]
    assert set(links) <= marks and len(set(links)) == 6
    rtf = bind_rtf(book)
    assert rtf.isascii() and rtf.count("{") - rtf.count(r"\{") == rtf.count("}") - rtf.count(r"\}")
    for output in set(links):
        assert rtf.count(rf"\bkmkstart {output}}}") == 1
        assert rf'HYPERLINK \\l "{output}"' in rtf


# --------------------------------------------------------------------------------------------------- same bytes

HASH = """
import hashlib, sys
sys.path.insert(0, {folder!r})
import test_render_documents as t
layouts = [t.paginate(make())[0] for make in t.DISPLAYS]
book = t.bind("B", (), [t.Chapter("C", tuple(layouts))])
made = [f(book) for f in (t.bind_pdf, t.bind_docx)] + [f(x) for x in layouts for f in (t.render_pdf, t.render_docx)]
print(hashlib.sha256(b"".join(made)).hexdigest())
"""


def test_bytes_repeat_whatever_the_hash_seed() -> None:
    source = HASH.format(folder=str(Path(__file__).parent))
    made = [
        subprocess.run([sys.executable, "-c", source], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True)
        for seed in ("1", "2")
    ]
    assert made[0].returncode == 0, made[0].stderr
    assert made[0].stdout == made[1].stdout


# ------------------------------------------------------------------------------------------------- LibreOffice


@pytest.fixture(scope="module")
def office(book: Book, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The texts of the pages LibreOffice makes of the combined RTF and DOCX."""
    if not shutil.which("soffice") or not shutil.which("pdftotext"):
        pytest.skip("soffice or pdftotext is not installed")
    home = tmp_path_factory.mktemp("office")
    (home / "rtf.rtf").write_text(bind_rtf(book), encoding="ascii")
    (home / "docx.docx").write_bytes(bind_docx(book))
    profile = f"-env:UserInstallation={(home / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(home)]
    subprocess.run([*command, *map(str, (home / "rtf.rtf", home / "docx.docx"))], check=True, capture_output=True)
    pages = {}
    for name in ("rtf", "docx"):
        run = ["pdftotext", "-layout", str(home / f"{name}.pdf"), "-"]
        text = subprocess.run(run, check=True, capture_output=True).stdout.decode()
        pages[name] = text.removesuffix("\f").split("\f")
    return pages


@pytest.mark.parametrize("form", ["rtf", "docx"])
def test_libreoffice_shows_the_same_pages(office: dict[str, list[str]], book: Book, form: str) -> None:
    pages = [page for leaf in book.leaves for page in leaf.layout.pages]
    assert len(office[form]) == len(pages)
    for number, (page, text) in enumerate(zip(pages, office[form], strict=True), 1):
        wanted = [word for line in lines_of(page) for word in words(line)] + [str(number)]
        if any(ord(char) > 0x2E80 for char in text):
            assert "".join(words(text)) == "".join(wanted)
        else:
            assert words(text) == wanted
