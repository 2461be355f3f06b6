"""A dataset spec with what it leaves to the standard filled in: labels, types, roles, cores, codelists, order."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from datacut.spec.dataset import DatasetSpec, Kind, VariableSpec
from datacut.standards import StandardVariable, adam_variable, sdtm_dataset, sdtm_variable

_INTEGER = re.compile(r".*(SEQ|DY|ORD)|AGE|TRT\d\d[AP]N|.*GRN|PARAMN|CNSR")


@dataclass(frozen=True)
class Resolved:
    """One variable with nothing left open; from_standard tells which attributes the standard gave."""

    name: str
    label: str
    type: Kind
    length: int | None
    format: str | None
    role: str | None
    core: str | None
    codelist: str | None
    standard_codelist: str | None
    value_domain: str | None
    spec: VariableSpec
    from_standard: tuple[str, ...]


@dataclass(frozen=True)
class ResolvedDataset:
    """A dataset spec, its label, class and structure, and its kept variables in order."""

    name: str
    label: str
    dataset_class: str
    structure: str
    variables: tuple[Resolved, ...]
    spec: DatasetSpec

    def codelists(self) -> Mapping[str, str]:
        """Study codelist by variable."""
        return {v.name: v.codelist for v in self.variables if v.codelist}


def resolve_dataset(spec: DatasetSpec, *, adam: bool, numeric: Collection[str] = ()) -> ResolvedDataset:
    """Fill in from SDTMIG (adam=False) or ADaMIG (adam=True); a predecessor is looked up in SDTMIG too.

    numeric: verbs that make numbers; a variable that neither its spec nor the standard types is one if it is theirs.
    """
    standard = None if adam else sdtm_dataset(spec.dataset)
    variables = tuple(
        _resolve(spec, name, variable, adam=adam, numeric=numeric)
        for name, variable in spec.variables.items()
        if not name.startswith("_")
    )
    return ResolvedDataset(
        spec.dataset,
        spec.label or (standard.label if standard else "") or spec.dataset,
        spec.dataset_class or (standard.observation_class if standard else ""),
        spec.structure or (standard.structure if standard else ""),
        variables,
        spec,
    )


def _resolve(spec: DatasetSpec, name: str, variable: VariableSpec, *, adam: bool, numeric: Collection[str]) -> Resolved:
    found: StandardVariable | None
    if adam:
        found = adam_variable(spec.dataset_class or "", name)
        if found is None or found.label_is_open:
            found = _of_predecessor(variable, name) or found
    else:
        found = sdtm_variable(spec.dataset, name)
    given = {k for k in ("label", "type", "role", "core") if getattr(variable, k) is not None}
    number = found is None and variable.derive is not None and variable.derive.verb in numeric
    label = variable.label or _label(found, name)
    return Resolved(
        name,
        label,
        variable.type or _kind(name, found.type if found else "Num" if number else "Char", adam=adam),
        variable.length,
        variable.format,
        variable.role or (found.role if found else None),
        variable.core or (found.core if found else None),
        variable.codelist,
        found.codelist if found else None,
        found.value_domain if found else None,
        variable,
        tuple(k for k in ("label", "type", "role", "core") if found and k not in given),
    )


def _label(found: StandardVariable | None, name: str) -> str:
    """The label of the standard; OCCDS names a variable `--TERM` that is copied from SDTM with SDTM's label."""
    if found is not None and found.generic.startswith("--"):
        found = sdtm_variable(name[:2], name) or found
    return found.label if found else name


def _of_predecessor(variable: VariableSpec, name: str) -> StandardVariable | None:
    dataset, _, column = (variable.predecessor or "").partition(".")
    if not column:
        return None
    if len(dataset) > 2 and dataset.startswith("AD"):
        return adam_variable("ADSL", column)
    return sdtm_variable(dataset, column or name)


def _kind(name: str, standard_type: str, *, adam: bool) -> Kind:
    if standard_type.casefold().startswith("char"):
        return Kind.TEXT
    if adam and name.endswith("DTM"):
        return Kind.DATETIME
    if adam and name.endswith("DT"):
        return Kind.DATE
    if adam and name.endswith("TM"):
        return Kind.TIME
    return Kind.INTEGER if _INTEGER.fullmatch(name) else Kind.FLOAT
