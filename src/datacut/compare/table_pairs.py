"""Two tables compared: columns and lines paired by what they are called, each number equal, different or unpaired."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from datacut.compare.rtf import read_rtf_rows
from datacut.compare.tables import NUMBER, Line, Place, Table, plain, read_tables, without_numbers
from datacut.errors import InputError

_WORDS = re.compile(r"#|[^\W_]+|[<>≤≥=†‡*]")
_SMALL = 200
"""Lines of one label on a side that are paired so that fewest cells differ; more are paired as they come."""
_POPULATION = re.compile(r"\bn = # ?")

type Pair = tuple[int, int]


class NoTableError(InputError):
    """Two files without a table: figures, which are not compared."""


@dataclass(frozen=True, slots=True)
class TableDifference:
    """One cell, label or heading that differs; what: numbers, numbers unpaired, words, or where there is no partner."""

    table: int
    row: str
    column: str
    what: str
    ours: str
    theirs: str


@dataclass
class TablesCompared:
    """Tables of two files, compared.

    equal_numbers, different, unpaired: numbers in cells, headings and labels; written_otherwise: equal ones of other
    digits (8.70 and 8.7). Titles and footnotes outside the tables are not compared.
    """

    ours: str
    theirs: str
    tables: int = 0
    lines: int = 0
    equal_numbers: int = 0
    different: int = 0
    unpaired: int = 0
    written_otherwise: int = 0
    differences: list[TableDifference] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def compare_tables(ours: Path, theirs: Path) -> TablesCompared:
    """Compare the tables of two RTF files, whoever made each.

    Lines and columns are paired by label and heading: small and large letters, blanks and brackets do not count, and a
    number in them only where it decides. What has no partner is told. Raises NoTableError where neither has a table,
    InputError where one has none.
    """
    left, right = (read_tables(read_rtf_rows(path)) for path in (ours, theirs))
    if not left and not right:
        raise NoTableError(f"{ours}: no table in it, nor in {theirs}. Figures are not compared.")
    for path, tables in ((ours, left), (theirs, right)):
        if not tables:
            raise InputError(f"{path}: no table with lines in it.")
    found = TablesCompared(str(ours), str(theirs))
    pairs, alone, others = _pair(
        left, right, [lambda t: tuple(map(without_numbers, t.headings)), lambda t: len(t.headings), lambda _: 0]
    )
    for number, (i, j) in enumerate(sorted(pairs), start=1):
        _compare(found, number, left[i], right[j])
    for where, tables, rest in (("ours", left, alone), ("theirs", right, others)):
        for i in rest:
            amount = sum(len(_numbers(t)) for line in tables[i].lines for t in line.values.values())
            found.unpaired += amount
            texts = ("", f"{amount} numbers") if where == "theirs" else (f"{amount} numbers", "")
            found.differences.append(TableDifference(i + 1, "(table)", "", f"only in {where}", *texts))
    return found


def _pair[T](
    left: Sequence[T],
    right: Sequence[T],
    keys: Sequence[Callable[[T], Hashable]],
    cost: Callable[[T, T], int] | None = None,
) -> tuple[list[Pair], list[int], list[int]]:
    """Positions that belong together, and those without a partner.

    Each key in turn pairs what is left: the first of a key with the first, the second with the second. All but the
    first key pair only where both sides have left the same number of it, so that no line takes the place of another.
    cost: what is least over the pairs of a key that stands several times, the order of the lines among equals.
    """
    pairs: list[Pair] = []
    alone, others = [*range(len(left))], [*range(len(right))]
    for step, key in enumerate(keys):
        groups: dict[Hashable, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for side, items, still in ((0, left, alone), (1, right, others)):
            for i in still:
                groups[key(items[i])][side].append(i)
        for ours, theirs in groups.values():
            if step == 0 or len(ours) == len(theirs):
                pairs += _cheapest(left, right, ours, theirs, cost)
        done = {i for i, _ in pairs}, {j for _, j in pairs}
        alone, others = ([i for i in still if i not in d] for still, d in zip((alone, others), done, strict=True))
    return pairs, alone, others


def _cheapest[T](
    left: Sequence[T],
    right: Sequence[T],
    ours: Sequence[int],
    theirs: Sequence[int],
    cost: Callable[[T, T], int] | None,
) -> list[Pair]:
    if cost is None or max(len(ours), len(theirs)) == 1 or max(len(ours), len(theirs)) > _SMALL:
        return [*zip(ours, theirs, strict=False)]
    apart = np.abs(np.subtract.outer(np.arange(len(ours)), np.arange(len(theirs))))
    prices = np.array([[cost(left[i], right[j]) for j in theirs] for i in ours], dtype=np.int64).reshape(apart.shape)
    x, y = linear_sum_assignment(prices * (_SMALL * _SMALL + 1) + apart)
    return [(ours[i], theirs[j]) for i, j in zip(x.tolist(), y.tolist(), strict=True)]


def _compare(found: TablesCompared, number: int, ours: Table, theirs: Table) -> None:
    found.tables += 1
    columns = _columns(found, number, ours, theirs)

    def differ(left: Line, right: Line) -> int:
        return sum(_joined(left, mine) != _joined(right, other) for mine, other, _ in columns)

    lines, alone, others = _pair(
        ours.lines,
        theirs.lines,
        [
            lambda x: (tuple(map(plain, x.parents)), plain(x.label)),
            lambda x: (tuple(map(without_numbers, x.parents)), plain(x.label)),
            lambda x: (tuple(map(without_numbers, x.parents)), without_numbers(x.label)),
            lambda x: (plain(x.label), bool(x.values)),
        ],
        differ,
    )
    wrapped = _wrapped(ours.lines, theirs.lines, alone, others)
    for i, j, *_ in wrapped:
        lines.append((i, j))
    alone = [i for i in alone if all(i not in (w[0], w[2]) for w in wrapped)]
    others = [j for j in others if all(j not in (w[1], w[3]) for w in wrapped)]
    joined = {(w[0], w[1]) for w in wrapped}
    for i, j in sorted(lines):
        left, right = ours.lines[i], theirs.lines[j]
        found.lines += 1
        row = _name(left)
        if (i, j) not in joined:
            _texts(found, number, row, "(label)", left.label, right.label, words=False)
        told = {c for pair in columns for c in pair[0]}, {c for pair in columns for c in pair[1]}
        for mine, other, heading in columns:
            _texts(found, number, row, heading, _joined(left, mine), _joined(right, other))
        for c in sorted(set(left.values) - told[0]):
            _alone(found, TableDifference(number, row, ours.headings[c], "only in ours", left.values[c], ""))
        for c in sorted(set(right.values) - told[1]):
            _alone(found, TableDifference(number, row, theirs.headings[c], "only in theirs", "", right.values[c]))
    for i in alone:
        text = _whole(ours.lines[i])
        _alone(found, TableDifference(number, _name(ours.lines[i]), "(line)", "only in ours", text, ""))
    for j in others:
        text = _whole(theirs.lines[j])
        _alone(found, TableDifference(number, _name(theirs.lines[j]), "(line)", "only in theirs", "", text))


def _columns(found: TablesCompared, number: int, ours: Table, theirs: Table) -> list[tuple[list[int], list[int], str]]:
    """Columns that belong together, several of one side with one of the other where they stand under its heading."""
    heads, others_heads = ours.headings, theirs.headings
    pairs, alone, others = _pair(
        [*zip(heads, ours.parts, strict=True)],
        [*zip(others_heads, theirs.parts, strict=True)],
        [lambda h: plain(h[0]), lambda h: without_numbers(h[0]), lambda h: _base(h[0]), lambda h: _lowest(h[1])],
    )
    _headings(found, number, ours, theirs, pairs)
    columns = [([i], [j], ours.headings[i]) for i, j in pairs]
    for i in [*alone]:
        below = [j for j in others if _base(theirs.headings[j]).startswith(f"{_base(ours.headings[i])} ")]
        if len(below) > 1:
            columns.append(([i], below, ours.headings[i]))
            alone.remove(i)
            others = [j for j in others if j not in below]
    for j in [*others]:
        below = [i for i in alone if _base(ours.headings[i]).startswith(f"{_base(theirs.headings[j])} ")]
        if len(below) > 1:
            columns.append((below, [j], theirs.headings[j]))
            alone = [i for i in alone if i not in below]
    return sorted(columns)


def _lowest(parts: Sequence[tuple[Place, str]]) -> str:
    return _base(parts[-1][1]) if parts else ""


def _headings(found: TablesCompared, number: int, ours: Table, theirs: Table, pairs: Sequence[Pair]) -> None:
    """Compare the headings of paired columns: each cell once, also where it spans several; as wholes if cut otherwise.

    A heading that spans columns on one side alone is passed over.
    """
    seen: set[tuple[Place, Place]] = set()
    for i, j in pairs:
        left, right = ours.parts[i], theirs.parts[j]
        column = ours.headings[i]
        if len(left) == len(right):
            for (place, text), (other, told) in zip(left, right, strict=True):
                if (place, other) not in seen:
                    _texts(found, number, "(heading)", column, text, told, words=False)
                seen.add((place, other))
        elif _base(column) == _base(theirs.headings[j]) or not (left and right):
            _texts(found, number, "(heading)", column, column, theirs.headings[j], words=False)
        else:
            _texts(found, number, "(heading)", column, left[-1][1], right[-1][1], words=False)


def _base(heading: str) -> str:
    """A heading without the number of subjects."""
    return _POPULATION.sub("", without_numbers(heading)).strip()


def _wrapped(
    ours: Sequence[Line], theirs: Sequence[Line], alone: Sequence[int], others: Sequence[int]
) -> list[tuple[int, int, int, int]]:
    """Lines whose label is broken over two lines on one side: the lines that hold the values, and the two others.

    -1 stands for the line that the side which did not break does not have.
    """
    found: list[tuple[int, int, int, int]] = []
    taken: set[tuple[int, int]] = set()
    for side, (whole, broken, rest, parts) in enumerate(((ours, theirs, alone, others), (theirs, ours, others, alone))):
        for i in rest:
            for j in parts:
                if j + 1 not in parts or (side, i) in taken or {(1 - side, j), (1 - side, j + 1)} & taken:
                    continue
                first, second = broken[j], broken[j + 1]
                if plain(f"{first.label} {second.label}") != plain(whole[i].label) or (first.values and second.values):
                    continue
                valued, other = (j, j + 1) if first.values else (j + 1, j)
                found.append((i, valued, -1, other) if side == 0 else (valued, i, other, -1))
                taken |= {(side, i), (1 - side, j), (1 - side, j + 1)}
    return found


def _joined(line: Line, columns: Sequence[int]) -> str:
    return " ".join(line.values[c] for c in columns if c in line.values)


def _whole(line: Line) -> str:
    return " | ".join([line.label, *line.values.values()])


def _name(line: Line) -> str:
    return " / ".join([*line.parents, line.label])


def _alone(found: TablesCompared, told: TableDifference) -> None:
    found.unpaired += len(_numbers(told.ours or told.theirs))
    found.differences.append(told)


def _texts(
    found: TablesCompared, number: int, row: str, column: str, ours: str, theirs: str, *, words: bool = True
) -> None:
    """Compare two texts: their numbers one by one, and their words; brackets, blanks and percent signs do not count."""
    left, right = _numbers(ours), _numbers(theirs)
    values = [_value(n) for n in left], [_value(n) for n in right]
    steps: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, len(left), 0, len(right))]
    if len(left) != len(right):
        steps = SequenceMatcher(None, *values, autojunk=False).get_opcodes()
    different = unpaired = 0
    for _, a, b, c, d in steps:
        both = min(b - a, d - c)
        unpaired += max(b - a, d - c) - both
        for i in range(both):
            if values[0][a + i] != values[1][c + i]:
                different += 1
            else:
                found.equal_numbers += 1
                found.written_otherwise += left[a + i].replace(",", "") != right[c + i].replace(",", "")
    found.different += different
    found.unpaired += unpaired
    if different or unpaired:
        what = "numbers" if not unpaired else "numbers unpaired"
        found.differences.append(TableDifference(number, row, column, what, ours, theirs))
    elif _said(ours, words=words) != _said(theirs, words=words):
        found.differences.append(TableDifference(number, row, column, "words", ours, theirs))


def _numbers(text: str) -> list[str]:
    return [n.replace("−", "-").replace("–", "-") for n in NUMBER.findall(unicodedata.normalize("NFKC", text))]


def _value(number: str) -> Decimal | str:
    """A number by its value; one that begins with a nought for no fraction is a name, and equal to itself alone."""
    plain_number = number.replace(",", "")
    return plain_number if re.match(r"-?0\d", plain_number) else Decimal(plain_number)


def _said(text: str, *, words: bool) -> list[str]:
    """Words and signs beside the numbers, which stand as #; of labels the words in small letters."""
    found: list[str] = _WORDS.findall(NUMBER.sub("#", unicodedata.normalize("NFKC", text)))
    return found if words else [w.lower() for w in found if w.isalnum()]
