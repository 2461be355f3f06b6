"""`Layout` to one self-contained HTML document: pages as sheets on screen, one sheet each in print."""

from __future__ import annotations

from base64 import b64encode
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from datacut.datasets.parts import KEY, Parts, join_parts
from datacut.tlf.columns import GAP
from datacut.tlf.layout import HeaderCell, Layout, PageColumn


def render_html(layout: Layout) -> str:
    """The whole document; encode it as UTF-8.

    A row of results has their row number as `data-row`, a record its number as `data-record`, and each of their cells
    the key of its column as `data-column`, as the files of results and records have it.
    """
    return _template().render(layout=layout, paper=layout.paper, gap=GAP)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("datacut.tlf"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["base64"] = lambda data: b64encode(data).decode("ascii")
    environment.filters["key"] = _key
    environment.globals["scope"] = _scope
    environment.globals["row_label"] = _row_label
    return environment.get_template("output.html.j2")


def _key(key: Parts) -> str:
    return join_parts(key, KEY)


def _scope(cell: HeaderCell) -> str:
    return "colgroup" if cell.last > cell.first else "col"


def _row_label(columns: tuple[PageColumn, ...], place: int) -> bool:
    """Whether a cell names its row: the stub columns, or the first column where there are none."""
    return columns[place].stub or (place == 0 and not any(column.stub for column in columns))
