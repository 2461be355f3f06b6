"""Composite responses: criteria that must all hold, kept with the observed and the imputed result and the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import match, take, text
from datacut.adam.misuse import misuse
from datacut.engine.context import RID, Context, NewRecords
from datacut.errors import in_data, nearest
from datacut.spec.registry import (
    Column,
    Columns,
    Condition,
    Function,
    Keys,
    NewCodes,
    NewColumn,
    NewColumns,
    Source,
    SourceCodeMap,
    SourceColumn,
    SourceColumns,
    SourceCondition,
    verb,
)

NOW, BASELINE, PREVIOUS = "now", "baseline", "previous"
NAMES: dict[str, dict[str, str]] = {
    NOW: {},
    BASELINE: {"AVAL": "BASE", "AVALC": "BASEC"},
    PREVIOUS: {"AVAL": "PREVAL", "AVALC": "PREVALC"},
}
"""What a value of each assessment is called."""
OWN = "OWN"
"""First level of the columns of a function's frame that come from the dataset itself."""


_PARTS = (
    "[; the parts are {values} of the records of {source} with the same {by}[ (where {where})] with these codes: "
    "{params}][; those of baseline have the number {baseline}][; those of the assessment before are of the last "
    "assessment with a lower number, at a visit of the windows or not, with a value of one of {previous:plain}; "
    "without one they are missing]"
)
"""What the criteria of a response are judged by."""


@verb(
    "column",
    says={
        "": "{value}" + _PARTS,
        "reason": "{value:reason}" + _PARTS,
        "criteria": '"Y" where {value:own}, "N" where not, else missing' + _PARTS,
    },
)
def derive_vars_response(
    dataset: pd.DataFrame,
    by: Keys,
    source: Source,
    values: SourceColumns,
    value: Function,
    new: NewColumn,
    reason: NewColumn,
    params: SourceCodeMap | None = None,
    where: SourceCondition | None = None,
    baseline: Column | None = None,
    previous: list[str] | None = None,
    inputs: Columns | None = None,
    options: dict[str, str] | None = None,
    criteria: NewColumns | None = None,
    param: SourceColumn = "PARAMCD",
    *,
    context: Context,
) -> pd.DataFrame:
    """The observed result of a composite (`Y`, `N`, missing), why it is not Y, and each of its criteria in order.

    value receives one row per row of the dataset and columns on two levels: for each of `values` (AVAL, AVALC) one
    column per part of `params` (`{part: PARAMCD}`), of the source records of `where` with the same key, and the
    dataset's own `inputs` under OWN; options go to it by name. It returns the criteria, `observed` and `reason`. The
    last of `by` numbers the assessments. baseline: column with the number of the baseline assessment, whose values
    stand under BASE and BASEC; previous: parts, and under PREVAL and PREVALC stand the values of the last earlier
    assessment at which one of them has a value. Several source records of one parameter and key are an error finding,
    and none is used.
    """
    given = list(criteria or ())
    if not len(dataset):
        return _without_rows(dataset, [new, reason, *given])
    parts = params or {}
    kept = source.loc[context.mask(source, where) & source[param].isin(list(parts.values()))]
    double = kept.duplicated([*by, param], keep=False)
    _tell_several(dataset, by, kept.loc[double], new, context)
    kept = kept.loc[~double]
    numbers = {NOW: dataset[by[-1]]}
    if baseline is not None:
        numbers[BASELINE] = dataset[baseline]
    if previous is not None:
        strange = sorted(set(previous) - set(parts))
        if strange:
            raise misuse(in_data(context.dataset, new), "no such part", strange[0], nearest(strange[0], parts))
        some = kept[list(values)].notna().any(axis=1) & kept[param].isin([parts[p] for p in previous])
        numbers[PREVIOUS] = _number_before(dataset, by, kept.loc[some])
    wide: dict[tuple[str, str], pd.Series[Any]] = {}
    for level, number in numbers.items():
        at = dataset.assign(**{by[-1]: number})
        found = pivoted(at, by, kept, list(values), param, parts)
        wide |= {(NAMES[level].get(name, name), part): column for (name, part), column in found.items()}
        for code in dict.fromkeys(parts.values()):
            of_part = kept.loc[kept[param].eq(code).fillna(False).astype(bool)]
            place = match(at, by, of_part, by)
            for name in values:
                context.chose(dataset, of_part, place, {new: name})
    for name in inputs or []:
        wide[(OWN, name)] = dataset[name]
    made: Any = value(pd.DataFrame(wide, index=dataset.index), **(options or {}))
    names = list(made.columns[: list(made.columns).index("observed")])
    if given and len(given) != len(names):
        what = f"{len(names)} criteria ({', '.join(names)}), and {len(given)} columns for them"
        raise misuse(in_data(context.dataset, new), what, "", "Give one column for each, in this order.")
    out = {new: made["observed"], reason: made["reason"]}
    out |= {column: made[name] for column, name in zip(given, names, strict=False)}
    return dataset.assign(**out)


