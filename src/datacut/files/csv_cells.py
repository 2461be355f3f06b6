"""Texts as cells of CSV files: a spreadsheet that opens the file must not take one for a formula."""

from __future__ import annotations

import re
from typing import Final

_FORMULA: Final = re.compile(r"'*(?:[=@\t\r]|[+-](?=.))")
_NUMBER: Final = re.compile(r"[+-](?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def safe_cell(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would evaluate it; numbers and a sign alone stay."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def read_cell(text: str) -> str:
    """The text of a cell that `safe_cell` wrote."""
    return text[1:] if text.startswith("'") and safe_cell(text[1:]) == text else text
