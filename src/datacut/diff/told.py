"""All that differs between two builds, ranked by what it goes back to."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from datacut.datasets.lineage import EVERY
from datacut.diff.causes import Causes, Labels, unexplained
from datacut.diff.exports import FormChanges, compare_form
from datacut.diff.pairs import Pairing
from datacut.diff.results import CellChange, Results
from datacut.diff.steps import Cause, Steps
from datacut.files.parquet import read_frame
from datacut.history.stored import RAW, STAGES, Stored

type Json = dict[str, Any]

SHOWN = 25
"""Causes, and unexplained values, that a terminal lists."""
PASSING = ("new record", "ended", "cut", "audit")
"""Kinds of causes that time brings: all others change what was there before."""


@dataclass
class Ranked:
    """A cause with all that changed by it: values of datasets, cells of outputs."""

    cause: Cause
    values: int = 0
    cells: Counter[str] = field(default_factory=Counter)
    whole: int = 0
    datasets: set[str] = field(default_factory=set)


@dataclass
class Diff:
    """What differs between two builds of a study."""

    old: Stored
    new: Stored
    forms: dict[str, FormChanges]
    causes: Causes
    cells: list[CellChange]
    attributes: list[tuple[str, str, str, str, str]]
    findings: dict[str, list[list[str]]]
    said: dict[str, list[tuple[str, Labels]]]

    @cached_property
    def ranked(self) -> list[Ranked]:
        """The causes, those that changed most cells first; new rows of a form together, and those of a new subject."""
        folded: dict[tuple[str, str], Ranked] = {}
        of_bit = {n: self._fold(folded, cause) for n, cause in enumerate(self.causes.known)}

        def of(labels: Labels) -> Iterable[Ranked]:
            return {id(of_bit[n]): of_bit[n] for n in _numbers(labels)}.values()

        values = Counter((dataset, labels) for dataset, labels in self._labels())
        for (dataset, labels), number in values.items():
            for ranked in of(labels):
                ranked.values += number
                ranked.datasets.add(dataset)
        cells = Counter((c.output, c.causes, c.whole) for c in self.cells)
        for (output, labels, whole), number in cells.items():
            for ranked in of(labels):
                ranked.cells[output] += number
                ranked.whole += number * whole
        found = [r for r in folded.values() if r.values or r.cells or r.cause.kind != "audit"]
        return sorted(found, key=lambda r: (-r.cells.total(), -r.values, r.cause.text))

    def _labels(self) -> Iterator[tuple[str, Labels]]:
        """The causes of each record that came or went, and of each value that changed, with its dataset."""
        for dataset in self.causes.pairing.datasets:
            yield from ((dataset, self.causes.at(dataset, EVERY, at)) for at in self.causes.alone[dataset])
        for (dataset, variable), changed in self.causes.changed.items():
            if self._is_kept(dataset, variable):
                yield from ((dataset, self.causes.at(dataset, variable, at)) for at in changed)

    def _fold(self, folded: dict[tuple[str, str], Ranked], cause: Cause) -> Ranked:
        """New and removed rows of a form are one line, and so are those changed in bookkeeping alone."""
        if cause.kind in ("new record", "removed", "audit"):
            form = cause.key.partition(" ")[0]
            key = (cause.kind, form)
            if key not in folded:
                number = sum(c.kind == cause.kind and c.key.partition(" ")[0] == form for c in self.causes.known)
                rows = "row" if number == 1 else "rows"
                said = {
                    "new record": f"{number} new {rows}",
                    "removed": f"{number} {rows} removed",
                    "audit": f"{number} {rows} with other bookkeeping",
                }
                folded[key] = Ranked(Cause(cause.kind, f"{form.upper()}: {said[cause.kind]}"))
            return folded[key]
        key = (cause.kind, cause.key or cause.text)
        return folded.setdefault(key, Ranked(cause))

    def _is_kept(self, dataset: str, variable: str) -> bool:
        """Whether a variable is one of the dataset, and not a working column."""
        return not variable.startswith("_") and dataset in self.new.datasets

    @cached_property
    def unexplained(self) -> list[tuple[str, str, str, str]]:
        """Values that changed and have no cause: place, key, old and new."""
        found = []
        for dataset, variable, at in unexplained(self.causes, self.causes.pairing.datasets):
            if variable != EVERY and not self._is_kept(dataset, variable):
                continue
            found.append(
                (f"{dataset}.{variable}" if variable != EVERY else dataset, *self._values(dataset, variable, at))
            )
        for cell in self.cells:
            if not cell.causes:
                where = f"{cell.output} / {cell.row} / {cell.column} {cell.statistic}".strip()
                found.append((where, "", cell.old or "(none)", cell.new or "(none)"))
        return found

    def _values(self, dataset: str, variable: str, at: int) -> tuple[str, str, str]:
        pairs = self.causes.pairing.of(dataset)
        was, is_ = int(pairs.old[at]), int(pairs.new[at])
        key = self.new.key(dataset, is_) if is_ else self.old.key(dataset, was)
        if variable == EVERY:
            return key, "there" if was else "(none)", "there" if is_ else "(none)"
        return key, self.old.value(dataset, was, variable), self.new.value(dataset, is_, variable)

    def outside(self, expected: Iterable[str]) -> list[str]:
        """Outputs that changed and that no pattern expects."""
        patterns = list(expected)
        changed = dict.fromkeys(cell.output for cell in self.cells)
        return [o for o in changed if not any(fnmatchcase(o, p) for p in patterns)] if patterns else []

    def silent(self) -> list[Cause]:
        """Changes of the export and of the study that reached no value and no cell."""
        reached = 0
        for place, marks in self.causes.marks.items():
            if not place[0].startswith(RAW):
                for labels in marks.values():
                    reached |= labels
        for cell in self.cells:
            reached |= cell.causes
        return [c for n, c in enumerate(self.causes.known) if not reached >> n & 1 and c.kind != "audit"]


def compare_builds(old: Stored, new: Stored) -> Diff:
    """All that differs between two builds, an earlier and a later one, of the same study.

    Raises InputError where one of them does not keep what this rests on.
    """
    names = dict.fromkeys([*new.study["forms"], *old.study["forms"]])
    forms = {form: compare_form(old, new, form) for form in names}
    pairing = Pairing(old, new, {form: changes.pairs for form, changes in forms.items()})
    steps = Steps(old, new)
    causes = Causes(pairing, steps, forms)
    of_results: dict[str, list[tuple[str, Labels]]] = {}
    said: dict[str, list[tuple[str, Labels]]] = {}
    for output, cause, text in steps.of_outputs():
        label = causes.number(cause)
        (said if text else of_results).setdefault(output, []).append((cause.text, label))
    results = Results(causes, of_results)
    outputs = dict.fromkeys([*new.study["outputs"], *old.study["outputs"]])
    cells = [cell for output in outputs for cell in results.of(output)]
    return Diff(old, new, forms, causes, cells, list(_attributes(old, new)), _findings(old, new), said)


def _numbers(labels: Labels) -> Iterator[int]:
    n = 0
    while labels:
        if labels & 1:
            yield n
        labels >>= 1
        n += 1


def _attributes(old: Stored, new: Stored) -> Iterator[tuple[str, str, str, str, str]]:
    """Attributes of datasets and variables that differ: place, attribute, old, new."""
    for stage in STAGES:
        sides = [_described(s, stage) for s in (old, new)]
        for place in dict.fromkeys([*sides[1], *sides[0]]):
            a, b = (side.get(place) for side in sides)
            dataset = place.partition(".")[0]
            if a is None or b is None:
                yield dataset, place, "", "(none)" if a is None else "there", "(none)" if b is None else "there"
                continue
            yield from ((dataset, place, n, str(a[n]), str(b[n])) for n in b if a.get(n) != b[n])


def _described(stored: Stored, stage: str) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for path in sorted((stored.home / "data" / stage).glob("*.parquet")):
        about = read_frame(path)[1]
        found[about["name"]] = {"label": about["label"], "keys": ", ".join(about["keys"])}
        for variable in about["variables"]:
            name = variable.pop("name")
            found[f"{about['name']}.{name}"] = variable
    return found


def _findings(old: Stored, new: Stored) -> dict[str, list[list[str]]]:
    """Findings that are new, gone, and still there: severity, rule, where without line, text, value."""
    before, now = (_read_findings(s.home / "findings.csv") for s in (old, new))
    return {
        "new": [list(row) for row in now if row not in before],
        "gone": [list(row) for row in before if row not in now],
        "still there": [list(row) for row in now if row in before],
    }


def _read_findings(path: Path) -> list[tuple[str, ...]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return [tuple(row[n] for n in ("severity", "rule", "what", "value")) for row in csv.DictReader(handle)]


# ---------------------------------------------------------------------------------------------------- as text, as JSON


def summary_of(diff: Diff, expected: Iterable[str] = ()) -> Json:
    """The numbers of the headline."""
    kinds = Counter(str(row.kind) if not row.audit else "audit" for f in diff.forms.values() for row in f.changes)
    return {
        "old": {"cut": diff.old.study["cut"], "build": diff.old.home.name},
        "new": {"cut": diff.new.study["cut"], "build": diff.new.home.name},
        "unexplained": len(diff.unexplained),
        "unexpected": diff.outside(expected),
        "rows": dict(sorted(kinds.items())),
        "moved_lines": sum(f.moved for f in diff.forms.values()),
        "unreliable": {f.form: f.unreliable for f in diff.forms.values() if f.unreliable},
        "values": sum(
            len(places)
            for (dataset, variable), places in diff.causes.changed.items()
            if not variable.startswith("_") and dataset in diff.new.datasets
        ),
        "renumbered": diff.causes.renumbered,
        "records": {
            "new": sum(int((diff.causes.pairing.of(d).old == 0).sum()) for d in diff.causes.pairing.datasets),
            "gone": sum(int((diff.causes.pairing.of(d).new == 0).sum()) for d in diff.causes.pairing.datasets),
        },
        "cells": len(diff.cells),
        "outputs": len({cell.output for cell in diff.cells}),
        "denominators": sum(cell.whole for cell in diff.cells),
        "findings": {name: len(rows) for name, rows in diff.findings.items()},
    }


def as_json(diff: Diff, expected: Iterable[str] = ()) -> str:
    """The whole comparison for programs."""
    content = {
        "summary": summary_of(diff, expected),
        "causes": [
            {
                **asdict(r.cause),
                "values": r.values,
                "datasets": sorted(r.datasets),
                "cells": r.cells.total(),
                "outputs": sorted(r.cells),
            }
            for r in diff.ranked
        ],
        "unexplained": [dict(zip(("where", "key", "old", "new"), row, strict=True)) for row in diff.unexplained],
        "rows": [
            {**asdict(row), "kind": str(row.kind)} for f in diff.forms.values() for row in f.changes if not row.audit
        ],
        "cells": [{**asdict(c), "causes": [x.text for x in diff.causes.of(c.causes)]} for c in diff.cells],
        "attributes": diff.attributes,
        "findings": diff.findings,
        "texts": {output: [text for text, _ in said] for output, said in diff.said.items()},
        "reached_nothing": [asdict(c) for c in diff.silent()],
    }
    return json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"


def printed(diff: Diff, expected: Iterable[str] = ()) -> Iterator[str]:
    """What a terminal shows: the headline, the causes by rank, what is unexplained, what reached nothing."""
    about = summary_of(diff, expected)
    yield f"{about['old']['build']} -> {about['new']['build']}"
    rows = ", ".join(f"{n} {kind}" for kind, n in about["rows"].items() if kind != "audit") or "none"
    yield f"export: rows {rows}; {about['rows'].get('audit', 0)} with other bookkeeping alone"
    yield (
        f"datasets: {about['records']['new']} records new, {about['records']['gone']} gone, {about['values']:,} values "
        f"changed; outputs: {about['cells']:,} cells in {about['outputs']} ({about['denominators']:,} by their "
        "denominator alone)"
    )
    found = about["findings"]
    yield f"findings: {found['new']} new, {found['gone']} gone, {found['still there']} still there"
    for form, why in about["unreliable"].items():
        yield f"{form}: record ids are unreliable: {why}; its rows were paired by their content"
    unsaid = diff.unexplained
    yield f"unexplained: {len(unsaid)}"
    for where, key, old, new in unsaid[:SHOWN]:
        yield f"  {where} [{key}]: {old or '(blank)'} -> {new or '(blank)'}"
    if len(unsaid) > SHOWN:
        yield f"  ... and {len(unsaid) - SHOWN} more (--json has all)"
    for output in about["unexpected"]:
        yield f"not expected: {output}"
    passing = [r for r in diff.ranked if r.cause.kind in PASSING]
    yield from _listed("what was there and is another now", [r for r in diff.ranked if r not in passing])
    yield from _listed("what time brought", passing)
    for output, said in list(diff.said.items())[:SHOWN]:
        yield f"text of {output}: {', '.join(dict.fromkeys(text for text, _ in said))}"
    silent = [c for c in diff.silent() if c.kind not in PASSING]
    if silent:
        yield f"reached nothing: {len(silent)}"
        yield from (f"  {c.kind}: {c.text}" for c in silent[:SHOWN])


def _listed(title: str, ranked: list[Ranked]) -> Iterator[str]:
    if ranked:
        yield f"{title}:"
    for r in ranked[:SHOWN]:
        counts = ((r.cells.total(), "cell"), (len(r.cells), "output"), (r.values, "value"))
        cells, outputs, values = (f"{n:,} {what}{'s' if n != 1 else ''}" for n, what in counts)
        where = f": {cells} in {outputs}, {values}"
        yield f"  {r.cause.kind}: {r.cause.text}{where if r.values or r.cells else ''}"
    if len(ranked) > SHOWN:
        yield f"  ... and {len(ranked) - SHOWN} more (--json has all)"
