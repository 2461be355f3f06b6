"""The texts printed in the bodies of tables and listings, read from their HTML pages."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path


def read_bodies(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """Every different text in the cells of each output of a folder."""
    found = {}
    for path in sorted(folder.glob("*.html")):
        reader = _Bodies()
        reader.feed(path.read_text(encoding="utf-8"))
        reader.close()
        found[path.stem] = tuple(dict.fromkeys(reader.texts))
    return found


class _Bodies(HTMLParser):
    """Collects the text of each cell between `<tbody>` and its end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._inside = False
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "tbody":
            self._inside = True
        elif self._inside and tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag == "tbody":
            self._inside = False
        elif tag in ("td", "th") and self._cell is not None:
            self.texts.append("".join(self._cell))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
