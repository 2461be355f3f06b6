"""Values shown one by one: what a column of a listing prints of each record, and the points of figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from datacut.ard.context import MethodContext
from datacut.ard.pattern import format_significant
from datacut.ard.results import number
from datacut.compute.rounding import format_fixed
from datacut.datasets.records import Cells
from datacut.spec.registry import Column, Columns, verb

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@verb("cell")
def ard_value(
    frame: pd.DataFrame,
    variable: Column,
    *,
    absent: str = "",
    grouping: str | None = None,
    codelist: str | None = None,
    sentence: bool = False,
    context: MethodContext,
) -> Cells:
    """The text of `variable`, or `absent` where it is missing; whole numbers print without a point.

    grouping, codelist: a value of it prints its label or decode; sentence: text in capitals prints in sentence case.
    """
    shown = _Shown.of(context, [grouping] if grouping else [], codelist, sentence=sentence)
    return _each(frame[variable], shown.text, absent)


@verb("cell")
def ard_number(
    frame: pd.DataFrame,
    variable: Column,
    *,
    digits: int = 0,
    decimals: Column | None = None,
    significant: int | None = None,
    ongoing: Column | None = None,
    absent: str = "",
    context: MethodContext,
) -> Cells:
    """A number with a fixed number of decimals (`digits`, or those in column `decimals`) or of significant digits.

    ongoing: as of `ard_date`; a duration that has not ended prints `+` behind it.
    """
    del context

    def shown(value: float, own: object) -> str:
        if significant is not None:
            return format_significant(value, significant)
        known = number(own)
        return format_fixed(value, digits if known is None else int(known))

    places = frame[decimals] if decimals is not None else [None] * len(frame)
    texts = [
        None if (value := number(found)) is None else shown(value, own) + ("+" if open_ else "")
        for found, own, open_ in zip(frame[variable], places, _ongoing(frame, ongoing), strict=True)
    ]
    return _cells(texts, absent, values=frame[variable])


@verb("cell")
def ard_result(
    frame: pd.DataFrame,
    variable: Column,
    *,
    decimals: Column | None = None,
    text: Column | None = None,
    indicator: Column | None = None,
    grades: Columns | None = None,
    digits: int = 0,
    sentence: bool = False,
    absent: str = "",
    context: MethodContext,
) -> Cells:
    """A measured value with its flags: `3.20 L G2`.

    decimals: column with the decimals of the value, else `digits`; text: column printed instead of the number where it
    has a value (`<50`, POSITIVE); indicator: range indicator, LOW prints L and HIGH prints H; grades: toxicity grades,
    the highest of which prints if it is 1 or more; sentence: text in capitals prints in sentence case.
    """
    words = _Shown.of(context, [], None, sentence=sentence)
    marks = {"LOW": "L", "HIGH": "H"}
    texts: list[str | None] = []
    for record in frame.to_dict("records"):
        value = number(record[variable])
        shown = None if text is None or pd.isna(record[text]) else words.text(record[text])
        if shown is None and value is not None:
            own = None if decimals is None else number(record[decimals])
            shown = format_fixed(value, digits if own is None else int(own))
        if shown is None:
            texts.append(None)
            continue
        mark = "" if indicator is None else marks.get(str(record[indicator]), "")
        grade = max((g for c in grades or () if (g := number(record[c])) is not None), default=0)
        parts = (shown, mark, f"G{int(grade)}" if grade >= 1 else "")
        texts.append(" ".join(p for p in parts if p))
    return _cells(texts, absent, values=frame[variable])


@verb("cell")
def ard_percent(
    frame: pd.DataFrame, variable: Column, *, digits: int = 1, absent: str = "", context: MethodContext
) -> Cells:
    """A proportion between 0 and 1 as a percentage; a whole one prints `100%`."""
    del context

    def shown(value: object) -> str:
        text = format_fixed(100 * float(value), digits)  # type: ignore[arg-type]
        return "100%" if float(text) == 100 else f"{text}%"

    return _each(frame[variable], shown, absent)


@verb("cell")
def ard_interval(
    frame: pd.DataFrame,
    lower: Column,
    upper: Column,
    *,
    digits: int = 1,
    percent: bool = False,
    absent: str = "",
    context: MethodContext,
) -> Cells:
    """Two limits as `(lower, upper)`; percent: proportions, printed times 100. `absent` if one is missing."""
    del context
    texts = []
    for low, high in zip(frame[lower], frame[upper], strict=True):
        limits = [number(v) for v in (low, high)]
        known = [format_fixed(100 * v if percent else v, digits) for v in limits if v is not None]
        texts.append(f"({', '.join(known)})" if len(known) == len(limits) else None)
    return _cells(texts, absent)


@verb("cell")
def ard_flag(frame: pd.DataFrame, variable: Column, *, context: MethodContext) -> Cells:
    """`Y` or nothing: a flag that is not `Y` prints blank."""
    del context
    return _each(frame[variable], lambda v: "Y" if v == "Y" else "")


@verb("cell")
def ard_flags(
    frame: pd.DataFrame, variables: Columns, *, labels: list[str], sep: str = ", ", context: MethodContext
) -> Cells:
    """The labels of the flags that are `Y`, in their order; blank if none is."""
    if len(labels) != len(variables):
        raise context.fault(f"{len(variables)} flags and {len(labels)} labels", "Give a label for each flag.")
    texts = [
        sep.join(label for label, flag in zip(labels, record, strict=True) if pd.notna(flag) and flag == "Y") or None
        for record in frame[variables].itertuples(index=False)
    ]
    return _cells(texts, why="no flag is Y")


@verb("cell")
def ard_date(
    frame: pd.DataFrame,
    variable: Column,
    *,
    day: Column | None = None,
    text: Column | None = None,
    ongoing: Column | None = None,
    absent: str = "",
    context: MethodContext,
) -> Cells:
    """A date as `12MAR2026`, with the study day `(15)` if `day` is given.

    text: the ISO 8601 date as collected, printed instead where it is partial; ongoing: text or flag column; where it
    is `Y` or begins with `ONGOING` or `NOT RECOVERED`, a missing date prints `Ongoing`.
    """
    del context
    shown = [_date(v) for v in frame[variable]]
    if text is not None:
        collected = [_partial(v) for v in frame[text]]
        shown = [c if c is not None else s for c, s in zip(collected, shown, strict=True)]
    if day is not None:
        days = [number(v) for v in frame[day]]
        pairs = zip(shown, days, strict=True)
        shown = [f"{s} ({int(d)})" if s and d is not None else s for s, d in pairs]
    shown = ["Ongoing" if not s and o else s for s, o in zip(shown, _ongoing(frame, ongoing), strict=True)]
    return _cells((s or None for s in shown), absent)


@verb("cell")
def ard_join(
    frame: pd.DataFrame,
    variables: Columns,
    *,
    sep: str = " / ",
    absent: str = "",
    groupings: list[str] | None = None,
    sentence: bool = False,
    context: MethodContext,
) -> Cells:
    """Texts of several columns in one cell; a missing one prints `absent`, or is left out with its separator.

    groupings: a level of one of them prints its label; sentence: text in capitals prints in sentence case.
    """
    shown = _Shown.of(context, groupings or [], None, sentence=sentence)
    texts = []
    for record in frame[variables].itertuples(index=False):
        parts = [shown.text(v) if pd.notna(v) else absent for v in record]
        texts.append(sep.join(p for p in parts if p) or None)
    return _cells(texts)


@dataclass(frozen=True)
class _Shown:
    """How values become texts: labels of known values, sentence case of the others."""

    context: MethodContext
    labels: Mapping[str, str]
    sentence: bool

    @classmethod
    def of(cls, context: MethodContext, groupings: Sequence[str], codelist: str | None, *, sentence: bool) -> _Shown:
        labels = context.codelist(codelist) if codelist else {}
        for name in groupings:
            labels |= context.grouping(name)
        return cls(context, labels, sentence)

    def text(self, value: object) -> str:
        text = _text(value)
        if text in self.labels:
            return self.labels[text]
        return self.context.sentence(text) if self.sentence else text


def _cells(
    texts: Iterable[str | None], absent: str = "", *, values: pd.Series | None = None, why: str = "missing"
) -> Cells:
    """Cells of texts; one that is None prints `absent` and has no value. values: the numbers the texts are of."""
    found = pd.Series(list(texts), dtype="str")
    reasons = pd.Series(why, index=found.index, dtype="str").where(found.isna())
    numbers = None if values is None else values.reset_index(drop=True).astype("Float64")
    return Cells(found.fillna(absent), reasons, numbers)


def _each(values: pd.Series, shown: Callable[[object], str], absent: str = "") -> Cells:
    """Cells of the values of one column, a missing one None; each different value becomes a text once."""
    codes, different = pd.factorize(values)
    texts = [*map(shown, different.tolist()), None]
    numeric = pd.api.types.is_numeric_dtype(values.dtype)
    return _cells((texts[code] for code in codes), absent, values=values if numeric else None)


def _text(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return _date(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _ongoing(frame: pd.DataFrame, column: str | None) -> list[bool]:
    """Whether each record goes on, by a text or flag column; none does without one."""
    if column is None:
        return [False] * len(frame)
    return [str(v).startswith(("Y", "ONGOING", "NOT RECOVERED")) for v in frame[column]]


def _date(value: object) -> str:
    if not isinstance(value, pd.Timestamp):
        return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]
    return f"{value.day:02d}{MONTHS[value.month - 1]}{value.year}"


def _partial(value: object) -> str | None:
    """A date known to the month or year, as `MAR2026` or `2026`; None if it is complete or absent."""
    if not isinstance(value, str):
        return None
    parts = value.partition("T")[0].split("-")
    if len(parts) >= 3 and parts[1].isdigit() and parts[2].isdigit():
        return None
    month = MONTHS[int(parts[1]) - 1] if len(parts) > 1 and parts[1].isdigit() else ""
    return f"{month}{parts[0]}" if parts[0] else None
