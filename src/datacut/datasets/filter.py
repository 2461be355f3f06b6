"""A condition turned into a mask over a frame, three-valued all the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from datacut.errors import Finding, Severity, SpecError
from datacut.spec.dataset import Records
from datacut.spec.study import SettingValue
from datacut.spec.where import ColumnRef, Comparison, Compound, Literal, Missing, Operand, SettingRef, Where

type Settings = Mapping[str, SettingValue]
type Rows = npt.NDArray[np.bool_]


def mask(frame: pd.DataFrame, where: Where | None, settings: Settings) -> pd.Series:
    """True for the rows that satisfy `where` (all rows if it is None), as plain bool on the frame's index.

    A comparison with a missing value is unknown, and unknown is not True: missing satisfies only MISSING. Raises
    SpecError for a column the frame does not have and for text compared with a number.
    """
    if where is None:
        return pd.Series(True, index=frame.index)
    return pd.Series(_truth(frame, where, settings).yes, index=frame.index)


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


class _Truth(NamedTuple):
    """What is known of every row: that the condition holds, or that it does not; neither where it is unknown."""

    yes: Rows
    no: Rows


def _truth(frame: pd.DataFrame, where: Where, settings: Settings) -> _Truth:
    match where:
        case Missing(column, negated):
            missing = _column(frame, column, where).isna().to_numpy()
            return _Truth(~missing, missing) if negated else _Truth(missing, ~missing)
        case Compound("NOT", parts):
            yes, no = _truth(frame, parts[0], settings)
            return _Truth(no, yes)
        case Compound(operator, parts):
            first, *others = (_truth(frame, part, settings) for part in parts)
            yes, no = first
            for other in others:
                yes, no = (yes & other.yes, no | other.no) if operator == "AND" else (yes | other.yes, no & other.no)
            return _Truth(yes, no)
        case Comparison():
            return _compare(frame, where, settings)


def _compare(frame: pd.DataFrame, where: Comparison, settings: Settings) -> _Truth:
    left = _column(frame, where.column, where)
    known = left.notna().to_numpy()
    operand = where.operands[0]
    right = _column(frame, operand.name, where) if isinstance(operand, ColumnRef) else None
    if not known.any() or (right is not None and right.isna().all()):
        # nothing to compare, of whatever type the column is
        nowhere = np.zeros(len(frame), dtype=bool)
        return _Truth(nowhere, nowhere)
    if right is not None:
        if _kind(left) != _kind(right):
            raise _fault(
                f"{where}: one column holds {_kind(left)}, the other {_kind(right)}", "Compare like with like."
            )
        return _known(_related(left, where.comparator, right), known & right.notna().to_numpy())
    values = [_checked(left, v, where) for o in where.operands for v in _values(o, settings)]
    if where.comparator in ("IN", "NOTIN"):
        inside = _known(left.isin(values), known)
        return inside if where.comparator == "IN" else _Truth(inside.no, inside.yes)
    if len(values) != 1:
        raise _fault(f"{where}: {operand} is a list", "Compare with IN or NOTIN.")
    return _known(_related(left, where.comparator, values[0]), known)


def _related(left: pd.Series, comparator: str, right: object) -> pd.Series:
    result: pd.Series = getattr(left, comparator.lower())(right)
    return result


def _known(result: pd.Series, known: Rows) -> _Truth:
    holds = result.to_numpy(dtype=bool, na_value=False)
    return _Truth(holds & known, ~holds & known)


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
