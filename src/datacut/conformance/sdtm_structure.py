"""SDTM structure: variables a domain must or may have, their attributes, identifiers and subjects."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pandas as pd

from datacut.conformance.package import Package, check, domain_of, is_supplemental, records
from datacut.datasets.model import Dataset
from datacut.errors import Finding, Rule, in_data
from datacut.standards import StandardVariable, sdtm_dataset, sdtm_variable, sdtm_variables


def table_of(dataset: Dataset) -> str:
    """The dataset whose table in the IG holds: that of its domain where it is one part of a split."""
    if is_supplemental(dataset):
        return "SUPPQUAL"
    return dataset.name if sdtm_dataset(dataset.name) else domain_of(dataset)


def standard_of(dataset: Dataset, name: str) -> StandardVariable | None:
    return sdtm_variable(table_of(dataset), name)


@check
def core_present(package: Package, rule: Rule) -> Iterator[Finding]:
    """Every variable of a `core` is in the dataset."""
    for dataset in package.sdtm.values():
        for variable in sdtm_variables(table_of(dataset)):
            if variable.core == rule.data["core"] and variable.name not in dataset.frame.columns:
                yield rule.finding(in_data(dataset.name, variable.name), variable.name)


@check
def core_filled(package: Package, rule: Rule) -> Iterator[Finding]:
    """Required variables have a value in every record."""
    for dataset in package.sdtm.values():
        for variable in sdtm_variables(table_of(dataset)):
            if variable.core == "Req" and variable.name in dataset.frame.columns:
                yield from records(rule, dataset, dataset.frame[variable.name].isna(), variable.name)


@check
def in_model(package: Package, rule: Rule) -> Iterator[Finding]:
    """Every variable is one of the IG's table or of the classes of the model."""
    for dataset in package.sdtm.values():
        if sdtm_dataset(table_of(dataset)) is None:
            continue
        for variable in dataset.variables:
            if standard_of(dataset, variable.name) is None:
                yield rule.finding(in_data(dataset.name, variable.name), variable.name)


@check
def standard_labels(package: Package, rule: Rule) -> Iterator[Finding]:
    for dataset in package.sdtm.values():
        for variable in dataset.variables:
            standard = standard_of(dataset, variable.name)
            if standard is not None and not standard.label_is_open and variable.label != standard.label:
                yield rule.finding(in_data(dataset.name, variable.name), variable.label, standard.label)


@check
def standard_types(package: Package, rule: Rule) -> Iterator[Finding]:
    for dataset in package.sdtm.values():
        for variable in dataset.variables:
            standard = standard_of(dataset, variable.name)
            if standard is not None and (standard.type == "Char") != (variable.type == "text"):
                yield rule.finding(in_data(dataset.name, variable.name), variable.type, standard.type)


@check
def standard_sequence(package: Package, rule: Rule) -> Iterator[Finding]:
    """Variables stand in the order of the IG."""
    for dataset in package.sdtm.values():
        known = [(s.order, v.name) for v in dataset.variables if (s := standard_of(dataset, v.name))]
        for (before, _), (order, name) in pairwise(known):
            if order < before:
                yield rule.finding(in_data(dataset.name, name), name)


@check
def own_domain(package: Package, rule: Rule) -> Iterator[Finding]:
    """DOMAIN is one value, with which the name of the dataset begins."""
    for dataset in package.sdtm.values():
        if "DOMAIN" in dataset.frame.columns:
            wrong = dataset.frame["DOMAIN"].map(lambda d, n=dataset.name: not n.startswith(d), na_action="ignore")
            yield from records(rule, dataset, wrong, "DOMAIN")


@check
def one_study(package: Package, rule: Rule) -> Iterator[Finding]:
    """STUDYID is the same in all datasets: that of DM."""
    dm = package.sdtm.get("DM")
    if dm is None or "STUDYID" not in dm.frame.columns or dm.frame["STUDYID"].dropna().empty:
        return
    study = dm.frame["STUDYID"].dropna().iloc[0]
    for dataset in package.all:
        if "STUDYID" in dataset.frame.columns:
            values = dataset.frame["STUDYID"]
            yield from records(rule, dataset, values.notna() & (values != study), "STUDYID", str(study))


@check
def subject_in_dm(package: Package, rule: Rule) -> Iterator[Finding]:
    known = package.subjects.index
    for dataset in package.sdtm.values():
        if "USUBJID" in dataset.frame.columns and dataset.name != "DM" and "DM" in package.sdtm:
            values = dataset.frame["USUBJID"]
            yield from records(rule, dataset, values.notna() & ~values.isin(known), "USUBJID")


@check
def serious_by_criterion(package: Package, rule: Rule) -> Iterator[Finding]:
    """AESER is Y exactly where one of the `criteria` is."""
    for dataset in package.sdtm.values():
        frame = dataset.frame
        held = [c for c in rule.data["criteria"] if c in frame.columns]
        if "AESER" in frame.columns and held:
            any_ = (frame[held] == "Y").fillna(False).any(axis=1)
            known = frame["AESER"].isin(["Y", "N"])
            yield from records(rule, dataset, known & (any_ != (frame["AESER"] == "Y")), "AESER")


@check
def result_or_status(package: Package, rule: Rule) -> Iterator[Finding]:
    """A finding has a result or a status, not neither."""
    for dataset in package.domains.values():
        domain, frame = domain_of(dataset), dataset.frame
        result, status, derived = (f"{domain}{n}" for n in ("ORRES", "STAT", "DRVFL"))
        if result in frame.columns and f"{domain}TESTCD" in frame.columns:
            without = frame[result].isna() & frame.get(f"{domain}STRESC", frame[result]).isna()
            for other in (status, derived):
                if other in frame.columns:
                    without &= frame[other].isna()
            yield from records(rule, dataset, without, result)


@check
def number_of_result(package: Package, rule: Rule) -> Iterator[Finding]:
    """--STRESN is the number that --STRESC shows."""
    for dataset in package.domains.values():
        domain, frame = domain_of(dataset), dataset.frame
        text, number = f"{domain}STRESC", f"{domain}STRESN"
        if {text, number} <= set(frame.columns):
            shown = pd.to_numeric(frame[text].astype("object"), errors="coerce").astype("Float64")
            differ = (shown - frame[number]).abs() > 1e-9 * shown.abs().clip(lower=1)
            yield from records(rule, dataset, differ.fillna(False) | (frame[number].notna() & shown.isna()), number)
