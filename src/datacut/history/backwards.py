"""What a row of the export, or a field of it, reaches: values of datasets, results, cells and records shown."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datacut.errors import InputError, nearest
from datacut.history.reach import Reach, numbers_of
from datacut.history.stored import SUBJECT, Stored
from datacut.history.tree import Node
from datacut.history.values import Values

LISTED = 8


def touched_by(stored: Stored, file: str, line: int, field: str | None) -> Node:
    """The row or field with all it reaches. InputError where the export has no such file, line or field."""
    form = _form(stored, file)
    about = stored.study["forms"][form]
    lines = stored.identities(form)["line"].tolist()
    if line not in lines:
        held = f"its rows are on lines {min(lines)} to {max(lines)}" if lines else "it has no rows"
        raise InputError(f"{about['file']} has no row on line {line}: {held}.")
    if field is not None and field not in about["fields"]:
        raise InputError(f"{about['file']} has no field {field}. {nearest(field, about['fields'])}")
    values = Values(stored)
    node = values.field(form, line, field) if field is not None else values.row(form, line)
    reach = Reach(stored)
    reach.start(form, line, field)
    node.below = [*_datasets(reach), *_outputs(reach)]
    if not node.below:
        node.below.append(Node("note", "nothing in this build is made of it"))
    return node


def _form(stored: Stored, file: str) -> str:
    places = {str(about["file"]): name for name, about in stored.forms()}
    short = {place.rpartition("/")[2]: name for place, name in places.items()}
    found = places.get(file) or (short.get(file) if "/" not in file else None)
    if found is None:
        raise InputError(f"no file {file} in the export. {nearest(file, [*places, *short])}")
    return found


def _datasets(reach: Reach) -> Iterator[Node]:
    """Each dataset with a value that is reached: variables, and the records of each."""
    order = [name for name in reach.stored.datasets if any(d == name for d, _ in reach.rows)]
    for dataset in order:
        kept = set(reach.stored.frame(dataset).columns)
        own = {v: rows for (d, v), rows in reach.rows.items() if d == dataset and v in kept and not v.startswith("_")}
        if not own:
            continue
        records = np.flatnonzero(np.logical_or.reduce(list(own.values()))) + 1
        node = Node(
            "dataset",
            f"{dataset}: {len(records)} records; {', '.join(own)}",
            {"dataset": dataset, "variables": {v: sorted(numbers_of(rows)) for v, rows in own.items()}},
        )
        for number in records[:3]:
            node.below.append(
                Node(
                    "record",
                    f"record {number}  [{reach.stored.key(dataset, int(number))}]",
                    {"dataset": dataset, "record": int(number)},
                )
            )
        if len(records) > 3:
            node.below.append(Node("note", f"... and {len(records) - 3} more records (--json has all)"))
        yield node


def _outputs(reach: Reach) -> Iterator[Node]:
    """Each output with a result or a shown record that is reached."""
    cells: dict[str, dict[tuple[int, str], list[str]]] = {}
    for output, row, column, stat in reach.results():
        cells.setdefault(output, {}).setdefault((row, column), []).append(stat)
    for output, about in reach.stored.study["outputs"].items():
        met = cells.get(output, {})
        shown = dict(_shown(reach, output))
        if not met and not shown:
            continue
        parts = [f"{len(met)} cells"] if met else []
        parts += [f"{len(numbers)} of {name}" for name, numbers in shown.items()]
        places = [f"row {row}, {column}" for row, column in list(met)[:LISTED]]
        places += [f"{name}:{n}" for name, numbers in shown.items() for n in numbers[:LISTED]]
        yield Node(
            "output",
            f"{output}  {about['number']}: {', '.join(parts)} ({'; '.join(places[:LISTED])}"
            + ("; ..." if len(places) > LISTED or len(met) > LISTED else "")
            + ")",
            {
                "output": output,
                "cells": [{"row": r, "column": c, "statistics": stats} for (r, c), stats in met.items()],
                "records": dict(shown),
            },
        )


def _shown(reach: Reach, output: str) -> Iterator[tuple[str, list[int]]]:
    """The records shown that are reached, by name."""
    stored = reach.stored
    for name, shown in stored.shown(output).items():
        read: dict[str, set[str]] = {}
        for column in shown.columns.values():
            read.setdefault(column.dataset, set()).update(filter(None, [column.variable, *column.match]))
        own = reach.selected(shown.dataset, shown.where, read.pop(shown.dataset, set()))
        for other, variables in read.items():
            if other in stored.datasets:
                marks = [m for v in variables if (m := reach.of(other, v)) is not None]
                if marks:
                    rows = np.logical_or.reduce(marks)
                    own = own | reach.of_people(shown.dataset, other, rows)
        if not own.any():
            continue
        people = (
            {f'{SUBJECT} EQ "{p}"' for p in stored.texts(shown.dataset, SUBJECT)[own].tolist()}
            if (SUBJECT in stored.frame(shown.dataset).columns)
            else None
        )
        numbers = []
        for number, predicate in enumerate(shown.predicates, 1):
            if people is None or people & {str(p) for p in predicate}:
                chosen = stored.selected(shown.dataset, predicate)
                if own[chosen - 1].any():
                    numbers.append(number)
        if numbers:
            yield name, numbers
