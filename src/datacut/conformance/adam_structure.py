"""ADaM structure: classes and their variables, subjects of ADSL, attributes over all datasets, traceability."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase

import pandas as pd

from datacut.conformance.package import Package, check, of_subject, records
from datacut.datasets.model import Dataset, Variable, value_text
from datacut.errors import Finding, Rule, in_data
from datacut.standards import adam_variable, sdtm_variable

PARAMCD = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")


@check
def known_class(package: Package, rule: Rule) -> Iterator[Finding]:
    for dataset in package.adam.values():
        found = package.classes.get(dataset.name, "")
        if found not in rule.data["classes"]:
            yield rule.finding(in_data(dataset.name), found)


@check
def class_variables(package: Package, rule: Rule) -> Iterator[Finding]:
    """Each of the variables that `classes` asks of a class; `|` is one of several, `*` stands for any letters."""
    for dataset in package.adam.values():
        for wanted in rule.data["classes"].get(package.classes.get(dataset.name, ""), ()):
            if not _held(dataset, wanted):
                yield rule.finding(in_data(dataset.name, wanted), wanted)


def _held(dataset: Dataset, wanted: str) -> list[str]:
    return [str(c) for c in dataset.frame.columns if any(fnmatchcase(str(c), w) for w in wanted.split("|"))]


@check
def class_values(package: Package, rule: Rule) -> Iterator[Finding]:
    """Variables of `classes` have a value in every record."""
    for dataset in package.adam.values():
        for column in rule.data["classes"].get(package.classes.get(dataset.name, ""), ()):
            if column in dataset.frame.columns:
                yield from records(rule, dataset, dataset.frame[column].isna(), column)


@check
def adsl_is_dm(package: Package, rule: Rule) -> Iterator[Finding]:
    """ADSL and DM have the same subjects, except those whom a rule leaves out."""
    if "ADSL" in package.adam and "DM" in package.sdtm:
        for subject in sorted((set(package.subjects.index) - package.left_out.keys()) ^ set(package.analysed.index)):
            yield rule.finding(in_data("ADSL", "USUBJID", subject), str(subject))


@check
def subjects_left_out(package: Package, rule: Rule) -> Iterator[Finding]:
    """How many subjects of DM a rule leaves out of ADSL, by its reason."""
    absent = set(package.subjects.index) - set(package.analysed.index)
    reasons = Counter(package.left_out[s] for s in absent if s in package.left_out)
    for reason, count in sorted(reasons.items()):
        yield rule.finding(in_data("ADSL", "USUBJID"), reason, str(count))


def _outside(package: Package, dataset: Dataset) -> tuple[pd.Series, pd.Series]:
    """Records of subjects not in ADSL, and which of them follow from a subject in SDTM who is not in DM."""
    subjects = dataset.frame["USUBJID"]
    outside = ~subjects.isin(package.analysed.index) & subjects.notna()
    others: set[str] = set()
    if outside.any() and "DM" in package.sdtm:
        for domain in package.sdtm.values():
            if "USUBJID" in domain.frame.columns:
                others |= set(domain.frame["USUBJID"].dropna().unique())
    return outside, outside & subjects.isin(others - set(package.subjects.index))


@check
def subject_in_adsl(package: Package, rule: Rule) -> Iterator[Finding]:
    """A subject who is not in ADSL, though in DM or nowhere."""
    for dataset in package.adam.values():
        if "ADSL" in package.adam and "USUBJID" in dataset.frame.columns:
            outside, follows = _outside(package, dataset)
            yield from records(rule, dataset, outside & ~follows, "USUBJID")


@check
def subject_of_sdtm_alone(package: Package, rule: Rule) -> Iterator[Finding]:
    """One finding for all records of a subject who is in SDTM and not in DM."""
    for dataset in package.adam.values():
        if "ADSL" in package.adam and "USUBJID" in dataset.frame.columns:
            _, follows = _outside(package, dataset)
            counts = dataset.frame.loc[follows, "USUBJID"].value_counts(sort=False).sort_index()
            for subject, count in counts.items():
                yield rule.finding(in_data(dataset.name, "USUBJID"), str(subject), f"{count} records")


@check
def same_as_adsl(package: Package, rule: Rule) -> Iterator[Finding]:
    """A variable of ADSL has its value of ADSL in every record of the subject."""
    for dataset in package.adam.values():
        frame = dataset.frame
        if dataset.name == "ADSL" or "USUBJID" not in frame.columns:
            continue
        known = frame["USUBJID"].isin(package.analysed.index)
        for column in [c for c in frame.columns if c in package.analysed.columns]:
            expected = of_subject(package.analysed, frame, column)
            same = (frame[column] == expected).fillna(False) | (frame[column].isna() & expected.isna())
            yield from records(rule, dataset, known & ~same, column)


@check
def same_attributes(package: Package, rule: Rule) -> Iterator[Finding]:
    """Variables of one name have one label and type in all datasets, and one length where they are text."""
    first: dict[str, tuple[str, Variable]] = {}
    for dataset in package.adam.values():
        for variable in dataset.variables:
            where, other = first.setdefault(variable.name, (dataset.name, variable))
            for attribute in rule.data["attributes"]:
                mine, theirs = _plain(getattr(variable, attribute)), _plain(getattr(other, attribute))
                if mine != theirs and variable.name not in rule.data["open"]:
                    yield rule.finding(
                        in_data(dataset.name, variable.name), str(mine), f"{attribute} in {where}: {theirs}"
                    )


def _plain(attribute: object) -> object:
    """An attribute as a transport file has it: whole numbers are numbers."""
    return "float" if attribute == "integer" else attribute


@check
def adam_labels(package: Package, rule: Rule) -> Iterator[Finding]:
    """Variables of ADaMIG have its label, except where the study completes it; those of SDTM have SDTM's."""
    for dataset in package.adam.values():
        for variable in dataset.variables:
            standard = adam_variable(package.classes.get(dataset.name, ""), variable.name)
            if standard is None or standard.generic.startswith("--"):  # OCCDS says `--TERM` for AETERM
                standard = sdtm_variable(variable.name[:2], variable.name)
            if standard is None or standard.label_is_open or standard.generic.startswith("*"):
                continue
            if variable.label != standard.label:
                yield rule.finding(in_data(dataset.name, variable.name), variable.label, standard.label)


