"""Standard results and units of findings, and the reference range indicator."""

from __future__ import annotations

import pandas as pd

from datacut.compute.boundaries import above, at_least, at_most, below
from datacut.compute.result_text import COMMA, THOUSANDS, ResultText, fold_result, read_result
from datacut.compute.rounding import decimal_text, format_fixed_series, round_half_away
from datacut.compute.units import convert
from datacut.datasets.model import value_text
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Column, NewColumn, verb
from datacut.spec.units import Units

_ODD_RANGE = 4.0
"""Ratio to the usual limit of a test from which another unit explains a limit better."""


@verb(
    "column",
    says={
        "stresn": (
            "the number in {result}, converted from {unit} to the standard unit of the test with the factor "
            "of define-supplement.html, section units, and rounded to its digits; missing for a bound (<, >) "
            "and for words"
        ),
        "stresc": (
            "the converted number as text; a bound as it is with its number in the standard unit; words as "
            "define-supplement.html, section units, has them"
        ),
        "stresu": "the standard unit of the test {test} (define-supplement.html, section units)",
        "stnrlo": "{low} converted like the result",
        "stnrhi": "{high} converted like the result",
    },
)
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
    range_unit: Column | None = None,
    lloq: Column | None = None,
) -> pd.DataFrame:
    """Standard results: `result` in `unit` converted by specs/units.yml for its `test`.

    stresn: the number (Float64), missing for a bound and for a result in words; stresc: the number as text, a bound in
    the standard unit (`<50`, `>=1000`), or the standard text of the words (`NEGATIVE`); both are rounded to the
    `digits` of the test. stresu: the standard unit; stnrlo, stnrhi: the range in that unit. range_unit: unit of the
    range, where it has its own. lloq: limit of quantification in the standard unit: words that say below it (`below` in
    specs/units.yml) and a result below it as a bound become one text, `<` and the limit.
    Findings: a unit that is missing or that the test does not have (error; standard values missing); a result that is
    neither a number, a bound nor words that specs/units.yml allows, or holds a comma that may mean either (error;
    stresc as collected); thousands marks (warning; read); a limit that is no number (error); a range in another unit
    than the result (warning), and one that looks like it (warning; kept as it is).
    """
    units, collected = context.units, dataset[result]
    factor, offset = _scale(dataset[test], dataset[unit], units)
    words = _words(dataset[test], collected, units)
    read = {t: read_result(t) for t in collected.dropna().unique()}
    sign, number = (
        collected.map({t: getattr(r, part) or pd.NA for t, r in read.items()}).astype("str").mask(words.notna())
        for part in ("sign", "number")
    )
    numeric = number.notna()
    _report_units(dataset, test, unit, numeric & factor.isna(), context)
    _report_results(dataset, result, collected, read, words, context)

    standard = _rounded(convert(number.astype("Float64"), factor, offset), dataset[test], units)
    as_typed = ((factor == 1.0) & (offset == 0.0)).fillna(False) & ~_fixed(dataset[test], units)
    shown = _shown(standard, dataset[test], units).mask(as_typed, number)
    text = (sign.fillna("") + shown).mask(~numeric, words.fillna(collected)).astype("str")
    if lloq is not None:
        limit = dataset[lloq].astype("Float64")
        under = words.isin(units.below) | (sign.eq("<") & at_least(standard, limit) & at_most(standard, limit)).fillna(
            False
        )
        text = text.mask(under & limit.notna(), "<" + limit.map(decimal_text, na_action="ignore").astype("str"))
    out = {stresn: standard.mask(sign.notna()), stresc: text}
    if stresu is not None:
        standards = {n: i.standard for n, i in units.tests.items()}
        known = dataset[test].map(standards).astype("str")
        out[stresu] = known.where(collected.notna() & factor.notna() & dataset[unit].notna())
    by = factor, offset
    if range_unit is not None:
        by = _range_scale(dataset, test, unit, range_unit, by, context)
    for column, new in ((low, stnrlo), (high, stnrhi)):
        if column is not None and new is not None:
            out[new] = convert(_limit(dataset, column, context), *by)
            _report_odd_range(dataset, test, column, out[new], context)
    return dataset.assign(**out)


