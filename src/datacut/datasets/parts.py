"""Names of several parts as one text in a file, and back: headings of a row, keys of a column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

type Parts = tuple[str, ...]
"""Headings of a row and its label; or the levels of a column. Any text may be a part."""

PATH: Final = " | "
"""Between the headings that a row stands under, and before its label."""
KEY: Final = "/"
"""Between the levels of a column."""


def join_parts(parts: Iterable[str], mark: str) -> str:
    """The parts with `mark` between them; what would be taken for one in a part stands behind a backslash."""
    sign = mark.strip()
    return mark.join(part.replace("\\", "\\\\").replace(sign, f"\\{sign}") for part in parts)


def split_parts(text: str, mark: str) -> Parts:
    """The parts that `join_parts` has joined."""
    if "\\" not in text:
        return tuple(text.split(mark))
    parts, at = [""], 0
    while at < len(text):
        if text[at] == "\\":
            parts[-1] += text[at + 1 : at + 2]
            at += 2
        elif text.startswith(mark, at):
            parts.append("")
            at += len(mark)
        else:
            parts[-1] += text[at]
            at += 1
    return tuple(parts)
