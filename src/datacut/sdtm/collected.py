"""From collected text to clean text, numbers and submission values; what the mapping verbs share. No verbs here."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from datacut.compute.numbers import DIGITS, numbers_in
from datacut.compute.units import normalise_unit
from datacut.engine.codelists import terms_of
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.study import CodelistSpec

_UNIT_LISTS = {"C71620", "C66770", "C85494", "C128683", "C128684", "C128685", "C128686"}
"""CDISC codelists of units: capitals decide there (`g/L`, `G/L`), the way a power is typed does not (`×10⁹/L`)."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_BLANKS = str.maketrans({"\u00a0": " ", "\u3000": " ", "\u202f": " ", "\ufeff": None, "\u200b": None})
_BETWEEN = re.compile(r"[;,、]")
_CODE = re.compile(r"([0-9]+)\.0+")


def clean_text(values: pd.Series) -> pd.Series:
    """Text in NFC without blanks at its ends, line breaks and other control characters; blank text is missing.

    Non-breaking and ideographic blanks become plain ones, marks without a width go; every other character stays what it
    is (never NFKC: `²` and `①` mean something).
    """
    texts = values.astype("str")
    return texts.map({t: _cleaned(t) or pd.NA for t in texts.dropna().unique()}).astype("str")


def _cleaned(text: str) -> str:
    return _CONTROLS.sub(" ", unicodedata.normalize("NFC", text).translate(_BLANKS)).strip()


def typed_list(text: str) -> list[str]:
    """The parts of a typed list (`1; 3`, `1,3`, `1、3`), full-width characters made plain; blanks part nothing."""
    return [part for p in _BETWEEN.split(unicodedata.normalize("NFKC", text)) if (part := p.strip())]


def to_number(frame: pd.DataFrame, column: str, values: pd.Series, context: Context) -> pd.Series:
    """Text to Float64; what is not a number is an error finding and becomes missing."""
    numbers = numbers_in(values)
    context.report(
        frame,
        numbers.isna() & clean_text(values).notna(),
        column,
        "sdtm.number",
        f"not a number, as {context.variable} needs",
        remedy="Query the site; the value is missing in the dataset.",
        unless="raw.number",
    )
    return numbers


def submission_values(codelist: CodelistSpec) -> dict[str, str]:
    """Every collected spelling, and the submission value itself, to the submission value."""
    spelled = {c: t.value for t in codelist.terms for c in (t.value, *t.collected)}
    folded = {c.casefold(): v for c, v in spelled.items()}
    return {**folded, **spelled}


def to_submission(
    raw: pd.DataFrame, column: str, values: pd.Series, context: Context, codelist: str | None = None
) -> pd.Series:
    """Submission values of collected ones in `codelist`, or in that of the variable at hand.

    A value that the list does not know is tried in the list of its CRF field: a ticked box collected as `X` becomes `Y`
    of a variable with codelist NY. A value outside both is a finding (an error, or a warning if the list is extensible)
    and stays as collected. Case does not matter, except in a codelist of units, where spelling does not (`×10⁹/L`).
    """
    name = codelist or context.codelist
    target = context.codelists.get(name) if name else None
    if codelist is not None and target is None:
        terms_of(codelist, context)
    text = clean_text(values)
    if target is None:
        return text
    field = context.fields.get(column)
    collected = context.codelists.get(field.codelist) if field is not None and field.codelist else None
    known, spelled = submission_values(target), submission_values(collected) if collected else {}
    look_up = _unit_looked_up if target.code in _UNIT_LISTS else _looked_up

    def submitted(typed: str) -> str | None:
        return look_up(typed, known) or look_up(look_up(typed, spelled), known)

    found = {t: submitted(t) for t in text.dropna().unique()}
    as_code = {t: _CODE.sub(r"\1", t.translate(DIGITS)) for t, value in found.items() if value is None}
    codes = {t: value for t, code in as_code.items() if code != t and (value := submitted(code)) is not None}
    found |= codes
    context.report(
        raw,
        text.isin([t for t in codes if _CODE.fullmatch(t.translate(DIGITS))]),
        column,
        "sdtm.codelist",
        f"a code of {name} written as a decimal number; read as the whole number",
        remedy="Export the field as text.",
        severity=Severity.NOTE,
    )
    outside = [t for t, value in found.items() if value is None]
    if outside:
        context.report(
            raw,
            text.isin(outside),
            column,
            "sdtm.codelist",
            f"a value outside the codelist {name} of {context.variable}",
            remedy=f"Query the site, or add it to {name} in specs/codelists.yml; it is kept as collected.",
            severity=Severity.WARNING if target.extensible else Severity.ERROR,
        )
    return text.map({t: value or t for t, value in found.items()}).astype("str")


def _looked_up(text: str | None, known: dict[str, str]) -> str | None:
    return None if text is None else known.get(text, known.get(text.casefold()))


def _unit_looked_up(text: str | None, known: dict[str, str]) -> str | None:
    if text is None or text in known:
        return known.get(text or "")
    return {normalise_unit(spelling): value for spelling, value in known.items()}.get(normalise_unit(text))
