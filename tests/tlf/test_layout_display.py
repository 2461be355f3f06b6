"""A display refuses what its caller got wrong."""

import pytest

from datacut.tlf.layout import LETTER, Column, Display, Row, Section, Span

AB = (Column(("a",)), Column(("b",)))


def test_cells_must_match_columns() -> None:
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        Display("t-1", "Table 1", "T", AB, (Section((Row(("x",)),)),))


@pytest.mark.parametrize(
    "spans",
    [
        (Span("x", ("a",), ("z",)),),
        (Span("x", ("b",), ("a",)),),
        (Span("x", ("a",), ("b",)), Span("y", ("b",), ("b",))),
        (Span("x", ("a",), ("b",), 4),),
    ],
)
def test_spans_must_cover_columns_once(spans: tuple[Span, ...]) -> None:
    with pytest.raises(ValueError, match="t-1: span"):
        Display("t-1", "Table 1", "T", AB, (), spans=spans)


def test_column_keys_are_unique() -> None:
    with pytest.raises(ValueError, match="repeat"):
        Display("t-1", "Table 1", "T", (Column(("a",)), Column(("a",))), ())


def test_paper_is_ten_inches_of_courier_with_three_quarters_at_the_binding_edge() -> None:
    assert [(p.chars, p.char) for p in LETTER] == [(136, 108), (153, 96)]
    assert min(p.half_points for p in LETTER) == 16
    assert (LETTER[0].margin_x, LETTER[0].margin_top, LETTER[0].MARGIN_BOTTOM) == (576, 1080, 720)
