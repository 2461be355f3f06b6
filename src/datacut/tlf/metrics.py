"""How wide text is, where it wraps and how mixed numbers line up.

Every output is set in Courier New (or a face with its metrics: Liberation Mono, Nimbus Mono, Courier). Each
character advances 0.6 em, so widths are counts of characters, the same on every machine and in every
renderer. The figure is that of the Courier metrics packaged with matplotlib (`pcrr8a.afm`, all 600/1000),
which a test reads. East Asian wide characters count as two cells: they print one em wide, 1.67 cells, so a
line never comes out longer than counted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

ADVANCE_EM = 0.6

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029]")
_SPACE = {"\t": " ", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"}
_CLOSING = frozenset("，。、；：？！）」』】》〉％”’…")
_BREAK_AFTER = "-/_,;:|)=.\\"


def clean(text: str) -> tuple[str, bool]:
    """Text that every renderer can print, and whether unprintable characters were replaced by U+FFFD."""
    if text.isprintable():
        return text, False
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lost = any(found not in _SPACE for found in _CONTROL.findall(text))
    return _CONTROL.sub(lambda found: _SPACE.get(found.group(), "\ufffd"), text), lost


@lru_cache(maxsize=4096)
def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def width(text: str) -> int:
    """Character cells of one line."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def longest_word(text: str) -> int:
    """Cells of the longest part that cannot be wrapped at a space or between wide characters."""
    if text.isascii():
        return max(map(len, re.split("[ \n]", text)))
    return max(width(word) for line in text.split("\n") for _, word in _words(line))


def longest_line(text: str) -> int:
    """Cells of the longest line as written."""
    return width(text) if "\n" not in text else max(map(width, text.split("\n")))


def wrap(text: str, limit: int, hang: int = 0) -> tuple[str, ...]:
    """Lines of at most `limit` cells, those after the first indented by `hang`; longer words are cut.

    The parts of a line that begins with blanks are indented as it is.
    """
    if "\n" not in text and width(text) <= limit:
        return (text,)
    limit = max(limit, 1)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        own = max(hang, len(paragraph) - len(paragraph.lstrip(" ")))
        lines.extend(_wrap_line(paragraph, limit, hang if lines else 0, min(own, limit // 2)))
    return tuple(lines)


def _wrap_line(text: str, limit: int, first: int, hang: int) -> list[str]:
    lines: list[str] = []
    line = " " * min(first, limit // 2)
    used = fresh = len(line)
    for space, word in _words(text):
        size = width(word)
        if used + len(space) + size <= limit:
            line += space + word
            used += len(space) + size
            continue
        if used > fresh:
            lines.append(line.rstrip(" "))
            line = " " * hang
            used = fresh = hang
        while used + size > limit:
            head = _cut(word, limit - used)
            lines.append(line + head)
            word = word[len(head) :]
            size = width(word)
            line = " " * hang
            used = fresh = hang
        line += word
        used += size
    if used > fresh or not lines:
        lines.append(line.rstrip(" "))
    return lines


def _words(text: str) -> Iterable[tuple[str, str]]:
    """Pairs of the spaces before a word and the word; each wide character is a word with its closing mark."""
    for found in re.finditer(r"( *)([^ ]+)", text):
        space, word = found.groups()
        if word.isascii():
            yield space, word
            continue
        part = ""
        for char in word:
            if part and char not in _CLOSING and (_cells(char) == 2 or _cells(part[-1]) == 2) and _cells(char):
                yield space, part
                space, part = "", ""
            part += char
        yield space, part


def _cut(word: str, room: int) -> str:
    """The longest beginning of `word` that fits, ending after a mark where one stands in its second half."""
    taken = used = 0
    for char in word:
        used += _cells(char)
        if used > room and taken:
            break
        taken += 1
    for end in range(taken, taken // 2, -1):
        if word[end - 1] in _BREAK_AFTER and end < len(word):
            return word[:end]
    return word[: max(taken, 1)]


# -------------------------------------------------------------------------------------------- decimal columns

_NUMBER = re.compile(r"([(\[<>≤≥=~±+\-−– ]*)(\d{1,3}(?:,\d{3})+|\d+)(.*)", re.DOTALL)
_COUNT = re.compile(r"(\d+)(?:/(\d+))?(?: \(([\d.]+%)\))?(?: \[(\d+)\])?")


def align_decimals(cells: Iterable[str]) -> tuple[Mapping[str, str], int]:
    """Padded text for each distinct cell of a column, and the width of the padded block.

    The units digit of the first number stands at one place: `3 (25.0%)`, `12.3 (4.56)`, `1; 12`, `(5.5,
    57.2)`. Counts also line up inside: `3/12 ( 8.3%) [ 4]`. A text without a number ends at the units digit
    where it is short (`-`, `NE`) and begins at the left edge of the block otherwise.
    """
    texts = list(dict.fromkeys(cells))
    counts = {text: found for text in texts if (found := _COUNT.fullmatch(text))}
    sizes = [max((len(found[i] or "") for found in counts.values()), default=0) for i in (2, 3, 4)]
    parts: dict[str, tuple[str, str]] = {}
    for text in texts:
        if text in counts:
            parts[text] = _pad_count(counts[text], sizes)
        elif "\n" not in text and (found := _NUMBER.fullmatch(text)):
            parts[text] = (found[1].lstrip(" ") + found[2], found[3])
    left = max((width(before) for before, _ in parts.values()), default=0)
    padded = {text: " " * (left - width(before)) + before + after for text, (before, after) in parts.items()}
    block = max(map(width, padded.values()), default=0)
    for text in texts:
        if text not in padded:
            padded[text] = " " * max(left - longest_line(text), 0) + text
            short = longest_line(text) <= max(left, 4)
            block = max(block, longest_line(text)) if short else block
    return padded, block


def _pad_count(found: re.Match[str], sizes: list[int]) -> tuple[str, str]:
    of_width, percent_width, events_width = sizes
    count, of, percent, events = found.groups()
    rest = f"/{of:<{of_width}}" if of else " " * (of_width + 1 if of_width and (percent or events) else 0)
    if percent:
        rest += f" ({percent:>{percent_width}})"
    elif events and percent_width:
        rest += " " * (percent_width + 3)
    if events:
        rest += f" [{events:>{events_width}}]"
    return count, rest
