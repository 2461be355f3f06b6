"""Mapping verbs: one raw column (or a few) to one SDTM variable, row by row."""

from __future__ import annotations

import pandas as pd

from datacut.compute.numbers import numbers_in
from datacut.compute.rounding import decimal_of
from datacut.engine.codelists import terms_of
from datacut.engine.context import Context
from datacut.engine.possible import out_of_range
from datacut.errors import Finding, Severity, SpecError, in_data, nearest
from datacut.sdtm.collected import clean_text, submission_values, to_number, to_submission, typed_list
from datacut.spec.registry import Column, Columns, verb

__all__ = ["submission_values", "to_number"]


@verb(
    "mapping",
    says="{column}",
)
def assign(raw: pd.DataFrame, column: Column, context: Context, codelist: str | None = None) -> pd.Series:
    """The collected value; where the variable has a codelist (or `codelist` names one), its submission value.

    A spelling only the codelist of the CRF field knows counts too (a tick collected as X is Y). A value outside the
    codelist is a finding and is kept as collected, so that nothing is lost. Blanks at the ends and line breaks are
    taken off; blank is missing.
    """
    return to_submission(raw, column, raw[column], context, codelist)


@verb(
    "mapping",
    says="{column} in upper case",
)
def assign_upper(raw: pd.DataFrame, column: Column) -> pd.Series:
    """The collected text in upper case, blanks at the ends and line breaks taken off; blank is missing."""
    return clean_text(raw[column]).str.upper().astype("str")


@verb(
    "mapping",
    says="the parts of {column}, however they were separated, with a comma between them",
)
def assign_list(raw: pd.DataFrame, column: Column) -> pd.Series:
    """The collected list, full-width characters made plain, its parts with `, ` between them; blank is missing."""
    parts = clean_text(raw[column]).map(lambda text: ", ".join(typed_list(text)) or pd.NA, na_action="ignore")
    return parts.astype("str")


@verb(
    "mapping",
    says="the first of {columns} that is not missing",
)
def assign_first(raw: pd.DataFrame, columns: Columns, context: Context, codelist: str | None = None) -> pd.Series:
    """The first of several collected values that is not missing, as `assign` gives it."""
    found = pd.Series(pd.NA, index=raw.index, dtype="str")
    for column in columns:
        found = found.fillna(to_submission(raw, column, raw[column], context, codelist))
    return found.astype("str")


@verb(
    "mapping",
    gives={"": ()},
    says="missing",
)
def assign_missing(raw: pd.DataFrame) -> pd.Series:
    """Missing on every record: a variable the standard expects and the study has no values for."""
    return pd.Series(pd.NA, index=raw.index, dtype="str")


@verb(
    "mapping",
    gives={"": ("value",)},
    says="{value}",
)
def hardcode(raw: pd.DataFrame, value: str | float, prefix: str = "", suffix: str = "") -> pd.Series:
    """One value on every record; `prefix` and `suffix` go around a `$setting`."""
    return pd.Series(f"{prefix}{value}{suffix}", index=raw.index, dtype="str")


@verb(
    "mapping",
    says="{value}",
)
def hardcode_number(raw: pd.DataFrame, value: float) -> pd.Series:
    """One number on every record; Float64."""
    return pd.Series(float(value), index=raw.index, dtype="Float64")


@verb(
    "mapping",
    says="number {place} of {values}{scale?1.0=|1=| times {scale}}",
)
def hardcode_nth(
    raw: pd.DataFrame, values: list[float], place: int, scale: float = 1.0, *, context: Context
) -> pd.Series:
    """The value at a place (1, 2, ...) of a list on every record, times `scale`, as text: the dose of a planned level.

    A place that the list does not have is an error finding; the value is missing.
    """
    if not 1 <= place <= len(values):
        where, remedy = in_data(context.dataset, context.variable), f"The list has {len(values)} values."
        context.findings.error("spec.value", where, "no such place in the list", value=str(place), remedy=remedy)
        return pd.Series(pd.NA, index=raw.index, dtype="str")
    exact = decimal_of(values[place - 1]) * decimal_of(scale)
    return pd.Series(f"{exact.normalize():f}", index=raw.index, dtype="str")


@verb(
    "mapping",
    says="the decode of {value}",
)
def hardcode_decode(raw: pd.DataFrame, value: str, codelist: str, context: Context) -> pd.Series:
    """The decode of one value on every record: from the study's codelist, else from controlled terminology.

    Raises SpecError for a value the codelist does not have.
    """
    return pd.Series(_term(value, codelist, context)[0], index=raw.index, dtype="str")


@verb(
    "mapping",
    says="the C-code of {value}",
)
def hardcode_code(raw: pd.DataFrame, value: str, codelist: str, context: Context) -> pd.Series:
    """The C-code of one value of a codelist on every record; missing if it has none. Raises as hardcode_decode does."""
    return pd.Series(_term(value, codelist, context)[1] or pd.NA, index=raw.index, dtype="str")


def _term(value: str, codelist: str, context: Context) -> tuple[str, str]:
    terms = {t.value: t for t in terms_of(codelist, context)}
    if value not in terms:
        where = in_data(context.dataset, context.variable)
        remedy = nearest(value, terms)
        raise SpecError([Finding(Severity.ERROR, "spec.term", where, f"not a value of {codelist}", value, remedy)])
    return terms[value].decode or value, terms[value].code


