"""Values chosen by a condition, a cut point, a map or a codelist, and values put together from other columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import text
from datacut.adam.misuse import misuse
from datacut.engine.context import Context
from datacut.errors import in_data, nearest
from datacut.spec.registry import Column, Columns, Condition, Function, NewColumn, verb


@verb(
    "column",
    gives={"new": ("then1", "then2", "then3", "then4", "then5", "then6", "then7", "then8", "then9", "otherwise")},
    says=(
        "{then1} where {when1}[; else {then2} where {when2}][; else {then3} where {when3}][; else "
        "{then4} where {when4}][; else {then5} where {when5}][; else {then6} where {when6}][; else "
        "{then7} where {when7}][; else {then8} where {when8}][; else {then9} where {when9}][; else "
        "{otherwise}]"
    ),
)
def derive_var_case(
    dataset: pd.DataFrame,
    when1: Condition,
    then1: str | float,
    when2: Condition | None = None,
    then2: str | float | None = None,
    when3: Condition | None = None,
    then3: str | float | None = None,
    when4: Condition | None = None,
    then4: str | float | None = None,
    when5: Condition | None = None,
    then5: str | float | None = None,
    when6: Condition | None = None,
    then6: str | float | None = None,
    when7: Condition | None = None,
    then7: str | float | None = None,
    when8: Condition | None = None,
    then8: str | float | None = None,
    when9: Condition | None = None,
    then9: str | float | None = None,
    *,
    new: NewColumn,
    otherwise: str | float | None = None,
    context: Context,
) -> pd.DataFrame:
    """The value of the first condition that holds, read like SAS `select; when (...) ...; otherwise ...; end`.

    `derive_var_case('AESER EQ "Y"', "Serious", 'ATOXGRN GE 3', "Severe", otherwise="Other")`: pairs of condition and
    value in order, at most nine. A condition that cannot be judged for a missing value does not hold. No condition
    holds: `otherwise`, missing if left out. Values are all text or all numbers.
    """
    pairs = [
        (when1, then1), (when2, then2), (when3, then3), (when4, then4), (when5, then5),
        (when6, then6), (when7, then7), (when8, then8), (when9, then9),
    ]  # fmt: skip
    given = [(when, then) for when, then in pairs if when is not None]
    values = [then for _, then in given] + ([] if otherwise is None else [otherwise])
    is_text = isinstance(values[0], str)
    if any(isinstance(v, str) != is_text or v is None for v in values):
        raise misuse(
            in_data(context.dataset, new), "values not all given, or not all of one type", str(values), "Mend them."
        )
    out = np.full(len(dataset), otherwise, dtype=object)
    open_ = np.ones(len(dataset), dtype=bool)
    for when, then in given:
        holds = context.mask(dataset, when).to_numpy() & open_
        out[holds] = then
        open_ &= ~holds
    return dataset.assign(**{new: _typed(out, dataset.index, is_text)})


@verb(
    "column",
    gives={"new": ("labels",)},
    says={
        "new": (
            "of the intervals that {breaks} make of {source}, named {labels} in rising order, the one that "
            "holds it; a value equal to a break belongs to the {right?true=lower|upper} interval"
        ),
        "number": (
            "place (1, 2, ...) of the interval of {source} that {breaks} make; a value equal to a break "
            "belongs to the {right?true=lower|upper} interval"
        ),
    },
)
def derive_var_cat(
    dataset: pd.DataFrame,
    source: Column,
    new: NewColumn,
    breaks: list[float],
    labels: list[str],
    number: NewColumn | None = None,
    right: bool = False,
) -> pd.DataFrame:
    """The label of the interval a number lies in, and in `number` its place 1, 2, ...

    breaks rise; n breaks make n+1 intervals. A value equal to a break belongs to the upper interval, or to the lower
    one with right=true. Missing: both missing.
    """
    if len(labels) != len(breaks) + 1 or sorted(set(breaks)) != list(breaks):
        what = f"{len(breaks)} breaks and {len(labels)} labels"
        raise misuse(in_data("", new), what, "", "Give rising breaks and one label more.")
    value = dataset[source].astype("Float64")
    known = value.notna()
    place = np.searchsorted(
        np.asarray(breaks, dtype=float),
        value.fillna(0).to_numpy(dtype=float),
        side="left" if right else "right",
    )
    out: dict[str, pd.Series[Any]] = {new: text(np.asarray(labels, dtype=object)[place], dataset.index).where(known)}
    if number is not None:
        out[number] = pd.Series(place + 1, index=dataset.index, dtype="Int64").where(known)
    return dataset.assign(**out)


@verb(
    "column",
    gives={"new": ("to",)},
    says="of {source}: {to}",
)
def derive_var_recode(
    dataset: pd.DataFrame, source: Column, new: NewColumn, to: dict[str, str], *, context: Context
) -> pd.DataFrame:
    """The text that `to` gives for each value of `source`.

    Missing stays missing; a value that `to` does not know is an error finding, and missing.
    """
    return dataset.assign(**{new: text(_mapped(dataset, source, to, context), dataset.index)})


@verb(
    "column",
    number=True,
    says="of {source}: {to}",
)
def derive_var_recode_n(
    dataset: pd.DataFrame, source: Column, new: NewColumn, to: dict[str, float], *, context: Context
) -> pd.DataFrame:
    """The number that `to` gives for each value of `source`.

    Missing stays missing; a value that `to` does not know is an error finding, and missing.
    """
    return dataset.assign(**{new: _typed(_mapped(dataset, source, to, context), dataset.index, is_text=False)})


@verb(
    "column",
    says="the {part?order=number|decode} of {source} in the codelist {codelist:plain}",
)
def derive_var_decode(
    dataset: pd.DataFrame,
    source: Column,
    new: NewColumn,
    codelist: str,
    part: str = "decode",
    *,
    context: Context,
) -> pd.DataFrame:
    """The decode of a codelist value, or with part=order its number (its place in the list where none is given).

    Missing stays missing, a value that is not in the codelist is an error finding. An empty decode is the value itself.
    """
    terms = context.codelists.get(codelist)
    if terms is None:
        raise misuse(in_data(context.dataset, new), "no such codelist", codelist, nearest(codelist, context.codelists))
    if part not in ("decode", "order"):
        raise misuse(in_data(context.dataset, new), "no such part", part, "Write part=decode or part=order.")
    if part == "decode":
        words = {t.value: t.decode or t.value for t in terms.terms}
        return dataset.assign(**{new: text(_mapped(dataset, source, words, context), dataset.index)})
    numbers = {t.value: n if t.order is None else t.order for n, t in enumerate(terms.terms, start=1)}
    mapped = _mapped(dataset, source, numbers, context)
    return dataset.assign(**{new: _typed(mapped, dataset.index, is_text=False)})


@verb(
    "column",
    gives={"new": ("columns",)},
    says="{columns:first}",
)
def derive_var_coalesce(dataset: pd.DataFrame, columns: Columns, new: NewColumn) -> pd.DataFrame:
    """The first value of `columns` that is not missing; of one column, a copy.

    Columns are of one type; whole and other numbers together give Float64.
    """
    values = [dataset[c] for c in columns]
    if len({v.dtype for v in values}) > 1 and all(pd.api.types.is_numeric_dtype(v.dtype) for v in values):
        values = [v.astype("Float64") for v in values]
    out = values[0]
    for other in values[1:]:
        out = out.where(out.notna(), other)
    return dataset.assign(**{new: out})


@verb(
    "column",
    gives={"new": ("value",)},
    says="{value}",
)
def derive_var_constant(dataset: pd.DataFrame, new: NewColumn, value: str | float) -> pd.DataFrame:
    """The same value, often a $setting, on every row."""
    out = np.full(len(dataset), value, dtype=object)
    return dataset.assign(**{new: _typed(out, dataset.index, isinstance(value, str))})


@verb(
    "column",
    number=True,
    says="the number that {source} spells",
)
def derive_var_number(dataset: pd.DataFrame, source: Column, new: NewColumn, *, context: Context) -> pd.DataFrame:
    """The number a text spells (`3`, `0.5`); missing stays missing, a text that is no number is an error finding."""
    number = pd.to_numeric(dataset[source].astype(object), errors="coerce").astype("Float64")
    context.report(
        dataset,
        dataset[source].notna() & number.isna(),
        source,
        "adam.number",
        "not a number",
        remedy="Mend the source, or leave the row out with where:.",
    )
    return dataset.assign(**{new: _whole(number)})


@verb(
    "column",
    says="{source} as text",
)
def derive_var_text(dataset: pd.DataFrame, source: Column, new: NewColumn) -> pd.DataFrame:
    """A number as text, without a decimal point where it is whole; missing stays missing."""

    def shown(value: object) -> str | None:
        if pd.isna(value):  # type: ignore[call-overload]
            return None
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

    return dataset.assign(**{new: text([shown(v) for v in dataset[source]], dataset.index)})


@verb(
    "column",
    says="{value}",
)
def derive_var_computed(dataset: pd.DataFrame, inputs: Columns, value: Function, new: NewColumn) -> pd.DataFrame:
    """What a function makes of the `inputs` columns of each row; the function states what missing inputs mean."""
    return dataset.assign(**{new: value(dataset[list(inputs)])})


def _mapped[V: (str, float)](
    dataset: pd.DataFrame, source: str, to: dict[str, V], context: Context
) -> np.ndarray[Any, Any]:
    values = dataset[source].astype(object)
    keys = [None if pd.isna(v) else _key(v) for v in values]
    unknown = pd.Series([k is not None and k not in to for k in keys], index=dataset.index)
    context.report(
        dataset,
        unknown,
        source,
        "adam.recode",
        "a value the map does not know",
        remedy=f"Add it to the map; known: {', '.join(list(to)[:12])}.",
    )
    return np.array([to.get(k) if k is not None else None for k in keys], dtype=object)


def _key(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _typed(values: np.ndarray[Any, Any], index: pd.Index[Any], is_text: bool) -> pd.Series[Any]:
    if is_text:
        return text(values, index)
    return _whole(pd.Series(values, index=index, dtype="object").astype("Float64"))


def _whole(numbers: pd.Series[Any]) -> pd.Series[Any]:
    """Int64 if every number is whole, else Float64."""
    known = numbers.dropna()
    return numbers.astype("Int64") if bool((known % 1 == 0).all()) else numbers


@verb(
    "column",
    says="the part of {source} {part?1=before|after} the first {sep}",
)
def derive_var_part(dataset: pd.DataFrame, source: Column, sep: str, part: int, new: NewColumn) -> pd.DataFrame:
    """The part of a text before (1) or after (2) the first `sep`; missing where the text is, or has no `sep`."""
    pieces = dataset[source].astype("str").str.partition(sep)
    found = pieces[0 if part == 1 else 2].where(pieces[1] == sep)
    return dataset.assign(**{new: text(found, dataset.index)})
