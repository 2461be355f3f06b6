"""The terms of a codelist by name, of the study or of the packaged controlled terminology."""

from __future__ import annotations

from datacut.engine.context import Context
from datacut.errors import Finding, Severity, SpecError, in_data, nearest
from datacut.spec.study import Term
from datacut.standards import codelist as standard_codelist


def terms_of(name: str, context: Context) -> tuple[Term, ...]:
    """The terms of a codelist of the study, else of the packaged controlled terminology (`TSPARMCD`, `C66738`)."""
    own = context.codelists.get(name)
    if own is not None:
        return own.terms
    standard = standard_codelist(name)
    if standard is None:
        what = in_data(context.dataset, context.variable)
        remedy = nearest(name, context.codelists)
        raise SpecError([Finding(Severity.ERROR, "spec.codelist", what, "no such codelist", name, remedy)])
    return tuple(Term(value=t.value, decode=t.decode, code=t.code) for t in standard.terms)
