"""SDTM timing: study days, the end of participation, the cut, baseline before treatment."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from datacut.compute.dates import ends_before
from datacut.conformance.package import Package, check, domain_of, of_subject, records
from datacut.datasets.model import Dataset
from datacut.errors import Finding, Rule


@check
def day_of_date(package: Package, rule: Rule) -> Iterator[Finding]:
    """A study day is the one its complete date and RFSTDTC give."""
    for dataset, column, expected in package.days:
        stated = dataset.frame[column]
        wrong = stated.notna() & expected.notna() & (stated != expected) & (stated != 0)
        yield from records(rule, dataset, wrong, column)


@check
def day_without_date(package: Package, rule: Rule) -> Iterator[Finding]:
    for dataset, column, expected in package.days:
        stated = dataset.frame[column]
        yield from records(rule, dataset, stated.notna() & expected.isna(), column)


@check
def day_left_out(package: Package, rule: Rule) -> Iterator[Finding]:
    for dataset, column, expected in package.days:
        yield from records(rule, dataset, dataset.frame[column].isna() & expected.notna(), column)


def _dates(dataset: Dataset) -> list[str]:
    """Dates of what was observed: those of the domain, in DM of death and consent."""
    own = [f"{domain_of(dataset)}{n}" for n in ("DTC", "STDTC", "ENDTC")]
    return [c for c in (*own, "DTHDTC", "RFICDTC") if c in dataset.frame.columns]


@check
def after_cut(package: Package, rule: Rule) -> Iterator[Finding]:
    for dataset in package.domains.values():
        for column in _dates(dataset):
            cut = pd.Series(package.cut, index=dataset.frame.index, dtype="str")
            late = ends_before(dataset.frame[column], cut)
            yield from records(rule, dataset, late, column, package.cut)


@check
def after_participation(package: Package, rule: Rule) -> Iterator[Finding]:
    """A date after RFPENDTC; one after the cut is told as that."""
    for dataset in package.domains.values():
        if dataset.name in rule.data["except"]:
            continue
        last = of_subject(package.subjects, dataset.frame, "RFPENDTC")
        cut = pd.Series(package.cut, index=dataset.frame.index, dtype="str")
        for column in _dates(dataset):
            date = dataset.frame[column]
            late = ends_before(date, last) & ~ends_before(date, cut)
            yield from records(rule, dataset, late, column)


@check
def baseline_before_treatment(package: Package, rule: Rule) -> Iterator[Finding]:
    """A record of --LOBXFL is not after RFXSTDTC."""
    for dataset in package.domains.values():
        flag, date = (f"{domain_of(dataset)}{n}" for n in ("LOBXFL", "DTC"))
        if {flag, date} <= set(dataset.frame.columns):
            first = of_subject(package.subjects, dataset.frame, "RFXSTDTC")
            late = ends_before(dataset.frame[date], first)
            late &= (dataset.frame[flag] == "Y").fillna(False).astype(bool)
            yield from records(rule, dataset, late, flag)
