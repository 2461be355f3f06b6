"""Standard results and units of findings, and the reference range indicator."""

from __future__ import annotations

import pandas as pd

from datacut.compute.rounding import format_fixed_series
from datacut.compute.units import convert
from datacut.datasets.context import Context
from datacut.sdtm.collected import numbers_in
from datacut.spec.registry import Column, NewColumn, verb
from datacut.spec.units import Units

_QUALIFIED = r"^(?P<sign>[<>]=?)\s*(?P<number>\d+(?:\.\d+)?)$"


@verb("column")
def derive_vars_standard(
    dataset: pd.DataFrame,
    test: Column,
    result: Column,
    unit: Column,
    stresn: NewColumn,
    stresc: NewColumn,
    context: Context,
    stresu: NewColumn | None = None,
    low: Column | None = None,
    high: Column | None = None,
    stnrlo: NewColumn | None = None,
    stnrhi: NewColumn | None = None,
) -> pd.DataFrame:
    """Standard results: `result` in `unit` converted by the factors of specs/units.yml for its `test`.

    stresn: the number (Float64), missing for a text result; stresc: the number as text, a bound in the standard unit
    (`<50`), or the text result (`BLQ`); stresu: the standard unit; stnrlo, stnrhi: the range in that unit. A unit the
    test has no factor for is an error finding and its standard values are missing; a result that is neither a number
    nor `<n`, `>n` or an allowed text is an error finding.
    """
    units = context.units
    collected = dataset[result]
    factor = _factor(dataset[test], dataset[unit], units)
    same = (factor == 1.0).fillna(False)
    number = numbers_in(collected)
    bound = collected.str.extract(_QUALIFIED)
    text = collected.notna() & number.isna() & bound["sign"].isna()
    context.report(
        dataset,
        collected.notna() & ~text & factor.isna(),
        unit,
        "sdtm.unit",
        "the test has no factor for this unit",
        remedy="Correct the unit, or add its factor to specs/units.yml.",
    )
    context.report(
        dataset,
        text & ~collected.isin(units.texts),
        result,
        "sdtm.result",
        "the result is neither a number nor a text that specs/units.yml allows",
        remedy="Query the laboratory; the numeric result is missing.",
    )
    standard = convert(number, factor)
    converted = bound["sign"] + _shown(convert(numbers_in(bound["number"]), factor), dataset[test], units)
    # what is in the standard unit already keeps the text it was collected as
    shown = _shown(standard, dataset[test], units).mask(
        same & number.notna() & ~_fixed(dataset[test], units), collected
    )
    shown = shown.fillna(collected.where(text)).fillna(collected.where(same)).fillna(converted)
    out = {stresn: standard, stresc: shown.astype("str")}
    if stresu is not None:
        standards = {n: i.standard for n, i in units.tests.items()}
        known = dataset[test].map(standards).astype("str")
        out[stresu] = known.where(collected.notna() & factor.notna() & dataset[unit].notna())
    for column, new in ((low, stnrlo), (high, stnrhi)):
        if column is not None and new is not None:
            limit = numbers_in(dataset[column])
            context.report(
                dataset,
                dataset[column].notna() & limit.isna(),
                column,
                "sdtm.range",
                "the limit is not a number",
                remedy="Query the laboratory.",
            )
            out[new] = convert(limit, factor)
    return dataset.assign(**out)


def _factor(test: pd.Series, unit: pd.Series, units: Units) -> pd.Series:
    """Multiplier to the standard unit of the test; missing where the test does not know the unit."""
    spelled = unit.map(lambda u: units.spellings.get(u, u), na_action="ignore").astype("str").fillna("")
    factors = {f"{name}|{u}": f for name, item in units.tests.items() for u, f in item.factors.items()}
    factors |= {f"{name}|{item.standard}": 1.0 for name, item in units.tests.items()}
    return (test + "|" + spelled).map(factors).astype("Float64")


def _fixed(test: pd.Series, units: Units) -> pd.Series:
    return test.isin([name for name, item in units.tests.items() if item.digits is not None])


def _shown(numbers: pd.Series, test: pd.Series, units: Units) -> pd.Series:
    """Numbers as text: with the decimals their test has in specs/units.yml, else as they are."""
    shown = numbers.map(_plain, na_action="ignore").astype("str")
    for name, item in units.tests.items():
        if item.digits is not None:
            rows = test == name
            shown = shown.mask(rows, format_fixed_series(numbers.where(rows), item.digits))
    return shown.astype("str")


def _plain(value: float) -> str:
    return repr(int(value)) if float(value).is_integer() else repr(float(value))


@verb("column")
def derive_nrind(dataset: pd.DataFrame, value: Column, low: Column, high: Column, new: NewColumn) -> pd.DataFrame:
    """LOW, NORMAL or HIGH (codelist NRIND) of a number against its range, limits being normal; missing without a limit
    that would decide."""
    number, least, most = dataset[value], dataset[low], dataset[high]
    flag = pd.Series(pd.NA, index=dataset.index, dtype="str")
    inside = (number >= least).fillna(True) & (number <= most).fillna(True)
    flag = flag.mask(number.notna() & (least.notna() | most.notna()) & inside, "NORMAL")
    flag = flag.mask((number < least).fillna(False), "LOW").mask((number > most).fillna(False), "HIGH")
    return dataset.assign(**{new: flag.astype("str")})
