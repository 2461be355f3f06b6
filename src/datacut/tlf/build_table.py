"""The body of a table: columns and spans from the header results, rows and cells from the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from datacut.datasets.ard import LABEL, plain_rows
from datacut.datasets.parts import Parts
from datacut.spec.output import OutputLibrary, OutputSpec
from datacut.tlf.layout import Align, Column, Identity, Row, Section, Span

STUB = (LABEL,)
TOGETHER = 12
"""Rows that stay on one page with the headings among them."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column as the header results tell it. n: text of its N, blank if it has none; none: it has no subjects."""

    key: Parts
    span: str
    label: str
    n: str
    none: bool
    statistic: bool


@dataclass(frozen=True)
class Grid:
    """The results of one output by place. rows: path of each row by number, in order; cells: text by row and column."""

    heads: tuple[Head, ...]
    rows: dict[int, Parts]
    cells: dict[tuple[int, Parts], str]

    @classmethod
    def of(cls, ard: pd.DataFrame) -> Grid:
        """Read the results; the parts of a cell are joined in order."""
        heads: dict[Parts, Head] = {}
        rows: dict[int, Parts] = {}
        cells: dict[tuple[int, Parts], str] = {}
        names = ["row", "column", "method", "stat_name", "stat", "path", "formatted"]
        for row, column, method, name, stat, path, formatted in plain_rows(ard, names):
            shown = formatted or ""
            if row == 0:
                if method == LABEL:
                    span = path[0] if len(path) > 1 else ""
                    heads[column] = Head(column, span, shown, "", none=False, statistic=name == "statistic_label")
                elif column in heads:
                    h = heads[column]
                    heads[column] = Head(h.key, h.span, h.label, shown, none=stat == 0, statistic=False)
            elif method == LABEL:
                rows[row] = path
            else:
                cells[row, column] = cells.get((row, column), "") + shown
        return cls(tuple(heads.values()), dict(sorted(rows.items())), cells)


def table_columns(spec: OutputSpec, library: OutputLibrary, grid: Grid) -> tuple[tuple[Column, ...], tuple[Span, ...]]:
    """The stub, then each column with its N; sub-columns stand under a span with the label and N of their column."""
    statistics = [h for h in grid.heads if h.statistic]
    heads = statistics or list(grid.heads)
    panels = _panels(spec, library)
    columns = [Column(STUB, (spec.stub,), stub=True)]
    spans: list[Span] = []
    outer: list[tuple[str, Parts, Parts]] = []
    subcolumns = {} if statistics else spec.subcolumns
    for head in heads:
        keys = [(*head.key, sub) for sub in subcolumns] or [head.key]
        title = (head.label, head.n) if head.n else (head.label,)
        panel = panels.get(tuple(filter(None, head.key[:-1])), 0)
        for key, sub in zip(keys, subcolumns.values() or ("",), strict=True):
            header = (sub,) if subcolumns else title
            columns.append(Column(key, header, align=Align.DECIMAL, panel=panel))
        if subcolumns:
            spans.append(Span("\n".join(title), keys[0], keys[-1], level=2))
        if head.span and outer and outer[-1][0] == head.span:
            outer[-1] = (head.span, outer[-1][1], keys[-1])
        elif head.span:
            outer.append((head.span, keys[0], keys[-1]))
    spans += [Span(label, first, last, level=1) for label, first, last in outer]
    return tuple(columns), tuple(spans)


def table_sections(spec: OutputSpec, columns: Sequence[Column], grid: Grid) -> tuple[Section, ...]:
    """One section, or one for each page value; none if no row has a result."""
    paths = grid.rows
    if not grid.cells:
        return ()
    if spec.pages is None:
        return (Section(tuple(_rows(spec, columns, grid, paths, 0)), byline=spec.byline),)
    bylines = list(dict.fromkeys(path[0] for path in paths.values()))
    return tuple(_page(spec, columns, grid, byline) for byline in bylines)


def _page(spec: OutputSpec, columns: Sequence[Column], grid: Grid, byline: str) -> Section:
    paths = _below(grid.rows, byline)
    own = next((Identity(number, path) for number, path in grid.rows.items() if path == (byline,)), None)
    rows = tuple(_rows(spec, columns, grid, paths, 1))
    unused = frozenset(c.key for i, c in enumerate(columns) if i > 0 and not any(row.cells[i] for row in rows))
    return Section(rows, byline, unused=unused if len(unused) < len(columns) - 1 else frozenset(), shows=own)


def _below(paths: dict[int, Parts], byline: str) -> dict[int, Parts]:
    return {number: path for number, path in paths.items() if path[0] == byline and len(path) > 1}


def _rows(spec: OutputSpec, columns: Sequence[Column], grid: Grid, paths: dict[int, Parts], skip: int) -> Iterable[Row]:
    parents = {path[:-1] for path in paths.values()}
    homes = _homes(paths.values(), parents, skip) if spec.paging in ("P-1", "P-BLK") else {}
    dead = {h.key for h in grid.heads if h.none}
    blocks: dict[Parts, int] = {}
    before_nested = False
    for i, (number, path) in enumerate(paths.items()):
        nested = path in parents
        cells = [grid.cells.get((number, c.key), "") for c in columns[1:]]
        if any((number, c.key) in grid.cells for c in columns[1:]):
            cells = [
                cell or ("-" if _main(c.key, spec) in dead else "") for c, cell in zip(columns[1:], cells, strict=True)
            ]
        top = len(path) == skip + 1
        home = homes.get(path if nested else path[:-1])
        block = blocks.setdefault(home, len(blocks) + 1) if home is not None else None
        yield Row(
            (path[-1], *cells),
            indent=len(path) - 1 - skip,
            block=block,
            group=path[skip:] if nested else path[skip:-1],
            gap=top and i > 0 and (nested or before_nested),
            shows=Identity(number, path),
        )
        if top:
            before_nested = nested


def _homes(paths: Collection[Parts], parents: Collection[Parts], skip: int) -> dict[Parts, Parts]:
    """The heading that the rows under each heading are kept together with: the outermost of few rows, or their own."""
    rows = Counter(path[:depth] for path in paths for depth in range(skip + 1, len(path) + 1))
    with_leaves = {path[:-1] for path in paths if path not in parents}
    out = {}
    for path in parents:
        outer = (path[:depth] for depth in range(skip + 1, len(path) + 1))
        small = next((p for p in outer if rows[p] <= TOGETHER), path if path in with_leaves else None)
        if small is not None and len(path) > skip:
            out[path] = small
    return out


def _main(key: Parts, spec: OutputSpec) -> Parts:
    """The key of the column a sub-column stands under."""
    return key[:-1] if spec.subcolumns else key


def _panels(spec: OutputSpec, library: OutputLibrary) -> dict[Parts, int]:
    """Page set of the columns by the first parts of their keys."""
    template = library.columns.get(spec.columns or "")
    return {tuple(g.within.values()): g.panel for g in template.groups} if template is not None else {}
