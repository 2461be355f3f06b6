"""Records shown one by one: a result for each cell of a listing, or each coordinate of a drawn point."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from datacut.ard.call import bind_method, run_method
from datacut.ard.columns import SUBJECT, equals
from datacut.ard.context import MethodContext
from datacut.ard.results import Result
from datacut.ard.rows import conjunct_texts, label_row, predicate_of
from datacut.ard.source import Sources, fault
from datacut.spec.bound import BoundCall
from datacut.spec.output import RecordColumn, RecordsShown
from datacut.spec.registry import Registry
from datacut.spec.where import Missing, Where, and_, columns_of

RECORDS = "records"
"""Name of the results that are the records of the output itself."""


@dataclass(frozen=True)
class BuiltRecords:
    """header: labels of the columns; rows: results, record by record; count: number of records."""

    header: list[dict[str, object]]
    rows: list[dict[str, object]]
    count: int


def build_records(
    name: str, records: RecordsShown, sources: Sources, registry: Registry, context: MethodContext, population: Where
) -> BuiltRecords:
    """The records of the analysis set that satisfy `where`, sorted, as results; row numbers from 1.

    The predicate of a cell names its record by subject and sort columns (those of `one_per` if given), of a cell filled
    from other records by the columns they are matched by.
    """
    columns = {key: c for key, c in records.columns.items() if c.holds(context.settings)}
    header = [label_row(0, key, (c.label,), c.label, "column_label") for key, c in columns.items()]
    bound = {key: bind_method(registry, c.call, sources.place) for key, c in columns.items()}
    joined = {key for key, c in columns.items() if c.where is not None or c.dataset or c.match}
    needed = [c for key, b in bound.items() if key not in joined for c in b.reads]
    needed += [*records.sort, *records.one_per, *(columns_of(records.where) if records.where is not None else ())]
    needed += [m for key in joined for m in columns[key].match]
    frame = sources.select(sources.frame(records.dataset, needed), records.where)
    if records.sort:
        frame = frame.sort_values(list(records.sort), kind="stable", na_position="last")
    if records.one_per:
        frame = frame.drop_duplicates(list(records.one_per))
    frame = frame.reset_index(drop=True)
    whole = population if SUBJECT in frame.columns else None
    identity = [c for c in dict.fromkeys((SUBJECT, *(records.one_per or records.sort))) if c in frame.columns]
    predicates = _predicates(frame, identity, whole, records.where)
    rows: list[dict[str, object]] = []
    for key, call in bound.items():
        inner = replace(context, place=replace(context.place, analysis=f"{context.place.analysis}/{key}"))
        if key in joined:
            shown = _joined(key, columns[key], call, records, frame, sources, inner, whole)
        else:
            shown = list(zip(_run(call, frame, sources, inner), predicates, strict=True))
        for number, (r, predicate) in enumerate(shown, 1):
            rows.append(
                {
                    "analysis": name,
                    "method": call.verb.name,
                    "dataset": columns[key].dataset or records.dataset,
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


def _run(call: BoundCall, frame: pd.DataFrame, sources: Sources, context: MethodContext) -> list[Result]:
    results = run_method(call, frame, context)
    if len(results) != len(frame):
        raise fault(sources.place, f"{call.verb.name} gives no one value a record", "Use ard_value and its like.")
    return results


def _joined(
    named: str,
    column: RecordColumn,
    call: BoundCall,
    records: RecordsShown,
    frame: pd.DataFrame,
    sources: Sources,
    context: MethodContext,
    whole: Where | None,
) -> list[tuple[Result, str | None]]:
    """The cells of a column that is filled from other records: those that agree with the printed one in the match."""
    match = list(column.match or records.one_per)
    if not match:
        what = f"column {named} is filled from other records and has no match"
        raise fault(sources.place, what, "Give match: columns both have, or one_per for the listing.")
    dataset = column.dataset or records.dataset
    where = column.where if column.dataset else and_(records.where, column.where)
    needed = [*call.reads, *match, *records.sort, *(columns_of(where) if where is not None else ())]
    known = sources.known(dataset)
    source = sources.frame(dataset, [n for n in needed if n in known or n not in records.sort])
    source = sources.select(source, where)
    if order := [n for n in records.sort if n in source.columns]:
        source = source.sort_values(order, kind="stable", na_position="last")
    by_key: dict[tuple[object, ...], list[Result]] = {}
    for key, r in zip(_keys(source, match), _run(call, source, sources, context), strict=True):
        by_key.setdefault(key, []).append(r)
    shown = (_below_each_other(by_key.get(key, []), call) for key in _keys(frame, match))
    return list(zip(shown, _predicates(frame, match, whole, where), strict=True))


def _keys(frame: pd.DataFrame, names: list[str]) -> list[tuple[object, ...]]:
    """The key of each record; a missing value agrees with a missing one."""
    columns = [frame[name].astype(object).where(frame[name].notna(), None) for name in names]
    return list(zip(*columns, strict=True))


def _below_each_other(results: list[Result], call: BoundCall) -> Result:
    """The results of one cell as one; without any the cell is blank."""
    if len(results) == 1:
        return results[0]
    variable = call.reads[0] if call.reads else None
    text = "\n".join(r.formatted for r in results)
    reason = "" if text.strip() else "no record" if not results else "missing"
    return Result((), "", "value", "Value", None, text, stat_text=text or None, reason=reason, variable=variable)


def _predicates(frame: pd.DataFrame, names: list[str], *where: Where | None) -> list[str | None]:
    """For each record the condition that selects it: `where` and its own values of `names`."""
    if not names:
        return [predicate_of(*where)] * len(frame)
    shared = conjunct_texts(*where)
    cells = ([str(_value_is(name, value)) for value in frame[name].tolist()] for name in names)
    return [" AND ".join((*shared, *own)) for own in zip(*cells, strict=True)]


def _value_is(name: str, value: object) -> Where:
    """The condition that a variable has the value."""
    if pd.isna(value):  # type: ignore[call-overload]
        return Missing(name, negated=False)
    if isinstance(value, pd.Timestamp):
        return equals(name, value.isoformat().removesuffix("T00:00:00"))
    if isinstance(value, float) and value.is_integer():
        return equals(name, int(value))
    return equals(name, value if isinstance(value, int | float) else str(value))
