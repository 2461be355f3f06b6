"""Records that an output shows one by one: what is printed of each, and the conditions that select it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from datacut.spec.where import Comparison, Literal, Missing, Predicate


@dataclass(frozen=True, eq=False)
class Cells:
    """What a column shows of each record. texts: as printed, blank where nothing is; values: at full precision, of a
    column of numbers; reasons: why there is no value, missing where there is one. All are in the order of the records.
    """

    texts: pd.Series
    reasons: pd.Series
    values: pd.Series | None = None


@dataclass(frozen=True, eq=False)
class ShownColumn:
    """One column: its header, the method that made its cells, of which variable, and the cells.

    dataset: whose records they are. match: of a column filled from other records, the variables that these have in
    common with the record shown; where: what these satisfy beside it.
    """

    label: str
    method: str
    dataset: str
    variable: str | None
    cells: Cells
    match: tuple[str, ...] = ()
    where: Predicate = ()


@dataclass(frozen=True, eq=False)
class ShownRecords:
    """The records of one name that an output shows, numbered from 1, column by column.

    where: what all of them satisfy; predicates: for each the whole condition that selects it, `where` first; one_per:
    variables of which each record shown is the first of those that have its values.
    """

    dataset: str
    where: Predicate
    predicates: Sequence[Predicate]
    columns: Mapping[str, ShownColumn] = field(default_factory=dict)
    one_per: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.predicates)

    @property
    def datasets(self) -> list[str]:
        """Where what is shown comes from; nowhere, if nothing is."""
        return list(dict.fromkeys(c.dataset for c in self.columns.values())) if len(self) else []

    def emptied(self) -> ShownRecords:
        """The same columns without a record."""
        columns = {}
        for key, column in self.columns.items():
            values = column.cells.values
            cells = Cells(
                column.cells.texts.iloc[:0], column.cells.reasons.iloc[:0], None if values is None else values.iloc[:0]
            )
            columns[key] = replace(column, cells=cells)
        return replace(self, predicates=(), columns=columns)


def values_named(predicate: Predicate) -> dict[str, object]:
    """The variables that a predicate compares with one value, and the value; None for one that is to be missing."""
    out: dict[str, object] = {}
    for part in predicate:
        match part:
            case Comparison(variable, "EQ", (Literal(value),)):
                out[variable] = value
            case Missing(variable, negated=False):
                out[variable] = None
            case _:
                pass
    return out