@check
def parameter_codes(package: Package, rule: Rule) -> Iterator[Finding]:
    """PARAMCD could be the name of a variable."""
    for dataset in package.adam.values():
        if "PARAMCD" in dataset.frame.columns:
            for code in dataset.frame["PARAMCD"].dropna().unique():
                if PARAMCD.fullmatch(code) is None:
                    yield rule.finding(in_data(dataset.name, "PARAMCD"), code)


@check
def sequence_in_source(package: Package, rule: Rule) -> Iterator[Finding]:
    """AESEQ and its like lead to the record of SDTM with that number."""
    for dataset in package.adam.values():
        frame = dataset.frame
        for column in [c for c in frame.columns if len(c) == 5 and c.endswith("SEQ")]:
            source = package.sdtm.get(str(column)[:2])
            if source is None or not {"USUBJID", column} <= set(source.frame.columns) & set(frame.columns):
                continue
            keys = ["USUBJID", column]
            known = pd.MultiIndex.from_frame(source.frame[keys])
            wrong = frame[column].notna() & ~pd.MultiIndex.from_frame(frame[keys]).isin(known)
            yield from records(rule, dataset, wrong, str(column))


@check
def source_resolves(package: Package, rule: Rule) -> Iterator[Finding]:
    """SRCDOM, SRCVAR and SRCSEQ lead to a variable and record of a dataset of the package."""
    datasets = {**package.sdtm, **package.adam}
    for dataset in package.adam.values():
        frame = dataset.frame
        if not {"SRCDOM", "SRCVAR", "SRCSEQ", "USUBJID"} <= set(frame.columns):
            continue
        wrong = frame["SRCSEQ"].notna() & frame["SRCDOM"].isna()
        for key, rows in frame.groupby(["SRCDOM", "SRCVAR"], dropna=False):
            domain, variable = (value_text(k) for k in key)
            if not domain:
                continue
            source = datasets.get(domain)
            if source is None or not _has(source, variable):
                yield rule.finding(
                    in_data(dataset.name, "SRCDOM"), domain, f"{domain}.{variable} of {len(rows)} records"
                )
                continue
            parent = datasets.get(domain.removeprefix("SUPP"), source)
            seq = f"{parent.name}SEQ"
            numbered = rows[rows["SRCSEQ"].notna()]
            if seq in parent.frame.columns and len(numbered):
                known = pd.MultiIndex.from_frame(parent.frame[["USUBJID", seq]])
                wrong[numbered.index] = ~pd.MultiIndex.from_frame(numbered[["USUBJID", "SRCSEQ"]]).isin(known)
        yield from records(rule, dataset, wrong, "SRCDOM")


