"""ADaMIG 1.3, OCCDS 1.1 and ADaM-TTE 1.0 variables; generic names are patterns."""

from __future__ import annotations

import re
from functools import cache

from datacut.standards._model import StandardVariable
from datacut.standards._read import rows, split

# The class a lookup starts in, then the one it is a kind of.
_LOOKUP = {
    "ADSL": ("ADSL",),
    "BDS": ("BDS",),
    "TTE": ("TTE", "BDS"),
    "OCCDS": ("OCCDS",),
    "AE": ("AE", "OCCDS"),
}
_CLASS_NAMES = {
    "SUBJECT LEVEL ANALYSIS DATASET": "ADSL",
    "BASIC DATA STRUCTURE": "BDS",
    "OCCURRENCE DATA STRUCTURE": "OCCDS",
    "TIME-TO-EVENT": "TTE",
    "ADVERSE EVENT": "AE",
}
_SOURCE = {
    "ADSL": "ADaMIG 1.3",
    "BDS": "ADaMIG 1.3",
    "OCCDS": "ADaM OCCDS 1.1",
    "AE": "ADaM OCCDS 1.1",
    "TTE": "ADaM TTE 1.0",
}
_PLACEHOLDER = {
    "xx": "(?P<xx>0[1-9]|[1-9][0-9])",
    "zz": "(?P<zz>0[1-9]|[1-9][0-9])",
    "y": "(?P<y>[1-9][0-9]?)",
    "w": "(?P<w>[1-9])",
    "*": "[A-Z][A-Z0-9]*",
    "--": "[A-Z][A-Z0-9]",
}
_TOKEN = re.compile(r"xx|zz|y|w|\*|--")


@cache
def adam_variable(adam_class: str, name: str) -> StandardVariable | None:
    """One variable of an ADaM class, by its short name (`BDS`) or its CDISC name (`BASIC DATA STRUCTURE`).

    An exact name wins over a pattern, a pattern with more literal letters over one with fewer. Numbers are
    put into the label. The suffixes of user-defined timing variables (`*DT`, `*DTF`) hold in every class.
    Unknown class or name: None.

    >>> adam_variable("ADSL", "TRT01P").label
    'Planned Treatment for Period 01'
    >>> adam_variable("BDS", "ANL02FL").generic
    'ANLzzFL'
    """
    short = _CLASS_NAMES.get(adam_class, adam_class)
    for candidate in _LOOKUP.get(short, ()):
        if found := _exact(candidate).get(name) or _matching(candidate, name):
            return found
    return _matching("BDS", name, suffixes=True) if short in _LOOKUP else None


@cache
def _table() -> dict[str, tuple[StandardVariable, ...]]:
    found: dict[str, list[StandardVariable]] = {}
    for r in rows("adamig_1_3/variables.csv"):
        found.setdefault(r["class"], []).append(
            StandardVariable(
                name=r["name"],
                label=r["label"],
                type=r["type"],
                role=None,
                core=r["core"],
                order=float(r["order"]),
                codelists=split(r["codelists"]),
                generic=r["name"],
                source=_SOURCE[r["class"]],
                value_domain=r["value_domain"] or None,
                values=split(r["values"]),
            )
        )
    return {name: tuple(variables) for name, variables in found.items()}


@cache
def _exact(adam_class: str) -> dict[str, StandardVariable]:
    found: dict[str, StandardVariable] = {}
    for variable in _table()[adam_class]:
        if not _TOKEN.search(variable.name):
            found.setdefault(variable.name, variable)
    return found


@cache
def _patterns(adam_class: str) -> tuple[tuple[re.Pattern[str], StandardVariable], ...]:
    generic = [v for v in _table()[adam_class] if _TOKEN.search(v.name)]
    generic.sort(key=lambda v: (-len(_TOKEN.sub("", v.name)), v.order))
    return tuple((re.compile(_TOKEN.sub(lambda m: _PLACEHOLDER[m[0]], v.name)), v) for v in generic)


def _matching(adam_class: str, name: str, *, suffixes: bool = False) -> StandardVariable | None:
    for pattern, variable in _patterns(adam_class):
        if suffixes and not variable.name.startswith("*"):
            continue
        if match := pattern.fullmatch(name):
            return _filled(variable, name, match.groupdict())
    return None


def _filled(variable: StandardVariable, name: str, numbers: dict[str, str]) -> StandardVariable:
    label = variable.label
    for placeholder, number in numbers.items():
        label = re.sub(rf"\b{placeholder}\b", number, label)
    return StandardVariable(
        name=name,
        label=label,
        type=variable.type,
        role=None,
        core=variable.core,
        order=variable.order,
        codelists=variable.codelists,
        generic=variable.name,
        source=variable.source,
        value_domain=variable.value_domain,
        values=variable.values,
    )
