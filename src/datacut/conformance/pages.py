"""The texts printed in the bodies of tables and listings, read from their HTML pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lxml import etree


def read_bodies(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """The texts of every page of a folder, by output."""
    return {path.stem: read_body(path.read_bytes()) for path in sorted(folder.glob("*.html"))}


def read_body(page: bytes) -> tuple[str, ...]:
    """Every different text in the cells of a page, each once; none of no page."""
    return tuple(dict.fromkeys(_cells(page))) if page else ()


def _cells(page: bytes) -> list[str]:
    """The text of each cell between `<tbody>` and its end."""
    tree = etree.fromstring(page, etree.HTMLParser(encoding="utf-8"))
    cells = (cell for body in tree.iter("tbody") for cell in body.iter("td", "th"))
    return ["".join(cell.itertext()) if len(cell) else cell.text or "" for cell in cells]