def _report_results(
    dataset: pd.DataFrame,
    result: str,
    collected: pd.Series,
    read: dict[str, ResultText],
    words: pd.Series,
    context: Context,
) -> None:
    for chosen, what, remedy, severity in (
        (
            {t for t, r in read.items() if not r.number and not r.doubt},
            "the result is neither a number nor a text that specs/units.yml allows",
            "Query the laboratory, or add the text to specs/units.yml; the numeric result is missing.",
            Severity.ERROR,
        ),
        (
            {t for t, r in read.items() if r.doubt == COMMA},
            f"{COMMA}; the number is not guessed",
            "Query the laboratory; the numeric result is missing.",
            Severity.ERROR,
        ),
        (
            {t for t, r in read.items() if r.doubt == THOUSANDS},
            THOUSANDS,
            "Check the result with the laboratory.",
            Severity.WARNING,
        ),
    ):
        rows = collected.isin(chosen) & words.isna()
        told = "" if severity is Severity.WARNING else "raw.number"
        context.report(dataset, rows, result, "sdtm.result", what, remedy=remedy, severity=severity, unless=told)


def _report_units(dataset: pd.DataFrame, test: str, unit: str, rows: pd.Series, context: Context) -> None:
    known, blank = dataset[test].isin(context.units.tests), dataset[unit].isna()
    for chosen, what, remedy in (
        (rows & ~known, "the test has no units in specs/units.yml", "Describe the test there."),
        (
            rows & known & ~blank,
            "the test has no factor for this unit",
            "Correct the unit, or add it to the test in specs/units.yml.",
        ),
        (rows & known & blank, "the result has no unit; nothing is assumed", "Query the site for the unit."),
    ):
        context.report(dataset, chosen, unit, "sdtm.unit", what, remedy=remedy)


def _scale(test: pd.Series, unit: pd.Series, units: Units) -> tuple[pd.Series, pd.Series]:
    """Factor to the standard unit of the test and what is added after it; missing where it does not know the unit."""
    pairs = list(zip(test.fillna("").tolist(), unit.fillna("").tolist(), strict=True))
    found = {pair: units.conversion(*pair) or (None, None) for pair in set(pairs)}
    factor, offset = (
        pd.Series([found[pair][part] for pair in pairs], index=test.index, dtype="Float64") for part in (0, 1)
    )
    return factor, offset


def _words(test: pd.Series, collected: pd.Series, units: Units) -> pd.Series:
    """The standard text of a result in words; missing where it is none."""
    known = {t: units.words(t) for t in test.fillna("").unique()}
    pairs = zip(test.fillna("").tolist(), collected.fillna("").tolist(), strict=True)
    return pd.Series([known[t].get(fold_result(r)) if r else None for t, r in pairs], index=test.index, dtype="str")


def _range_scale(
    dataset: pd.DataFrame,
    test: str,
    unit: str,
    range_unit: str,
    scale: tuple[pd.Series, pd.Series],
    context: Context,
) -> tuple[pd.Series, pd.Series]:
    given, (factor, offset) = dataset[range_unit].notna(), scale
    own, shift = _scale(dataset[test], dataset[range_unit], context.units)
    _report_units(dataset, test, range_unit, given & own.isna(), context)
    context.report(
        dataset,
        given & ((own != factor) | (shift != offset)).fillna(False),
        range_unit,
        "sdtm.range",
        f"the range is in another unit than the result ({unit}); it is converted by its own",
        remedy="Ask the laboratory for the range in the unit of the result.",
        severity=Severity.WARNING,
    )
    return own.where(given, factor), shift.where(given, offset)


