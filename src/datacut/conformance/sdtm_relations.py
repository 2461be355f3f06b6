"""Supplemental qualifiers and related records: what they refer to is there."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from datacut.conformance.package import Package, check, is_supplemental, records
from datacut.datasets.model import VARIABLE_NAME, Dataset, value_text
from datacut.errors import Finding, Rule, in_data
from datacut.standards import sdtm_variable

REFERENCE = ["RDOMAIN", "IDVAR", "USUBJID", "IDVARVAL"]


def _supplementals(package: Package) -> Iterator[Dataset]:
    for dataset in package.sdtm.values():
        if is_supplemental(dataset):
            yield dataset


def _parents(package: Package, domain: object) -> list[Dataset]:
    """The dataset of a domain, or the parts it is split into."""
    return [d for d in package.domains.values() if d.name == domain or d.name[:2] == domain]


def _texts(values: pd.Series) -> pd.Series:
    """Identifying values as text, the way IDVARVAL gives them."""
    return values.map(value_text, na_action="ignore").astype("str")


def _unresolved(package: Package, dataset: Dataset) -> pd.Series:
    """Records whose IDVAR and IDVARVAL lead to no record; an IDVAR the parent does not have is left to its rule."""
    frame = dataset.frame
    wrong = pd.Series(False, index=frame.index)
    for key, rows in frame.groupby(["RDOMAIN", "IDVAR"], dropna=False):
        domain, variable = (value_text(k) for k in key)
        parents = _parents(package, domain)
        if not variable:
            known = {s for p in parents if "USUBJID" in p.frame.columns for s in p.frame["USUBJID"].dropna()}
            wrong[rows.index] = ~rows["USUBJID"].isin(known)
            continue
        held = [p.frame for p in parents if variable in p.frame.columns]
        if not held:
            continue
        values = pd.concat([_texts(f[variable]) for f in held], ignore_index=True)
        if rows["USUBJID"].isna().all():  # whole datasets are related
            wrong[rows.index] = rows["IDVARVAL"].notna() & ~rows["IDVARVAL"].isin(set(values.dropna()))
            continue
        subjects = pd.concat([f["USUBJID"] for f in held], ignore_index=True)
        known_pairs = pd.MultiIndex.from_arrays([subjects, values])
        wrong[rows.index] = ~pd.MultiIndex.from_frame(rows[["USUBJID", "IDVARVAL"]]).isin(known_pairs)
    return wrong


@check
def supplemental_parent(package: Package, rule: Rule) -> Iterator[Finding]:
    for dataset in _supplementals(package):
        if set(REFERENCE) <= set(dataset.frame.columns):
            yield from records(rule, dataset, _unresolved(package, dataset), "IDVARVAL")


@check
def related_records(package: Package, rule: Rule) -> Iterator[Finding]:
    dataset = package.sdtm.get("RELREC")
    if dataset is not None and set(REFERENCE) <= set(dataset.frame.columns):
        yield from records(rule, dataset, _unresolved(package, dataset), "IDVARVAL")


@check
def identifying_variable(package: Package, rule: Rule) -> Iterator[Finding]:
    """IDVAR is a variable of the dataset referred to, and that dataset is there."""
    for dataset in package.sdtm.values():
        frame = dataset.frame
        if not {"RDOMAIN", "IDVAR"} <= set(frame.columns):
            continue
        known = {
            d: {c for p in _parents(package, d) for c in p.frame.columns} for d in frame["RDOMAIN"].dropna().unique()
        }
        wrong = [
            not known.get(d) or (pd.notna(v) and v not in known[d])
            for d, v in zip(frame["RDOMAIN"], frame["IDVAR"], strict=True)
        ]
        yield from records(rule, dataset, pd.Series(wrong, index=frame.index, dtype=bool), "IDVAR")


@check
def related_in_pairs(package: Package, rule: Rule) -> Iterator[Finding]:
    """A relationship has two records at least."""
    dataset = package.sdtm.get("RELREC")
    if dataset is not None and {"USUBJID", "RELID"} <= set(dataset.frame.columns):
        alone = ~dataset.frame.duplicated(["USUBJID", "RELID"], keep=False)
        yield from records(rule, dataset, alone, "RELID")


@check
def qualifier_name(package: Package, rule: Rule) -> Iterator[Finding]:
    """QNAM is a legal name and none of a variable that the parent could hold."""
    for dataset in _supplementals(package):
        frame = dataset.frame
        for qnam, domain in frame[["QNAM", "RDOMAIN"]].drop_duplicates().dropna().itertuples(index=False):
            legal = VARIABLE_NAME.fullmatch(qnam) is not None
            if not legal or sdtm_variable(domain, qnam) is not None:
                detail = f"a variable of {domain}" if legal else "not a legal name"
                yield rule.finding(in_data(dataset.name, "QNAM"), qnam, detail)


@check
def qualifier_once(package: Package, rule: Rule) -> Iterator[Finding]:
    keys = ["USUBJID", "IDVAR", "IDVARVAL", "QNAM"]
    for dataset in _supplementals(package):
        if set(keys) <= set(dataset.frame.columns):
            yield from records(rule, dataset, dataset.frame.duplicated(keys), "QNAM")
