"""RTF and HTML print the layout and nothing else."""

import re

import pytest
from lxml import html

from datacut.tlf.layout import Align, Column, Display, Image, Kind, Row, Section, Span
from datacut.tlf.paginate import paginate
from datacut.tlf.render_html import render_html
from datacut.tlf.render_rtf import escape, render_rtf

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (30).to_bytes(4) + (20).to_bytes(4)


@pytest.mark.parametrize(
    ("text", "rtf"),
    [
        (r"{a} \b", r"\{a\} \\b"),
        ("µ×⁸", r"\u181?\u215?\u8312?"),
        ("≥", r"\u8805?"),
        ("热x", r"{\f1 \u28909?}x"),
        ("𝛼", r"\u-10187?\u-8452?"),
        ("\uffe6", r"{\f1 \u-26?}"),
        ("a\nb", r"a\line b"),
    ],
)
def test_escape(text: str, rtf: str) -> None:
    assert escape(text) == rtf


def table() -> Display:
    columns = (
        Column(("l",), ("Term",), width=1, stub=True),
        Column(("a",), ("n (%)",), width=1, align=Align.DECIMAL),
        Column(("b",), ("n (%)",), width=1, align=Align.DECIMAL),
    )
    rows = (Row(("发热 <38>", "3 (25.0%)", "-")), Row(("x", "12 (100%)", "0"), indent=1, gap=True))
    spans = (Span("3.0×10⁸", ("a",), ("b",)),)
    return Display("t-1", "Table 1", "Title & more", columns, (Section(rows),), spans=spans, footnotes=("N.",))


def test_rtf_is_seven_bit_balanced_and_has_exact_widths() -> None:
    text = render_rtf(paginate(table())[0])
    assert text.isascii()
    assert text.count("{") == text.count("}")
    edges = {tuple(map(int, re.findall(r"\\cellx(\d+)", line))) for line in text.splitlines()}
    assert edges == {(), (4968, 14472, 14688), (4968, 9828, 14688)}
    assert text.count(r"\sectd") == 1
    assert "Page 1 of 1" in text


def test_rtf_rules_a_span_under_its_own_columns() -> None:
    text = render_rtf(paginate(table())[0])
    top, bottom = (rf"\clbrdr{side}\brdrs\brdrw10" for side in "tb")
    span = rf"{top}\clvertalb\cellx4968{top}{bottom}\clvertalb\cellx14472{top}\clvertalb\cellx14688"
    own = "".join(rf"{bottom}\clvertalb\cellx{edge}" for edge in (4968, 9828, 14688))
    body = [r"\cellx4968\cellx9828\cellx14688"] * 2 + ["".join(rf"{bottom}\cellx{e}" for e in (4968, 9828, 14688))]
    found = re.findall(r"\\trkeep(?:\\trhdr)?(.*)", text)
    assert found == [span, own, *body]


def test_rtf_pages_are_sections() -> None:
    rows = tuple(Row((f"R{i}", "1", "2")) for i in range(130))
    layout, _ = paginate(Display("t-1", "Table 1", "T", table().columns, (Section(rows),)))
    text = render_rtf(layout)
    assert text.count(r"\sbkpage") == len(layout.pages) == 3
    assert [f"Page {i} of 3" in text for i in (1, 2, 3)] == [True] * 3


def test_rtf_embeds_the_image() -> None:
    figure = Display("f-1", "Figure 1", "T", (), (Section(image=Image(PNG, 3, 2, "curve")),), kind=Kind.FIGURE)
    text = render_rtf(paginate(figure)[0])
    assert r"\pngblip\picw30\pich20\picwgoal4320\pichgoal2880" in text
    assert PNG.hex() in text


def test_html_is_escaped_and_says_what_each_header_covers() -> None:
    tree = html.fromstring(render_html(paginate(table())[0]))
    heads = [(th.get("scope"), th.get("colspan"), th.text_content()) for th in tree.iterfind(".//thead//th")]
    assert heads == [
        ("colgroup", "2", "3.0×10⁸"),
        ("col", None, "Term"),
        ("col", None, "n (%)"),
        ("col", None, "n (%)"),
    ]
    assert [th.text_content() for th in tree.iterfind(".//tbody//th")] == ["发热 <38>", "  x"]
    assert tree.find(".//caption").text_content() == "Table 1\nTitle & more"
    assert tree.findtext(".//title") == "Table 1 Title & more"


def test_html_holds_everything_it_shows() -> None:
    figure = Display("f-1", "Figure 1", "T", (), (Section(image=Image(PNG, 3, 2, "curve")),), kind=Kind.FIGURE)
    text = render_html(paginate(figure)[0])
    assert 'alt="curve"' in text
    assert "data:image/png;base64,iVBORw0KGgo" in text
    assert "http" not in text


def test_html_of_an_empty_output() -> None:
    display = Display("t-1", "Table 1", "T", table().columns, ())
    tree = html.fromstring(render_html(paginate(display)[0]))
    assert tree.find(".//tbody").text_content().strip() == "No data to report"


def test_rendering_twice_gives_the_same_bytes() -> None:
    one, two = paginate(table())[0], paginate(table())[0]
    assert render_rtf(one) == render_rtf(two)
    assert render_html(one) == render_html(two)
