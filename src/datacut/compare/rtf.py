"""Rows of the tables in an RTF file, whoever wrote it: texts of cells and where they stand, nothing of their look.

Source: RTF specification 1.9.1, "Table Definitions" and "Unicode RTF".
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from datacut.errors import InputError

_TOKEN = re.compile(r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S)
_SKIPPED = {"fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "footer", "footerl", "footerr", "footerf"}
_HEADERS = {"header", "headerl", "headerr", "headerf"}
_CHARACTERS = {
    "tab": "\t",
    "line": "\n",
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emspace": " ",
    "enspace": " ",
}
_UNDEFINED = 1440
"""Width of a cell whose edges the file does not say, in twips."""
_SYMBOLS = {"~": " ", "_": "-", "\n": "\n", "\r": "\n", "\\": "\\", "{": "{", "}": "}"}
_CHARSETS = {128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253", 204: "cp1251", 238: "cp1250"}


@dataclass(frozen=True, slots=True)
class Cell:
    """Text of a cell, lines apart; left, right: its edges in twips; indent: of its first line, in twips."""

    text: str
    left: int
    right: int
    indent: int


@dataclass(frozen=True, slots=True)
class Row:
    """Cells from the left; heading: whether the file calls it a header row, or it stands in the header of the page."""

    cells: tuple[Cell, ...]
    heading: bool


@dataclass(slots=True)
class _State:
    skip: bool = False
    header: bool = False
    unicode_width: int = 1
    codec: str = "cp1252"


@dataclass(slots=True)
class _Reader:
    codec: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    merged: list[bool] = field(default_factory=list)
    merges: bool = False
    left: int = 0
    heading: bool = False
    texts: list[tuple[str, int]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    indent: int = 0
    first: int = 0

    def word(self, name: str, number: int | None, state: _State) -> None:
        """What a control word does to the table and to the text of a cell."""
        match name:
            case "trowd":
                self.edges, self.merged, self.left, self.heading = [], [], 0, state.header
                if not self.texts:
                    self.text.clear()  # paragraphs before the table: titles
            case "trleft":
                self.left = number or 0
            case "trhdr":
                self.heading = True
            case "clmrg" | "clvmrg":
                self.merges = name == "clmrg"
            case "cellx":
                self.edges.append(number or 0)
                self.merged.append(self.merges)
                self.merges = False
            case "pard":
                self.indent = self.first = 0
            case "li" | "lin":
                self.indent = number or 0
            case "fi":
                self.first = number or 0
            case "par":
                self.text.append("\n")
            case "cell":
                self.texts.append(("".join(self.text), max(self.indent + self.first, 0)))
                self.text.clear()
            case "row":
                self._row(state)
            case "f" | "deff":
                state.codec = self.fonts.get(number or 0, self.codec)
            case "ansicpg":
                self.codec = state.codec = _codec(number or 1252)
            case "uc":
                state.unicode_width = number if number is not None else 1
            case _ if name in _CHARACTERS:
                self.text.append(_CHARACTERS[name])

    def _row(self, state: _State) -> None:
        cells: list[Cell] = []
        while len(self.edges) < len(self.texts):  # cells beyond those that are defined are shown all the same
            self.edges.append((self.edges[-1] if self.edges else self.left) + _UNDEFINED)
            self.merged.append(False)
        lefts = [self.left, *self.edges]
        for i, (text, indent) in enumerate(self.texts):
            if self.merged[i] and cells:
                cells[-1] = replace(cells[-1], right=self.edges[i])
            else:
                cells.append(Cell(text.replace("\u00a0", " ").strip("\n"), lefts[i], self.edges[i], indent))
        if cells:
            self.rows.append(Row(tuple(cells), self.heading or state.header))
        self.texts, self.text = [], []

    def flush(self, codec: str) -> None:
        """Bytes of an encoding of several bytes become text together."""
        if self.raw:
            self.text.append(self.raw.decode(codec, errors="replace"))
            self.raw.clear()


def _codec(page: int) -> str:
    try:
        return codecs.lookup(f"cp{page}" if page != 936 else "gb18030").name
    except LookupError:
        return "cp1252"


def read_rtf_rows(path: Path) -> list[Row]:
    """Every row of every table, in the order of the file; those in headers of pages where they stand.

    Pictures, footers, fonts and hidden destinations are passed over. A figure has no rows. Raises InputError where the
    file is no RTF or is cut off.
    """
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise InputError(f"{path}: cannot be read: {fault.strerror}") from None
    if not data.startswith(b"{\\rtf"):
        raise InputError(f"{path}: not RTF, whatever its name says.")
    reader = _Reader()
    if not _read(data.decode("latin-1"), reader):
        raise InputError(f"{path}: the RTF is cut off: a group is not closed. Ask for it again.")
    return reader.rows


def _read(text: str, reader: _Reader) -> bool:
    """Read to the end; whether every group was closed."""
    stack = [_State()]
    font, pending, fallback = 0, False, 0
    for token in _TOKEN.finditer(text):
        name, number, byte, symbol, brace, plain = token.groups()
        state = stack[-1]
        if byte is None or state.skip:
            reader.flush(state.codec)
        if brace == "{":
            stack.append(replace(state))
            fallback, pending = 0, True
            continue
        if brace == "}":
            if len(stack) == 1:
                return False
            stack.pop()
            fallback = 0
            continue
        first, pending = pending, False
        if (symbol == "*" and first) or name in _SKIPPED:
            state.skip = True
        elif name in _HEADERS:
            state.header = True
        if state.skip:
            if name == "f":
                font = int(number or 0)
            elif name == "fcharset" and int(number or 0) in _CHARSETS:
                reader.fonts[font] = _CHARSETS[int(number)]
            continue
        if name == "u":
            reader.text.append(chr(int(number or 63) % 65536))
            fallback = state.unicode_width
        elif name is not None:
            reader.word(name, int(number) if number else None, state)
        elif byte is not None:
            if fallback:
                fallback -= 1
            else:
                reader.raw.append(int(byte, 16))
        elif symbol is not None:
            if fallback:
                fallback -= 1
            else:
                reader.text.append(_SYMBOLS.get(symbol, ""))
        elif plain:
            reader.text.append(plain[fallback:])
            fallback = max(fallback - len(plain), 0)
    return len(stack) == 1
