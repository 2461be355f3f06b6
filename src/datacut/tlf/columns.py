"""Column widths, page sets of columns and header cells on the character grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from datacut.tlf.layout import Align, Column, HeaderCell, PageColumn, Span
from datacut.tlf.metrics import align_decimals, longest_line, longest_word, wrap

GAP = 2
LAST_GAP = 1
"""What the last column of a page needs, where the room is short."""
_WORD_CAP = 14
_WHOLE = 10
_HEAD_CAP = 18
_NATURAL_CAP = 60
_SHORT = 16
_STUB = 24


@dataclass(frozen=True, slots=True)
class Measured:
    """A column with what its cells need: least and natural width; `padded` is set for decimal columns.

    whole: width at which no short cell wraps.
    """

    column: Column
    least: int
    natural: int
    block: int
    padded: Mapping[str, str]
    whole: int = 0


@dataclass(frozen=True, slots=True)
class Panel:
    """Columns that share a page: their places in the display and as printed."""

    places: tuple[int, ...]
    columns: tuple[PageColumn, ...]
    header: tuple[tuple[HeaderCell, ...], ...]

    @property
    def header_height(self) -> int:
        return sum(max(len(cell.lines) for cell in level) for level in self.header)


def measure(column: Column, cells: Sequence[str], indents: Sequence[int]) -> Measured:
    """What one column needs; `indents` are the characters before each cell."""
    heads = [line for text in column.header for line in text.split("\n")]
    head_word = max(map(longest_word, heads), default=1)
    head_line = max(map(longest_line, heads), default=1)
    padded: Mapping[str, str] = {}
    block = whole = 0
    if column.align is Align.DECIMAL:
        padded, block = align_decimals(cells)
        prose = (min(longest_word(text), _WORD_CAP) for text, shown in padded.items() if longest_line(shown) > block)
        word = line = max((block, *prose))
    else:
        needs = set(zip(cells, indents, strict=True))
        word = max((min(longest_word(text), _WORD_CAP) + indent for text, indent in needs), default=1)
        whole = max((size for text, indent in needs if (size := longest_line(text) + indent) <= _WHOLE), default=0)
        line = max((longest_line(text) + indent for text, indent in needs), default=1)
    if column.stub and not column.once:
        word = max(word, min(line, _STUB))
    least = max(word, min(head_word, _HEAD_CAP), column.min_width, 1)
    return Measured(column, least, max(least, min(max(line, head_line), _NATURAL_CAP)), block, padded, whole)


def widen_for_spans(measured: Sequence[Measured], spans: Sequence[Span]) -> list[Measured]:
    """Columns wide enough for the longest word of every header above them."""
    made = list(measured)
    keys = [m.column.key for m in measured]
    for span in spans:
        places = range(keys.index(span.first), keys.index(span.last) + 1)
        word = min(longest_word(span.label), _HEAD_CAP)
        lacking = word - sum(made[i].least + GAP for i in places) + GAP
        for at, i in enumerate(places):
            extra = max(lacking, 0) // len(places) + (at < max(lacking, 0) % len(places))
            line = longest_line(span.label) if len(places) == 1 else 0
            least = made[i].least + extra
            made[i] = replace(made[i], least=least, natural=max(made[i].natural, least, min(line, _SHORT)))
    return made


def split_panels(measured: Sequence[Measured], spans: Sequence[Span], chars: int) -> list[tuple[int, ...]]:
    """Places of the columns of each page set; stub columns lead every set (P-HOR)."""
    stubs = [i for i, m in enumerate(measured) if m.column.stub]
    room = chars + GAP - LAST_GAP - sum(measured[i].least + GAP for i in stubs)
    panels: list[tuple[int, ...]] = []
    for number in sorted({m.column.panel for m in measured if not m.column.stub}):
        rest = [i for i, m in enumerate(measured) if not m.column.stub and m.column.panel == number]
        while rest:
            taken = _take(rest, measured, spans, room)
            panels.append((*stubs, *taken))
            rest = rest[len(taken) :]
    return panels or [tuple(stubs)]


def _take(rest: list[int], measured: Sequence[Measured], spans: Sequence[Span], room: int) -> list[int]:
    """As many leading columns as fit, not cutting a span that can go to the next set as a whole."""
    taken: list[int] = []
    for place in rest:
        room -= measured[place].least + GAP
        if taken and room < 0:
            break
        taken.append(place)
    if len(taken) == len(rest):
        return taken
    keys = [m.column.key for m in measured]
    for span in sorted(spans, key=lambda s: s.level):
        first, last = keys.index(span.first), keys.index(span.last)
        if taken[0] < first <= taken[-1] < last:
            return [place for place in taken if place < first]
    return taken


def place_panel(places: tuple[int, ...], measured: Sequence[Measured], spans: Sequence[Span], chars: int) -> Panel:
    """Share the page width among the columns of one set and build their header."""
    mine = [measured[i] for i in places]
    total = chars - GAP * len(mine)
    if sum(m.least for m in mine) > total:
        total += GAP - LAST_GAP
    least = [m.natural if m.natural <= _SHORT else m.least for m in mine]
    if sum(least) > total * 0.9:
        least = [m.least for m in mine]
    surplus = total - sum(least)
    for i in sorted(range(len(mine)), key=lambda i: mine[i].whole - least[i]):
        more = mine[i].whole - least[i]
        if 0 < more <= surplus:
            least[i] += more
            surplus -= more
    need = [m.natural - size for m, size in zip(mine, least, strict=True)]
    rest = surplus - sum(need)
    weighted = any(m.column.width is not None for m in mine)
    if surplus <= 0 or weighted or (rest >= 0 and any(m.natural == _NATURAL_CAP for m in mine)):
        widths = share(least, [_weight(m) for m in mine], total)
    elif rest < 0:
        widths = _with(least, share([0] * len(mine), [float(size) for size in need], surplus))
    else:
        widths = _with([m.natural for m in mine], share([0] * len(mine), [1.0] * len(mine), rest))
    columns: list[PageColumn] = []
    left = 0
    for m, size in zip(mine, widths, strict=True):
        align = Align.LEFT if m.column.align is Align.DECIMAL else m.column.align
        columns.append(PageColumn(m.column.key, left, size, align, m.column.stub))
        left += size + GAP
    return Panel(places, tuple(columns), _header(mine, places, columns, measured, spans))


def _with(widths: Sequence[int], more: Sequence[int]) -> list[int]:
    return [size + extra for size, extra in zip(widths, more, strict=True)]


def _weight(m: Measured) -> float:
    return float(m.natural) if m.column.width is None else max(m.column.width, 0.0)


def share(least: Sequence[int], weights: Sequence[float], total: int) -> list[int]:
    """Whole widths adding up to `total`: by weight, not below `least` unless even that is too wide."""
    if sum(least) >= total:
        scaled = [max(size * total // max(sum(least), 1), 1) for size in least] if sum(least) > total else least
        return list(scaled)
    fixed: set[int] = set()
    while True:
        free = [i for i in range(len(least)) if i not in fixed]
        room = total - sum(least[i] for i in fixed)
        weight = sum(weights[i] for i in free)
        ideal = {i: room * weights[i] / weight if weight else room / len(free) for i in free}
        short = {i for i in free if ideal[i] < least[i]}
        if not short:
            break
        fixed |= short
    widths = [least[i] if i in fixed else int(ideal[i]) for i in range(len(least))]
    for i in sorted(ideal, key=lambda i: (int(ideal[i]) - ideal[i], i))[: total - sum(widths)]:
        widths[i] += 1
    return widths


def _ruled(span: Span, at: int, end: int, spans: Sequence[Span]) -> bool:
    if span.rule is not None:
        return span.rule
    repeated = any(s.level > span.level and (s.first, s.last) == (span.first, span.last) for s in spans)
    return end > at and not repeated


def _header(
    mine: Sequence[Measured],
    places: tuple[int, ...],
    columns: Sequence[PageColumn],
    measured: Sequence[Measured],
    spans: Sequence[Span],
) -> tuple[tuple[HeaderCell, ...], ...]:
    keys = [m.column.key for m in measured]
    levels: list[tuple[HeaderCell, ...]] = []
    for level in sorted({span.level for span in spans}):
        over = {
            i: span
            for span in spans
            if span.level == level
            for i in range(keys.index(span.first), keys.index(span.last) + 1)
        }
        cells: list[HeaderCell] = []
        at = 0
        while at < len(places):
            covering = over.get(places[at])
            end = at
            while covering and end + 1 < len(places) and over.get(places[end + 1]) is covering:
                end += 1
            size = columns[end].left + columns[end].width - columns[at].left
            lines = wrap(covering.label, size) if covering else ("",)
            rule = bool(covering and covering.label and _ruled(covering, at, end, spans))
            cells.append(HeaderCell(lines, at, end, Align.CENTRE, rule))
            at = end + 1
        if any(cell.lines != ("",) for cell in cells):
            levels.append(tuple(cells))
    own: list[HeaderCell] = []
    for at, (m, column) in enumerate(zip(mine, columns, strict=True)):
        lines = tuple(line for text in m.column.header for line in wrap(text, column.width)) or ("",)
        align = Align.CENTRE if m.column.align is Align.DECIMAL else m.column.align
        own.append(HeaderCell(lines, at, at, align))
    if any(cell.lines != ("",) for cell in own) or not levels:
        levels.append(tuple(own))
    return tuple(levels)
