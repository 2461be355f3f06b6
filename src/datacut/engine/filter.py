"""A condition turned into a mask over a frame, three-valued all the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from datacut.compute.date_order import dates_related
from datacut.compute.numbers import numbers_in
from datacut.compute.rounding import significant
from datacut.errors import Finding, Severity, SpecError, unplaced
from datacut.spec.comparison import ISO_DATE, ORDERED
from datacut.spec.dataset import Records
from datacut.spec.study import SettingValue
from datacut.spec.where import ColumnRef, Comparison, Compound, Literal, Missing, Operand, SettingRef, Where

type Settings = Mapping[str, SettingValue]
type Rows = npt.NDArray[np.bool_]


def mask(frame: pd.DataFrame, where: Where | None, settings: Settings) -> pd.Series:
    """True for the rows that satisfy `where` (all rows if it is None), as plain bool on the frame's index.

    A comparison with a missing value is unknown, and unknown is not True: missing satisfies only MISSING. Numbers are
    compared as decimals of 15 significant digits; numbers as collected, in a column of texts, are compared with numbers
    as numbers, and a text among them that is none is unknown. Texts have an order if they are dates in ISO 8601,
    `dates_related`. Raises SpecError for a column the frame does not have and for what cannot be compared.
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
        if {_kind(left), _kind(right)} == {"text", "numbers"}:
            left, right = (_numbers(c) if _kind(c) == "text" else c for c in (left, right))
            known = left.notna().to_numpy()
        if _kind(left) != _kind(right):
            raise _fault(
                f"{where}: one column holds {_kind(left)}, the other {_kind(right)}", "Compare like with like."
            )
        if _kind(left) == "text" and where.comparator in ORDERED:
            return _in_time(left, right, where)
        return _known(_related(left, where.comparator, right), known & right.notna().to_numpy())
    given = [v for o in where.operands for v in _values(o, settings)]
    if _kind(left) == "text" and not any(isinstance(v, str) for v in given):
        left = _numbers(left)
        known = left.notna().to_numpy()
    values = [_checked(left, v, where) for v in given]
    if where.comparator in ("IN", "NOTIN"):
        inside = _known(significant(left).isin(values), known)
        return inside if where.comparator == "IN" else _Truth(inside.no, inside.yes)
    if len(values) != 1:
        raise _fault(f"{where}: {operand} is a list", "Compare with IN or NOTIN.")
    if _kind(left) == "text" and where.comparator in ORDERED:
        return _in_time(left, pd.Series(str(values[0]), index=left.index, dtype="str"), where)
    return _known(_related(left, where.comparator, values[0]), known)


def _numbers(column: pd.Series) -> pd.Series:
    """Numbers as collected; the texts, if none of them is a number."""
    numbers = numbers_in(column)
    return column if numbers.isna().all() else numbers


def _in_time(left: pd.Series, right: pd.Series, where: Comparison) -> _Truth:
    """Texts in the order of the dates that they are; SpecError if one is none."""
    both = pd.DataFrame({"left": left.array, "right": right.array}).dropna()
    pairs = both.drop_duplicates()
    for text in dict.fromkeys([*pairs["left"], *pairs["right"]]):
        if ISO_DATE.fullmatch(text) is None:
            what = f"{where}: {text} is no date in ISO 8601, and other texts have no order"
            raise _fault(what, "Compare a column that holds numbers or dates.")
    found = dates_related(pairs["left"], pairs["right"], where.comparator)
    keys = pd.MultiIndex.from_frame(both)
    related = found.set_axis(pd.MultiIndex.from_frame(pairs)).reindex(keys).set_axis(both.index)
    related = related.reindex(range(len(left)))
    yes, no = ((related == answer).fillna(False).to_numpy(dtype=bool) for answer in (True, False))
    return _Truth(yes, no)


def _related(left: pd.Series, comparator: str, right: object) -> pd.Series:
    other = significant(right) if isinstance(right, pd.Series) else right
    result: pd.Series = getattr(significant(left), comparator.lower())(other)
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


def _checked(left: pd.Series, value: str | float, where: Comparison) -> object:
    """The value to compare a column with, of the column's type."""
    kind = _kind(left)
    if kind == "dates" and isinstance(value, str):
        try:
            return pd.Timestamp(value)
        except ValueError:
            raise _fault(f"{where}: {value} is not a date", "Write a date as 2026-01-31, in quotes.") from None
    if (kind == "text") != isinstance(value, str) or kind == "dates":
        wanted = {"numbers": "it with a number, without quotes", "dates": "it with a date in quotes"}
        if where.comparator not in ORDERED:
            wanted["text"] = "it with a code in quotes, or a column of numbers with the number"
        remedy = f"Compare {wanted.get(kind, 'a column that holds numbers')}."
        raise _fault(f"{where}: the column holds {kind}", remedy)
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
    return SpecError([Finding(Severity.ERROR, "spec.condition", unplaced("condition"), what, "", remedy)])
