"""Bytes to text: declared encoding, byte order mark, strict UTF-8, strict GB18030, in that order; nothing is replaced."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_GUESSES = ("utf-8", "gb18030")


@dataclass(frozen=True)
class Decoded:
    """text: the file, or None if no encoding fits; encoding: the one used; refused: the declared one, where it did not fit;
    row, column: place of the first byte that does not fit it (1-based line, byte in the line)."""

    text: str | None
    encoding: str
    refused: str | None = None
    row: int = 0
    column: int = 0
    byte: str = ""


def decode(data: bytes, declared: str | None) -> Decoded:
    """Decode a file strictly."""
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    order = list(dict.fromkeys(n for n in (declared, marked, *_GUESSES) if n))
    if declared and marked == "utf-8-sig" and codecs.lookup(declared).name == "utf-8":
        order = [marked]
    first: UnicodeDecodeError | None = None
    for encoding in order:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as fault:
            first = first or fault
            continue
        if first is None or declared is None:
            return Decoded(text, encoding)
        return _refused(text, encoding, declared, data, first)
    return _refused(None, "", order[0], data, first)


def _refused(text: str | None, encoding: str, declared: str, data: bytes, fault: UnicodeDecodeError | None) -> Decoded:
    at = fault.start if fault else 0
    row = data.count(b"\n", 0, at) + 1
    column = at - (data.rfind(b"\n", 0, at) + 1) + 1
    return Decoded(text, encoding, declared, row, column, f"0x{data[at]:02X}" if at < len(data) else "")
