"""Results put in the order they print and written as rows of the ARD.

Row 0 is the header: the label and N of each column. Each printed row has a result of method `label`, column `label`:
its label (`formatted`) and its path, the headings it stands under and itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from datacut.ard.columns import ResultColumn
from datacut.ard.results import Result
from datacut.datasets.ard import GROUPS, LABEL, frame_of
from datacut.datasets.parts import Parts
from datacut.spec.where import Predicate, Where, predicate_of

type Of = tuple[str, Predicate] | None
"""Dataset and condition of the denominator of a result."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A result with its whole path, the column it prints in and the analysis it belongs to."""

    result: Result
    path: Parts
    column: Parts
    analysis: str
    method: str
    dataset: str
    population: str | None
    predicate: Predicate
    groups: tuple[tuple[str, str], ...]
    empty_column: bool
    of: Of = None


@dataclass
class _Node:
    number: int = 0
    below: dict[str, _Node] = field(default_factory=dict)


def ard_frame(
    output: str, population: str, header: Sequence[dict[str, object]], placed: Sequence[Placed]
) -> pd.DataFrame:
    """The ARD of one output: header, then row by row its label and its cells, columns as placed."""
    tree = _tree(p.path for p in placed)
    rows: list[dict[str, object]] = [*header, *_label_rows(tree)]
    dashed: set[tuple[int, Parts]] = set()
    for p in placed:
        number = _number(tree, p.path)
        row = _row(p, number)
        if p.empty_column:
            row["formatted"] = "" if (number, p.column) in dashed else "-"
            dashed.add((number, p.column))
        rows.append(row)
    for row in rows:
        row["output"] = output
        row["population"] = row.get("population") or population
    rows.sort(key=lambda row: (row["row"], row["method"] != LABEL))
    return frame_of(rows)


def label_row(number: int, column: Parts, path: Parts, label: str, name: str) -> dict[str, object]:
    """The label of a row or column as a result."""
    return {
        "analysis": LABEL,
        "method": LABEL,
        "stat_name": name,
        "stat_label": "Label",
        "reason": None if any(path) else "no label",
        "formatted": label,
        "row": number,
        "column": column,
        "path": path,
    }


def header_rows(
    columns: Sequence[ResultColumn], population: Where, counts: Iterable[Result]
) -> list[dict[str, object]]:
    """Label and N of every column."""
    by_key = {r.column: r for r in counts}
    out = []
    for c in columns:
        span = (c.span, c.label) if c.span else (c.label,)
        out.append(label_row(0, c.key, span, c.label, "column_label"))
        where = predicate_of(population, c.where)
        placed = Placed(by_key[c.key], (), c.key, "N", "ard_total_n", "ADSL", None, where, c.groups, empty_column=False)
        out.append(_row(placed, 0))
    return out


def _tree(paths: Iterable[Parts]) -> _Node:
    """The paths as a tree, siblings in order of first appearance, numbered from the top."""
    root = _Node()
    for path in paths:
        node = root
        for step in path:
            node = node.below.setdefault(step, _Node())
    count = 0

    def walk(node: _Node) -> None:
        nonlocal count
        for below in node.below.values():
            count += 1
            below.number = count
            walk(below)

    walk(root)
    return root


def _number(tree: _Node, path: Parts) -> int:
    node = tree
    for step in path:
        node = node.below[step]
    return node.number


def _label_rows(node: _Node, path: Parts = ()) -> Iterable[dict[str, object]]:
    for label, below in node.below.items():
        yield label_row(below.number, (LABEL,), (*path, label), label, "row_label")
        yield from _label_rows(below, (*path, label))


def _row(p: Placed, number: int) -> dict[str, object]:
    r = p.result
    groups: dict[str, object] = {}
    split = (*p.groups, *r.groups)
    if len(split) > GROUPS:
        raise ValueError(f"a result belongs to {len(split)} groups, and results hold {GROUPS}: split it by less")
    for i, (variable, level) in enumerate(split, 1):
        groups |= {f"group{i}": variable, f"group{i}_level": level}
    base: Mapping[str, object] = {
        "analysis": p.analysis,
        "method": p.method,
        "dataset": p.dataset,
        "population": p.population,
        "variable": r.variable,
        "variable_level": r.variable_level,
        "stat_name": r.stat_name,
        "stat_label": r.stat_label,
        "stat": r.stat,
        "stat_text": r.stat_text,
        "pattern": r.pattern or None,
        "formatted": r.formatted,
        "reason": r.reason or None,
        "predicate": p.predicate or None,
        "denominator_dataset": None if p.of is None else p.of[0],
        "denominator": (p.of[1] or None) if p.of is not None else None,
        "row": number,
        "column": p.column,
    }
    return {**base, **groups}
