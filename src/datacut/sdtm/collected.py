"""From collected text to clean text, numbers and submission values; what the mapping verbs share. No verbs here."""

from __future__ import annotations

import pandas as pd

from datacut.datasets.context import Context
from datacut.errors import Finding, Severity, SpecError, nearest
from datacut.spec.study import CodelistSpec, Term
from datacut.standards import codelist as standard_codelist

_CONTROLS = r"[\x00-\x1f\x7f\u0085\u2028\u2029]+"
_DIGITS = str.maketrans("０１２３４５６７８９．－＋", "0123456789.-+")
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"


def clean_text(values: pd.Series) -> pd.Series:
    """Text without blanks at its ends and without line breaks or other control characters; blank text is missing."""
    text = values.astype("str").str.replace(_CONTROLS, " ", regex=True).str.strip()
    return text.mask(text == "").astype("str")


def numbers_in(values: pd.Series) -> pd.Series:
    """The texts that are decimal numbers, full-width digits included, as Float64; all others missing."""
    text = clean_text(values).str.translate(_DIGITS)
    return pd.to_numeric(text.where(text.str.fullmatch(_NUMBER).fillna(False))).astype("Float64")


def to_number(frame: pd.DataFrame, column: str, values: pd.Series, context: Context) -> pd.Series:
    """Text to Float64; what is not a number is an error finding and becomes missing."""
    numbers = numbers_in(values)
    bad = clean_text(values).notna() & numbers.isna()
    context.report(
        frame,
        bad,
        column,
        "sdtm.number",
        f"not a number, as {context.variable} needs",
        remedy="Query the site; the value is missing in the dataset.",
    )
    return numbers


def terms_of(name: str, context: Context) -> tuple[Term, ...]:
    """The terms of a codelist of the study, else of the packaged controlled terminology (`TSPARMCD`, `C66738`)."""
    own = context.codelists.get(name)
    if own is not None:
        return own.terms
    standard = standard_codelist(name)
    if standard is None:
        what = f"{context.dataset}.{context.variable}"
        remedy = nearest(name, context.codelists)
        raise SpecError([Finding(Severity.ERROR, "spec.codelist", what, "no such codelist", name, remedy)])
    return tuple(Term(value=t.value, decode=t.decode, code=t.code) for t in standard.terms)


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
    and stays as collected. Case does not matter.
    """
    name = codelist or context.codelist
    target = context.codelists.get(name) if name else None
    if codelist is not None and target is None:
        terms_of(codelist, context)
    text = clean_text(values)
    if target is None:
        return text
    known = submission_values(target)
    found = _looked_up(text, known)
    field = context.fields.get(column)
    collected = context.codelists.get(field.codelist) if field is not None and field.codelist else None
    if collected is not None and collected is not target:
        found = found.fillna(_looked_up(_looked_up(text, submission_values(collected)), known))
    context.report(
        raw,
        text.notna() & found.isna(),
        column,
        "sdtm.codelist",
        f"a value outside the codelist {name} of {context.variable}",
        remedy=f"Query the site, or add it to {name} in specs/codelists.yml; it is kept as collected.",
        severity=Severity.WARNING if target.extensible else Severity.ERROR,
    )
    return found.fillna(text).astype("str")


def _looked_up(values: pd.Series, known: dict[str, str]) -> pd.Series:
    exact = values.map(known).astype("str")
    return exact.fillna(values.str.casefold().map(known).astype("str")).astype("str")
