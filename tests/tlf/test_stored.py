"""A layout comes back from what it is kept as; its pictures are kept as they are."""

from datacut.tlf.layout import Align, Column, Display, Identity, Image, Kind, Layout, Row, Section, Span
from datacut.tlf.paginate import paginate
from datacut.tlf.stored import layout_from, layout_members

COLUMNS = (
    Column(("stub",), ("Row",), stub=True),
    Column(("low", "Total"), ("Low", "(N=3)"), align=Align.DECIMAL),
    Column(("high",), ("High",)),
)


def table() -> Layout:
    rows = tuple(
        Row((f"Row {i} ≥ 5 × 10⁹", f"{i}.5", ""), block=i, gap=i > 0, shows=Identity(i, ("a", "b"))) for i in range(80)
    )
    spans = (Span("Dose", ("low", "Total"), ("high",)),)
    notes = ("A footnote.",)
    display = Display("t-1", "Table 1", "A\nB", COLUMNS, (Section(rows, byline="P"),), spans=spans, footnotes=notes)
    return paginate(display)[0]


def test_a_table_of_several_pages() -> None:
    layout = table()
    assert len(layout.pages) > 1
    assert layout_from(layout_members(layout)) == layout


def test_figures_keep_their_pictures_as_they_are() -> None:
    sections = tuple(
        Section(image=Image(f"\x89PNG{n}".encode("latin-1"), 9.0, 5.2, "alt", pdf), byline=f"By {n}")
        for n, pdf in enumerate((b"%PDF\xff", b""))
    )
    layout = paginate(Display("f-1", "Figure 1", "T", (), sections, kind=Kind.FIGURE))[0]
    members = layout_members(layout)
    assert layout_from(members) == layout
    assert members["layout/0.png"] == b"\x89PNG0"
    assert members["layout/0.pdf"] == b"%PDF\xff"
    assert b"PNG" not in members["layout"]


def test_the_same_layout_is_the_same_bytes() -> None:
    assert layout_members(table()) == layout_members(table())
