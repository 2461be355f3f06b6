"""Results and shown records of two builds, cell by cell, each change with its causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from datacut.datasets.ard import LABEL, plain_rows
from datacut.datasets.lineage import EVERY
from datacut.datasets.model import value_text
from datacut.datasets.parts import KEY, PATH, Parts, join_parts
from datacut.datasets.records import ShownRecords, values_named
from datacut.diff.causes import Causes, Labels
from datacut.errors import DatacutError
from datacut.history.cells import ABSENT, FOUND
from datacut.history.stored import SUBJECT, SUBJECTS, Stored
from datacut.spec.where import Comparison, Literal, Predicate, columns_of, conjuncts_of, parse_where

type Key = tuple[str, ...]
type Said = dict[str, list[tuple[str, Labels]]]


@dataclass(frozen=True)
class CellChange:
    """A cell of an output that is another in the later build.

    row, column: as labelled; statistic: of a result, blank of a record shown; old, new: as printed, None where there is
    no such cell; causes: a set; whole: its own records are the same, its denominator is not.
    """

    output: str
    row: str
    column: str
    statistic: str
    old: str | None
    new: str | None
    causes: Labels
    whole: bool = False


@dataclass(frozen=True)
class _Result:
    method: str
    dataset: str | None
    variable: str | None
    stat: float | None
    formatted: str | None
    reason: str | None
    predicate: Predicate
    denominator_dataset: str | None
    denominator: Predicate

    @property
    def shown(self) -> str:
        return self.formatted or (value_text(self.stat) if self.stat is not None else (self.reason or ""))


def _subjects(predicate: Predicate) -> set[str]:
    """The subjects whom a condition names."""
    named = (p for p in predicate if isinstance(p, Comparison) and p.column == SUBJECT)
    return {str(o.value) for p in named if p.comparator in ("EQ", "IN") for o in p.operands if isinstance(o, Literal)}


def _with_rows(cells: Sequence[CellChange]) -> Iterator[CellChange]:
    """Cells that came or went, and of which nothing changed, came or went with the other cells of their row."""
    rows: dict[str, Labels] = {}
    for cell in cells:
        rows[cell.row] = rows.get(cell.row, 0) | cell.causes
    for cell in cells:
        alone = not cell.causes and (cell.old is None or cell.new is None)
        yield replace(cell, causes=rows[cell.row]) if alone else cell


def _methods(*results: _Result | None) -> set[str]:
    return {r.method for r in results if r is not None}


class Results:
    """Compares the outputs of two builds. said: causes that an output has in itself, of its results."""

    def __init__(self, causes: Causes, said: Said) -> None:
        self.causes, self._said = causes, said
        self.old, self.new = causes.pairing.old, causes.pairing.new

    def of(self, output: str) -> Iterator[CellChange]:
        """The cells of an output that differ, of results, listings and figures."""
        sides = [self._results(s, output) for s in (self.old, self.new)]
        own = 0
        for _, label in self._said.get(output, ()):
            own |= label
        cells: list[CellChange] = []
        for key in dict.fromkeys([*sides[1], *sides[0]]):
            a, b = (side.get(key) for side in sides)
            if a is not None and b is not None and (a.stat, a.formatted, a.reason) == (b.stat, b.formatted, b.reason):
                continue
            data, whole = self._data((self.old, a), (self.new, b))
            sought = (
                [side.get((*key[:4], FOUND, key[5])) for side in sides] if ABSENT in _methods(a, b) else [None, None]
            )
            data |= self._data((self.old, sought[0]), (self.new, sought[1]))[0]
            data |= self._moved(a, b)
            if not data and (a is None or b is None or a.stat == b.stat):
                data = self._page(a, b)
            row, column, statistic = key[0], key[1], key[-2]
            was, is_ = (None if r is None else r.shown for r in (a, b))
            cells.append(CellChange(output, row, column, statistic, was, is_, own | data, whole))
        yield from _with_rows(cells)
        yield from self._shown(output, own)

    def _results(self, stored: Stored, output: str) -> dict[Key, _Result]:
        ard = stored.ards.get(output)
        if ard is None:
            return {}
        label = ard["method"].eq(LABEL).fillna(False).to_numpy(dtype=bool)
        rows: dict[int, Parts] = {}
        heads: dict[Parts, str] = {}
        for row, column, name, path, formatted in plain_rows(
            ard.loc[label], ("row", "column", "stat_name", "path", "formatted")
        ):
            if name == "row_label":
                rows[int(row)] = tuple(path)
            else:
                heads[column] = " ".join((formatted or "").split())
        found: dict[Key, _Result] = {}
        names = ("row", "column", "analysis", "stat_name", "variable_level", *_Result.__dataclass_fields__)
        for row, column, analysis, stat, level, *values in plain_rows(ard.loc[~label], names):
            about = dict(zip(_Result.__dataclass_fields__, values, strict=True))
            conditions = {name: about[name] or () for name in ("predicate", "denominator")}
            result = _Result(**{**about, **conditions})
            path = PATH.join(rows.get(int(row), (str(row),))) if row is not None else ""
            base = (path, join_parts(column, KEY) if column else "", str(analysis), str(level or ""), str(stat))
            nth = 0
            while (*base, str(nth)) in found:
                nth += 1
            found[(*base, str(nth))] = result
        return found

    def _data(self, *sides: tuple[Stored, _Result | None]) -> tuple[Labels, bool]:
        """The causes in the data of a result, and whether its own records are the same and only its whole is not."""
        own = whole = 0
        for stored, result in sides:
            if result is None or result.dataset is None or result.dataset not in stored.datasets:
                continue
            own |= self._behind(stored, result.dataset, result.predicate, result.variable)
            if result.denominator_dataset is not None:
                whole |= self._behind(stored, result.denominator_dataset, result.denominator, None)
            elif not result.predicate or "survival" in result.method:
                variable = result.variable
                parts = tuple(p for p in result.predicate if variable is None or variable not in columns_of(p))
                whole |= self._behind(stored, result.dataset, parts, None)
        there = all(result is not None for _, result in sides)
        return own | whole, there and not own and bool(whole)

    def _moved(self, a: _Result | None, b: _Result | None) -> Labels:
        """Causes of subjects who are named in the condition of one build alone: of the records that define subsets."""
        if a is None or b is None or a.predicate == b.predicate:
            return 0
        moved = sorted(_subjects(a.predicate) ^ _subjects(b.predicate))
        if not moved:
            return 0
        labels, named = 0, parse_where(f"{SUBJECT} IN ({', '.join(f'"{m}"' for m in moved)})")
        for stored in (self.old, self.new):
            for subset in stored.study["subsets"]:
                where = tuple(conjuncts_of(parse_where(subset["where"])))
                labels |= self._behind(stored, subset["dataset"], (*where, named), None)
        return labels

    def _page(self, a: _Result | None, b: _Result | None) -> Labels:
        """Causes of a cell that came, went or is printed otherwise: of the longest beginning of its condition that has
        some.
        """
        for stored, result in ((self.new, b), (self.old, a)):
            if result is None or result.dataset is None or result.dataset not in stored.datasets:
                continue
            for size in range(len(result.predicate) - 1, -1, -1):
                labels = self._behind(stored, result.dataset, result.predicate[:size], result.variable)
                if labels:
                    return labels
        return 0

    @cache  # noqa: B019 - two builds are compared by one command
    def _behind(self, stored: Stored, dataset: str, predicate: Predicate, variable: str | None) -> Labels:
        """Causes of what the records of a condition have in the columns that it and the variable name, and of records
        that came, went, or satisfy the condition in one build alone.
        """
        pairs = self.causes.pairing.of(dataset)
        inside = {s: self._inside(s, dataset, predicate) for s in (self.old, self.new)}
        columns = list(
            dict.fromkeys([*(c for p in predicate for c in columns_of(p)), *([variable] if variable else [])])
        )
        met = np.union1d(inside[self.old], inside[self.new])
        labels = 0
        every = self.causes.marks.get((dataset, EVERY), {})
        for at in every.keys() & set(met.tolist()):
            labels |= every[at]
        for column in columns:
            marks = self.causes.marks.get((dataset, column))
            if marks:
                for at in marks.keys() & set(met.tolist()):
                    labels |= marks[at]
            elif column not in stored.frame(dataset).columns:
                labels |= self._subject_marks(stored, dataset, column, met, pairs)
        return labels

    def _subject_marks(self, stored: Stored, dataset: str, column: str, met: Any, pairs: Any) -> Labels:
        """Causes of a column of ADSL on the subjects of some records."""
        labels = 0
        marks = dict(self.causes.marks.get((SUBJECTS, column), {}))
        for at, label in self.causes.marks.get((SUBJECTS, EVERY), {}).items():
            marks[at] = marks.get(at, 0) | label
        if not marks or SUBJECT not in stored.frame(dataset).columns:
            return 0
        people = stored.texts(SUBJECTS, SUBJECT)
        subjects = self.causes.pairing.of(SUBJECTS)
        side = "old" if stored is self.old else "new"
        numbers = getattr(pairs, side)[met]
        mine = set(stored.texts(dataset, SUBJECT)[numbers[numbers > 0] - 1].tolist())
        for at, label in marks.items():
            number = int(getattr(subjects, side)[at])
            if number and people[number - 1] in mine:
                labels |= label
        return labels

    @cache  # noqa: B019 - two builds are compared by one command
    def _inside(self, stored: Stored, dataset: str, predicate: Predicate) -> Any:
        """The places of the records that satisfy a condition in one build."""
        if dataset not in stored.datasets:
            return np.zeros(0, dtype=np.int64)
        pairs = self.causes.pairing.of(dataset)
        places = pairs.place_of_old if stored is self.old else pairs.place_of_new
        try:
            return np.array([places[int(n)] for n in stored.selected(dataset, predicate)], dtype=np.int64)
        except DatacutError:
            return np.arange(len(pairs))

    # -- records shown one by one ----------------------------------------------------------------------------

    def _shown(self, output: str, own: Labels) -> Iterator[CellChange]:
        sides = [s.shown(output) if output in s.study["outputs"] else {} for s in (self.old, self.new)]
        for name in dict.fromkeys([*sides[1], *sides[0]]):
            before, now = (side.get(name) for side in sides)
            yield from self._of_records(output, name, before, now, own)

    def _of_records(
        self, output: str, name: str, before: ShownRecords | None, now: ShownRecords | None, own: Labels
    ) -> Iterator[CellChange]:
        about = now or before
        if about is None:
            return
        dataset = about.dataset
        placed = [self._placed(s, shown) for s, shown in ((self.old, before), (self.new, now))]
        prefix = "" if name == "records" else f"{name}: "
        for place in dict.fromkeys([*placed[1], *placed[0]]):
            a, b = (side.get(place) for side in placed)
            row = f"{prefix}{self._key(dataset, place)}"
            if a is None or b is None:
                labels = own | self._of_place(dataset, place, None)
                yield CellChange(
                    output, row, "(the row)", "", "shown" if b is None else None, None if b is None else "shown", labels
                )
                continue
            if before is None or now is None:
                continue
            for key, column in now.columns.items():
                earlier = before.columns.get(key)
                new = value_text(column.cells.texts.iloc[b])
                old = None if earlier is None else value_text(earlier.cells.texts.iloc[a])
                if old != new:
                    other = column.dataset if column.match or column.dataset != dataset else None
                    labels = own | self._of_place(dataset, place, column.variable, other)
                    yield CellChange(output, row, " ".join(column.label.split()) or key, "", old, new, labels)

    def _placed(self, stored: Stored, shown: ShownRecords | None) -> dict[int, int]:
        """The records shown by the place of the record they show."""
        if shown is None or shown.dataset not in stored.datasets:
            return {}
        pairs = self.causes.pairing.of(shown.dataset)
        places = pairs.place_of_old if stored is self.old else pairs.place_of_new
        found: dict[int, int] = {}
        for number, predicate in enumerate(shown.predicates):
            for record in self._first(stored, shown.dataset, shown.where, predicate):
                found.setdefault(places[record], number)
        return found

    def _first(self, stored: Stored, dataset: str, where: Predicate, predicate: Predicate) -> Sequence[int]:
        """The first record of a condition: looked up by the values that the condition names, if it is these alone."""
        more = predicate[len(where) :] if predicate[: len(where)] == where else predicate
        named = values_named(more)
        if len(named) == len(more) and all(n in stored.frame(dataset).columns for n in named):
            index = self._index(stored, dataset, where, tuple(named))
            wanted = tuple("" if v is None else value_text(v) for v in named.values())
            return index.get(wanted, [])[:1]
        return [int(n) for n in stored.selected(dataset, predicate)][:1]

    @cache  # noqa: B019 - two builds are compared by one command
    def _index(
        self, stored: Stored, dataset: str, where: Predicate, names: tuple[str, ...]
    ) -> Mapping[tuple[str, ...], list[int]]:
        found: dict[tuple[str, ...], list[int]] = {}
        texts = [stored.texts(dataset, n) for n in names]
        for record in stored.selected(dataset, where):
            found.setdefault(tuple(str(t[record - 1]) for t in texts), []).append(int(record))
        return found

    def _key(self, dataset: str, place: int) -> str:
        pairs = self.causes.pairing.of(dataset)
        new = int(pairs.new[place])
        return self.new.key(dataset, new) if new else self.old.key(dataset, int(pairs.old[place]))

    def _of_place(self, dataset: str, place: int, variable: str | None, other: str | None = None) -> Labels:
        """Causes of what a cell shows of a record.

        Of a row that comes or goes, all of the record, else of its subject; of a value of another record (`other`, the
        dataset it is of), those of that variable on the records of the subject too.
        """
        if variable is not None and other is None and (own := self.causes.at(dataset, variable, place)):
            return own
        labels = 0
        for (name, _), marks in self.causes.marks.items():
            if name == dataset:
                labels |= marks.get(place, 0)
        if other is not None:
            labels |= self._of_person(dataset, place, other, variable)
        return labels or self._of_person(dataset, place, SUBJECTS, variable)

    def _of_person(self, dataset: str, place: int, other: str, variable: str | None) -> Labels:
        """Causes of a variable of another dataset (all of it if None) on the records of the subject of a record."""
        labels = 0
        pairs = self.causes.pairing.of(dataset)
        for stored, numbers, side in ((self.old, pairs.old, "old"), (self.new, pairs.new, "new")):
            number = int(numbers[place])
            if not number or other not in stored.datasets:
                continue
            if SUBJECT not in stored.frame(dataset).columns or SUBJECT not in stored.frame(other).columns:
                continue
            person = stored.texts(dataset, SUBJECT)[number - 1]
            theirs = stored.texts(other, SUBJECT)
            beside = getattr(self.causes.pairing.of(other), side)
            for (name, column), marks in self.causes.marks.items():
                if name == other and (variable in (None, column) or column == EVERY):
                    for at, label in marks.items():
                        n = int(beside[at])
                        if n and theirs[n - 1] == person:
                            labels |= label
        return labels
