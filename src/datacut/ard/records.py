"""Records shown one by one: a result for each cell of a listing, or each coordinate of a drawn point."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from datacut.ard.call import bind_method, run_method
from datacut.ard.columns import SUBJECT, equals
from datacut.ard.context import MethodContext
from datacut.ard.rows import label_row, predicate_text
from datacut.ard.source import Sources, fault
from datacut.spec.output import RecordsShown
from datacut.spec.registry import Registry
from datacut.spec.where import Missing, Where, and_, columns_of


@dataclass(frozen=True)
class BuiltRecords:
    """header: labels of the columns; rows: results, record by record; count: number of records."""

    header: list[dict[str, object]]
    rows: list[dict[str, object]]
    count: int


def build_records(
    records: RecordsShown, sources: Sources, registry: Registry, context: MethodContext, population: Where
) -> BuiltRecords:
    """The records of the analysis set that satisfy `where`, sorted, as results; row numbers from 1.

    The predicate of a cell names its record by subject and sort columns.
    """
    columns = {key: c for key, c in records.columns.items() if c.holds(context.settings)}
    header = [label_row(0, key, (c.label,), c.label, "column_label") for key, c in columns.items()]
    bound = {key: bind_method(registry, c.call, sources.place) for key, c in columns.items()}
    needed = [c for b in bound.values() for c in b.reads]
    needed += [*records.sort, *(columns_of(records.where) if records.where is not None else ())]
    frame = sources.with_columns(sources.frame(records.dataset), records.dataset, needed)
    frame = sources.select(frame, records.where)
    if records.sort:
        frame = frame.sort_values(list(records.sort), kind="stable", na_position="last")
    frame = frame.reset_index(drop=True)
    whole = population if SUBJECT in frame.columns else None
    identity = [c for c in dict.fromkeys((SUBJECT, *records.sort)) if c in frame.columns]
    chosen = [_identity(record, identity) for record in frame[identity].to_dict("records")] if identity else []
    selected = [and_(whole, records.where, where) for where in chosen or [None] * len(frame)]
    predicates = [predicate_text(where) if where is not None else None for where in selected]
    rows: list[dict[str, object]] = []
    for key, call in bound.items():
        results = run_method(call, frame, replace(context, place=f"{context.place}/{key}"))
        if len(results) != len(frame):
            raise fault(sources.place, f"{call.verb.name} gives no one value a record", "Use ard_value and its like.")
        for number, (r, predicate) in enumerate(zip(results, predicates, strict=True), 1):
            rows.append(
                {
                    "analysis": "records",
                    "method": call.verb.name,
                    "dataset": records.dataset,
                    "variable": r.variable,
                    "stat_name": r.stat_name,
                    "stat_label": r.stat_label,
                    "stat": r.stat,
                    "stat_text": r.stat_text,
                    "formatted": r.formatted,
                    "reason": r.reason or None,
                    "predicate": predicate,
                    "row": number,
                    "column": key,
                }
            )
    return BuiltRecords(header, rows, len(frame))


def _identity(record: dict[object, object], names: list[str]) -> Where | None:
    """The condition that selects one record by its key."""
    parts: list[Where] = []
    for name in names:
        value = record[name]
        if pd.isna(value):  # type: ignore[call-overload]
            parts.append(Missing(name, negated=False))
        elif isinstance(value, pd.Timestamp):
            parts.append(equals(name, value.isoformat().removesuffix("T00:00:00")))
        elif isinstance(value, float) and value.is_integer():
            parts.append(equals(name, int(value)))
        else:
            parts.append(equals(name, value if isinstance(value, int | float) else str(value)))
    return and_(*parts)
