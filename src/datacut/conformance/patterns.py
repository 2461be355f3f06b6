"""Checks whose rules are data: values allowed, pairs one to one, dates in order, keys, variables that go together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from datacut.compute.dates import ends_before, is_iso_partial
from datacut.conformance.package import Package, check, domain_of, is_supplemental, named, records
from datacut.datasets.model import Dataset, value_text
from datacut.engine.filter import mask
from datacut.errors import Finding, Rule, in_data
from datacut.spec.where import columns_of, parse_where


def _stage(package: Package, rule: Rule) -> Iterator[Dataset]:
    """Datasets that a rule is about: `stage` sdtm or adam, only those of `datasets` if it names any."""
    only = rule.data.get("datasets")
    stages = {"sdtm": package.sdtm, "adam": package.adam}
    for dataset in stages[rule.data["stage"]].values():
        if only is None or dataset.name in only:
            yield dataset


def _columns(dataset: Dataset, templates: list[str]) -> list[str]:
    found = []
    for template in templates:
        name = named(template, dataset)
        found += [c for c in dataset.frame.columns if c == name or (name[0] == "*" and str(c).endswith(name[1:]))]
    return list(dict.fromkeys(found))


@check
def one_to_one(package: Package, rule: Rule) -> Iterator[Finding]:
    """`pairs` of variables, one to one over all datasets of the stage that hold both.

    With `alone`, in each dataset on its own. A value that goes with several is told with all of them.
    """
    for left, right in rule.data["pairs"]:
        seen: dict[tuple[str, str, str], list[pd.DataFrame]] = {}
        for dataset in _stage(package, rule):
            pair = [named(left, dataset), named(right, dataset)]
            apart = dataset.name if rule.data.get("alone") or is_supplemental(dataset) else ""
            if set(pair) <= set(dataset.frame.columns):
                part = dataset.frame[pair].drop_duplicates().dropna()
                seen.setdefault((pair[0], pair[1], apart), []).append(part.assign(_in=dataset.name))
        for (one_name, other_name, _), parts in seen.items():
            distinct = pd.concat(parts, ignore_index=True).drop_duplicates([one_name, other_name])
            for one, other in ((one_name, other_name), (other_name, one_name)):
                for value in distinct.loc[distinct[one].duplicated(), one].unique():
                    same = distinct[distinct[one] == value]
                    texts = " / ".join(value_text(v) for v in same[other])
                    yield rule.finding(in_data(same["_in"].iloc[-1], one), value_text(value), f"{other} is {texts}")


@check
def in_order(package: Package, rule: Rule) -> Iterator[Finding]:
    """`pairs` of date variables, the second not before the first at the precision both have."""
    for dataset in _stage(package, rule):
        frame = dataset.frame
        for first, second in rule.data["pairs"]:
            start, end = named(first, dataset), named(second, dataset)
            if {start, end} <= set(frame.columns):
                if pd.api.types.is_datetime64_any_dtype(frame[start]):
                    early = frame[end] < frame[start]
                else:
                    early = ends_before(frame[start], frame[end])
                yield from records(rule, dataset, early, end, f"{end} is before {start}")


@check
def allowed(package: Package, rule: Rule) -> Iterator[Finding]:
    """`variables` with values other than `values`; with `filled`, missing is wrong too."""
    for dataset in _stage(package, rule):
        for column in _columns(dataset, rule.data["variables"]):
            values = dataset.frame[column]
            wrong = ~values.isin(rule.data["values"]) & values.notna()
            if rule.data.get("filled"):
                wrong |= values.isna()
            yield from records(rule, dataset, wrong, column)


@check
def iso_dates(package: Package, rule: Rule) -> Iterator[Finding]:
    """`variables` that are no ISO 8601 date, complete or partial."""
    for dataset in _stage(package, rule):
        for column in _columns(dataset, rule.data["variables"]):
            values = dataset.frame[column]
            yield from records(rule, dataset, ~is_iso_partial(values).fillna(True).astype(bool), column)


@check
def no_day_zero(package: Package, rule: Rule) -> Iterator[Finding]:
    for dataset in _stage(package, rule):
        for column in _columns(dataset, rule.data["variables"]):
            if pd.api.types.is_numeric_dtype(dataset.frame[column]):
                yield from records(rule, dataset, dataset.frame[column] == 0, column)


@check
def together(package: Package, rule: Rule) -> Iterator[Finding]:
    """`pairs` of variables: where the first has a value, the second must have one (`both: true`: and the reverse)."""
    for dataset in _stage(package, rule):
        frame = dataset.frame
        for first, second in rule.data["pairs"]:
            one, other = named(first, dataset), named(second, dataset)
            if one not in frame.columns:
                continue
            given = frame[other].notna() if other in frame.columns else pd.Series(False, index=frame.index)
            yield from records(rule, dataset, frame[one].notna() & ~given, one, f"{other} is missing")
            if rule.data.get("both"):
                yield from records(rule, dataset, frame[one].isna() & given, one, f"{other} has a value")


@check
def never_together(package: Package, rule: Rule) -> Iterator[Finding]:
    """`pairs` of variables that may not both have a value in one record."""
    for dataset in _stage(package, rule):
        frame = dataset.frame
        for first, second in rule.data["pairs"]:
            one, other = named(first, dataset), named(second, dataset)
            if {one, other} <= set(frame.columns):
                both = frame[one].notna() & frame[other].notna()
                yield from records(rule, dataset, both, one, f"{other} has a value too")


@check
def known_in(package: Package, rule: Rule) -> Iterator[Finding]:
    """`references`: [variable, dataset, variable]; a value of the first must be one of the second."""
    for variable, other, column in rule.data["references"]:
        target = package.sdtm.get(other)
        if target is None or column not in target.frame.columns:
            continue
        known = set(target.frame[column].dropna())
        for dataset in _stage(package, rule):
            if variable in dataset.frame.columns and dataset.name != other:
                values = dataset.frame[variable]
                yield from records(rule, dataset, values.notna() & ~values.isin(known), variable, f"{other}.{column}")


@check
def unique_keys(package: Package, rule: Rule) -> Iterator[Finding]:
    """`keys`, or the dataset's own if there are none, occur once in it, or among its rows of `where`."""
    where = parse_where(rule.data["where"]) if "where" in rule.data else None
    for dataset in _stage(package, rule):
        keys = [k for k in rule.data.get("keys", dataset.keys) if k in dataset.frame.columns]
        if keys and (where is None or set(columns_of(where)) <= set(dataset.frame.columns)):
            judged = mask(dataset.frame, where, {})
            again = dataset.frame[judged].duplicated(keys).reindex(dataset.frame.index, fill_value=False)
            yield from records(rule, dataset, again, keys[-1])


