"""Records shown one by one: the rows of a listing, or the points of a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from datacut.ard.call import bind_method, run_cells
from datacut.ard.columns import SUBJECT, equals
from datacut.ard.context import MethodContext
from datacut.ard.source import Sources, fault
from datacut.compute.units import with_powers
from datacut.datasets.records import Cells, ShownColumn, ShownRecords
from datacut.spec.bound import BoundCall
from datacut.spec.output import RecordColumn, RecordsShown
from datacut.spec.registry import Registry
from datacut.spec.where import Missing, Predicate, Where, and_, columns_of, predicate_of

RECORDS = "records"
"""Name of the records of the output itself."""


def build_records(
    records: RecordsShown,
    sources: Sources,
    registry: Registry,
    context: MethodContext,
    population: Where,
    *,
    printed: bool,
) -> ShownRecords:
    """The records of the analysis set that satisfy `where`, sorted; printed: powers of ten are as a page has them.

    The predicate of a record names it by subject and sort columns, or by those of `one_per`; a column filled from other
    records says by which of its values they are matched.
    """
    columns = {key: c for key, c in records.columns.items() if c.holds(context.settings)}
    bound = {key: bind_method(registry, c.call, sources.place, "cell") for key, c in columns.items()}
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
    shown: dict[str, ShownColumn] = {}
    for key, call in bound.items():
        inner = replace(context, place=replace(context.place, analysis=f"{context.place.analysis}/{key}"))
        column = columns[key]
        own = ShownColumn(
            column.label,
            call.verb.name,
            column.dataset or records.dataset,
            call.reads[0] if call.reads else None,
            _NOTHING,
        )
        if key in joined:
            made = _joined(key, own, column, call, records, frame, sources, inner, whole)
        else:
            made = replace(own, cells=run_cells(call, frame, inner))
        shown[key] = _with_powers(made) if printed else made
    where = predicate_of(whole, records.where)
    return ShownRecords(records.dataset, where, _predicates(frame, identity, where), shown, records.one_per)


_NOTHING = Cells(pd.Series(dtype="str"), pd.Series(dtype="str"))


def _with_powers(column: ShownColumn) -> ShownColumn:
    cells = column.cells
    if cells.texts.str.contains("10^", regex=False).any():
        cells = replace(cells, texts=cells.texts.map(with_powers))
    return replace(column, label=with_powers(column.label), cells=cells)


def _joined(
    named: str,
    shown: ShownColumn,
    column: RecordColumn,
    call: BoundCall,
    records: RecordsShown,
    frame: pd.DataFrame,
    sources: Sources,
    context: MethodContext,
    whole: Where | None,
) -> ShownColumn:
    """A column that is filled from other records: those that agree with the record shown in the match."""
    match = tuple(column.match or records.one_per)
    if not match:
        what = f"column {named} is filled from other records and has no match"
        raise fault(sources.place, what, "Give match: columns both have, or one_per for the listing.")
    where = column.where if column.dataset else and_(records.where, column.where)
    needed = [*call.reads, *match, *records.sort, *(columns_of(where) if where is not None else ())]
    known = sources.known(shown.dataset)
    source = sources.frame(shown.dataset, [n for n in needed if n in known or n not in records.sort])
    source = sources.select(source, where)
    if order := [n for n in records.sort if n in source.columns]:
        source = source.sort_values(order, kind="stable", na_position="last")
    places: dict[tuple[object, ...], list[int]] = {}
    for place, key in enumerate(_keys(source, match)):
        places.setdefault(key, []).append(place)
    cells = _below_each_other(run_cells(call, source, context), [places.get(key, []) for key in _keys(frame, match)])
    return replace(shown, cells=cells, match=match, where=predicate_of(whole, where))


def _keys(frame: pd.DataFrame, names: Sequence[str]) -> list[tuple[object, ...]]:
    """The key of each record; a missing value agrees with a missing one."""
    columns = [frame[name].astype(object).where(frame[name].notna(), None) for name in names]
    return list(zip(*columns, strict=True))


def _below_each_other(source: Cells, places: Sequence[Sequence[int]]) -> Cells:
    """The cells at the places of each record as one; without any it is blank, and of several it is a text."""
    found, why = source.texts.tolist(), source.reasons.tolist()
    texts: list[str] = []
    reasons: list[str | None] = []
    for at in places:
        text = "\n".join(found[i] for i in at)
        texts.append(text)
        reasons.append(why[at[0]] if len(at) == 1 else None if text.strip() else "no record" if not at else "missing")
    values = None
    if source.values is not None and all(len(at) < 2 for at in places):
        known = source.values.tolist()
        values = pd.Series([known[at[0]] if at else None for at in places], dtype="Float64")
    return Cells(pd.Series(texts, dtype="str"), pd.Series(reasons, dtype="str"), values)


def _predicates(frame: pd.DataFrame, names: Sequence[str], where: Predicate) -> tuple[Predicate, ...]:
    """For each record the condition that selects it: `where` and its own values of `names`."""
    columns = []
    for name in names:
        codes, different = pd.factorize(frame[name])
        made = [*(_value_is(name, value) for value in different.tolist()), Missing(name, negated=False)]
        columns.append([made[code] for code in codes])
    return tuple((*where, *own) for own in zip(*columns, strict=True)) if names else (where,) * len(frame)


def _value_is(name: str, value: object) -> Where:
    """The condition that a variable has the value."""
    if isinstance(value, pd.Timestamp):
        return equals(name, value.isoformat().removesuffix("T00:00:00"))
    if isinstance(value, float) and value.is_integer():
        return equals(name, int(value))
    return equals(name, value if isinstance(value, int | float) else str(value))
