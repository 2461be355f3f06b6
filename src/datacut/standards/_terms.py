"""Controlled terminology: SDTM CT 2022-09-30 and ADaM CT 2026-03-27."""

from __future__ import annotations

from functools import cache

from datacut.standards._model import Codelist, StandardVariable, Term
from datacut.standards._read import rows
from datacut.standards._sdtm import sdtm_variable

_PACKAGES = {
    "SDTM CT 2022-09-30": "ct/sdtm_2022_09_30.csv",
    "ADaM CT 2026-03-27": "ct/adam_2026_03_27.csv",
}


def terminology_packages() -> tuple[str, ...]:
    """Publisher and date of every terminology package (`SDTM CT 2022-09-30`)."""
    return tuple(_PACKAGES)


def codelist(code: str) -> Codelist | None:
    """One codelist by its C-code, or by its short name such as `NY`.

    >>> codelist("C66742").value
    'NY'
    >>> "Y" in codelist("NY")
    True
    """
    index = _index()
    return index.get(code) or index.get(_codes_by_value().get(code, ""))


def codelists_for(domain: str, variable: str) -> tuple[Codelist, ...]:
    """Every codelist an SDTM variable takes its values from."""
    return codelists_of(sdtm_variable(domain, variable))


def codelists_of(variable: StandardVariable | None) -> tuple[Codelist, ...]:
    """Every codelist of a standard variable; ADaM variables are asked this way."""
    codes = variable.codelists if variable else ()
    return tuple(found for code in codes if (found := _index().get(code)))


def codelist_for(domain: str, variable: str) -> Codelist | None:
    """The codelist of an SDTM variable; where there are several, their union.

    A union's code, short name and name are joined by `;` (`C66727;C114118;C150811`), and it is extensible
    where one of them is.
    """
    found = codelists_for(domain, variable)
    if len(found) < 2:
        return found[0] if found else None
    terms = {term.value: term for part in reversed(found) for term in part.terms}
    return Codelist(
        code=";".join(part.code for part in found),
        value=";".join(part.value for part in found),
        name=";".join(part.name for part in found),
        extensible=any(part.extensible for part in found),
        terms=tuple(terms[value] for value in sorted(terms)),
        package=found[0].package,
    )


@cache
def _index() -> dict[str, Codelist]:
    found: dict[str, Codelist] = {}
    for package, path in _PACKAGES.items():
        lists: dict[str, list[dict[str, str]]] = {}
        for r in rows(path):
            lists.setdefault(r["list_code"], []).append(r)
        for code, members in lists.items():
            first = members[0]
            found[code] = Codelist(
                code=code,
                value=first["list_value"],
                name=first["list_name"],
                extensible=first["extensible"] == "Y",
                terms=tuple(Term(r["term_code"], r["value"], r["decode"]) for r in members),
                package=package,
            )
    return found


@cache
def _codes_by_value() -> dict[str, str]:
    return {found.value: code for code, found in _index().items() if found.value}
