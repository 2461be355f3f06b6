"""Where a printed number comes from: its results, the condition of each, and the records that satisfy it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from datacut.datasets.ard import LABEL, plain_rows
from datacut.datasets.model import value_text
from datacut.datasets.parts import KEY, PATH, Parts, join_parts
from datacut.datasets.records import ShownColumn, ShownRecords
from datacut.errors import DatacutError, InputError, nearest
from datacut.history.stored import SUBJECT, SUBJECTS, Stored
from datacut.history.tree import Node
from datacut.history.values import Values, records_of
from datacut.spec.where import Predicate, columns_of, predicate_text

RECORDS = "records"
ABSENT, FOUND = "ard_count_without", "found"
"""The method of subjects without a record, and the statistic beside it that is of the records looked for."""
_CONDITIONS = ("predicate", "denominator")


@dataclass(frozen=True)
class Result:
    """One row of the results of an output."""

    row: int
    column: Parts
    analysis: str
    method: str
    dataset: str
    variable: str | None
    variable_level: str | None
    stat_name: str
    stat_label: str | None
    stat: float | None
    formatted: str | None
    reason: str | None
    predicate: Predicate
    denominator_dataset: str | None
    denominator: Predicate

    @property
    def shown(self) -> str:
        """Its value, at full precision."""
        return value_text(self.stat) if self.stat is not None else (self.formatted or self.reason or "(missing)")


class Page:
    """The rows, columns and results of one output, and the records it shows one by one."""

    def __init__(self, stored: Stored, output: str) -> None:
        outputs = stored.study["outputs"]
        if output not in outputs:
            raise InputError(f"no output {output}. {nearest(output, outputs)}")
        self.stored, self.output, self.about = stored, output, outputs[output]
        ard = stored.ard(output)
        label = ard["method"].eq(LABEL).fillna(False).to_numpy(dtype=bool)
        names = ("row", "column", "stat_name", "path", "formatted")
        self.rows: dict[int, Parts] = {}
        self.columns: dict[Parts, str] = {}
        for row, column, name, path, formatted in plain_rows(ard.loc[label], names):
            if name == "row_label":
                self.rows[int(row)] = tuple(path)
            else:
                self.columns[column] = " ".join([*path[:-1], formatted or path[-1]]).replace("\n", " ")
        fields = tuple(Result.__dataclass_fields__)
        told = (dict(zip(fields, values, strict=True)) for values in plain_rows(ard.loc[~label], fields))
        self.results = [Result(**{**v, **{name: v[name] or () for name in _CONDITIONS}}) for v in told]
        self.shown: Mapping[str, ShownRecords] = stored.shown(output)

    @property
    def title(self) -> Node:
        """The output itself."""
        return Node(
            "output",
            f"{self.output}  {self.about['number']}: {self.about['title']}",
            {"output": self.output, "number": self.about["number"], "title": self.about["title"]},
        )

    def contents(self) -> Node:
        """The rows and columns that can be asked for."""
        node = self.title
        rows = [f"  {number}  {PATH.join(path)}" for number, path in sorted(self.rows.items())]
        listed = [f"  {join_parts(key, KEY)}  {label}" for key, label in self.columns.items()]
        node.text += "\n" + "\n".join(["columns (--column)", *listed, "rows (--row)", *rows]) if rows else ""
        for name, shown in self.shown.items():
            prefix = "" if name == RECORDS else f"{name}:"
            keys = [f"  {key}  {column.label}" for key, column in shown.columns.items()]
            numbers = f"records (--row {prefix}1 to {prefix}{len(shown)}), columns (--column)"
            node.text += "\n" + "\n".join([numbers, *keys])
        node.facts |= {
            "rows": {number: list(path) for number, path in self.rows.items()},
            "columns": {join_parts(key, KEY): label for key, label in self.columns.items()},
            "records": {name: [len(s), list(s.columns)] for name, s in self.shown.items()},
        }
        return node

    # -- what is asked ---------------------------------------------------------------------------------------

    def rows_named(self, wanted: str) -> list[int]:
        """The rows of results that a name means: label, path with ` | `, number of the page, or the start of a label.

        A heading means the rows below it. InputError where there is none.
        """
        cells = {r.row for r in self.results}
        last = {n: path[-1] for n, path in self.rows.items()}
        tests: tuple[Callable[[int], bool], ...] = (
            lambda n: PATH.join(self.rows[n]) == wanted,
            lambda n: last[n] == wanted,
            lambda n: str(n) == wanted,
            lambda n: wanted.casefold() in PATH.join(self.rows[n]).casefold(),
        )
        for test in tests:
            found = [n for n in self.rows if test(n)]
            below = [n for n, path in self.rows.items() for f in found if path[: len(self.rows[f])] == self.rows[f]]
            if any(n in cells for n in below):
                return [n for n in dict.fromkeys(below) if n in cells]
        names = [*(PATH.join(p) for p in self.rows.values()), *last.values()]
        raise InputError(f"{self.output} has no row {wanted}. {nearest(wanted, names)}")

    def columns_named(self, wanted: str | None) -> list[Parts]:
        """The columns of results that a name means: key, label or a part of it; those with results if none is asked."""
        filled = dict.fromkeys(r.column for r in self.results if r.row)
        if wanted is None:
            return list(filled)
        labels = {key: f"{join_parts(key, KEY)} {self.label_of(key)}" for key in (*filled, *self.columns)}
        tests: tuple[Callable[[Parts], bool], ...] = (
            lambda key: join_parts(key, KEY) == wanted,
            lambda key: key[-1] == wanted or self.label_of(key) == wanted,
            lambda key: wanted.casefold() in labels[key].casefold(),
        )
        for test in tests:
            if found := [key for key in labels if test(key)]:
                return found
        names = [*(join_parts(k, KEY) for k in labels), *(self.label_of(k) for k in labels)]
        raise InputError(f"{self.output} has no column {wanted}. {nearest(wanted, names)}")

    def label_of(self, key: Parts) -> str:
        """The header of a column; of a sub-column with that of the column it stands under."""
        if key in self.columns:
            return self.columns[key]
        return f"{self.columns.get(key[:-1], join_parts(key[:-1], KEY))} {key[-1]}"

    # -- cells of results ------------------------------------------------------------------------------------

    def cells(self, row: str, column: str | None, statistic: str | None, depth: int | None) -> Node:
        """The cells of some rows and columns, each with its results."""
        numbers, keys = self.rows_named(row), self.columns_named(column)
        node = self.title
        for number in numbers:
            for key in keys:
                mine = [r for r in self.results if r.row == number and r.column == key]
                if statistic is not None:
                    mine = [r for r in mine if statistic in (r.stat_name, r.stat_label)]
                if mine:
                    node.below.append(self._cell(number, key, mine, depth))
        if not node.below:
            there = [r for r in self.results if r.row in numbers and r.column in keys]
            offered = [r.stat_name for r in there]
            what = f"no statistic {statistic} in this cell" if statistic and there else "no result in this cell"
            raise InputError(f"{self.output}: {what}. {nearest(statistic or '', offered)}".rstrip())
        return node

    def _cell(self, number: int, key: Parts, mine: Sequence[Result], depth: int | None) -> Node:
        printed = "".join(r.formatted or "" for r in self.results if r.row == number and r.column == key)
        path = PATH.join(self.rows.get(number, (str(number),)))
        node = Node(
            "cell",
            f"{path} / {self.label_of(key)}: {' '.join(printed.split()) or '(nothing printed)'}",
            {
                "row": number,
                "path": list(self.rows.get(number, ())),
                "column": join_parts(key, KEY),
                "printed": printed,
            },
        )
        together: dict[tuple[str, Predicate], list[Result]] = {}
        for result in mine:
            together.setdefault((result.dataset, result.predicate), []).append(result)
        for (dataset, predicate), results in together.items():
            node.below.append(self._results(dataset, predicate, results, Values(self.stored, depth)))
        return node

    def answer(self, result: Result) -> Node:
        """What one result is of: its condition, its records and its denominator, nothing followed further."""
        return self._results(result.dataset, result.predicate, [result], Values(self.stored, 0))

    def _results(self, dataset: str, predicate: Predicate, results: Sequence[Result], values: Values) -> Node:
        """Results of one condition: what they are, the condition part by part, and the records."""
        first = results[0]
        call = self.about["analyses"].get(_analysis(first.analysis, self.about["analyses"]), first.method)
        said = ", ".join(f"{r.stat_name} = {r.shown}" for r in results)
        node = Node(
            "result",
            f"{said}\nby {call} on {dataset}, analysis {first.analysis}",
            {
                "statistics": {r.stat_name: r.stat if r.stat is not None else r.formatted for r in results},
                "reasons": {r.stat_name: r.reason for r in results if r.reason},
                "method": first.method,
                "call": call,
                "analysis": first.analysis,
                "dataset": dataset,
                "variable": first.variable,
                "condition": predicate_text(predicate),
            },
        )
        try:
            numbers = [int(n) for n in self.stored.selected(dataset, predicate)]
        except DatacutError as fault:
            node.below.append(Node("note", f"the condition cannot be judged on what is kept: {fault}"))
            return node
        node.below.append(condition_node(self.stored, dataset, predicate))
        node.facts["records"] = numbers
        people = self.stored.frame(dataset)[SUBJECT].iloc[[n - 1 for n in numbers]].nunique()
        node.facts["subjects"] = int(people)
        node.below += [*self._sought(first), *self._denominators(results)]
        variable = first.variable or _last_column(self.stored, dataset, predicate)
        node.below += records_of(values, dataset, numbers, variable)
        return node

    def _denominators(self, results: Sequence[Result]) -> Iterator[Node]:
        """What percentages, their limits and rates are of: the records and subjects of their denominator."""
        for of, condition in dict.fromkeys((r.denominator_dataset, r.denominator) for r in results):
            if of is None:
                continue
            numbers = self.stored.selected(of, condition)
            people = int(self.stored.frame(of)[SUBJECT].iloc[numbers - 1].nunique())
            text = predicate_text(condition)
            yield Node(
                "denominator",
                f"of {people} subjects: {of} where {text or 'all'}",
                {"subjects": people, "dataset": of, "condition": text, "records": numbers.tolist()},
            )

    def _sought(self, absent: Result) -> Iterator[Node]:
        """Of subjects without a record: which records were looked for, and those that other subjects have."""
        if absent.method != ABSENT or absent.stat_name == FOUND:
            return
        place = (absent.analysis, absent.row, absent.column)
        for found in (r for r in self.results if (r.analysis, r.row, r.column) == place and r.stat_name == FOUND):
            condition = condition_node(self.stored, found.dataset, found.predicate)
            numbers = self.stored.selected(found.dataset, found.predicate).tolist()
            yield Node(
                "absence",
                f"subjects without such a record: {condition.text}",
                {**condition.facts, "condition": predicate_text(found.predicate), "records": numbers},
            )

    # -- records shown one by one ----------------------------------------------------------------------------

    def record(self, row: str, column: str | None, depth: int | None) -> Node:
        """A row of a listing, or a mark of a figure: its cells, and the record it shows."""
        name, _, number = row.rpartition(":")
        name = name or RECORDS
        if name not in self.shown:
            raise InputError(f"{self.output} shows no records {name}. {nearest(name, self.shown)}")
        shown = self.shown[name]
        if not number.isdigit() or not 1 <= int(number) <= len(shown):
            raise InputError(f"{self.output} has no record {row}: it shows {len(shown)} of {name}.")
        wanted = self._shown_columns(shown, column)
        place = int(number) - 1
        node = self.title
        for at in self._shown_records(shown, shown.predicates[place]):
            about = Node(
                "cell",
                f"record {number} of {name}: {shown.dataset} record {at}  [{self.stored.key(shown.dataset, at)}]",
                {
                    "record": int(number),
                    "name": name,
                    "dataset": shown.dataset,
                    "records": [at],
                    "condition": predicate_text(shown.predicates[place]),
                },
            )
            values = Values(self.stored, depth)
            about.below = [self._shown_cell(key, shown.columns[key], shown, place, at, values) for key in wanted]
            node.below.append(about)
        return node

    def _shown_columns(self, shown: ShownRecords, column: str | None) -> list[str]:
        if column is None:
            return list(shown.columns)
        labels = {key: f"{key} {c.label}" for key, c in shown.columns.items()}
        exact = [key for key, c in shown.columns.items() if column in (key, c.label)]
        found = exact or [key for key, label in labels.items() if column.casefold() in label.casefold()]
        if not found:
            names = [*shown.columns, *(c.label for c in shown.columns.values())]
            raise InputError(f"{self.output} has no column {column}. {nearest(column, names)}")
        return found

    def _shown_records(self, shown: ShownRecords, predicate: Predicate) -> list[int]:
        """The record that is shown: that of the condition, or the first of them with `one_per`."""
        numbers = [int(n) for n in self.stored.selected(shown.dataset, predicate)]
        return numbers[:1] if shown.one_per else numbers

    def _shown_cell(
        self, key: str, column: ShownColumn, shown: ShownRecords, place: int, record: int, values: Values
    ) -> Node:
        text, reason = (value_text(series.iloc[place]) for series in (column.cells.texts, column.cells.reasons))
        printed = " ".join(text.split()) or f"(blank: {reason or 'nothing'})"
        node = Node(
            "shown",
            f"{' '.join(column.label.split()) or key}: {printed}\nby {column.method} of {column.dataset}",
            {"column": key, "label": column.label, "printed": text, "method": column.method, "reason": reason or None},
        )
        numbers = [record]
        if column.match:
            numbers = self._matched(column, shown, record)
            matched = ", ".join(column.match)
            node.below.append(
                Node(
                    "condition",
                    f"{len(numbers)} records of {column.dataset} with the same {matched}"
                    + (f" where {predicate_text(column.where)}" if column.where else ""),
                    {"condition": predicate_text(column.where), "match": list(column.match), "records": numbers},
                )
            )
        node.below += records_of(values, column.dataset, numbers, column.variable)
        return node

    def _matched(self, column: ShownColumn, shown: ShownRecords, record: int) -> list[int]:
        """The records of another dataset that fill a cell."""
        rows = np.zeros(len(self.stored.frame(column.dataset)), dtype=bool)
        rows[self.stored.selected(column.dataset, column.where) - 1] = True
        own = self.stored.with_subjects(shown.dataset, column.match)
        other = self.stored.with_subjects(column.dataset, column.match)
        for name in column.match:
            wanted = value_text(own[name].iloc[record - 1])
            rows &= np.array([value_text(v) == wanted for v in other[name]], dtype=bool)
        return [int(n) for n in np.flatnonzero(rows) + 1]


def condition_node(stored: Stored, dataset: str, predicate: Predicate) -> Node:
    """A condition part by part: how many records meet each, and how many are left after it.

    Without any record this says what the number is a zero of.
    """
    left = np.ones(len(stored.frame(dataset)), dtype=bool)
    lines, parts = [], []
    for part in predicate:
        inside = stored.inside(dataset, part)
        left &= inside
        parts.append({"condition": str(part), "meet": int(inside.sum()), "left": int(left.sum())})
        lines.append(f"  {part}: {int(inside.sum())} meet it, {int(left.sum())} left")
    people = int(pd.Series(stored.frame(dataset)[SUBJECT].to_numpy()[left]).nunique())
    text = f"of {len(left)} records of {dataset}, {int(left.sum())} satisfy the condition ({people} subjects)"
    return Node(
        "condition",
        "\n".join([text, *lines]),
        {"dataset": dataset, "candidates": len(left), "parts": parts, "records": int(left.sum()), "subjects": people},
    )


def _last_column(stored: Stored, dataset: str, predicate: Predicate) -> str | None:
    """The column of the last condition that is the dataset's own, which a count is of."""
    own = stored.frame(dataset).columns
    people = stored.frame(SUBJECTS).columns if SUBJECTS in stored.datasets and dataset != SUBJECTS else ()
    for part in reversed(predicate):
        for name in columns_of(part):
            if name in own and name not in people:
                return name
    return None


def _analysis(name: str, known: Mapping[str, str]) -> str:
    """The analysis of the spec that results are of; those of a page are called after it too."""
    found = [k for k in known if name == k or name.startswith(f"{k}.")]
    return max(found, key=len, default=name)
