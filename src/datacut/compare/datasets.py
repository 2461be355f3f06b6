"""Two datasets compared: variables, attributes, records, values; and what that comes to, by variable and by subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from datacut.compare.columns import About, Column, Kind, Rows, Side, harmonised, how_compared
from datacut.compare.criteria import Criterion
from datacut.compare.pairs import Paired, pair_records
from datacut.compare.shown import shown
from datacut.compare.values import EXACT
from datacut.errors import InputError, nearest

SUBJECTS = ("USUBJID", "SUBJID")
"""Variables that say whose a record is, the first there is."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """What two files say differently of a variable, or of the dataset where variable is blank."""

    variable: str
    attribute: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class VariableSummary:
    """One compared variable: pairs, how many are unequal, how many of these have no value on one side.

    largest: greatest |theirs - ours| of the unequal pairs with two numbers, None where there is none.
    """

    variable: str
    criterion: str
    compared: int
    unequal: int
    missing_one: int
    largest: float | None


@dataclass(frozen=True, slots=True)
class SubjectSummary:
    """One subject with differences: values, records they are in, records of one side alone."""

    subject: str
    values: int
    records: int
    only_ours: int
    only_theirs: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One value: records of both sides (from 1), key, variable, both values as shown.

    difference: theirs - ours, percent: of ours; of numbers alone. ambiguous: the pair might as well be another.
    """

    ours_record: int
    theirs_record: int
    key: str
    variable: str
    ours: str
    theirs: str
    difference: float | None
    percent: float | None
    ambiguous: bool