@check
def unique_sequence(package: Package, rule: Rule) -> Iterator[Finding]:
    """--SEQ occurs once within the subject, over all parts of a split domain."""
    parts: dict[str, list[Dataset]] = {}
    for dataset in package.sdtm.values():
        if not is_supplemental(dataset):
            parts.setdefault(domain_of(dataset), []).append(dataset)
    for domain, datasets in parts.items():
        keys = ["USUBJID", f"{domain}SEQ"]
        held = [d for d in datasets if set(keys) <= set(d.frame.columns)]
        if not held:
            continue
        table = pd.concat([d.frame[keys] for d in held], keys=range(len(held)))
        again = table.duplicated(keys)
        for number, dataset in enumerate(held):
            yield from records(rule, dataset, again.loc[number] if len(dataset.frame) else again[:0], keys[-1])


@check
def flagged_once(package: Package, rule: Rule) -> Iterator[Finding]:
    """`flags`: one record with Y for each combination of those variables of `by` that the dataset has."""
    for dataset in _stage(package, rule):
        frame = dataset.frame
        by = [c for t in rule.data["by"] if (c := named(t, dataset)) in frame.columns]
        for flag in _columns(dataset, rule.data["flags"]):
            chosen = frame[(frame[flag] == "Y").fillna(False)]
            twice = chosen.index[chosen.duplicated(by)]
            yield from records(rule, dataset, _at(frame, twice), flag, f"by {', '.join(by)}")


@check
def one_value(package: Package, rule: Rule) -> Iterator[Finding]:
    """`variable` is the same in all records that agree in `by`."""
    for dataset in _stage(package, rule):
        frame = dataset.frame
        column = named(rule.data["variable"], dataset)
        by = [c for t in rule.data["by"] if (c := named(t, dataset)) in frame.columns]
        if column not in frame.columns or named(rule.data["by"][-1], dataset) not in frame.columns:
            continue
        given = frame[frame[column].notna()].drop_duplicates([*by, column])
        again = given.index[given.duplicated(by)]
        yield from records(rule, dataset, _at(frame, again), column, f"by {', '.join(by)}")


def _at(frame: pd.DataFrame, index: pd.Index[Any]) -> pd.Series:
    return pd.Series(frame.index.isin(index), index=frame.index)
