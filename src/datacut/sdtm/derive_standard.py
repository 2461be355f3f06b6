"""Standard results and units of findings, and the reference range indicator."""

from __future__ import annotations

import pandas as pd

from datacut.compute.rounding import format_fixed_series
from datacut.datasets.context import Context
from datacut.sdtm.collected import numbers_in
from datacut.spec.registry import Column, NewColumn, verb

_QUALIFIED = r"([<>]=?)\s*(\d+(?:\.\d+)?)"


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

    stresn: the number (Float64), missing for a text result; stresc: the number as text, a bound in the standard unit (`<50`), or the text result (`BLQ`);
    stresu: the standard unit; stnrlo, stnrhi: the range in that unit. A unit the test has no factor for is an error finding and
    its standard values are missing; a result that is neither a number nor `<n`, `>n` or an allowed text is an error finding.
    """
    units = context.units
    spelled = dataset[unit].map(lambda u: units.spellings.get(u, u), na_action="ignore").astype("str")
    pair = dataset[test] + "|" + spelled.fillna("")
    factors: dict[str, float] = {}
    digits: dict[str, int] = {}
    for name, item in units.tests.items():
        factors |= {f"{name}|{item.standard}": 1.0} | {f"{name}|{u}": f for u, f in item.factors.items()}
        factors.setdefault(f"{name}|", 1.0) if not item.standard else None
        if item.digits is not None:
            digits[name] = item.digits
    factor = pair.map(factors).astype("Float64")
    number = numbers_in(dataset[result])
    present = dataset[result].notna()
    unknown = present & factor.isna()
    context.report(
        dataset,
        unknown,
        unit,
        "sdtm.unit",
        "the test has no factor for this unit",
        remedy="Correct the unit, or add its factor to specs/units.yml.",
    )
    limit = dataset[result].str.extract(f"^{_QUALIFIED}$")
    bounded = (limit[0] + (numbers_in(limit[1]) * factor).round(10).map(_plain, na_action="ignore")).astype("str")
    bounded = dataset[result].where(bounded.notna() & (factor == 1.0).fillna(False)).fillna(bounded)
    text = present & number.isna()
    allowed = dataset[result].isin(units.texts) | limit[0].notna()
    context.report(
        dataset,
        text & ~allowed,
        result,
        "sdtm.result",
        "the result is neither a number nor a text that specs/units.yml allows",
        remedy="Query the laboratory; the numeric result is missing.",
    )
    standard = (number * factor).round(10)
    shown = pd.Series(pd.NA, index=dataset.index, dtype="str")
    for name, rows in dataset[standard.notna()].groupby(test, sort=False):
        if name in digits:
            shown.loc[rows.index] = format_fixed_series(standard.loc[rows.index], digits[str(name)])
    plain = standard.map(_plain, na_action="ignore").astype("str")
    # a number whose unit did not change keeps the text it was collected as
    unchanged = standard.notna() & (factor == 1.0).fillna(False)
    shown = shown.fillna(dataset[result].where(unchanged)).fillna(plain)
    out = {stresn: standard, stresc: shown.fillna(bounded).fillna(dataset[result].where(text & limit[0].isna()))}
    if stresu is not None:
        standards = {n: i.standard for n, i in units.tests.items()}
        out[stresu] = dataset[test].map(standards).astype("str").where(present & factor.notna() & (spelled.notna()))
    for column, new in ((low, stnrlo), (high, stnrhi)):
        if column is not None and new is not None:
            bound = numbers_in(dataset[column])
            bad = dataset[column].notna() & bound.isna()
            context.report(
                dataset, bad, column, "sdtm.range", "the limit is not a number", remedy="Query the laboratory."
            )
            out[new] = (bound * factor).round(10)
    return dataset.assign(**out)


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
