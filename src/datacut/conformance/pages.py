"""The texts printed in the bodies of tables and listings, read from their HTML pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lxml import etree


def read_bodies(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """Every different text in the cells of each output of a folder."""
    return {path.stem: tuple(dict.fromkeys(_cells(path))) for path in sorted(folder.glob("*.html"))}


def _cells(path: Path) -> list[str]:
    """The text of each cell between `<tbody>` and its end."""
    page = etree.parse(path, etree.HTMLParser(encoding="utf-8"))
    cells = (cell for body in page.iter("tbody") for cell in body.iter("td", "th"))
    return ["".join(cell.itertext()) if len(cell) else cell.text or "" for cell in cells]
