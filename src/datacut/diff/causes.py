"""What each changed value goes back to: causes run forward along the calls of both builds, over changed values alone.

A call whose inputs are all equal in both builds, and which was said the same, is where a walk ends: causes enter where
something differs that no call made (a field of the export, a line of the specs, a setting, code), and pass from a
changed value to the changed values that rest on it, never over a value that is the same in both builds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from datacut.datasets.lineage import EVERY
from datacut.diff.exports import FormChanges, Kind, RowChange
from datacut.diff.pairs import Pairing, changed_variables, is_sequence
from datacut.diff.steps import Cause, Steps
from datacut.history.graph import Graph, Place
from datacut.history.stored import RAW, STAGES, Stored

type Labels = int
"""A set of causes: bit n is cause n."""
type Marks = dict[int, Labels]
"""Causes by place of a pair."""


@dataclass
class Causes:
    """Causes of the changed values of two builds, dataset by dataset.

    changed: places of pairs where a variable differs; alone: places of records that are on one side; renumbered: values
    of --SEQ and of references to it that differ, which move with the records beside them and go no further.
    """

    pairing: Pairing
    steps: Steps
    forms: Mapping[str, FormChanges]
    known: list[Cause] = field(default_factory=list)
    changed: dict[Place, frozenset[int]] = field(default_factory=dict)
    alone: dict[str, frozenset[int]] = field(default_factory=dict)
    renumbered: int = 0
    marks: dict[Place, Marks] = field(default_factory=dict)
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    _todo: deque[Place] = field(default_factory=deque)
    _waiting: set[Place] = field(default_factory=set)
    _wide: bool = False

    def __post_init__(self) -> None:
        self.graphs = [(s, Graph(s)) for s in (self.pairing.old, self.pairing.new)]
        for dataset in self.pairing.datasets:
            pairs = self.pairing.of(dataset)
            self.alone[dataset] = frozenset(np.flatnonzero(~pairs.both).tolist())
            for variable, places in changed_variables(self.pairing, dataset):
                if is_sequence(variable):
                    self.renumbered += len(places)
                else:
                    self.changed[dataset, variable] = frozenset(places.tolist())
        for form, changes in self.forms.items():
            self._enter(form, changes)
        for place, cause in self.steps.of_columns():
            self._say(place, cause)
        self._run()
        self._widen()
        self._rest()

    def _widen(self) -> None:
        """Where what a call told it took is the same on both sides and its value is not: all it may have looked at."""
        self._wide = True
        self._todo.extend(p for p in self.marks if p not in self._waiting)
        self._waiting.update(self.marks)
        self._run()
        self._wide = False

    def _rest(self) -> None:
        """Changed values that no cause has come to, by what else was said otherwise of their dataset.

        In the order in which datasets are made, so that what rests on such a value has it as its cause.
        """
        self._of_sources()
        first = self._first
        for dataset in sorted(self.pairing.datasets, key=lambda d: (d not in first, d)):
            left = [(variable, places) for (name, variable), places in self.changed.items() if name == dataset]
            for variable, places in [(EVERY, self.alone[dataset]), *left]:
                mine = [at for at in places if not self.at(dataset, variable, at)]
                label = 0
                for cause in self.steps.of_variable(dataset, variable) if mine else ():
                    label |= self.number(cause)
                if label:
                    self._mark((dataset, variable), dict.fromkeys(mine, label))
                    self._run()

    def _of_sources(self) -> None:
        """What came, went or was set where records were made, with no condition that says why: by all that changed in
        the records they were made from.
        """
        for dataset in self.pairing.datasets:
            kept = [(EVERY, self.alone[dataset])]
            kept += [(v, p) for (d, v), p in self.changed.items() if d == dataset and not self.steps.is_derived(d, v)]
            for variable, places in kept:
                left = [at for at in places if not self.at(dataset, variable, at)]
                marks = {at: labels for at in left if (labels := self._behind(dataset, at))}
                self._mark((dataset, variable), marks)
                self._run()

    def _behind(self, dataset: str, place: int) -> Labels:
        """All causes on the records that a record was made from, in either build."""
        labels = 0
        pairs = self.pairing.of(dataset)
        for stored, numbers in ((self.pairing.old, pairs.old), (self.pairing.new, pairs.new)):
            for source, number in stored.sources(dataset, int(numbers[place])) if numbers[place] else ():
                beside = self.pairing.of(source)
                places = beside.place_of_old if stored is self.pairing.old else beside.place_of_new
                labels |= self._of_record(source, places.get(number, -1))
        return labels

    def _of_record(self, dataset: str, place: int) -> Labels:
        labels = 0
        for (name, _), marks in self.marks.items():
            if name == dataset:
                labels |= marks.get(place, 0)
        return labels

    @property
    def _first(self) -> frozenset[str]:
        """The datasets of the first stage."""
        return frozenset(d for s, _ in self.graphs for d, path in s.datasets.items() if path.parent.name == STAGES[0])

    def at(self, dataset: str, variable: str, place: int) -> Labels:
        """The causes of a value, with those of its record."""
        own = self.marks.get((dataset, variable), {}).get(place, 0)
        return own | self.marks.get((dataset, EVERY), {}).get(place, 0)

    def of(self, labels: Labels) -> list[Cause]:
        """The causes of a set."""
        return [cause for n, cause in enumerate(self.known) if labels >> n & 1]

    def number(self, cause: Cause) -> Labels:
        """The set of one cause."""
        key = (cause.kind, cause.key or cause.text)
        if key not in self._numbers:
            self._numbers[key] = len(self.known)
            self.known.append(cause)
        return 1 << self._numbers[key]

    # -- where causes enter ----------------------------------------------------------------------------------

    def _enter(self, form: str, changes: FormChanges) -> None:
        """Rows and fields of the export that differ."""
        name = f"{RAW}{form}"
        for row in changes.changes:
            label = self.number(cause_of(row))
            if row.kind in (Kind.NEW, Kind.REMOVED):
                self._mark((name, EVERY), {row.place: label})
            for one in row.fields:
                self._mark((name, one.field), {row.place: label})

    def _say(self, place: Place, cause: Cause) -> None:
        """A cause of all changed values of a column; of `*`, of all of the dataset, and of records that come or go."""
        dataset, variable = place
        label = self.number(cause)
        if variable != EVERY:
            self._mark(place, dict.fromkeys(self.changed.get(place, ()), label))
            return
        self._mark(place, dict.fromkeys(self.alone.get(dataset, ()), label))
        for (name, column), places in self.changed.items():
            if name == dataset:
                self._mark((name, column), dict.fromkeys(places, label))

    # -- how causes go on ------------------------------------------------------------------------------------

    def _mark(self, place: Place, marks: Marks) -> None:
        held = self.marks.setdefault(place, {})
        new = False
        for at, labels in marks.items():
            before = held.get(at, 0)
            if labels & ~before:
                held[at] = before | labels
                new = True
        if new and place not in self._waiting:
            self._waiting.add(place)
            self._todo.append(place)

    def _run(self) -> None:
        while self._todo:
            place = self._todo.popleft()
            self._waiting.discard(place)
            for stored, graph in self.graphs:
                self._spread(stored, graph, place)

    def _spread(self, stored: Stored, graph: Graph, place: Place) -> None:
        source = place[0]
        pairs = self.pairing.of(source)
        numbers = pairs.old if stored is self.pairing.old else pairs.new
        here = {int(numbers[at]): labels for at, labels in self.marks[place].items() if numbers[at]}
        if not here:
            return
        for use in graph.uses(place):
            wanted = self._wanted(use.dataset, use.variable)
            if wanted is not None and not wanted:
                continue
            target = self.pairing.of(use.dataset)
            where = target.place_of_old if stored is self.pairing.old else target.place_of_new
            carried = graph.carry(use, source, here, told=not self._wide).items()
            places = ((where[record], labels) for record, labels in carried if labels)
            found = {at: labels for at, labels in places if wanted is None or at in wanted}
            if self._wide:
                found = {at: labels for at, labels in found.items() if not self.at(use.dataset, use.variable, at)}
            alone = self.alone.get(use.dataset, frozenset())
            self._mark((use.dataset, EVERY), {at: m for at, m in found.items() if at in alone})
            stay = {at: m for at, m in found.items() if at not in alone}
            if use.variable != EVERY:
                self._mark((use.dataset, use.variable), stay)
            else:
                self._mark_whole(use.dataset, stay)
        self._qualifiers(stored, graph, place, here)

    def _mark_whole(self, dataset: str, marks: Marks) -> None:
        """Causes of all that was set where records were made, on records of both builds."""
        if not marks:
            return
        for (name, variable), places in self.changed.items():
            if name == dataset and not self.steps.is_derived(dataset, variable):
                self._mark((name, variable), {at: marks[at] for at in places if at in marks})

    def _wanted(self, dataset: str, variable: str) -> frozenset[int] | None:
        """The places whose value may have a cause; None where it is not known, since the column is not kept."""
        alone = self.alone.get(dataset, frozenset())
        if variable == EVERY:
            return None
        if any(dataset in s.datasets and variable not in s.frame(dataset).columns for s, _ in self.graphs):
            return None
        return self.changed.get((dataset, variable), frozenset()) | alone

    def _qualifiers(self, stored: Stored, graph: Graph, place: Place, here: Marks) -> None:
        """A value that goes into SUPP-- is one of its parent; the qualifiers of a record go with it."""
        source, variable = place
        name = f"SUPP{source}"
        if name not in stored.datasets:
            return
        pairs = self.pairing.of(name)
        where = pairs.place_of_old if stored is self.pairing.old else pairs.place_of_new
        qnam = stored.texts(name, "QNAM")
        alone = self.alone[name]
        for number, records in graph.made_from(name, source).items():
            labels = here.get(number, 0)
            if not labels:
                continue
            for record in records:
                at = where[record]
                if variable in (EVERY, qnam[record - 1]):
                    self._mark((name, EVERY if at in alone else "QVAL"), {at: labels})


def cause_of(row: RowChange) -> Cause:
    """A row of the export as a cause: who and what it is, and its fields that are no bookkeeping."""
    who = " ".join(filter(None, (row.form.upper(), row.record or f"line {row.line}", row.subject, row.visit)))
    if row.kind is Kind.NEW:
        return Cause("new record", f"{who}: new", key=f"{row.form} {row.place}")
    if row.kind is Kind.REMOVED:
        return Cause("removed", f"{who}: removed", key=f"{row.form} {row.place}")
    fields = [f for f in row.fields if f.field not in row.bookkeeping] or row.fields
    told = ", ".join(f"{f.field} {f.old or '(blank)'} -> {f.new or '(blank)'}" for f in fields)
    was = f" (was {row.was})" if row.was else ""
    return Cause("audit" if row.audit else str(row.kind), f"{who}{was}: {told}", key=f"{row.form} {row.place}")


def unexplained(causes: Causes, shown: Iterable[str]) -> Iterator[tuple[str, str, int]]:
    """Changed values of some datasets, and records that come or go, that no cause leads to."""
    for dataset in shown:
        marks = causes.marks.get((dataset, EVERY), {})
        yield from ((dataset, EVERY, at) for at in sorted(causes.alone[dataset]) if not marks.get(at))
        for (name, variable), places in causes.changed.items():
            if name == dataset:
                yield from ((name, variable, at) for at in sorted(places) if not causes.at(name, variable, at))
