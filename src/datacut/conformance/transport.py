"""F rules that are not the writer's: attributes over all datasets, under the limits of an agency."""

from __future__ import annotations

from collections.abc import Iterator

from datacut.conformance.agency import limits
from datacut.conformance.package import Package, check, is_supplemental, records
from datacut.datasets.model import Dataset
from datacut.errors import Finding, Location, Rule, in_data
from datacut.standards import adam_variable, sdtm_variable

PAIRED = {")": "(", "]": "[", "}": "{"}


def _labels(dataset: Dataset) -> Iterator[tuple[Location, str]]:
    yield in_data(dataset.name), dataset.label
    for variable in dataset.variables:
        yield in_data(dataset.name, variable.name), variable.label


def _of_guide(package: Package, dataset: Dataset, name: str) -> bool:
    """Whether a guide itself has a label for the variable that begins with a digit (`1st Occurrence ...`)."""
    standard = adam_variable(package.classes.get(dataset.name, ""), name) or sdtm_variable(dataset.name, name)
    return standard is not None and standard.label[:1].isdigit()


@check
def underscores(package: Package, rule: Rule) -> Iterator[Finding]:
    if limits(package.agency)["underscore"]:
        return
    for dataset in package.all:
        for variable in dataset.variables:
            if "_" in variable.name:
                yield rule.finding(in_data(dataset.name, variable.name), variable.name)


@check
def equal_lengths(package: Package, rule: Rule) -> Iterator[Finding]:
    """A text variable has one length in all datasets: that of its longest value; SUPP-- on its own."""
    if not limits(package.agency)["equal_lengths"]:
        return
    for stage in (package.sdtm, package.adam):
        longest: dict[tuple[str, str], int] = {}
        stated: list[tuple[tuple[str, str], Dataset, int]] = []
        for dataset in stage.values():
            apart = dataset.name if is_supplemental(dataset) else ""
            for variable in dataset.variables:
                if variable.type == "text" and variable.length is not None and variable.name in dataset.frame.columns:
                    key = (apart, variable.name)
                    values = dataset.frame[variable.name].dropna().unique()
                    longest[key] = max(longest.get(key, 1), *(len(str(v).encode()) for v in values), 1)
                    stated.append((key, dataset, variable.length))
        for key, dataset, length in stated:
            if length > longest[key]:
                yield rule.finding(in_data(dataset.name, key[1]), str(length), f"longest value has {longest[key]}")


@check
def ascii_labels(package: Package, rule: Rule) -> Iterator[Finding]:
    if not limits(package.agency)["ascii_labels"]:
        return
    for dataset in package.all:
        for where, label in _labels(dataset):
            if not label.isascii():
                yield rule.finding(where, label)


@check
def balanced_labels(package: Package, rule: Rule) -> Iterator[Finding]:
    """Quotes and brackets in labels come in pairs; characters an agency does not want are not there, or not first."""
    unwanted, digit_first = limits(package.agency)["unwanted"], limits(package.agency)["digit_first"]
    for dataset in package.all:
        for where, label in _labels(dataset):
            numbered = not digit_first and label[:1].isdigit() and not _of_guide(package, dataset, where.variable)
            if numbered or not _is_balanced(label) or any(c in label for c in unwanted):
                yield rule.finding(where, label)


def _is_balanced(label: str) -> bool:
    open_: list[str] = []
    for character in label.translate(str.maketrans("（）［］｛｝", "()[]{}")):
        if character in PAIRED.values():
            open_.append(character)
        elif character in PAIRED and (not open_ or open_.pop() != PAIRED[character]):
            return False
    return not open_ and label.count('"') % 2 == 0 and label.count("'") % 2 == 0


@check
def file_size(package: Package, rule: Rule) -> Iterator[Finding]:
    """What the records take in a transport file, against the limit before splitting."""
    limit = float(limits(package.agency)["gigabytes"]) * 1e9
    for dataset in package.all:
        width = sum((v.length or 1) if v.type == "text" else 8 for v in dataset.variables)
        if width * len(dataset.frame) > limit:
            yield rule.finding(in_data(dataset.name), f"{width * len(dataset.frame) / 1e9:.1f} GB")


@check
def blank_records(package: Package, rule: Rule) -> Iterator[Finding]:
    for dataset in package.all:
        if len(dataset.frame.columns):
            blank = dataset.frame.isna().all(axis=1)
            yield from records(rule, dataset, blank, str(dataset.frame.columns[0]))