def _limit(dataset: pd.DataFrame, column: str, context: Context) -> pd.Series:
    read = {t: read_result(t) for t in dataset[column].dropna().unique()}
    clear = {t: float(r.number) for t, r in read.items() if r.number and not r.sign and not r.doubt}
    limit = dataset[column].map(clear).astype("Float64")
    context.report(
        dataset,
        dataset[column].notna() & limit.isna(),
        column,
        "sdtm.range",
        "the limit is not a number",
        remedy="Query the laboratory; a range in one text is taken apart by assign_range_low and assign_range_high.",
        unless="raw.number",
    )
    return limit


def _report_odd_range(dataset: pd.DataFrame, test: str, column: str, limit: pd.Series, context: Context) -> None:
    """A limit that another unit of the test would bring to the usual one: it was given in that unit."""
    usual = limit.where(limit > 0).groupby(dataset[test]).transform("median").astype("Float64")
    for name, item in context.units.tests.items():
        steps = {step for factor in item.multipliers.values() for step in (factor, 1 / factor)}
        steps = {step for step in steps if max(step, 1 / step) >= _ODD_RANGE}
        near = pd.Series(False, index=dataset.index)
        for step in steps:
            near |= (limit * step / usual).between(_ODD_RANGE**-0.5, _ODD_RANGE**0.5).fillna(False)
        context.report(
            dataset,
            near & (dataset[test] == name).fillna(False),
            column,
            "sdtm.range",
            "the limit looks as if it were in another unit than the result",
            remedy="Query the laboratory; the limit is kept in the unit of the result.",
            severity=Severity.WARNING,
        )


def _fixed(test: pd.Series, units: Units) -> pd.Series:
    return test.isin([name for name, item in units.tests.items() if item.digits is not None])


def _rounded(numbers: pd.Series, test: pd.Series, units: Units) -> pd.Series:
    """Numbers of the tests that have decimals in specs/units.yml, rounded to them."""
    for name, item in units.tests.items():
        if item.digits is not None and (rows := test == name).any():
            digits = item.digits
            rounded = numbers.where(rows).map(lambda x, digits=digits: round_half_away(x, digits), na_action="ignore")
            numbers = numbers.mask(rows, rounded)
    return numbers.astype("Float64")


def _shown(numbers: pd.Series, test: pd.Series, units: Units) -> pd.Series:
    """Numbers as text: with the decimals their test has in specs/units.yml, else as they are."""
    shown = numbers.map(decimal_text, na_action="ignore").astype("str")
    for name, item in units.tests.items():
        if item.digits is not None:
            rows = test == name
            shown = shown.mask(rows, format_fixed_series(numbers.where(rows), item.digits))
    return shown.astype("str")


@verb(
    "column",
    says=('the range {low} to {high} as text; where one limit is known, "<=" or ">=" and that limit'),
)
def derive_range_text(dataset: pd.DataFrame, low: Column, high: Column, new: NewColumn) -> pd.DataFrame:
    """A range of numbers as text: `0 to 7`, `<=7` or `>=0` where one limit is known; missing without a limit."""
    below, above = (dataset[c].map(value_text, na_action="ignore").astype("str") for c in (low, high))
    both = (below + " to " + above).astype("str")
    one = (("<=" + above).astype("str")).fillna((">=" + below).astype("str"))
    return dataset.assign(**{new: both.fillna(one)})


@verb(
    "column",
    says=(
        '"LOW" where {value} is below {low}, "HIGH" above {high}, else "NORMAL"; missing without a limit '
        "that would decide"
    ),
)
def derive_nrind(dataset: pd.DataFrame, value: Column, low: Column, high: Column, new: NewColumn) -> pd.DataFrame:
    """LOW, NORMAL or HIGH (codelist NRIND) of a number against its range, limits being normal; missing without a limit
    that would decide."""
    number, least, most = dataset[value], dataset[low], dataset[high]
    flag = pd.Series(pd.NA, index=dataset.index, dtype="str")
    inside = at_least(number, least).fillna(True) & at_most(number, most).fillna(True)
    flag = flag.mask(number.notna() & (least.notna() | most.notna()) & inside, "NORMAL")
    flag = flag.mask(below(number, least).fillna(False), "LOW").mask(above(number, most).fillna(False), "HIGH")
    return dataset.assign(**{new: flag.astype("str")})
