"""What a text of a spec can be: a number, a day."""

from __future__ import annotations

import re
from datetime import date


def is_number(text: str) -> bool:
    """Whether a text is a finite decimal number, in digits."""
    return re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text, re.ASCII) is not None


def is_day(text: str) -> bool:
    """Whether a text is a day in ISO 8601."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
