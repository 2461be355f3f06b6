"""Printing of statistics by pattern: `{mean:+1} ({sd:+2})`. Every number of an output is rounded here, and only here.

`{n}` a whole number; `{x:2}` two decimals; `{x:+1}` one more than collected; `{x:3s}` three significant digits;
`{x:1%}` one decimal and a percent sign, where 100.0 prints as 100.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from datacut.compute.rounding import format_fixed, round_half_away

_FIELD = re.compile(r"\{(\w+)(?::(\+?\d+)?([%s])?)?\}")


class UnknownStatistic(KeyError):
    """A pattern prints a statistic that the method does not compute."""

    def __init__(self, template: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"pattern {template!r} prints {name}, which the method does not compute")
        self.name = name
        self.known = tuple(known)


@dataclass(frozen=True, slots=True)
class Fill:
    """The part of a printed row that belongs to one statistic; the parts of a row, joined, are its text."""

    name: str
    pattern: str
    formatted: str


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    digits: str
    unit: str
    before: str
    after: str

    def decimals(self, collected: int) -> int:
        if self.digits.startswith("+"):
            return collected + int(self.digits)
        return int(self.digits or 0)

    def shape(self, collected: int) -> str:
        decimals = self.decimals(collected)
        if self.unit == "s":
            return f"{self.before}x (s{decimals}){self.after}"
        point = "." + "x" * decimals if decimals else ""
        return f"{self.before}xx{point}{self.unit}{self.after}"

    def text(self, value: float, collected: int) -> str:
        decimals = self.decimals(collected)
        if self.unit == "s":
            return format_significant(value, decimals)
        text = format_fixed(value, decimals)
        if self.unit == "%":
            return "100%" if Decimal(text) == 100 else f"{text}%"
        return text


def names_of(template: str) -> tuple[str, ...]:
    """The statistics a template prints, in order."""
    return tuple(f.name for f in _fields(template))


def fill(
    template: str,
    values: Mapping[str, tuple[float | None, str]],
    digits: int,
    *,
    instead: str | None = None,
    signs: Mapping[str, str] | None = None,
) -> list[Fill]:
    """One part for each statistic of `template`.

    values: the number and what stands after it, or in its place if there is none; digits: decimals collected; signs:
    what stands before a number that is only a bound; instead: template that is printed in its stead, whose missing
    statistics print nothing. A row without any number prints the first replacement alone, without the text around it.
    """
    fields = _fields(template)
    if unknown := [f.name for f in fields if f.name not in values]:
        raise UnknownStatistic(template, unknown[0], values)
    if all(values[f.name][0] is None for f in fields):
        return [Fill(f.name, f.shape(digits), values[f.name][1] if f is fields[0] else "") for f in fields]
    shown = fields if instead is None else _fields(instead)
    printed = {f.name: f for f in shown}
    out = []
    for field in fields:
        piece = printed.get(field.name)
        if piece is None:
            out.append(Fill(field.name, field.shape(digits), ""))
            continue
        value, replacement = values[field.name]
        sign = (signs or {}).get(field.name, "")
        text = replacement if value is None else sign + piece.text(value, digits) + replacement
        out.append(Fill(field.name, field.shape(digits), f"{piece.before}{text}{piece.after}"))
    return out


def format_significant(value: float, digits: int) -> str:
    """`value` with `digits` significant digits, rounded half away from zero: 1234.5 -> 1230, 0.012345 -> 0.0123."""
    if value == 0:
        return "0"
    rounded = value
    decimals = 0
    for _ in range(2):  # rounding may carry into a new digit: 9.996 -> 10.0
        decimals = digits - 1 - math.floor(math.log10(abs(rounded)))
        rounded = round_half_away(value, decimals)
    return format_fixed(rounded, max(decimals, 0))


@cache
def _fields(template: str) -> tuple[_Field, ...]:
    found = list(_FIELD.finditer(template))
    if not found or _FIELD.sub("", template).count("{"):
        raise ValueError(f"no pattern: {template!r}")
    out = []
    at = 0
    for i, match in enumerate(found):
        after = template[match.end() :] if i == len(found) - 1 else ""
        out.append(_Field(match[1], match[2] or "", match[3] or "", template[at : match.start()], after))
        at = match.end()
    return tuple(out)
