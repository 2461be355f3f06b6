"""Mapping verbs: one raw column (or a few) to one SDTM variable, row by row."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from datacut.compute.dates import parse_parts, to_iso
from datacut.datasets.context import Context
from datacut.errors import Severity
from datacut.spec.crf import CrfField
from datacut.spec.registry import Column, Columns, Source, SourceColumn, SourceCondition, verb
from datacut.spec.study import CodelistSpec

_DATE_FORMATS = ["d-mmm-y", "y-m-d"]
_TIME_FORMATS = ["H:M", "H:M:S"]


@verb("mapping")
def assign(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """The collected value; where the variable has a codelist, its submission value.

    A value outside the codelist is an error finding and is kept as collected, so that nothing is lost. Leading and
    trailing blanks are taken off. Missing stays missing.
    """
    values = raw[column].str.strip()
    return _to_submission(raw, column, values, context)


@verb("mapping")
def assign_upper(raw: pd.DataFrame, column: Column) -> pd.Series:
    """The collected text in upper case, blanks at its ends taken off."""
    return raw[column].str.strip().str.upper()


@verb("mapping")
def hardcode(raw: pd.DataFrame, value: str | float) -> pd.Series:
    """One value on every record."""
    return pd.Series(str(value), index=raw.index, dtype="str")


@verb("mapping")
def assign_number(raw: pd.DataFrame, column: Column, context: Context, scale: float = 1.0) -> pd.Series:
    """The collected value as a number, times `scale`.

    A value that is not a number is an error finding and becomes missing.
    """
    return to_number(raw, column, raw[column], context) * scale


@verb("mapping")
def assign_datetime(
    raw: pd.DataFrame,
    date: Column,
    context: Context,
    time: Column | None = None,
    formats: list[str] | None = None,
) -> pd.Series:
    """ISO 8601 text from a collected date and time, partial where parts are unknown (SDTMIG 3.4 section 4.4.1).

    formats: tokens such as `d-mmm-y` and `H:M`; left out, those of the CRF fields. A value that is no date is an error
    finding and becomes missing.
    """
    known = formats or _formats(context.fields, date, time)
    parts = parse_parts(raw[date], raw[time] if time is not None else None, known)
    bad = parts["problem"].notna()
    for problem in sorted(parts.loc[bad, "problem"].unique()):
        column = time if time is not None and "time" in problem and "without" not in problem else date
        context.report(
            raw,
            bad & (parts["problem"] == problem).fillna(False),
            column,
            "sdtm.date",
            f"not a date {context.variable} can hold: {problem}",
            remedy="Query the site; the value is missing in the dataset.",
        )
    return to_iso(parts)


def _formats(fields: Mapping[str, CrfField], date: str, time: str | None) -> list[str]:
    found: list[str] = []
    for name, default in ((date, _DATE_FORMATS), (time, _TIME_FORMATS)):
        if name is not None:
            field = fields.get(name)
            found += [field.format] if field is not None and field.format else default
    return found


@verb("mapping")
def paste(raw: pd.DataFrame, parts: Columns, prefix: str = "", sep: str = "-") -> pd.Series:
    """`prefix` and the values of the columns joined by `sep`; missing if any of them is missing."""
    out = raw[parts[0]].str.strip()
    for name in parts[1:]:
        out = out + sep + raw[name].str.strip()
    return (prefix + out).astype("str")


@verb("mapping")
def assign_part(raw: pd.DataFrame, column: Column, pattern: str, context: Context) -> pd.Series:
    r"""The first group of the regular expression `pattern` in the collected value; no match is an error finding."""
    found = raw[column].str.extract(pattern, expand=False).astype("str")
    missed = raw[column].notna() & found.isna()
    context.report(
        raw, missed, column, "sdtm.pattern", f"the value does not look like {pattern}", remedy="Query the source."
    )
    return _to_submission(raw, column, found, context)


@verb("mapping")
def assign_merged(
    raw: pd.DataFrame,
    source: Source,
    column: SourceColumn,
    by: Columns,
    context: Context,
    where: SourceCondition | None = None,
) -> pd.Series:
    """A value of another form, found by the key columns `by`; submission value where the variable has a codelist.

    A key that stands on several rows of the other form is an error finding, and the first is used. No row: missing.
    """
    other = source[context.mask(source, where)]
    twice = other.duplicated(by, keep="first")
    context.report(
        other, twice, column, "sdtm.merge", f"more than one row for {', '.join(by)}", remedy="The first row is used."
    )
    first = other[~twice]
    values = first.set_index(pd.MultiIndex.from_frame(first[by]))[column]
    found = values.reindex(pd.MultiIndex.from_frame(raw[by])).set_axis(raw.index)
    return _to_submission(raw.assign(**{column: found}), column, found, context)


@verb("mapping")
def combine_ticked(raw: pd.DataFrame, columns: Columns, values: list[str]) -> pd.Series:
    """One value from a row of tick boxes: the value of the one ticked, `MULTIPLE` if several, missing if none."""
    ticked = pd.DataFrame({v: raw[c].notna() & ~raw[c].isin(["0", "N"]) for c, v in zip(columns, values, strict=True)})
    count = ticked.sum(axis=1)
    single = ticked.idxmax(axis=1).astype("str")
    return single.mask(count == 0).mask(count > 1, "MULTIPLE").astype("str")


def to_number(frame: pd.DataFrame, column: str, values: pd.Series, context: Context) -> pd.Series:
    """Text to Float64; what is not a number is an error finding and becomes missing."""
    text = values.str.strip()
    numbers = pd.to_numeric(text, errors="coerce").astype("Float64")
    bad = text.notna() & numbers.isna()
    context.report(
        frame,
        bad,
        column,
        "sdtm.number",
        f"not a number, as {context.variable} needs",
        remedy="Query the site; the value is missing in the dataset.",
    )
    return numbers


def submission_values(codelist: CodelistSpec) -> dict[str, str]:
    """Every collected spelling, and the submission value itself, to the submission value."""
    spelled = {c: t.value for t in codelist.terms for c in (t.value, *t.collected)}
    folded = {c.casefold(): v for c, v in spelled.items()}
    return {**folded, **spelled}


def _to_submission(raw: pd.DataFrame, column: str, values: pd.Series, context: Context) -> pd.Series:
    codelist = context.codelists.get(context.codelist) if context.codelist else None
    if codelist is None:
        return values.astype("str")
    known = submission_values(codelist)
    mapped = values.map(known).astype("str")
    mapped = mapped.fillna(values.str.casefold().map(known).astype("str"))
    outside = values.notna() & mapped.isna()
    severity = Severity.WARNING if codelist.extensible else Severity.ERROR
    context.report(
        raw,
        outside,
        column,
        "sdtm.codelist",
        f"a value outside the codelist {context.codelist} of {context.variable}",
        remedy=f"Query the site, or add it to {context.codelist} in specs/codelists.yml; it is kept as collected.",
        severity=severity,
    )
    return mapped.fillna(values).astype("str")
