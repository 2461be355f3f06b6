"""Reading a result or a reference range as a laboratory types it: a number, a bound, or a doubt instead of a guess."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from datacut.compute.rounding import without_dust

_FOLD: Final = str.maketrans(
    {
        **dict(zip("０１２３４５６７８９", "0123456789", strict=True)),
        **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)),
        "．": ".",
        "，": ",",
        "－": "-",
        "−": "-",
        "＜": "<",
        "＞": ">",
        "＝": "=",
        "≦": "≤",
        "⩽": "≤",
        "≧": "≥",
        "⩾": "≥",
        "～": "~",
        "〜": "~",
        "（": "(",
        "）": ")",
        "＋": "+",
        "×": "x",
        "✕": "x",
        "\u3000": " ",
        "\u00a0": " ",
        "\u2009": " ",
        "\u202f": " ",
    }
)
_SIGNS: Final = {"≤": "<=", "=<": "<=", "≥": ">=", "=>": ">="}
_NUMBER: Final = r"-?(?:\d+\.?\d*|\.\d+)"
_RESULT: Final = re.compile(
    rf"(?P<sign>[<>]=?|=[<>]|[≤≥])?\s*(?P<number>{_NUMBER})"
    r"(?:\s*[xX*]\s*10\s*(?:\^|\*\*)?\s*(?P<power>-?\d+)|[eE](?P<e>[+-]?\d+))?",
    re.ASCII,
)
_THOUSANDS: Final = re.compile(r"(?P<head>[^\d.,]*)(?P<body>\d{1,3}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,}))", re.ASCII)
_COMMA: Final = re.compile(r"[^\d.,]*[\d.]*,[\d.,]*\d", re.ASCII)
_RANGES: Final = tuple(
    re.compile(rf"(?P<low>{_NUMBER})\s*(?:{mark})\s*(?P<high>{_NUMBER})", re.ASCII | re.IGNORECASE)
    for mark in ("-|~|–|—|至|到|to", "--")
)


COMMA: Final = "a comma may be a decimal or a thousands mark"
THOUSANDS: Final = "commas were read as thousands marks"


@dataclass(frozen=True, slots=True)
class ResultText:
    """A result as read: sign (`<`, `<=`, `>`, `>=` or blank) and number in plain decimals, both blank if it is none.

    doubt: why it is no number (COMMA), or on what assumption it is one (THOUSANDS); blank without.
    """

    sign: str = ""
    number: str = ""
    doubt: str = ""


def fold_result(text: str) -> str:
    """One spelling to look a result in words up by: no blanks at its ends, half-width signs and digits, no case."""
    return text.translate(_FOLD).strip(" \t\ufeff").casefold()


def read_result(text: str) -> ResultText:
    """The number of a result, trailing zeros kept: `１３７．０`, `≤ 0.5`, `1.2×10^9`, `3E5`; a plus sign is none.

    A fraction of more than 15 significant digits is read without the dust beyond them.

    `1,2` and `1,234` are not guessed. `1,234,567` and `1,234.5` can only be thousands and are read; the doubt says so.
    """
    plain = text.translate(_FOLD).strip(" \t\ufeff")
    doubt = ""
    if (grouped := _THOUSANDS.fullmatch(plain)) is not None:
        plain, doubt = grouped["head"] + grouped["body"].replace(",", ""), THOUSANDS
    elif _COMMA.fullmatch(plain):
        return ResultText(doubt=COMMA)
    found = _RESULT.fullmatch(plain)
    if found is None:
        return ResultText()
    sign = found["sign"] or ""
    power = found["power"] or found["e"]
    if power is not None and abs(int(power)) > 99:
        return ResultText()
    number = found["number"] if power is None else format(Decimal(found["number"]).scaleb(int(power)), "f")
    return ResultText(_SIGNS.get(sign, sign), without_dust(number), doubt)


def read_range(text: str) -> tuple[str, str] | None:
    """The limits of a range in one text, the side that is open blank; None if it is no range.

    `3.5-5.5`, `3.5～5.5`, `3.5--5.5`, `<5.5`, `≥60`. A range that runs backwards is none, nor is one that reads in two
    ways (`-2--1`).
    """
    plain = text.translate(_FOLD).strip(" \t\ufeff")
    found = [(m["low"], m["high"]) for shape in _RANGES if (m := shape.fullmatch(plain))]
    forwards = [(low, high) for low, high in found if Decimal(low) <= Decimal(high)]
    if found:
        return forwards[0] if len(forwards) == 1 else None
    one = read_result(plain)
    if not one.sign or one.doubt:
        return None
    return ("", one.number) if one.sign.startswith("<") else (one.number, "")
