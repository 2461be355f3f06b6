"""A condition turned into a mask over a frame, three-valued all the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from datacut.errors import Finding, Severity, SpecError
from datacut.spec.dataset import Records
from datacut.spec.study import SettingValue
from datacut.spec.where import ColumnRef, Comparison, Compound, Literal, Missing, Operand, SettingRef, Where

type Settings = Mapping[str, SettingValue]


def mask(frame: pd.DataFrame, where: Where | None, settings: Settings) -> pd.Series:
    """True for the rows that satisfy `where` (all rows if it is None), as plain bool on the frame's index.

    A comparison with a missing value is unknown, and unknown is not True: missing satisfies only MISSING. Raises
    SpecError for a column the frame does not have and for text compared with a number.
    """
    if where is None:
        return pd.Series(True, index=frame.index)
    return _truth(frame, where, settings).fillna(False).astype(bool)


def left_out(source: pd.DataFrame, records: Records, settings: Settings) -> Iterator[tuple[str, pd.Series]]:
    """The rows that a block of records leaves out, with the reason; every row once."""
    left = pd.Series(True, index=source.index)
    for rule in records.exclude:
        out = mask(source, rule.where, settings) & left
        left &= ~out
        yield rule.reason, out
    if records.one_per:
        chosen = source.loc[mask(source, records.where, settings) & left]
        repeated = chosen.index[chosen.duplicated(list(records.one_per), keep="last")]
        yield f"not the last of its {', '.join(records.one_per)}", pd.Series(source.index.isin(repeated), source.index)


def _truth(frame: pd.DataFrame, where: Where, settings: Settings) -> pd.Series:
    match where:
        case Missing(column, negated):
            missing = _column(frame, column, where).isna()
            return (~missing if negated else missing).astype("boolean")
        case Compound("NOT", parts):
            return ~_truth(frame, parts[0], settings)
        case Compound(operator, parts):
            out = _truth(frame, parts[0], settings)
            for part in parts[1:]:
                other = _truth(frame, part, settings)
                out = out & other if operator == "AND" else out | other
            return out
        case Comparison():
            return _compare(frame, where, settings)


def _compare(frame: pd.DataFrame, where: Comparison, settings: Settings) -> pd.Series:
    left = _column(frame, where.column, where)
    operand = where.operands[0]
    right = _column(frame, operand.name, where) if isinstance(operand, ColumnRef) else None
    if left.isna().all() or (right is not None and right.isna().all()):
        # nothing to compare, of whatever type the column is
        return pd.Series(pd.NA, index=frame.index, dtype="boolean")
    if right is not None:
        if _kind(left) != _kind(right):
            raise _fault(
                f"{where}: one column holds {_kind(left)}, the other {_kind(right)}", "Compare like with like."
            )
        return _relate(left, where.comparator, right)
    values = [v for o in where.operands for v in _values(o, settings)]
    if where.comparator in ("IN", "NOTIN"):
        found = pd.Series(False, index=frame.index, dtype="boolean").mask(left.isna())
        for value in values:
            found = found | _relate(left, "EQ", _checked(left, value, where))
        return ~found if where.comparator == "NOTIN" else found
    if len(values) != 1:
        raise _fault(f"{where}: {operand} is a list", "Compare with IN or NOTIN.")
    return _relate(left, where.comparator, _checked(left, values[0], where))


def _relate(left: pd.Series, comparator: str, right: object) -> pd.Series:
    result: pd.Series = getattr(left, comparator.lower())(right)
    absent = left.isna() | right.isna() if isinstance(right, pd.Series) else left.isna()
    return result.astype("boolean").mask(absent)


def _values(operand: Operand, settings: Settings) -> tuple[str | int | float, ...]:
    match operand:
        case Literal(value):
            return (value,)
        case SettingRef(name):
            setting = settings[name]
            return setting if isinstance(setting, tuple) else (setting,)
        case ColumnRef(name):
            raise TypeError(f"{name}: a column has no value of its own")


def _checked(left: pd.Series, value: str | float, where: Where) -> object:
    """The value to compare a column with, of the column's type."""
    kind = _kind(left)
    if kind == "dates" and isinstance(value, str):
        try:
            return pd.Timestamp(value)
        except ValueError:
            raise _fault(f"{where}: {value} is not a date", "Write a date as 2026-01-31, in quotes.") from None
    if (kind == "text") != isinstance(value, str) or kind == "dates":
        wanted = {"text": "a quoted text", "numbers": "a number", "dates": "a date in quotes"}[kind]
        raise _fault(f"{where}: the column holds {kind}", f"Compare it with {wanted}.")
    return value


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return "dates"
    return "numbers" if pd.api.types.is_numeric_dtype(column.dtype) else "text"


def _column(frame: pd.DataFrame, name: str, where: Where) -> pd.Series:
    if name not in frame.columns:
        raise _fault(f"{where}: no column {name}", f"The frame has {', '.join(map(str, frame.columns[:40]))}.")
    return frame[name]


def _fault(what: str, remedy: str) -> SpecError:
    return SpecError([Finding(Severity.ERROR, "spec.condition", "condition", what, "", remedy)])
