"""What is to be executed: the steps of one stage. `spec.bind` makes them of calls, `spec.order` puts them in order.

A stage is one graph over the steps of all its datasets (decision 0001):
records  the base rows of a dataset, with every variable a mapping verb makes
rows     one parameter (or other records verb) that adds rows
column   one call that adds columns to rows that exist
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from datacut.errors import Finding, Location, unplaced
from datacut.spec.bound import BoundCall
from datacut.spec.comparison import Holds
from datacut.spec.dataset import Records
from datacut.spec.document import Loc
from datacut.spec.study import SettingValue
from datacut.spec.where import Where, columns_of

type StepKind = Literal["records", "column", "rows"]
type Locate = Callable[[Loc], Location]
type Place = tuple[str, str]
"""A dataset and one of its columns; column `*` means its rows."""


@dataclass(frozen=True)
class Mapped:
    """A variable made by a mapping verb inside a record block; loc is its place in the spec of its dataset."""

    name: str
    call: BoundCall
    where: Where | None
    loc: Loc

    @property
    def columns(self) -> set[str]:
        """Columns of the block's source that it reads."""
        return {*self.call.reads, *(columns_of(self.where) if self.where else ())}


@dataclass(frozen=True)
class Block:
    """One record block with its bound calls.

    call: the records verb that makes its records of the source; mapping calls then read the records it made. carried:
    columns taken over as they are, from what the call made, else from a source that is a dataset.
    """

    records: Records
    mapped: tuple[Mapped, ...]
    carried: tuple[str, ...]
    loc: Loc
    call: BoundCall | None = None

    @property
    def reads(self) -> set[str]:
        """Columns of the source that the block reads."""
        conditions = [w for w in (self.records.where, *(e.where for e in self.records.exclude)) if w]
        read = {c for w in conditions for c in columns_of(w)} | set(self.records.one_per)
        if self.call is not None:
            return {*read, *self.call.reads}
        return {*read, *self.carried, *(c for m in self.mapped for c in m.columns)}


@dataclass(frozen=True)
class Step:
    """One unit of execution; loc is its place in the spec of its dataset.

    void: writes missing values, since its call has a fault, which is a finding, or since only rows of other steps fill
    the column. early: a column that comes before the rows.
    """

    dataset: str
    kind: StepKind
    name: str
    reads: frozenset[Place]
    writes: tuple[str, ...]
    call: BoundCall | None = None
    predecessor: Place | None = None
    where: Where | None = None
    blocks: tuple[Block, ...] = ()
    early: bool = False
    void: bool = False
    loc: Loc = ()

    def as_void(self) -> Step:
        """The step as it is without what it reads."""
        return replace(self, void=True, reads=frozenset(), where=None)


@dataclass(frozen=True)
class Plan:
    """Steps of a stage in execution order, all findings met while binding, and the parameters left out for them.

    lost: what is missing for the findings, of all stages.
    """

    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    broken_parameters: frozenset[Place] = frozenset()
    lost: frozenset[Place] = frozenset()


@dataclass
class Catalogue:
    """What can be read: columns of every source by name (`raw.ae`, `DM`, `study`), and the settings.

    one_per_subject: sources that can be merged by USUBJID alone; tables: those of study.yml; holds: what the columns of
    a source hold, where that is declared; setting_at: file:line of a setting;
    waits: by dataset those of the stage whose records come first, whatever its calls read.
    """

    columns: dict[str, tuple[str, ...]]
    settings: Mapping[str, SettingValue]
    one_per_subject: frozenset[str] = frozenset()
    tables: tuple[str, ...] = ()
    holds: Mapping[str, Mapping[str, Holds]] = field(default_factory=dict)
    setting_at: Callable[[str], Location] = unplaced
    waits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
