"""Two sides of a comparison: variables, what is known of each, and their values in one form whatever file they came in.

A text is an Arrow text, of which null and blank are the same; a number is a double, NaN where it is missing. Dates,
datetimes and times are SAS numbers: days and seconds since 1960, seconds since midnight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from datacut.datasets.model import Variable
from datacut.errors import InputError

EPOCH_DAYS = 3653
"""Days from 1960-01-01, where SAS begins to count, to 1970-01-01."""
DAY = 86400

type Codes = np.ndarray[Any, np.dtype[np.uint8]]
type Rows = np.ndarray[Any, np.dtype[np.intp]]

NO_SUCH_VALUE = 255
"""Code of a text that stands for no value of the kind it is compared as: it is equal to nothing."""


class Kind(StrEnum):
    """What values are."""

    TEXT = "character"
    NUMBER = "numeric"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one variable.

    values: Arrow text, or doubles. codes: of missing numbers the letter of a special missing (`.A` is 65, `._` is 95),
    0 for `.`; None where there are none but `.`. sas: whether the file holds a SAS number. typed: False in a text file,
    whose texts may stand for numbers or dates.
    """

    kind: Kind
    values: Any
    codes: Codes | None = None
    sas: bool = True
    typed: bool = True

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Rows | None) -> Column:
        """These rows, in this order; all of them for None."""
        if rows is None:
            return self
        values = self.values.take(pa.array(rows)) if self.kind is Kind.TEXT else self.values[rows]
        return Column(self.kind, values, None if self.codes is None else self.codes[rows], self.sas, self.typed)


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of a variable; None where its format does not say it.

    order: its place, from 1; sas, typed: as of its `Column`.
    """

    name: str
    kind: Kind
    label: str | None = None
    length: int | None = None
    format: str | None = None
    order: int | None = None
    sas: bool = True
    typed: bool = True


@dataclass(frozen=True)
class Side:
    """One of two datasets. place: as shown to the user; variables: in their order, by name in capitals; fetch: makes
    the values of one; keys: those the file itself names."""

    place: str
    name: str
    records: int
    variables: Mapping[str, About]
    fetch: Callable[[str], Column] = field(repr=False)
    label: str | None = None
    keys: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """The values of a variable."""
        return self.fetch(name)


def side_of_frame(
    frame: pd.DataFrame,
    place: str,
    *,
    name: str = "",
    variables: Sequence[Variable] = (),
    label: str | None = None,
    keys: Sequence[str] = (),
) -> Side:
    """A frame as a side of a comparison.

    frame: columns of str, Int64, Float64, datetime64 and other dtypes of texts and numbers; NA is missing. variables:
    what is known of them, else a datetime64 counts as a datetime. Raises InputError for a name that stands twice, in
    whatever case, and for a column of several types.
    """
    names = require_names([str(c) for c in frame.columns], place)
    known = {v.name.upper(): v for v in variables}
    kinds = {n: KINDS[known[n].type] if n in known else None for n in names}
    about = {n: _about(n, i, frame.iloc[:, i], known.get(n)) for i, n in enumerate(names)}

    def fetch(wanted: str) -> Column:
        return column_of(frame.iloc[:, names.index(wanted)], kinds[wanted], f"{place}: {wanted}")

    return Side(place, name, len(frame), about, fetch, label, tuple(k.upper() for k in keys))


def _about(name: str, at: int, values: pd.Series[Any], known: Variable | None) -> About:
    moments = values.dtype.kind == "M"
    if known is None:
        numeric = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
        kind = Kind.DATETIME if moments else Kind.NUMBER if numeric else Kind.TEXT
        return About(name, kind, order=at + 1, sas=not moments)
    kind = KINDS[known.type]
    return About(name, kind, known.label, known.length, known.format, at + 1, sas=not moments)


KINDS = {
    "text": Kind.TEXT,
    "integer": Kind.NUMBER,
    "float": Kind.NUMBER,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "time": Kind.TIME,
}
"""What a variable of a type (`datasets.model`) holds."""


def require_names(names: Sequence[str], place: str) -> list[str]:
    """Names of variables in capitals, as SAS takes them; InputError where two are the same, or one is blank."""
    capitals = [n.strip().upper() for n in names]
    twice = sorted({n for n in capitals if capitals.count(n) > 1})
    if twice:
        raise InputError(f"{place}: the variable {', '.join(n or '(blank)' for n in twice)} is there twice.")
    if "" in capitals:
        raise InputError(f"{place}: column {capitals.index('') + 1} has no name.")
    return capitals


def column_of(values: pd.Series[Any], kind: Kind | None, place: str) -> Column:
    """A column of a frame; kind says what a number or a datetime64 stands for."""
    dtype = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind == "M":
        seconds = values.to_numpy().astype("datetime64[ms]")
        numbers = seconds.astype(np.int64) / 1000 + EPOCH_DAYS * DAY
        numbers[np.isnat(seconds)] = np.nan
        if kind is Kind.DATE:
            return Column(Kind.DATE, numbers / DAY, sas=False)
        return Column(Kind.DATETIME, numbers, sas=False)
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        return Column(kind or Kind.NUMBER, values.to_numpy(np.float64, na_value=np.nan))
    return Column(Kind.TEXT, _texts(values, place))


def _texts(values: pd.Series[Any], place: str) -> pa.ChunkedArray:
    try:
        found = pa.array(values.array, from_pandas=True)
        return as_text(found)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        raise InputError(f"{place}: values of several types in one column.") from None


def as_text(values: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    """Arrow texts in the one type in which they are compared."""
    chunked = values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])
    return chunked if chunked.type == pa.large_string() else chunked.cast(pa.large_string())


def trimmed(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts without the blanks at their end, which SAS pads with; a missing one is blank."""
    return pc.utf8_rtrim(pc.fill_null(values, ""), " ")


