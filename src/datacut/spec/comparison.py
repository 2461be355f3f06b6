"""Whether what a condition compares can be compared: numbers with numbers, dates with dates, texts with texts.

Texts have no order, but for dates in ISO 8601. A number is never compared by its characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from datacut.spec.study import SettingValue
from datacut.spec.where import ColumnRef, Comparison, Compound, Literal, SettingRef, Where

ORDERED = ("LT", "LE", "GT", "GE")
ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}(:\d{2}(:\d{2})?)?)?)?)?")


class Holds(StrEnum):
    """What a column holds.

    COLLECTED: numbers as they were typed, in a field of a form of type number; TYPED_DATE: dates and times likewise.
    """

    TEXT = "texts"
    NUMBER = "numbers"
    COLLECTED = "numbers as collected"
    DATE = "dates"
    ISO = "dates in ISO 8601"
    TYPED_DATE = "dates as collected"

    @property
    def like(self) -> str:
        """What it can be compared with."""
        return {"numbers as collected": "numbers", "dates in ISO 8601": "texts"}.get(self.value, self.value)


@dataclass(frozen=True, slots=True)
class Mismatch:
    what: str
    value: str
    remedy: str


def mismatches(where: Where, holds: Mapping[str, Holds], settings: Mapping[str, SettingValue]) -> Iterator[Mismatch]:
    """What a condition compares and cannot; what `holds` does not know, and unknown settings, are passed over."""
    if isinstance(where, Compound):
        for part in where.parts:
            yield from mismatches(part, holds, settings)
    elif isinstance(where, Comparison):
        yield from _compared(where, holds, settings)


def _compared(
    where: Comparison, holds: Mapping[str, Holds], settings: Mapping[str, SettingValue]
) -> Iterator[Mismatch]:
    held = holds.get(where.column)
    for operand in where.operands:
        remedy: str | None = None
        match operand:
            case ColumnRef(name):
                other = holds.get(name)
                if held is not None and other is not None:
                    remedy = _beside(held, other, where.comparator)
            case SettingRef(name) if name in settings:
                value = settings[name]
                values = value if isinstance(value, tuple) else (value,)
                if isinstance(value, tuple) and where.comparator not in ("IN", "NOTIN"):
                    remedy = f"${name} is a list: compare with IN or NOTIN."
                elif held is not None:
                    told = (_with(held, v, where.comparator) for v in values)
                    remedy = next((f"${name} is {_written(value)}. {t}" for t in told if t), None)
            case Literal(value) if held is not None:
                remedy = _with(held, value, where.comparator)
        if remedy is not None:
            what = f"the column holds {held}" if held is not None else "a list compared as one value"
            yield Mismatch(what, str(where), remedy)
            return


def _beside(held: Holds, other: Holds, comparator: str) -> str | None:
    """Why two columns cannot be compared; None if they can."""
    if held.like != other.like or Holds.TYPED_DATE in (held, other):
        return f"The other holds {other}; compare like with like."
    if held.like == Holds.TEXT and comparator in ORDERED and (held, other) != (Holds.ISO, Holds.ISO):
        return "Texts have no order; compare columns that hold numbers or dates."
    return None


def _with(held: Holds, value: str | int | float, comparator: str) -> str | None:
    """Why a column cannot be compared with a value; None if it can."""
    ordered, is_text = comparator in ORDERED, isinstance(value, str)
    match held:
        case Holds.NUMBER | Holds.COLLECTED:
            return f"Compare it with a number, without quotes, not with {_written(value)}." if is_text else None
        case Holds.DATE:
            good = isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}(T[\d:]+)?", value)
            return None if good else 'Compare it with a date in quotes, as "2026-01-31".'
        case Holds.TYPED_DATE:
            return "A date as it was typed has no order: compare the --DTC that is made of it." if ordered else None
        case Holds.ISO if ordered:
            good = isinstance(value, str) and ISO_DATE.fullmatch(value)
            return None if good else 'Compare it with a date in quotes, as "2026-01-31".'
        case _ if ordered:
            return "Texts have no order: compare a column of numbers, or give a field of numbers `type: number`."
        case _ if not is_text:
            return f'Put a code in quotes, as "{value}"; compare numbers in a column of numbers.'
    return None


def _written(value: SettingValue) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_written, value))})"
    return f'"{value}"' if isinstance(value, str) else str(value)