@verb(
    "mapping",
    says="{column} as a number{scale?1.0=|1=| times {scale}}",
)
def assign_number(raw: pd.DataFrame, column: Column, context: Context, scale: float = 1.0) -> pd.Series:
    """The collected value as a number, times `scale`, exact in decimals (4.6 times 100 is 460).

    A value that is not a number is an error finding and becomes missing.
    """
    return _scaled(to_number(raw, column, raw[column], context), scale)


@verb(
    "mapping",
    says='"Y" where {column} lies outside the range of its field on the CRF',
)
def assign_out_of_range(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """Y where the collected value lies outside the range of its CRF field, which says what can be; else missing."""
    return pd.Series("Y", index=raw.index, dtype="str").where(out_of_range(raw[column], context.fields[column]))


@verb(
    "mapping",
    says="the sum of {columns}{scale?1.0=|1=| times {scale}}; blanks are left out",
)
def assign_sum(
    raw: pd.DataFrame, columns: Columns, context: Context, scale: float = 1.0, count: Column | None = None
) -> pd.Series:
    """The sum of several collected numbers times `scale`, exact in decimals; blanks are left out, all blank is missing.

    count: column that says how many numbers there are; a row with another number of them is an error finding, and so is
    a value that is no number, which makes the sum missing.
    """
    parts = {c: to_number(raw, c, raw[c], context) for c in columns}
    given = pd.DataFrame({c: clean_text(raw[c]).notna() for c in columns})
    total = pd.Series(pd.NA, index=raw.index, dtype="Float64")
    for column in columns:
        added = _added(total, parts[column])
        total = added.where(given[column], total)
    broken = pd.DataFrame({c: given[c] & parts[c].isna() for c in columns}).any(axis=1)
    if count is not None:
        said = numbers_in(raw[count])
        context.report(
            raw,
            said.notna() & (said != given.sum(axis=1)).fillna(False),
            count,
            "sdtm.count",
            f"the number of values in {', '.join(columns)} is another",
            remedy="Query the site; the values given are added.",
        )
    return _scaled(total.mask(broken), scale)


def _added(total: pd.Series, part: pd.Series) -> pd.Series:
    pairs = zip(total.fillna(0.0).tolist(), part.fillna(0.0).tolist(), strict=True)
    return pd.Series([float(decimal_of(a) + decimal_of(b)) for a, b in pairs], index=part.index, dtype="Float64")


def _scaled(numbers: pd.Series, scale: float) -> pd.Series:
    if scale == 1.0:
        return numbers
    by = decimal_of(scale)
    return numbers.map(lambda n: float(decimal_of(n) * by), na_action="ignore").astype("Float64")


@verb(
    "mapping",
    gives={"": ('"NOT DONE"',)},
    says='"NOT DONE" where {tick} is ticked and {result} is blank',
)
def assign_not_done(raw: pd.DataFrame, tick: Column, result: Column, context: Context) -> pd.Series:
    """--STAT: NOT DONE where `tick` is filled and `result` is blank.

    A tick beside a result is a warning finding; the result stands.
    """
    ticked, present = clean_text(raw[tick]).notna(), clean_text(raw[result]).notna()
    context.report(
        raw,
        ticked & present,
        tick,
        "sdtm.notdone",
        f"ticked as not done, but {result} has a result",
        remedy="Query the site; the result is kept.",
        severity=Severity.WARNING,
    )
    return pd.Series("NOT DONE", index=raw.index, dtype="str").where(ticked & ~present)


@verb(
    "mapping",
    says='"Y" where {column} is ticked, else "N"',
)
def assign_ticked(raw: pd.DataFrame, column: Column) -> pd.Series:
    """Y where a box is ticked, else N: the answer to a question the form asks of everybody."""
    ticked = _ticked(raw, [column], [column])[column]
    return pd.Series("N", index=raw.index, dtype="str").mask(ticked, "Y").astype("str")


@verb(
    "mapping",
    says=('of the boxes {columns} the value ({values}) of the one ticked, "MULTIPLE" if several are'),
)
def combine_responses(raw: pd.DataFrame, columns: Columns, values: list[str]) -> pd.Series:
    """One value from boxes of which several may be ticked: that of the box, `MULTIPLE` if several, missing if none.

    `split_responses` gives the single values to SUPP--.
    """
    ticked = _ticked(raw, columns, values)
    count = ticked.sum(axis=1)
    single = ticked.idxmax(axis=1).astype("str")
    return single.mask(count == 0).mask(count > 1, "MULTIPLE").astype("str")


@verb(
    "mapping",
    says="of several boxes {columns} ticked, the value ({values}) of ticked box {number}",
)
def split_responses(raw: pd.DataFrame, columns: Columns, values: list[str], number: int) -> pd.Series:
    """Where `combine_responses` gives MULTIPLE, the value of the `number`-th box ticked; else missing."""
    ticked = _ticked(raw, columns, values)
    several = ticked.sum(axis=1) > 1
    place = ticked.cumsum(axis=1).where(ticked, 0) == number
    return place.idxmax(axis=1).astype("str").where(several & place.any(axis=1)).astype("str")


def _ticked(raw: pd.DataFrame, columns: list[str], values: list[str]) -> pd.DataFrame:
    """Which boxes are ticked, by value; 0 and N typed in a box are none."""
    return pd.DataFrame(
        {v: clean_text(raw[c]).notna() & ~raw[c].isin(["0", "N"]) for c, v in zip(columns, values, strict=True)},
        index=raw.index,
    )