@verb(
    "records",
    writes=("PARAMCD",),
    says=(
        "for each record[ where {where}] one record of it with the value {values:own}: a number is AVAL, a text is "
        'AVALC, and AVAL 1 for "Y", 0 for "N"[; AVALRSN is {reasons:own}][; AVALLO is {lows:own}]'
        "[; AVALHI is {highs:own}]"
    ),
)
def derive_param_values(
    dataset: pd.DataFrame,
    by: Columns,
    params: NewCodes,
    values: Columns,
    reasons: Columns | None = None,
    lows: Columns | None = None,
    highs: Columns | None = None,
    where: Condition | None = None,
    *,
    context: Context,
) -> NewRecords:
    """Per row of `where` one record for each of `params`, with the value of the column at the same place of `values`.

    A number goes to AVAL; `Y`, `N` or other text to AVALC, and of Y and N AVAL is 1 and 0. reasons, as many columns, go
    to AVALRSN; lows and highs, likewise, to AVALLO and AVALHI, between which a value lies that is not known. A missing
    value has its record too.
    """
    require_pairs(params, values, context)
    kept = dataset.loc[context.mask(dataset, where)]
    made = stacked([records_of(kept, by, *pair, None) for pair in _pairs(kept, params, values, reasons)])
    for name, columns in {"AVALLO": lows, "AVALHI": highs}.items():
        if columns is not None:
            bounds = [kept[c].astype("Float64") for c in columns]
            made.rows[name] = pd.concat(bounds, ignore_index=True)
    return made


def require_pairs(params: list[str], values: list[str], context: Context) -> None:
    """Raise SpecError unless there is one column for each parameter."""
    if len(params) != len(values):
        what = f"{len(params)} parameters and {len(values)} columns"
        raise misuse(in_data(context.dataset, context.variable), what, "", "Give one column for each.")


def _pairs(
    dataset: pd.DataFrame, params: list[str], values: list[str], reasons: list[str] | None
) -> list[tuple[str, pd.Series[Any], pd.Series[Any]]]:
    blank = text([None] * len(dataset), dataset.index)
    texts = [dataset[c] for c in reasons] if reasons else [blank] * len(params)
    return [(code, dataset[c], why) for code, c, why in zip(params, values, texts, strict=True)]


def stacked(parts: list[NewRecords]) -> NewRecords:
    """Records one after the other, each with its parents."""
    sizes = np.cumsum([0, *(len(p.rows) for p in parts)])
    parents = [p.parents.assign(position=p.parents["position"] + int(n)) for p, n in zip(parts, sizes, strict=False)]
    return NewRecords(pd.concat([p.rows for p in parts], ignore_index=True), pd.concat(parents, ignore_index=True))


def _number_before(dataset: pd.DataFrame, by: list[str], kept: pd.DataFrame) -> pd.Series[Any]:
    """The greatest number of the records of the same group below that of each row; missing if there is none."""
    known: dict[tuple[object, ...], list[int]] = {}
    for *group, number in kept[list(by)].dropna().itertuples(index=False):
        known.setdefault(tuple(group), []).append(int(number))
    found = []
    for *group, number in dataset[list(by)].itertuples(index=False):
        earlier = [n for n in known.get(tuple(group), []) if not pd.isna(number) and n < number]
        found.append(max(earlier, default=None))
    return pd.Series(found, index=dataset.index, dtype="Int64")


def _without_rows(dataset: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return dataset.assign(**{c: text([], dataset.index) for c in columns})


def pivoted(
    dataset: pd.DataFrame, by: list[str], kept: pd.DataFrame, values: list[str], param: str, parts: dict[str, str]
) -> dict[tuple[str, str], pd.Series[Any]]:
    """Columns by value and part, on the rows of `dataset`; records are unique by key and parameter.

    A part whose parameter has no record is there too, missing on every row.
    """
    wide: dict[tuple[str, str], pd.Series[Any]] = {}
    for part, code in parts.items():
        records = kept.loc[kept[param].eq(code).fillna(False).astype(bool)]
        found = match(dataset, by, records, by)
        for name in values:
            wide[(name, part)] = take(records[name], found, dataset.index)
    return wide


def records_of(
    dataset: pd.DataFrame, by: list[str], code: str, value: pd.Series[Any], reason: pd.Series[Any], dtype: str | None
) -> NewRecords:
    """A record of a parameter for each row: numbers in AVAL, text in AVALC (AVAL 1 for Y, 0 for N), reason, DTYPE."""
    rows = dataset[list(by)].reset_index(drop=True)
    rows["PARAMCD"] = text([code] * len(rows), rows.index)
    if pd.api.types.is_numeric_dtype(value.dtype):
        rows["AVAL"] = pd.Series(value.astype("Float64").array)
        rows["AVALC"] = text([None] * len(rows), rows.index)
    else:
        rows["AVALC"] = text(value.astype(object), rows.index)
        rows["AVAL"] = rows["AVALC"].astype(object).map({"Y": 1, "N": 0}).astype("Float64")
    rows["AVALRSN"] = text(reason.astype(object), rows.index)
    rows["DTYPE"] = text([dtype] * len(rows), rows.index)
    return NewRecords(rows, pd.DataFrame({"position": np.arange(len(rows)), "parent": dataset[RID].to_numpy()}))


def _tell_several(dataset: pd.DataFrame, by: list[str], double: pd.DataFrame, new: str, context: Context) -> None:
    if not len(double):
        return
    rows = match(dataset, by, double.drop_duplicates(by), by) >= 0
    context.report(
        dataset,
        pd.Series(rows, index=dataset.index),
        new,
        "adam.response.several",
        f"several source records of one parameter have the key {', '.join(by)}; none is used",
        value="",
        remedy="Choose one with where=, say by its analysis flag.",
    )