class Values(Mapping[str, tuple[Column, Column]]):
    """The values of variables of both sides, each pair of one kind; made when they are asked for, and not kept."""

    def __init__(self, ours: Side, theirs: Side, names: Sequence[str]) -> None:
        self._ours, self._theirs, self._names = ours, theirs, names

    def __getitem__(self, name: str) -> tuple[Column, Column]:
        return harmonised(self._ours.column(name), self._theirs.column(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True)
class Compared:
    """Two datasets, compared.

    keys: those of the records, None where they were compared in order; conflicts: variables whose types cannot be
    compared, with both; columns: the values of the variables compared, each pair of one kind.
    """

    ours: Side
    theirs: Side
    keys: tuple[str, ...] | None
    only_ours: tuple[str, ...]
    only_theirs: tuple[str, ...]
    conflicts: Mapping[str, tuple[Kind, Kind]]
    attributes: tuple[Attribute, ...]
    columns: Values
    pairs: Paired
    criteria: Mapping[str, Criterion]
    criterion: Criterion
    notes: tuple[str, ...]

    @property
    def unequal(self) -> int:
        """Values that are judged unequal."""
        return sum(len(rows) for rows in self.pairs.unequal.values())

    @property
    def equal(self) -> bool:
        """Whether nothing at all differs."""
        parts = (self.only_ours, self.only_theirs, self.conflicts, self.attributes)
        return not (any(parts) or self.unequal or len(self.pairs.only_ours) or len(self.pairs.only_theirs))

    def by_variable(self) -> list[VariableSummary]:
        """Every compared variable, in our order."""
        return [self._of_variable(name, rows) for name, rows in self.pairs.unequal.items()]

    def _of_variable(self, name: str, rows: Rows) -> VariableSummary:
        texts = self.ours.variables[name].kind is self.theirs.variables[name].kind is Kind.TEXT
        criterion = "" if texts else str(self.criteria.get(name, EXACT))
        if not len(rows):
            return VariableSummary(name, criterion, self.pairs.amount, 0, 0, None)
        left, right = self._values(name, rows)
        if left.kind is Kind.TEXT:
            gone = [np.array([not t or not t.strip() for t in c.values.to_pylist()], bool) for c in (left, right)]
            largest = None
        else:
            gone = [np.isnan(c.values) for c in (left, right)]
            sizes = np.abs(right.values - left.values)[~gone[0] & ~gone[1]]
            largest = float(sizes.max()) if len(sizes) else None
        missing = int((gone[0] != gone[1]).sum())
        return VariableSummary(name, criterion, self.pairs.amount, len(rows), missing, largest)

    def by_subject(self) -> list[SubjectSummary]:
        """Every subject with a difference, the most first; none where the data name no subjects."""
        name = next((n for n in SUBJECTS if n in self.ours.variables and n in self.theirs.variables), None)
        if name is None:
            return []
        ours, theirs = self.ours.column(name), self.theirs.column(name)
        if Kind.TEXT not in (ours.kind, theirs.kind):
            return []
        values: dict[str, list[int]] = {}

        def add(column: Column, rows: Rows, place: int, amounts: Sequence[int] | None = None) -> None:
            for subject, amount in zip(_subjects(column, rows), amounts or [1] * len(rows), strict=True):
                values.setdefault(subject, [0, 0, 0, 0])[place] += amount

        places = np.concatenate([np.zeros(0, np.intp), *self.pairs.unequal.values()])
        records, amounts = np.unique(places, return_counts=True)
        add(ours, self.pairs.ours_at(records), 0, amounts.tolist())
        add(ours, self.pairs.ours_at(records), 1)
        add(ours, self.pairs.only_ours, 2)
        add(theirs, self.pairs.only_theirs, 3)
        found = [SubjectSummary(subject, *counts) for subject, counts in values.items()]
        return sorted(found, key=lambda s: (-s.values - s.only_ours - s.only_theirs, s.subject))

    def differences(self, limit: int) -> Iterator[Difference]:
        """Values that differ, by variable and record, at most `limit` of each variable."""
        doubtful = set(self.pairs.ambiguous.tolist())
        for name, rows in self.pairs.unequal.items():
            if not len(rows):
                continue
            some = rows[:limit]
            left, right = self._values(name, some)
            ours, theirs = self.pairs.ours_at(some), self.pairs.theirs_at(some)
            texts = shown(self.ours.column(name).take(ours)), shown(self.theirs.column(name).take(theirs))
            keys = self.key_texts(ours, theirs=False)
            for i in range(len(some)):
                gap, percent = _gap(left, right, i)
                yield Difference(
                    int(ours[i]) + 1,
                    int(theirs[i]) + 1,
                    keys[i],
                    name,
                    texts[0][i],
                    texts[1][i],
                    gap,
                    percent,
                    int(some[i]) in doubtful,
                )

    def key_texts(self, rows: Rows, *, theirs: bool) -> list[str]:
        """The keys of records of one side as messages name them; `record 3` where there are none."""
        side = self.theirs if theirs else self.ours
        if self.keys is None:
            return [f"record {row + 1}" for row in rows.tolist()]
        parts = [shown(side.column(k).take(rows)) for k in self.keys]
        return ["|".join(values) for values in zip(*parts, strict=True)]

    def _values(self, name: str, pairs: Rows) -> tuple[Column, Column]:
        left, right = self.columns[name]
        return left.take(self.pairs.ours_at(pairs)), right.take(self.pairs.theirs_at(pairs))


def _subjects(column: Column, rows: Rows) -> list[str]:
    return [(text or "").rstrip() for text in shown(column.take(rows))]


def _gap(left: Column, right: Column, i: int) -> tuple[float | None, float | None]:
    if left.kind is Kind.TEXT or np.isnan(left.values[i]) or np.isnan(right.values[i]):
        return None, None
    x, y = float(left.values[i]), float(right.values[i])
    return y - x, 100 * (y - x) / x if x else None


def compare_sides(
    ours: Side,
    theirs: Side,
    keys: Sequence[str] | None = None,
    criterion: Criterion = EXACT,
    criteria: Mapping[str, Criterion] | None = None,
) -> Compared:
    """Compare two datasets as PROC COMPARE does, and where keys stand on several records beyond it.

    keys: variables that tell records apart (its ID), None for the order of the records; criterion: of numbers;
    criteria: of single variables instead. Variables are those of the same name in whatever case; texts are compared
    without blanks at their end, and a missing text is a blank one; values, formatted or not, are those stored.

    Raises InputError where a key is not on both sides or cannot be compared, a criterion is of a variable that is not
    compared as a number, or the two have no variable in common.
    """
    common = [n for n in ours.variables if n in theirs.variables]
    if not common:
        some = ", ".join([*ours.variables][:5])
        raise InputError(f"{ours.place} and {theirs.place} have no variable in common. Ours are {some}, ...")
    wanted = None if keys is None else tuple(dict.fromkeys(k.upper() for k in keys))
    _require_keys(ours, theirs, wanted)
    ways = {n: how_compared(ours.variables[n], theirs.variables[n]) for n in common}
    conflicts = {n: (ours.variables[n].kind, theirs.variables[n].kind) for n, way in ways.items() if way is None}
    _require_comparable(ours, theirs, wanted or (), conflicts)
    compared = Values(ours, theirs, [n for n in common if n not in conflicts and n not in (wanted or ())])
    numeric = [n for n in compared if Kind.TEXT not in (ours.variables[n].kind, theirs.variables[n].kind)]
    numeric += [n for n in compared if ways[n] and n not in numeric]
    for name in criteria or ():
        if name not in numeric:
            raise InputError(f"--variable {name}: not compared as a number in {ours.place}. {nearest(name, numeric)}")
    of_variable = {n: (criteria or {}).get(n, criterion) for n in numeric}
    of_variable = {n: c for n, c in of_variable.items() if c != EXACT}
    id_columns = None if wanted is None else [*Values(ours, theirs, wanted).values()]
    pairs = pair_records(id_columns, compared, (ours.records, theirs.records), of_variable)
    return Compared(
        ours,
        theirs,
        wanted,
        tuple(n for n in ours.variables if n not in theirs.variables),
        tuple(n for n in theirs.variables if n not in ours.variables),
        conflicts,
        tuple(_attributes(ours, theirs, common)),
        compared,
        pairs,
        of_variable,
        criterion,
        tuple(_notes(ours, theirs, ways)),
    )


def _notes(ours: Side, theirs: Side, ways: Mapping[str, str | None]) -> Iterator[str]:
    """What a reader of the result must know of how it was come by."""
    if ours.name != theirs.name and ours.name and theirs.name:
        yield f"the datasets have other names: {ours.name} and {theirs.name}"
    if not any(about.typed for side in (ours, theirs) for about in side.variables.values()):
        yield "text files have no types: all values are compared as texts"
    yield from (f"{name}: {way}" for name, way in ways.items() if way)


def _require_keys(ours: Side, theirs: Side, keys: tuple[str, ...] | None) -> None:
    if keys == ():
        raise InputError("no key is named: name variables, or none to compare records in their order.")
    for key in keys or ():
        for side, other in ((ours, theirs), (theirs, ours)):
            if key not in side.variables:
                where = f", only in {other.place}" if key in other.variables else ""
                raise InputError(f"{side.place}: the key {key} is not there{where}. {nearest(key, side.variables)}")


def _require_comparable(
    ours: Side, theirs: Side, keys: Sequence[str], conflicts: Mapping[str, tuple[Kind, Kind]]
) -> None:
    for key in keys:
        if key in conflicts:
            types = f"{conflicts[key][0]} in {ours.place} and {conflicts[key][1]} in {theirs.place}"
            raise InputError(f"the key {key} is {types}, so that no record can be paired by it.")


def _attributes(ours: Side, theirs: Side, common: Sequence[str]) -> Iterator[Attribute]:
    """What both files say and say differently; the place of a variable is that among the common ones."""
    if ours.label is not None and theirs.label is not None and ours.label != theirs.label:
        yield Attribute("", "label", ours.label, theirs.label)
    orders = [[n for n in side.variables if n in common] for side in (ours, theirs)]
    for name in common:
        left, right = _about(ours, name, orders[0]), _about(theirs, name, orders[1])
        for attribute in ("label", "kind", "length", "format", "order"):
            x, y = getattr(left, attribute), getattr(right, attribute)
            if x is None or y is None or x == y or (attribute == "kind" and not _types_differ(left, right)):
                continue
            yield Attribute(name, "type" if attribute == "kind" else attribute, str(x), str(y))


def _types_differ(ours: About, theirs: About) -> bool:
    """Whether one is character and the other numeric, where both files have types; a conflict is told apart."""
    both = ours.typed and theirs.typed and how_compared(ours, theirs) is not None
    return both and (ours.kind is Kind.TEXT) != (theirs.kind is Kind.TEXT)


def _about(side: Side, name: str, order: Sequence[str]) -> About:
    about = side.variables[name]
    return replace(about, order=order.index(name) + 1 if about.order is not None else None)