@check
def source_numbered(package: Package, rule: Rule) -> Iterator[Finding]:
    """SRCSEQ is filled where the dataset that SRCDOM names numbers its records."""
    datasets = {**package.sdtm, **package.adam}
    for dataset in package.adam.values():
        frame = dataset.frame
        if {"SRCDOM", "SRCSEQ"} <= set(frame.columns):
            numbered = [d for d in frame["SRCDOM"].dropna().unique() if d in datasets and _numbers(datasets[d])]
            yield from records(rule, dataset, frame["SRCDOM"].isin(numbered) & frame["SRCSEQ"].isna(), "SRCSEQ")


def _numbers(source: Dataset) -> bool:
    """Whether each record of a dataset has a sequence number: its own --SEQ, or ASEQ."""
    names = {"ASEQ", f"{source.name}SEQ"} & set(source.frame.columns)
    return any(bool(source.frame[name].notna().all()) for name in names)


def _has(source: Dataset, variable: str) -> bool:
    """Whether a dataset has a variable, or a qualifier of that name; true where none is named."""
    frame = source.frame
    return variable in ("", *frame.columns) or ("QNAM" in frame.columns and bool((frame["QNAM"] == variable).any()))


@check
def traceable(package: Package, rule: Rule) -> Iterator[Finding]:
    """A dataset of records has variables that lead to their source."""
    for dataset in package.adam.values():
        if package.classes.get(dataset.name, "") in rule.data["classes"]:
            columns = [str(c) for c in dataset.frame.columns]
            direct = any(len(c) == 5 and c.endswith("SEQ") for c in columns)
            if not direct and not {"SRCDOM", "SRCVAR"} <= set(columns):
                yield rule.finding(in_data(dataset.name), dataset.name)


@check
def lineage_resolves(package: Package, rule: Rule) -> Iterator[Finding]:
    """Every edge of the lineage starts at a record that is there and ends at one, as far as its source is a dataset."""
    datasets = {**package.sdtm, **package.adam}
    for dataset in package.adam.values():
        edges = dataset.lineage
        wrong = edges["record"] > len(dataset.frame)
        for source, rows in edges.groupby("source"):
            if source in datasets:
                number = rows["source_record"]
                wrong[rows.index] |= (number < 1) | (number > len(datasets[str(source)].frame))
        for record, source, number in edges[wrong.fillna(False).astype(bool)].itertuples(index=False):
            yield rule.finding(in_data(dataset.name, key=f"record {record}"), value_text(number), str(source))


@check
def derived_has_source(package: Package, rule: Rule) -> Iterator[Finding]:
    """A record with DTYPE leads to a record it was derived from, where the lineage is known."""
    for dataset in package.adam.values():
        if "DTYPE" in dataset.frame.columns and len(dataset.lineage):
            alone = ~pd.Series(range(1, len(dataset.frame) + 1), index=dataset.frame.index).isin(
                dataset.lineage["record"]
            )
            yield from records(rule, dataset, dataset.frame["DTYPE"].notna() & alone, "DTYPE")
