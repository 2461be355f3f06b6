"""Courses of treatment in a normal form: the drug without its salt, the scheduled dose a day, records that repeat.

What is not known of a dose lies between a lowest and a highest possible amount; the rules on treatment read both.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.adam.groups import text
from datacut.compute.courses import BOUNDS, course_bounds
from datacut.compute.drug_names import fold_drug_name
from datacut.compute.schedules import compute_scheduled_dose, convert_to_mg
from datacut.compute.sle.steroids import compute_prednisone_equivalent, is_systemic_glucocorticoid
from datacut.compute.threeway import to_yn
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Column, Columns, Condition, Keys, NewColumn, Table, verb


@verb(
    "column",
    says=(
        "the first of {columns} that is not missing, in capitals, as define-supplement.html, tables "
        "{names} and {salts}, spell the drug without its salt"
    ),
)
def derive_var_drug_name(
    dataset: pd.DataFrame, columns: Columns, new: NewColumn, names: Table, salts: Table
) -> pd.DataFrame:
    """The drug that the first of `columns` with a value names, in capitals and without its salt.

    names: table with columns NAME (a spelling, or a salt that is a drug of its own) and DRUG; salts: table with a
    column WORD of words that do not change the drug.
    """
    collected = dataset[columns[0]]
    for column in columns[1:]:
        collected = collected.where(collected.notna(), dataset[column])
    spellings = dict(zip(names["NAME"], names["DRUG"], strict=True))
    return dataset.assign(**{new: fold_drug_name(collected, spellings, list(salts["WORD"]))})


@verb(
    "column",
    says={
        "new": (
            "the amount a day in mg or mg/kg: {dose} in {unit} times the administrations a day of "
            "{frequency}, where it is known"
        ),
        "low": (
            "the lowest possible amount a day in mg or mg/kg: {dose} in {unit} times the administrations a "
            "day of {frequency} (just above 0 where one of these is not known, 0 as needed)"
        ),
        "high": (
            "the highest possible amount a day in mg or mg/kg: {dose} in {unit} times the administrations a "
            "day of {frequency}; missing, no bound"
        ),
        "unit_new": "mg or mg/kg, as {unit} is by weight or not",
    },
)
def derive_vars_scheduled_dose(
    dataset: pd.DataFrame,
    dose: Column,
    unit: Column,
    frequency: Column,
    new: NewColumn,
    low: NewColumn,
    high: NewColumn,
    unit_new: NewColumn,
) -> pd.DataFrame:
    """Scheduled dose a day: dose x administrations a day, in mg or mg/kg (`unit_new`), Float64.

    low, high: the lowest and highest possible amount. An unknown dose, unit or frequency leaves the lowest just above 0
    and no highest; a month has 28 to 31 days, as needed is none or any number. new: the amount where both are equal.
    """
    amount, measure = convert_to_mg(dataset[dose], dataset[unit])
    bounds = compute_scheduled_dose(amount, dataset[frequency])
    known = bounds["low"].where(bounds["low"].eq(bounds["high"]).fillna(False))
    return dataset.assign(**{new: known, low: bounds["low"], high: bounds["high"], unit_new: measure})


@verb(
    "column",
    says={
        "new": (
            "the scheduled dose a day ({dose} in {unit} by {frequency}, a dose a kg times {weight}) times 5 "
            "over the mg of {drug} in define-supplement.html, table {equivalents}, of a systemic "
            "glucocorticoid by {route}, where it is known"
        ),
        "low": (
            "the lowest possible scheduled dose a day ({dose} in {unit} by {frequency}, a dose a kg times "
            "{weight}) times 5 over the mg of {drug} in define-supplement.html, table {equivalents}, of a "
            "systemic glucocorticoid by {route}"
        ),
        "high": (
            "the highest possible scheduled dose a day ({dose} in {unit} by {frequency}, a dose a kg times "
            "{weight}) times 5 over the mg of {drug} in define-supplement.html, table {equivalents}, of a "
            "systemic glucocorticoid by {route}; missing, no bound"
        ),
        "counts": (
            '"Y" on a record where {glucocorticoid}, or whose {drug} is in define-supplement.html, table '
            '{equivalents}, given by a systemic {route}; "N" on others; missing where the route, or not '
            "({known}), leaves it open"
        ),
    },
)
def derive_vars_prednisone(
    dataset: pd.DataFrame,
    drug: Column,
    route: Column,
    dose: Column,
    unit: Column,
    frequency: Column,
    weight: Column,
    glucocorticoid: Condition,
    known: Condition,
    equivalents: Table,
    new: NewColumn,
    low: NewColumn,
    high: NewColumn,
    counts: NewColumn,
    *,
    context: Context,
) -> pd.DataFrame:
    """Prednisone equivalent of the scheduled dose a day, mg, Float64, with the lowest and highest possible one.

    counts: Y of a systemic glucocorticoid, N of another record, missing where route or class leave it open. A record is
    one where `glucocorticoid` holds or its folded `drug` is in equivalents (columns DRUG and MG: mg equal to 5 mg of
    prednisone; blank, it does not count); where `known` does not hold, its class is not known. Of N all three are
    missing. A drug without an equivalent is a warning, and its dose is not known; so is an unknown dose, unit or
    frequency. A dose a kilogram is multiplied by `weight` (kg).
    """
    pairs = zip(equivalents["DRUG"], equivalents["MG"], strict=True)
    equal = {str(name): None if pd.isna(mg) else float(mg) for name, mg in pairs}
    of_class = context.mask(dataset, glucocorticoid).astype("boolean").mask(~context.mask(dataset, known))
    systemic = is_systemic_glucocorticoid(dataset[drug], dataset[route], of_class, equal)
    possible = systemic.fillna(True).astype(bool)
    strange = possible & of_class.fillna(False).astype(bool) & ~dataset[drug].isin(list(equal))
    context.report(
        dataset,
        strange,
        drug,
        "adam.drug.equivalent",
        "a systemic glucocorticoid without a prednisone equivalent; its dose is not known",
        remedy="Add the drug to the table of equivalents in study.yml, or its spelling to that of names.",
        severity=Severity.WARNING,
    )
    amount, measure = convert_to_mg(dataset[dose], dataset[unit], dataset[weight])
    each = compute_prednisone_equivalent(dataset[drug], amount.where(measure.eq("mg").fillna(False)), equal)
    bounds = compute_scheduled_dose(each, dataset[frequency]).where(possible)
    same = bounds["low"].eq(bounds["high"]).fillna(False) & systemic.fillna(False).astype(bool)
    return dataset.assign(
        **{new: bounds["low"].where(same), low: bounds["low"], high: bounds["high"], counts: to_yn(systemic)}
    )


@verb(
    "column",
    says={
        "new": (
            "number of the course within {by}: records with equal {drug}, {amount}, {unit}, {frequency}, "
            "{route} and {indication} share one; a record of which one of these is missing has its own"
        ),
        "repeats": (
            '"Y" on a record that surely has a day from {start} to {end} in common with an earlier one of its number'
        ),
    },
)
def derive_vars_course_number(
    dataset: pd.DataFrame,
    by: Keys,
    drug: Column,
    amount: Column,
    unit: Column,
    frequency: Column,
    route: Column,
    indication: Column,
    start: Column,
    end: Column,
    begun_by: Column,
    new: NewColumn,
    repeats: NewColumn,
    *,
    context: Context,
) -> pd.DataFrame:
    """Number of the course within the key: records equal in drug, dose, frequency, route and indication share one.

    amount: scheduled dose a day in `unit`, which is equal where the dose is. A record of which one of these is missing
    has a number of its own. repeats: Y of a record that surely has a day in common with an earlier
    one of its number, which is a warning: they count once. A day on which one ends and the other begins is none.
    """
    parts = pd.DataFrame(
        {
            **{f"key{n}": dataset[c].astype(object) for n, c in enumerate(by)},
            **{c: dataset[c].astype(object) for c in (drug, amount, unit, frequency, route, indication)},
        }
    )
    whole = parts.notna().all(axis=1)
    numbers: dict[tuple[object, ...], int] = {}
    found, doubled = [], []
    bounds = course_bounds(dataset[start], dataset[end], once=_once(dataset[frequency]), begun_by=dataset[begun_by])
    earlier: dict[tuple[object, ...], list[tuple[int, int]]] = {}
    counted: dict[tuple[object, ...], int] = {}
    for row, (cells, complete, days) in enumerate(
        zip(parts.itertuples(index=False, name=None), whole, bounds[list(BOUNDS)].to_numpy().tolist(), strict=True)
    ):
        person = cells[: len(by)]
        name = cells if complete else (*person, row)
        if name not in numbers:
            counted[person] = counted.get(person, 0) + 1
            numbers[name] = counted[person]
        found.append(numbers[name])
        first, last = days[1], days[2]
        surely = [(max(a, first), min(b, last)) for a, b in earlier.get(name, [])]
        doubled.append(first <= last and any(a < b or (a == b and first == last) for a, b in surely))
        if first <= last:
            earlier.setdefault(name, []).append((first, last))
    again = pd.Series(doubled, index=dataset.index, dtype=bool)
    context.report(
        dataset,
        again,
        drug,
        "adam.course.repeated",
        "another record says the same of overlapping days; the two count once",
        remedy="Ask whether one of them is a double entry, or give what differs.",
        severity=Severity.WARNING,
    )
    flags = text(["Y" if double else None for double in doubled], dataset.index)
    return dataset.assign(**{new: pd.Series(found, index=dataset.index, dtype="Int64"), repeats: flags})


def _once(frequency: pd.Series[Any]) -> pd.Series[Any]:
    return frequency.eq("ONCE").fillna(False).astype("boolean")
