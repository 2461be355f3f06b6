"""Facts of a subject against each other: records that cannot both be true, dates out of reach, visits, coded terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from datacut.compute.dates import ends_before, impute_date
from datacut.conformance.package import Package, check, named, of_subject, records
from datacut.datasets.model import Dataset, value_text
from datacut.engine.filter import mask
from datacut.errors import Finding, Rule, in_data
from datacut.spec.where import columns_of, parse_where

DATES = ("--DTC", "--STDTC", "--ENDTC")


def _rows(package: Package, about: Mapping[str, Any]) -> tuple[Dataset, pd.Series] | None:
    """A dataset and its rows that satisfy `where`; None where it, or a column of the condition, is not there."""
    dataset = package.sdtm.get(about["dataset"]) or package.adam.get(about["dataset"])
    if dataset is None:
        return None
    where = parse_where(about["where"]) if "where" in about else None
    if where is not None and not set(columns_of(where)) <= set(dataset.frame.columns):
        return None
    return dataset, mask(dataset.frame, where, {})


@check
def contradicted(package: Package, rule: Rule) -> Iterator[Finding]:
    """`facts`: rows of `dataset` that satisfy `where`; with `without`, those whose subject has no such row of another.

    The finding shows `column`. A dataset or column that is not there is left to the rules that ask for it.
    """
    for fact in rule.data["facts"]:
        found = _rows(package, fact)
        other = _rows(package, fact["without"]) if "without" in fact else None
        if found is None or ("without" in fact and other is None) or fact["column"] not in found[0].frame.columns:
            continue
        dataset, wrong = found
        detail = ""
        if other is not None:
            wrong &= ~dataset.frame["USUBJID"].isin(other[0].frame.loc[other[1], "USUBJID"])
            detail = f"no record of {other[0].name} says so"
        yield from records(rule, dataset, wrong, fact["column"], detail)


def _reference(package: Package, about: Mapping[str, Any]) -> pd.Series | None:
    """A date by USUBJID, of several records of a subject the `take` (first or last) one; None where it is not there."""
    found = _rows(package, about)
    if found is None or about["column"] not in found[0].frame.columns:
        return None
    rows = found[0].frame.loc[found[1]].dropna(subset=[about["column"]])
    taken: pd.Series = rows.groupby("USUBJID")[about["column"]].agg("min" if about.get("take") == "first" else "max")
    return taken


@check
def beyond_date(package: Package, rule: Rule) -> Iterator[Finding]:
    """Dates of what was observed or given that lie surely `side` (before, after) a date of the subject (`reference`).

    datasets: only those, except: not those; days: the times of day are left out.
    """
    reference = _reference(package, rule.data["reference"])
    if reference is None:
        return
    for dataset in package.domains.values():
        only = rule.data.get("datasets")
        if (only is not None and dataset.name not in only) or dataset.name in rule.data.get("except", ()):
            continue
        limit = of_subject(reference.to_frame("_date"), dataset.frame, "_date").astype("str")
        for template in (*DATES, "RFICDTC") if dataset.name == "DM" else DATES:
            column = named(template, dataset)
            if column not in dataset.frame.columns or column == rule.data["reference"]["column"]:
                continue
            date = dataset.frame[column].astype("str")
            pair = [s.str.slice(0, 10) if rule.data.get("days") else s for s in (limit, date)]
            early = ends_before(*pair) if rule.data["side"] == "before" else ends_before(*reversed(pair))
            for day, wrong in early.groupby(limit):
                yield from records(rule, dataset, wrong.reindex(early.index, fill_value=False), column, str(day))


@check
def visits_in_order(package: Package, rule: Rule) -> Iterator[Finding]:
    """A visit is not dated before one of a lower number."""
    dataset = package.sdtm.get("SV")
    if dataset is None or not {"USUBJID", "VISITNUM", "SVSTDTC"} <= set(dataset.frame.columns):
        return
    frame = dataset.frame.dropna(subset=["VISITNUM", "SVSTDTC"]).sort_values(["USUBJID", "VISITNUM"], kind="stable")
    frame = frame[frame["SVSTDTC"].str.len() >= len("2026-01-31")]
    day = frame["SVSTDTC"].str.slice(0, 10)
    latest = day.groupby(frame["USUBJID"]).transform(lambda own: pd.Series(_latest(own.tolist()), own.index))
    early = (day < latest).reindex(dataset.frame.index, fill_value=False)
    yield from records(rule, dataset, early, "SVSTDTC", "after a visit of a lower number")


def _latest(days: list[str]) -> list[str]:
    return [max(days[: place + 1]) for place in range(len(days))]


def _at_visit(package: Package, dataset: Dataset, column: str) -> pd.Series:
    """A column of SV at each record of a dataset, by subject and visit; missing where there is no such visit."""
    sv = package.sdtm["SV"].frame.dropna(subset=["VISITNUM"]).drop_duplicates(["USUBJID", "VISITNUM"])
    values = sv.set_index(["USUBJID", "VISITNUM"])[column]
    keys = pd.MultiIndex.from_frame(dataset.frame[["USUBJID", "VISITNUM"]])
    return values.reindex(keys).set_axis(dataset.frame.index).astype("str")


def _of_visits(package: Package, *needed: str) -> Iterator[Dataset]:
    """Datasets whose records belong to a visit, if SV and its columns are there."""
    sv = package.sdtm.get("SV")
    if sv is not None and {"USUBJID", "VISITNUM", *needed} <= set(sv.frame.columns):
        for dataset in package.domains.values():
            if dataset.name != "SV" and {"USUBJID", "VISITNUM"} <= set(dataset.frame.columns):
                yield dataset


@check
def near_its_visit(package: Package, rule: Rule) -> Iterator[Finding]:
    """A record is dated within the study's reach (days) of its visit: some possible day of the one, of the other."""
    if package.visit_reach_days is None:
        return
    for dataset in _of_visits(package, "SVSTDTC"):
        column = named("--DTC", dataset)
        if column in dataset.frame.columns:
            far = beyond_reach(
                _at_visit(package, dataset, "SVSTDTC"), dataset.frame[column].astype("str"), package.visit_reach_days
            )
            yield from records(rule, dataset, far, column, f"more than {package.visit_reach_days} days")


