"""Controlled terminology: values of the data, decodes, and the study's codelists against the packaged lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from datacut.conformance.package import Package, check, domain_of, is_supplemental, records
from datacut.conformance.sdtm_structure import standard_of
from datacut.datasets.model import Dataset
from datacut.errors import Finding, Rule, in_data, rule
from datacut.spec.load import Specs
from datacut.spec.study import CodelistSpec
from datacut.standards import Codelist, adam_variable, codelist, codelists_of

NUMBER = r"[<>]?=?\s*-?\d+(\.\d+)?([eE][-+]?\d+)?"


def _sdtm_lists(dataset: Dataset, column: str) -> tuple[Codelist, ...]:
    return codelists_of(standard_of(dataset, column))


def _adam_lists(package: Package, dataset: Dataset, column: str) -> tuple[Codelist, ...]:
    found = codelists_of(adam_variable(package.classes.get(dataset.name, ""), column))
    if found:
        return found
    for source in package.domains.values():  # a variable of SDTM keeps its list
        if column in source.frame.columns:
            return _sdtm_lists(source, column)
    return ()


def _outside(package: Package, values: pd.Series, study: CodelistSpec | None, lists: Sequence[Codelist]) -> pd.Series:
    """Values in neither the CDISC lists nor the study's; without any list, none."""
    known = {t for found in lists for t in (*found.by_value, *package.extended.get(found.code, ()))}
    if study is not None:
        known |= {t.value for t in study.terms}
    if not known:
        return pd.Series(False, index=values.index)
    return values.notna() & ~values.isin(known)


def _decodes(package: Package, dataset: Dataset, column: str) -> set[str]:
    """Names that the study's codelist gives the codes of --TEST."""
    codes = package.codelists.get((dataset.name, f"{column}CD"))
    return {t.decode for t in codes.terms} if codes is not None and column.endswith("TEST") else set()


def _numbers(dataset: Dataset, column: str) -> pd.Series:
    """Results that are numbers: no list is meant for them."""
    values = dataset.frame[column]
    if not column.endswith(("ORRES", "STRESC")):
        return pd.Series(False, index=values.index)
    return values.str.fullmatch(NUMBER).fillna(False).astype(bool)


def _told(study: CodelistSpec | None, lists: Sequence[Codelist]) -> str:
    names = [found.value or found.code for found in lists] or ([study.name] if study else [])
    return ", ".join(names)


@check
def sdtm_terms(package: Package, rule: Rule) -> Iterator[Finding]:
    """`extensible` says which lists: those that may be extended by the sponsor, or those that may not."""
    for dataset in package.sdtm.values():
        for column in _texts(dataset):
            lists = _sdtm_lists(dataset, column)
            study = package.codelists.get((dataset.name, column))
            if _extensible(study, lists) == rule.data["extensible"]:
                wrong = _outside(package, dataset.frame[column], study, lists)
                if wrong.any():
                    wrong &= ~dataset.frame[column].isin(_decodes(package, dataset, column))
                    wrong &= ~_numbers(dataset, column)
                yield from records(rule, dataset, wrong, column, _told(study, lists))


@check
def adam_terms(package: Package, rule: Rule) -> Iterator[Finding]:
    """As `sdtm_terms`; a value that stands in SDTM under the same name is told there."""
    for dataset in package.adam.values():
        for column in _texts(dataset):
            lists = _adam_lists(package, dataset, column)
            study = package.codelists.get((dataset.name, column))
            if (not lists and study is None) or _extensible(study, lists) != rule.data["extensible"]:
                continue
            wrong = _outside(package, dataset.frame[column], study, lists)
            if wrong.any():
                wrong &= ~dataset.frame[column].isin(_sdtm_values(package, column))
                yield from records(rule, dataset, wrong, column, _told(study, lists))


def _sdtm_values(package: Package, column: str) -> set[str]:
    return {v for d in package.domains.values() if column in d.frame.columns for v in d.frame[column].dropna().unique()}


def _texts(dataset: Dataset) -> Iterator[str]:
    for variable in dataset.variables:
        if variable.type == "text" and variable.name in dataset.frame.columns:
            yield variable.name


def _extensible(study: CodelistSpec | None, lists: Sequence[Codelist]) -> bool:
    """Whether values outside may be allowed: no list of the study, and a CDISC list that may be extended."""
    if lists:
        return any(found.extensible for found in lists)
    return study.extensible if study else True


@check
def test_decodes(package: Package, rule: Rule) -> Iterator[Finding]:
    """--TESTCD and --TEST (PARMCD and PARM of TS) are code and decode of one term.

    The two lists of a pair share the code of each concept, so the name of a code is the term of the other with it.
    """
    for dataset in package.sdtm.values():
        if is_supplemental(dataset):
            continue
        for short, long in (("TESTCD", "TEST"), ("PARMCD", "PARM")):
            pair = [f"{domain_of(dataset)}{short}", f"{domain_of(dataset)}{long}"]
            if not set(pair) <= set(dataset.frame.columns):
                continue
            names = {t.code: t.value for found in _sdtm_lists(dataset, pair[1]) for t in found.terms}
            codes = {t.value: t.code for found in reversed(_sdtm_lists(dataset, pair[0])) for t in found.terms}
            for code, name in dataset.frame[pair].drop_duplicates().dropna().itertuples(index=False):
                expected = names.get(codes.get(code, ""), name)
                if name != expected:
                    yield rule.finding(in_data(dataset.name, pair[1]), name, f"{code} is {expected}")


def check_codelists(specs: Specs) -> list[Finding]:
    """The study's codelists that name a C-code, against the packaged list: lists, terms, marks; told at their line."""
    found: list[Finding] = []
    for name, about in specs.codelists.items():
        if not about.code:
            continue
        place = specs.where("codelists", ("codelists", name, "code"))
        standard = codelist(about.code)
        if standard is None:
            found.append(rule("ct.list").finding(place, about.code))
            continue
        if about.extensible and not standard.extensible:
            found.append(rule("ct.extensible").finding(place, name, standard.name))
        for number, term in enumerate(about.terms):
            where = specs.where("codelists", ("codelists", name, "terms", number))
            cdisc = standard.by_value.get(term.value)
            if term.extended:
                if cdisc is not None or not standard.extensible:
                    found.append(rule("ct.marked").finding(where, term.value, standard.name))
            elif cdisc is None:
                found.append(rule("ct.term").finding(where, term.value, standard.name))
            elif term.code and term.code != cdisc.code:
                found.append(rule("ct.code").finding(where, term.code, f"{term.value} is {cdisc.code}"))
    return found
