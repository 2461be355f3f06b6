"""Rules over the results of a build: that outputs agree with the datasets and with each other.

Nothing of the engine that made the results is used: a result is held against the records its predicate selects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from datacut.datasets.ard import plain_rows
from datacut.datasets.parts import KEY, Parts, join_parts
from datacut.datasets.records import ShownRecords
from datacut.engine.filter import mask
from datacut.errors import Location, Rule, in_output
from datacut.spec.load import Specs
from datacut.spec.output import OutputKind
from datacut.spec.resolve_output import resolve_output
from datacut.spec.study import SettingValue
from datacut.spec.where import Predicate, Where, and_, columns_of, predicate_of

SUBJECT = "USUBJID"
SUBJECTS = "ADSL"
RECORDS = "records"
"""Name of the records that are a listing's own."""
type Names = np.ndarray[tuple[int], np.dtype[np.object_]]
type Numbers = np.ndarray[tuple[int], np.dtype[np.intp]]


class Told(NamedTuple):
    """What the rules read of one row of the ARD."""

    output: str
    analysis: str
    method: str
    dataset: str
    population: str
    variable: str | None
    variable_level: str | None
    stat_name: str
    stat: float | None
    formatted: str | None
    predicate: Predicate
    row: int | None
    column: Parts
    path: Parts | None

    @property
    def place(self) -> Location:
        column = join_parts(self.column, KEY)
        return in_output(self.output, self.analysis, f"row {self.row}, column {column}, {self.stat_name}")


@dataclass(frozen=True, slots=True)
class Selected:
    """What a predicate selects: number of records, and their subjects."""

    records: int
    subjects: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a dataset that satisfy one condition: whether each is inside, and the numbers of those that are."""

    inside: np.ndarray[tuple[int], np.dtype[np.bool_]]
    numbers: Numbers


@dataclass(frozen=True)
class Listing:
    """What a listing shows: records of `dataset` that satisfy `where`; subjects: the condition on ADSL of its set."""

    dataset: str
    where: Where | None
    subjects: Where


@dataclass(frozen=True, eq=False)
class Results:
    """The ARD of a build, the ADaM datasets it was made of, its analysis sets and listings.

    records: those that outputs show, by output and name; pages: the texts in the bodies of the printed outputs, by
    output; stubs: the text over their rows.
    """

    ard: pd.DataFrame
    frames: Mapping[str, pd.DataFrame]
    settings: Mapping[str, SettingValue]
    sets: Mapping[str, Where]
    records: Mapping[str, Mapping[str, ShownRecords]] = field(default_factory=dict)
    listings: Mapping[str, Listing] = field(default_factory=dict)
    pages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stubs: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def adsl(self) -> pd.DataFrame:
        return self.frames[SUBJECTS].drop_duplicates(SUBJECT)

    def selected(self, dataset: str, predicate: Predicate) -> Selected:
        """The records of a dataset, joined with ADSL, that satisfy all conditions."""
        key = (dataset, predicate)
        if key not in self._selected:
            subjects = self._subjects(dataset)[self.rows(dataset, predicate)]
            self._selected[key] = Selected(len(subjects), frozenset(subjects))
        return self._selected[key]

    def rows(self, dataset: str, predicate: Predicate) -> Numbers:
        """The numbers of the records that satisfy all conditions."""
        if not predicate:
            return np.arange(len(self.frames[dataset]), dtype=np.intp)
        # from the fewest rows on, each step looks at what is left alone
        first, *rest = sorted((self._rows(dataset, part) for part in predicate), key=lambda c: len(c.numbers))
        left = first.numbers
        for other in rest:
            left = left[other.inside[left]]
        return left

    def size(self, name: str) -> int:
        """N of an analysis set."""
        if name not in self._sizes:
            self._sizes[name] = len(self.selected(SUBJECTS, predicate_of(self.sets[name])).subjects)
        return self._sizes[name]

    def _rows(self, dataset: str, part: Where) -> _Rows:
        if (dataset, part) not in self._met:
            frame = self.frames[dataset]
            inside = mask(self.with_subjects(frame, columns_of(part)), part, self.settings).to_numpy(dtype=bool)
            self._met[dataset, part] = _Rows(inside, np.flatnonzero(inside))
        return self._met[dataset, part]

    def _subjects(self, dataset: str) -> Names:
        if dataset not in self._names:
            self._names[dataset] = np.array(list(map(str, self.frames[dataset][SUBJECT])), dtype=object)
        return self._names[dataset]

    @cached_property
    def _selected(self) -> dict[tuple[str, Predicate], Selected]:
        return {}

    @cached_property
    def _sizes(self) -> dict[str, int]:
        return {}

    @cached_property
    def _met(self) -> dict[tuple[str, Where], _Rows]:
        return {}

    @cached_property
    def _names(self) -> dict[str, Names]:
        return {}

    @cached_property
    def _by_subject(self) -> pd.DataFrame:
        return self.adsl.set_index(SUBJECT)

    def with_subjects(self, frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
        """The columns of these names, those the frame lacks from ADSL."""
        read = dict.fromkeys(names)
        own = frame[[c for c in read if c in frame.columns]]
        of_subject = self._by_subject
        lacking = [c for c in read if c not in frame.columns and c in of_subject.columns]
        return own.assign(**{c: frame[SUBJECT].map(of_subject[c]).astype(of_subject[c].dtype) for c in lacking})

    def of_methods(self, rule: Rule, stat: str) -> list[Told]:
        """The results of the methods of a rule that have a value and a predicate."""
        return [row for row in self._valued.get(stat, ()) if row.method in rule.data["methods"]]

    @cached_property
    def _valued(self) -> Mapping[str, list[Told]]:
        """The results of analyses that have a value and a predicate, by statistic."""
        out: dict[str, list[Told]] = {}
        for row in self.told:
            if row.stat is not None and row.predicate:
                out.setdefault(row.stat_name, []).append(row)
        return out

    @cached_property
    def told(self) -> list[Told]:
        """Every row of the ARD, in its order."""
        return list(map(Told._make, plain_rows(self.ard, Told._fields)))


def results_of(
    specs: Specs,
    frames: Mapping[str, pd.DataFrame],
    ard: pd.DataFrame,
    records: Mapping[str, Mapping[str, ShownRecords]],
    pages: Mapping[str, tuple[str, ...]],
) -> Results:
    """The results of a build; frames: ADaM datasets by name; records, pages: see `Results`."""
    sets = {name: s.where for name, s in specs.study.analysis_sets.items()}
    listings: dict[str, Listing] = {}
    stubs: dict[str, str] = {}
    for name in [n for n in dict.fromkeys((*ard["output"], *records)) if n in specs.outputs]:
        spec = resolve_output(specs.outputs[name], specs.library)
        stubs[name] = spec.stub
        among = spec.among.where if spec.among is not None else None
        apart = spec.unless_same is not None or (spec.among is not None and spec.among.dataset != SUBJECTS)
        if spec.kind is OutputKind.LISTING and spec.records is not None and not apart:
            subjects = and_(sets[spec.population], among)
            if subjects is not None:
                listings[name] = Listing(spec.records.dataset or spec.dataset, spec.records.where, subjects)
    return Results(ard, frames, specs.settings, sets, records, listings, pages, stubs)
