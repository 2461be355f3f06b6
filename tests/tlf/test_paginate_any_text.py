"""Whatever stands in the cells, pages hold: nothing raises, runs over its column or is lost."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from datacut.tlf.layout import Align, Column, Display, Row, Section
from datacut.tlf.metrics import clean, width
from datacut.tlf.paginate import paginate
from datacut.tlf.render_html import render_html
from datacut.tlf.render_rtf import render_rtf

CELL = st.one_of(
    st.sampled_from(["3 (25.0%)", "-12.3 (4.56)", "1; 12", "-", "", "发热，伴咳嗽", "word " * 30, "x" * 90, "{\\}\n"]),
    st.text(max_size=30),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=40), st.sampled_from(list(Align)))
def test_any_text_is_paged(cells: list[tuple[str, str, str]], align: Align) -> None:
    columns = (Column(("a",), ("A",), stub=True), Column(("b",), ("B",), align=align), Column(("c",), ("C",)))
    rows = tuple(Row(row, indent=i % 3, block=i // 4) for i, row in enumerate(cells))
    layout, _ = paginate(Display("t-1", "Table 1", "T", columns, (Section(rows),)))
    for page in layout.pages:
        assert sum(row.height for row in page.rows) < layout.paper.lines
        for row in page.rows:
            for column, lines in zip(page.columns, row.cells, strict=True):
                assert all(width(line) <= column.width for line in lines)
    shown = [row.cells[2] for page in layout.pages for row in page.rows if not row.continued]
    squashed = re.sub(r"\s+", "", "".join("".join(lines) for lines in shown))
    assert squashed == re.sub(r"\s+", "", "".join(clean(row[2])[0] for row in cells))
    assert render_rtf(layout).isascii()
    render_html(layout).encode()