def beyond_reach(visit: pd.Series, date: pd.Series, reach: int) -> pd.Series:
    """Whether no possible day of `date` lies within `reach` days of one of `visit` (ISO 8601); False if unknown."""
    (visit_from, visit_to), (from_, to) = (
        (impute_date(s, "first", "M")[0], impute_date(s, "last", "M")[0]) for s in (visit, date)
    )
    days = pd.Timedelta(days=reach)
    return (from_ > visit_to + days) | (to < visit_from - days)


@check
def at_a_visit_that_took_place(package: Package, rule: Rule) -> Iterator[Finding]:
    """A record with a result, or a dose, does not belong to a visit that SV says did not take place."""
    for dataset in _of_visits(package, "SVOCCUR"):
        done = pd.Series(True, index=dataset.frame.index)
        if (status := named("--STAT", dataset)) in dataset.frame.columns:
            done &= dataset.frame[status].isna()
        missed = _at_visit(package, dataset, "SVOCCUR").eq("N").fillna(False).astype(bool)
        yield from records(rule, dataset, missed & done, "VISITNUM")


def _coded(package: Package, rule: Rule) -> Iterator[tuple[Dataset, str, str, list[str]]]:
    """Datasets of coded terms with the columns of the reported term, the preferred term and its classes."""
    for dataset in package.domains.values():
        reported = [named(t, dataset) for t in ("--TERM", "--TRT") if named(t, dataset) in dataset.frame.columns]
        preferred = named("--DECOD", dataset)
        if reported and preferred in dataset.frame.columns and dataset.name in rule.data["datasets"]:
            classes = [c for t in ("--SOC", "--BODSYS") if (c := named(t, dataset)) in dataset.frame.columns]
            yield dataset, reported[0], preferred, classes


@check
def uncoded(package: Package, rule: Rule) -> Iterator[Finding]:
    """Every reported term without a preferred term, once; of categories of which something is coded."""
    for dataset, reported, preferred, _ in _coded(package, rule):
        frame = dataset.frame
        kind = named("--CAT", dataset)
        kinds = frame[kind].fillna("") if kind in frame.columns else pd.Series("", index=frame.index)
        coded = (
            frame[preferred].notna().groupby(kinds).transform("any").astype(bool)
        )  # nothing of a category may be coded
        for term, rows in frame[frame[preferred].isna() & coded].groupby(reported, sort=True):
            yield rule.finding(in_data(dataset.name, preferred), str(term), f"{len(rows)} record{'s'[: len(rows) > 1]}")


@check
def one_class(package: Package, rule: Rule) -> Iterator[Finding]:
    """Every preferred term that stands under more than one class, with its classes."""
    for dataset, _, preferred, classes in _coded(package, rule):
        for class_ in classes:
            pairs = dataset.frame[[preferred, class_]].dropna().drop_duplicates()
            for term, own in pairs.groupby(preferred, sort=True):
                if len(own) > 1:
                    texts = " / ".join(sorted(map(value_text, own[class_])))
                    yield rule.finding(in_data(dataset.name, class_), str(term), texts)
