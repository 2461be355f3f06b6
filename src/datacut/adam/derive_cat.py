"""Values chosen by a condition, a cut point, a map or a codelist, and values put together from other columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import text
from datacut.adam.misuse import misuse
from datacut.compute.dates import ends_before, possible_days
from datacut.compute.numbers import numbers_in
from datacut.engine.codelists import terms_of
from datacut.engine.context import Context
from datacut.errors import Severity, in_data
from datacut.spec.registry import Cases, Column, Columns, Function, NewColumn, verb


@verb("column", gives={"new": ("cases", "otherwise")}, says="{cases}[; else {otherwise}]")
def derive_var_case(
    dataset: pd.DataFrame, cases: Cases, new: NewColumn, otherwise: str | float | None = None, *, context: Context
) -> pd.DataFrame:
    """The value of the first condition that holds, read like SAS `select; when (...) ...; otherwise ...; end`.

    `derive_var_case({'AESER EQ "Y"': "Serious", 'ATOXGRN GE 3': "Severe"}, otherwise="Other")`. A condition that cannot
    be judged for a missing value does not hold. No condition holds: `otherwise`, missing if left out. Values are all
    text or all numbers.
    """
    values = [then for _, then in cases] + ([] if otherwise is None else [otherwise])
    is_text = isinstance(values[0], str)
    if any(isinstance(v, str) != is_text for v in values):
        raise misuse(in_data(context.dataset, new), "values not all of one type", str(values), "Mend them.")
    out = np.full(len(dataset), otherwise, dtype=object)
    open_ = np.ones(len(dataset), dtype=bool)
    for when, then in cases:
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
    says="the {part?order=number|decode} of {source} in [the codelist {codelist:plain}]{codelist?=its codelist|}",
)
def derive_var_decode(
    dataset: pd.DataFrame,
    source: Column,
    new: NewColumn,
    codelist: str | None = None,
    part: str = "decode",
    *,
    context: Context,
) -> pd.DataFrame:
    """The decode of a codelist value, or with part=order its number (its place in the list where none is given).

    codelist: left out, it is that of `source`, else that of the variable itself; a value that the codelist of `source`
    does not have was told of when it was made, and is missing. Otherwise it is an error finding. Missing stays missing.
    An empty decode is the value itself.
    """
    name = codelist or context.codelist_of.get(source) or context.codelist
    place = in_data(context.dataset, new)
    if name is None:
        raise misuse(place, f"{source} has no codelist", "", "Name one with codelist=.")
    if part not in ("decode", "order"):
        raise misuse(place, "no such part", part, "Write part=decode or part=order.")
    terms = terms_of(name, context)
    told = context if codelist else None
    if part == "decode":
        words = {t.value: t.decode or t.value for t in terms}
        return dataset.assign(**{new: text(_mapped(dataset, source, words, told), dataset.index)})
    numbers = {t.value: n if t.order is None else t.order for n, t in enumerate(terms, start=1)}
    mapped = _mapped(dataset, source, numbers, told)
    return dataset.assign(**{new: _typed(mapped, dataset.index, is_text=False)})


@verb(
    "column",
    "mapping",
    gives={"new": ("columns",)},
    says=("{columns:first}{agree?true=; of dates that have a day in common with the first the most precise|}"),
)
def derive_var_coalesce(
    dataset: pd.DataFrame, columns: Columns, new: NewColumn, agree: bool = False, *, context: Context
) -> pd.DataFrame:
    """The first value of `columns` that is not missing; of one column, a copy, whatever its type.

    Columns are of one type; whole and other numbers together give Float64. agree: they are ISO 8601 dates that must
    agree: of those that have a moment in common with the first the most precise is taken (5 December rather than
    December); one that has none is a warning finding.
    """
    values = [dataset[c] for c in columns]
    if len({v.dtype for v in values}) > 1 and all(pd.api.types.is_numeric_dtype(v.dtype) for v in values):
        values = [v.astype("Float64") for v in values]
    out = values[0]
    for other in values[1:]:
        if agree:
            out = _finer(dataset, out, other, new, context)
        out = out.where(out.notna(), other)
    return dataset.assign(**{new: out})


def _finer(
    dataset: pd.DataFrame, found: pd.Series[Any], other: pd.Series[Any], new: str, context: Context
) -> pd.Series[Any]:
    """Of two dates the more precise; those that exclude each other are told, and the first stands."""
    differ = ends_before(found, other) | ends_before(other, found)
    context.report(
        dataset.assign(**{new: found + " / " + other}),
        differ,
        new,
        "sdtm.disagree",
        "sources disagree; the first is used",
        remedy="Query the site.",
        severity=Severity.WARNING,
    )
    finer = (~differ & (_days_of(other) < _days_of(found))).fillna(False).astype(bool)
    return found.where(~finer, other)


def _days_of(dtc: pd.Series[Any]) -> pd.Series[Any]:
    """How many days lie between the earliest and the latest that a date can mean; missing where that is open."""
    earliest, latest = possible_days(dtc)
    return (latest - earliest).dt.days.astype("Int64")


@verb(
    "column",
    gives={"new": ("value",)},
    says="{value}",
)
def derive_var_constant(dataset: pd.DataFrame, value: str | float, new: NewColumn) -> pd.DataFrame:
    """The same value, often a $setting, on every row (of those `where` names)."""
    out = np.full(len(dataset), value, dtype=object)
    return dataset.assign(**{new: _typed(out, dataset.index, isinstance(value, str))})


@verb(
    "column",
    number=True,
    says="the number that {source} spells{told?false=; missing where it is no number|}",
)
def derive_var_number(
    dataset: pd.DataFrame, source: Column, new: NewColumn, told: bool = True, *, context: Context
) -> pd.DataFrame:
    """The number a text spells (`3`, `0.5`); missing stays missing, and so is a text that is no number.

    told: such a text is an error finding; without it the texts are results, of which some are words.
    """
    number = numbers_in(dataset[source])
    if told:
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
    dataset: pd.DataFrame, source: str, to: dict[str, V], context: Context | None
) -> np.ndarray[Any, Any]:
    values = dataset[source].astype(object)
    keys = [None if pd.isna(v) else _key(v) for v in values]
    if context is not None:
        context.report(
            dataset,
            pd.Series([k is not None and k not in to for k in keys], index=dataset.index),
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
