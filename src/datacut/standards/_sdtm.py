"""SDTMIG 3.4 datasets and variables, and the SDTM 2.0 class variables the IG tables leave out."""

from __future__ import annotations

import re
from functools import cache

from datacut.standards._model import StandardDataset, StandardVariable
from datacut.standards._read import rows, split

IG = "SDTMIG 3.4"
MODEL = "SDTM 2.0"
_GENERAL = {"Interventions", "Events", "Findings", "Findings About"}
_SUPP = re.compile(r"SUPP([A-Z][A-Z0-9]{1,3})")


def sdtm_dataset(domain: str) -> StandardDataset | None:
    """Label, class and structure of a dataset; `SUPPAE` is answered from SUPPQUAL.

    >>> sdtm_dataset("AE").label
    'Adverse Events'
    >>> sdtm_dataset("SUPPAE").label
    'Supplemental Qualifiers for AE'
    """
    if (supp := _SUPP.fullmatch(domain)) and domain != "SUPPQUAL":
        parent = _datasets()["SUPPQUAL"]
        label = parent.label.replace("[domain name]", supp[1])
        return StandardDataset(domain, label, parent.observation_class, parent.structure)
    return _datasets().get(domain)


def sdtm_variable(domain: str, name: str) -> StandardVariable | None:
    """One variable of a domain, from the IG's table or else from the model's classes.

    A model variable (timing, qualifiers of the class) is answered for domains of the general observation
    classes only, and not where the model excludes it from the domain.

    >>> sdtm_variable("AE", "AETERM").label
    'Reported Term for the Adverse Event'
    >>> sdtm_variable("AE", "VISITNUM").source
    'SDTM 2.0'
    """
    table = "SUPPQUAL" if _SUPP.fullmatch(domain) else domain
    listed = _variables().get(table)
    if listed is None:
        return None
    return listed.get(name) or _from_model(domain, name)


def sdtm_variables(domain: str) -> tuple[StandardVariable, ...]:
    """The variables of the IG's table of a domain, in order; empty for an unknown domain."""
    table = "SUPPQUAL" if _SUPP.fullmatch(domain) else domain
    return tuple(_variables().get(table, {}).values())


@cache
def _datasets() -> dict[str, StandardDataset]:
    return {
        r["dataset"]: StandardDataset(r["dataset"], r["label"], r["class"], r["structure"])
        for r in rows("sdtmig_3_4/datasets.csv")
    }


@cache
def _variables() -> dict[str, dict[str, StandardVariable]]:
    found: dict[str, dict[str, StandardVariable]] = {}
    for r in rows("sdtmig_3_4/variables.csv"):
        domain, name = r["dataset"], r["name"]
        found.setdefault(domain, {})[name] = StandardVariable(
            name=name,
            label=r["label"],
            type=r["type"],
            role=r["role"],
            core=r["core"],
            order=float(r["order"]),
            codelists=split(r["codelists"]),
            generic=_generic(domain, name),
            source=IG,
            value_domain=r["value_domain"] or None,
            values=split(r["values"]),
        )
    return found


def _generic(domain: str, name: str) -> str:
    return f"--{name[2:]}" if len(domain) == 2 and name.startswith(domain) and len(name) > 2 else name


@cache
def _model_sequence(observation_class: str) -> tuple[dict[str, str], ...]:
    """Class variables in model order: identifiers, topic and qualifiers of the class, timing."""
    table = rows("sdtm_2_0/class_variables.csv")
    general = [r for r in table if r["class"] == "General Observations"]
    classes = ["Findings", "Findings About"] if observation_class == "Findings About" else [observation_class]
    own = [r for c in classes for r in table if r["class"] == c]
    identifiers = [r for r in general if r["role"] == "Identifier"]
    timing = [r for r in general if r["role"] != "Identifier"]
    return tuple(identifiers + own + timing)


def _from_model(domain: str, name: str) -> StandardVariable | None:
    dataset = _datasets().get(domain)
    if dataset is None or dataset.observation_class not in _GENERAL:
        return None
    placed = {v.generic: v.order for v in _variables()[domain].values()}
    wanted, behind = _generic(domain, name), 0.0
    for position, r in enumerate(_model_sequence(dataset.observation_class), start=1):
        if r["name"] != wanted:
            behind = placed.get(r["name"], behind)
        elif not _allowed(dataset, r):
            return None
        else:
            return StandardVariable(
                name=name,
                label=r["label"],
                type=r["type"],
                role=r["role"],
                core="Perm",
                order=behind + position / 1000,
                codelists=split(r["codelists"]),
                generic=wanted,
                source=MODEL,
                value_domain=r["value_domain"] or None,
            )
    return None


def _allowed(dataset: StandardDataset, row: dict[str, str]) -> bool:
    only, not_in = row["only"].split(), row["not_in"].split()
    kinds = {dataset.name, dataset.observation_class.split()[0]}
    return (not only or dataset.name in only) and not kinds.intersection(not_in)
