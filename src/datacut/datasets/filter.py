"""A condition turned into a mask over a frame, three-valued all the way."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from datacut.errors import Finding, Severity, SpecError
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
    if where.comparator in ("IN", "NOTIN"):
        found = pd.Series(False, index=frame.index, dtype="boolean")
        for operand in where.operands:
            for value in _values(operand, settings):
                found = found | _relate(left, "EQ", _checked(left, value, where))
        found = found.mask(left.isna())
        return ~found if where.comparator == "NOTIN" else found
    operand = where.operands[0]
    if isinstance(operand, ColumnRef):
        return _relate(left, where.comparator, _column(frame, operand.name, where))
    (value,) = _values(operand, settings)
    return _relate(left, where.comparator, _checked(left, value, where))


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
            raise _fault(f"{name} stands in a list", "A list holds texts, numbers and settings; use OR for columns.")


def _checked(left: pd.Series, value: str | float, where: Where) -> object:
    if pd.api.types.is_datetime64_any_dtype(left.dtype) and isinstance(value, str):
        return pd.Timestamp(value)
    is_text = not (pd.api.types.is_numeric_dtype(left.dtype) or pd.api.types.is_datetime64_any_dtype(left.dtype))
    if is_text != isinstance(value, str):
        kind = "text" if is_text else "a number"
        raise _fault(
            f"{where}: the column holds {kind}", f"Compare it with {'a quoted text' if is_text else 'a number'}."
        )
    return value


def _column(frame: pd.DataFrame, name: str, where: Where) -> pd.Series:
    if name not in frame.columns:
        raise _fault(f"{where}: no column {name}", f"The frame has {', '.join(map(str, frame.columns[:40]))}.")
    return frame[name]


def _fault(what: str, remedy: str) -> SpecError:
    return SpecError([Finding(Severity.ERROR, "spec.condition", "condition", what, "", remedy)])
