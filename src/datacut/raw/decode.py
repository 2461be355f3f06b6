"""Bytes to text by byte order mark, declared encoding, UTF-8 or GB18030, in that order; nothing is ever replaced."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_GUESSES = ("utf-8", "gb18030")


@dataclass(frozen=True)
class Decoded:
    """A file as text, and what was wrong with its encoding.

    text: None if no encoding fits; encoding: the one used; refused: the one that was declared or had to be assumed and
    does not fit; row, column: place of the first byte that does not fit it (1-based line, byte in the line).
    """

    text: str | None
    encoding: str
    refused: str | None = None
    row: int = 0
    column: int = 0
    byte: str = ""


def decode(data: bytes, declared: str | None) -> Decoded:
    """Decode a file strictly.

    A byte order mark tells the encoding for certain, so it goes before the declared one; the two may differ only in
    the mark itself. What is read in another encoding than the declared one is so reported.
    """
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    wanted = declared or marked or _GUESSES[0]
    fits = marked is None or declared is None or _plain(declared) == _plain(marked)
    fault = None if fits else 0
    for encoding in dict.fromkeys(n for n in (marked, declared, *_GUESSES) if n):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as refused:
            # the codec utf-8-sig counts from behind the mark
            behind = len(codecs.BOM_UTF8) if encoding == marked == "utf-8-sig" else 0
            fault = refused.start + behind if fault is None else fault
            continue
        told = fault is not None and declared is not None
        return _refused(text, encoding, wanted, data, fault or 0) if told else Decoded(text, encoding)
    return _refused(None, "", wanted, data, fault or 0)


def _plain(encoding: str) -> str:
    """The name of an encoding without what it says of marks: utf-8-sig is utf-8, utf-16-le is utf-16."""
    return codecs.lookup(encoding).name.removesuffix("-sig").removesuffix("-le").removesuffix("-be")


def _refused(text: str | None, encoding: str, wanted: str, data: bytes, at: int) -> Decoded:
    row = data.count(b"\n", 0, at) + 1
    column = at - (data.rfind(b"\n", 0, at) + 1) + 1
    return Decoded(text, encoding, wanted, row, column, f"0x{data[at]:02X}")