def how_compared(ours: About | Column, theirs: About | Column) -> str | None:
    """What is done so that two columns can be compared: nothing is the blank text; None if they cannot be.

    ISO 8601 text becomes a SAS date, datetime or time where the other side is one, and a text of a text file a number
    where the other side holds numbers; a text that is none of the kind is equal to nothing. A date beside a datetime
    counts as its midnight unless both are SAS numbers, which are compared as they stand.
    """
    if ours.kind is theirs.kind:
        return ""
    kinds = {ours.kind, theirs.kind}
    if Kind.TEXT in kinds:
        text, other = (ours, theirs) if ours.kind is Kind.TEXT else (theirs, ours)
        if other.kind is Kind.NUMBER:
            return None if text.typed else "text of a text file compared with numbers"
        return f"ISO 8601 text compared with SAS {other.kind} values"
    if ours.sas and theirs.sas:
        return f"{ours.kind} beside {theirs.kind}: compared as the SAS numbers in the files"
    return "a date compared with a datetime as its midnight" if kinds == {Kind.DATE, Kind.DATETIME} else None


def harmonised(ours: Column, theirs: Column) -> tuple[Column, Column]:
    """Both columns as one kind, as `how_compared` says; they can be compared."""
    if ours.kind is theirs.kind:
        return ours, theirs
    if ours.kind is Kind.TEXT:
        return _numbers_of(ours, theirs.kind), theirs
    if theirs.kind is Kind.TEXT:
        return ours, _numbers_of(theirs, ours.kind)
    if ours.sas and theirs.sas:
        return ours, theirs
    left, right = (_midnight(c) if c.kind is Kind.DATE else c for c in (ours, theirs))
    return left, right


def _midnight(column: Column) -> Column:
    return Column(Kind.DATETIME, column.values * DAY, column.codes, column.sas)


def _numbers_of(text: Column, kind: Kind) -> Column:
    """Texts as numbers of a kind; each different text is read once."""
    encoded = text.values.combine_chunks().dictionary_encode()
    words = encoded.dictionary.to_pylist()
    read = np.array([np.nan, *(_number_of(w.strip(), kind) for w in words)])
    codes = np.array(
        [0, *(0 if not w.strip() or n == n else NO_SUCH_VALUE for w, n in zip(words, read[1:], strict=True))]
    )
    at = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False) + 1
    return Column(kind, read[at], codes.astype(np.uint8)[at] if codes.any() else None, False)


def _number_of(text: str, kind: Kind) -> float:
    """One text as a number of a kind; NaN if it is none, or a date or time that is not complete."""
    try:
        if kind is Kind.NUMBER:
            number = float(text) if text and not set(text) & set("_nN") else np.nan
        elif kind is Kind.TIME:
            moment = np.datetime64(f"1970-01-01T{text}") if len(text) in (5, 8) else np.datetime64("NaT")
            number = _seconds(moment)
        elif kind is Kind.DATE:
            number = _seconds(np.datetime64(text)) / DAY + EPOCH_DAYS if len(text) == 10 else np.nan
        else:
            number = _seconds(np.datetime64(text)) + EPOCH_DAYS * DAY if len(text) >= 16 else np.nan
    except ValueError:
        return float("nan")
    return number


def _seconds(moment: np.datetime64) -> float:
    return float("nan") if np.isnat(moment) else moment.astype("datetime64[ms]").astype(np.int64) / 1000
