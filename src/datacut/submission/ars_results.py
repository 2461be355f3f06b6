"""Results of one output as ARS analyses.

A cell is the results that one analysis has for one predicate and its groups. Its predicate is taken apart: what the
analysis set and the groups say is left out, the rest is the data subset. Cells that agree in method, set, subset and
grouping variables are one ARS analysis, so every result is named by its analysis, operation and groups alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple, cast

import pandas as pd

from datacut.datasets.ard import GROUPS, LABEL, plain_rows
from datacut.datasets.model import value_text
from datacut.datasets.parts import Parts
from datacut.spec.output import Analysis, OutputSpec
from datacut.spec.study import Study
from datacut.spec.where import Comparison, Compound, Literal, Predicate, Where, predicate_of
from datacut.submission.ars_conditions import SUBJECTS, Conditions, Json

HEADER = "N"
COUNT_OF_HEADER = "ard_total_n"
_ABOUT = ("analysis", "method", "dataset", "variable", "population", "predicate")
_STAT = ("row", "stat_name", "stat_label", "pattern", "stat", "stat_text", "formatted")
_SPLIT = tuple(f"group{i}{part}" for i in range(1, GROUPS + 1) for part in ("", "_level"))

type Step = tuple[str, str, str]
"""One statistic of a method: name, label, pattern."""


class Group(NamedTuple):
    """A level of a variable. said: the predicate has it as `variable EQ level`; else it is a name for a part of it."""

    variable: str
    level: str
    said: bool


class Stat(NamedTuple):
    """One row of the ARD: a statistic of a cell."""

    row: int
    name: str
    label: str
    pattern: str | None
    value: float | None
    text: str | None
    formatted: str | None


@dataclass(slots=True)
class Cell:
    """The results of one predicate. groups: variable and level; subset: what neither they nor the set say."""

    groups: tuple[Group, ...]
    subset: Predicate
    rows: list[Stat] = field(default_factory=list)

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple((r.name, r.label, r.pattern or "") for r in self.rows)

    def stat(self, name: str) -> float | None:
        return next((r.value for r in self.rows if r.name == name and r.value is not None), None)


@dataclass
class Book:
    """What the analyses of all outputs share, each told once: subsets, groupings and methods, in order of use."""

    study: Study
    conditions: Conditions
    subsets: dict[tuple[str, Predicate], Json] = field(default_factory=dict)
    groupings: dict[tuple[str, str], Json] = field(default_factory=dict)
    methods: dict[tuple[str, tuple[Step, ...], bool], Json] = field(default_factory=dict)
    header: str = ""
    """The operation that counts N."""
    groups: dict[tuple[str, Group], Json] = field(default_factory=dict)

    def subset(self, dataset: str, parts: Predicate) -> str:
        """Id of the data subset of a conjunction."""
        made = self.subsets.get((dataset, parts))
        if made is None:
            where = parts[0] if len(parts) == 1 else Compound("AND", parts)
            order = len(self.subsets) + 1
            made = {"id": f"DS_{order}", "name": f"{dataset}: {where}", "level": 1, "order": order}
            made |= self.conditions.about(where, dataset)
            self.subsets[dataset, parts] = made
        return str(made["id"])

    def grouping(self, dataset: str, group: Group) -> str:
        """Id of a grouping: its groups are fixed where study.yml plans the levels, else the data have them.

        A grouping whose levels are names for parts of the subset has no variable.
        """
        variable = group.variable
        planned = self.planned.get(variable, {}) if group.said else {}
        home = self.conditions.home(variable, SUBJECTS if planned else dataset) if group.said else ""
        made = self.groupings.get((home, variable))
        if made is None:
            made = {"id": f"G{len(self.groupings) + 1}", "name": f"{home}.{variable}" if group.said else variable}
            if group.said:
                made |= {"groupingDataset": home, "groupingVariable": variable}
            made["dataDriven"] = not planned
            if planned:
                made["groups"] = [
                    {
                        "id": f"{made['id']}_{i}",
                        "name": level,
                        "label": label,
                        "level": 1,
                        "order": i,
                        **self.conditions.about(Comparison(variable, "EQ", (Literal(level),)), home),
                    }
                    for i, (level, label) in enumerate(planned.items(), 1)
                ]
            self.groupings[home, variable] = made
        return str(made["id"])

    def group(self, dataset: str, group: Group) -> Json:
        """One level in a result: a planned one by its id, any other by its value."""
        made = self.groups.get((dataset, group))
        if made is None:
            id_ = self.grouping(dataset, group)
            planned = list(self.planned.get(group.variable, ())) if group.said else []
            known = group.level in planned
            level = {"groupId": f"{id_}_{planned.index(group.level) + 1}"} if known else {"groupValue": group.level}
            made = self.groups[dataset, group] = {"groupingId": id_, **level}
        return made

    @cached_property
    def planned(self) -> Mapping[str, Mapping[str, str]]:
        """Planned levels of each variable with their labels."""
        out: dict[str, dict[str, str]] = {}
        for grouping in self.study.groupings.values():
            out.setdefault(grouping.variable, {}).update((x.value, x.label) for x in grouping.levels)
        return out

    @cached_property
    def sets(self) -> Mapping[str, frozenset[Where]]:
        """The conditions that each analysis set joins."""
        return {name: frozenset(predicate_of(s.where)) for name, s in self.study.analysis_sets.items()}

    def method(self, name: str, steps: tuple[Step, ...], *, of_n: bool = False) -> Json:
        """The method that makes these statistics in this order; of_n: percentages are of the N of the header."""
        made = self.methods.get((name, steps, of_n))
        if made is None:
            id_ = f"M{len(self.methods) + 1}"
            operations: list[Json] = [
                {
                    "id": f"{id_}_{i}",
                    "name": stat,
                    "label": label,
                    "order": i,
                    **({"resultPattern": pattern} if pattern else {}),
                }
                for i, (stat, label, pattern) in enumerate(steps, 1)
            ]
            made = {"id": id_, "name": name, "operations": operations}
            self.methods[name, steps, of_n] = made
            if name == COUNT_OF_HEADER and not self.header:
                self.header = str(operations[0]["id"])
            _relate(operations, self.header if of_n else None)
        return made


def _relate(operations: Sequence[Json], header: str | None) -> None:
    """Say of a percentage which operations are its numerator and denominator; header: the operation that counts N."""
    for place, operation in enumerate(operations):
        if operation["name"] != "p":
            continue
        of = {"NUMERATOR": _nearest(operations, "n", place), "DENOMINATOR": header or _nearest(operations, "m", place)}
        operation["referencedOperationRelationships"] = [
            {"id": f"{operation['id']}_{role}", "referencedOperationRole": {"controlledTerm": role}, "operationId": id_}
            for role, id_ in of.items()
            if id_ is not None
        ]


def _nearest(operations: Sequence[Json], name: str, place: int) -> str | None:
    places = [i for i, o in enumerate(operations) if o["name"] == name]
    return str(operations[min(places, key=lambda i: abs(i - place))]["id"]) if places else None


def analyses_of(spec: OutputSpec, ard: pd.DataFrame, book: Book, about: Json) -> list[Json]:
    """The ARS analyses of one output. spec: template filled in; ard: its results; about: reason and purpose."""
    labels = _labels(ard)
    found: dict[tuple[object, ...], list[Cell]] = {}
    for key, cell in _cells(ard, book).items():
        analysis, method, dataset, variable, population = key[:5]
        variables = tuple((g.variable, g.said) for g in cell.groups)
        found.setdefault(
            (analysis, method, dataset, variable, population, cell.subset, variables, cell.steps), []
        ).append(cell)
    calls = dict(spec.identified)
    counted: dict[tuple[Group, ...], float] = {}
    headers: dict[tuple[str, ...], str] = {}
    out: list[Json] = []
    for number, (key, cells) in enumerate(found.items(), 1):
        analysis, method, dataset, variable, population = (str(part or "") for part in key[:5])
        first = cells[0]
        id_ = f"An_{spec.output}_{_id(analysis)}_{number}"
        call = _call(calls, analysis)
        header = None
        if analysis == HEADER:
            counted |= {cell.groups: cell.stat("n") or 0 for cell in cells}
            headers[tuple(g.variable for g in first.groups)] = id_
        elif call is not None and call.population is None and call.among is None and _of_n(cells, counted):
            header = headers[tuple(g.variable for g in _longest(first.groups, counted))]
        made = book.method(method, first.steps, of_n=header is not None)
        operations = cast("list[Json]", made["operations"])
        related = [r for o in operations for r in cast("list[Json]", o.get("referencedOperationRelationships", []))]
        out.append(
            {
                "id": id_,
                "name": f"{spec.number}: {_shared([labels.get(c.rows[0].row, ()) for c in cells]) or analysis}",
                "description": f"{spec.output}, analysis {analysis}",
                **about,
                "dataset": dataset,
                **({"variable": variable} if variable else {}),
                "analysisSetId": f"AS_{population}",
                **({"dataSubsetId": book.subset(dataset, first.subset)} if first.subset else {}),
                "methodId": made["id"],
                "orderedGroupings": [
                    {"order": i, "groupingId": book.grouping(dataset, g), "resultsByGroup": True}
                    for i, g in enumerate(first.groups, 1)
                ],
                **({"programmingCode": {"context": "datacut", "code": str(call.call)}} if call else {}),
                "referencedAnalysisOperations": [
                    {
                        "referencedOperationRelationshipId": r["id"],
                        "analysisId": header if r["operationId"] == book.header and header else id_,
                    }
                    for r in related
                ],
                "results": [r for cell in cells for r in _results(cell, operations, dataset, book)],
            }
        )
    return out


def _longest(groups: tuple[Group, ...], counted: Mapping[tuple[Group, ...], float]) -> tuple[Group, ...]:
    """The column of a cell: its first groups, as many as a header has."""
    return next((groups[:n] for n in range(len(groups), -1, -1) if groups[:n] in counted), ())


def _of_n(cells: Sequence[Cell], counted: Mapping[tuple[Group, ...], float]) -> bool:
    """Whether the percentages of all cells are of the N of their columns, and no denominator of their own is told."""
    for cell in cells:
        n, p, whole = cell.stat("n"), cell.stat("p"), counted.get(_longest(cell.groups, counted))
        if n is None or whole is None or cell.stat("m") is not None:
            return False
        if whole and (p is None or abs(p * whole - 100 * n) > 1e-9 * 100 * whole):
            return False
    return True


def _results(cell: Cell, operations: Sequence[Json], dataset: str, book: Book) -> Iterator[Json]:
    groups = [book.group(dataset, g) for g in cell.groups]
    by = {"resultGroups": groups} if groups else {}
    for row, operation in zip(cell.rows, operations, strict=True):
        made: Json = {"operationId": operation["id"], **by}
        raw = row.value if row.value is not None else row.text
        if raw is not None:
            made["rawValue"] = value_text(raw)
        if row.formatted:
            made["formattedValue"] = row.formatted
        yield made


def _cells(ard: pd.DataFrame, book: Book) -> dict[tuple[object, ...], Cell]:
    """The cells of the results, in the order of the ARD; labels are none."""
    out: dict[tuple[object, ...], Cell] = {}
    met: dict[tuple[object, ...], Cell] = {}
    for values in plain_rows(ard, (*_ABOUT, "variable_level", *_SPLIT, *_STAT)):
        if values[1] == LABEL:
            continue
        told = values[: -len(_STAT)]
        if told not in met:
            about = told[: len(_ABOUT)]
            *_, variable, population, predicate = about
            level, *split = told[len(_ABOUT) :]
            named = [*zip(split[::2], split[1::2], strict=True), (variable, level)]
            pairs = {part: _pair(part) for part in predicate or ()}
            said = set(pairs.values())
            groups = tuple(Group(*pair, pair in said) for pair in dict.fromkeys(named) if None not in pair)
            of_groups = {(g.variable, g.level) for g in groups}
            known = book.sets[population]
            rest = tuple(p for p, pair in pairs.items() if p not in known and pair not in of_groups)
            met[told] = out.setdefault((*about, groups), Cell(groups, rest))
        met[told].rows.append(Stat._make(values[-len(_STAT) :]))
    return out


def _pair(where: Where) -> tuple[str, str] | None:
    """Variable and level of `variable EQ level`."""
    match where:
        case Comparison(column, "EQ", (Literal(value),)):
            return column, value_text(value)
        case _:
            return None


def _labels(ard: pd.DataFrame) -> dict[int, Parts]:
    """The headings and the label of each row."""
    return dict(plain_rows(ard.loc[ard["stat_name"].eq("row_label").fillna(False)], ("row", "path")))


def _shared(paths: Sequence[Sequence[str]]) -> str:
    """What the paths of rows begin with alike."""
    return ", ".join(parts[0] for parts in takewhile(lambda p: len(set(p)) == 1, zip(*paths, strict=False)))


def _call(calls: dict[str, Analysis], analysis: str) -> Analysis | None:
    """The analysis of the spec that has this name; one repeated by page is called after the page too."""
    found = [name for name in calls if analysis == name or analysis.startswith(f"{name}.")]
    return calls[max(found, key=len)] if found else None


def _id(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text)
