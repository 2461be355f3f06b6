"""Which source records a built record comes from.

While a dataset is being built its records are known by `_rid`; `Edges` keeps the sources under that number.
Once the dataset is sorted, `resolve` gives the table that is kept: `record` (1-based, in sort order), `source`
(`raw.ae`, `LB`) and `source_record` (line of the file for raw sources, else record of that dataset). Two more tables
say what that does not: `VALUES`, which record a value was taken from where it is another than its own record's
sources, and `MAKERS`, what made each record. Why: decision 37.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

RID = "_rid"
COLUMNS = {"record": "Int64", "source": "str", "source_record": "Int64"}
VALUES = {
    "record": "Int64",
    "variable": "str",
    "source": "str",
    "source_record": "Int64",
    "source_variable": "str",
}
"""Edges of values: `variable` of a record comes from `source_variable` of a record of `source`; `EVERY` means all
variables that the call which added the record wrote."""
EVERY = "*"
MAKERS = {"record": "Int64", "made_by": "str"}
"""What made a record: the number of its record block (`0`), or the name of the call that added it (`SRI4`)."""
_IN_FLIGHT = {RID: "Int64", "source": "str", "source_record": "Int64"}


@dataclass(frozen=True, eq=False)
class Edges:
    """Sources of records in flight: `_rid`, `source`, `source_record`, one line per edge, none twice."""

    frame: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)


def empty_lineage() -> pd.DataFrame:
    """The table of a dataset whose sources are not known."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in COLUMNS.items()})


def edges_from(rids: Iterable[Any], source: str, source_records: Iterable[Any]) -> Edges:
    """Edges of records each made from one record of one source.

    >>> edges_from([1, 2], "raw.ae", [2, 3]).frame["source_record"].tolist()
    [2, 3]
    """
    frame = pd.DataFrame({RID: pd.array(list(rids), dtype="Int64"), "source": source})
    frame["source_record"] = pd.array(list(source_records), dtype="Int64")
    return _edges(frame)


def combine(edges: Iterable[Edges]) -> Edges:
    """All edges of several sources or blocks of records."""
    frames = [e.frame for e in edges]
    if not frames:
        return Edges(pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _IN_FLIGHT.items()}))
    return _edges(pd.concat(frames, ignore_index=True))


def compose(new_to_parent: pd.DataFrame, parents: Edges) -> Edges:
    """Sources of new records through their parents.

    new_to_parent has columns `_rid` (of the new record) and `parent` (`_rid` of a record in `parents`), one
    line per edge. A parent without a source gives none.
    """
    steps = pd.DataFrame(
        {
            RID: new_to_parent[RID].astype("Int64"),
            "parent": new_to_parent["parent"].astype("Int64"),
        }
    )
    through = steps.merge(parents.frame.rename(columns={RID: "parent"}), on="parent", how="inner")
    return _edges(through)


def no_values() -> pd.DataFrame:
    """The table of a dataset of which no value is known to come from another record than its own."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in VALUES.items()})


def no_makers() -> pd.DataFrame:
    """The table of a dataset of which it is not known what made its records."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in MAKERS.items()})


def resolve_told(told: Iterable[pd.DataFrame], columns: dict[str, str], order_of_rids: Iterable[Any]) -> pd.DataFrame:
    """Tables with `_rid` in place of `record` (`VALUES` or `MAKERS`) as one, given the `_rid` of the sorted records."""
    rids = pd.array(list(order_of_rids), dtype="Int64")
    records = pd.DataFrame({RID: rids, "record": pd.array(range(1, len(rids) + 1), dtype="Int64")})
    parts = [records.merge(part.astype({RID: "Int64"}), on=RID, how="inner")[list(columns)] for part in told]
    empty = pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns.items()})
    whole = pd.concat([empty, *parts], ignore_index=True).astype(columns).drop_duplicates()
    return whole.sort_values(list(columns), kind="stable", ignore_index=True)


def resolve(edges: Edges, order_of_rids: Iterable[Any]) -> pd.DataFrame:
    """The lineage of a built dataset, given the `_rid` of its records in sort order.

    Edges of records that are no longer there are left out. Lines are sorted by record, source, source record.
    """
    rids = pd.array(list(order_of_rids), dtype="Int64")
    records = pd.DataFrame({RID: rids, "record": pd.array(range(1, len(rids) + 1), dtype="Int64")})
    found = records.merge(edges.frame, on=RID, how="inner")[list(COLUMNS)].astype(COLUMNS)
    return found.sort_values(list(COLUMNS), kind="stable", ignore_index=True)


def _edges(frame: pd.DataFrame) -> Edges:
    tidy = frame[list(_IN_FLIGHT)].astype(_IN_FLIGHT)
    return Edges(tidy.drop_duplicates(ignore_index=True))
