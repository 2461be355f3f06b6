"""Trial summary and arms: what DM and TS say of the trial as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from datacut.conformance.package import Package, check, records
from datacut.errors import Finding, Rule, in_data

COMPLETE_DATE = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")


def _summary(package: Package) -> pd.DataFrame | None:
    dataset = package.sdtm.get("TS")
    if dataset is None or not {"TSPARMCD", "TSVAL"} <= set(dataset.frame.columns):
        return None
    return dataset.frame


@check
def summary_parameters(package: Package, rule: Rule) -> Iterator[Finding]:
    """Each of `required` is in TS, and those of `when` [parameter, value, parameters] whose condition holds."""
    frame = _summary(package)
    if frame is None:
        return
    held = set(frame["TSPARMCD"].dropna())
    pairs = set(zip(frame["TSPARMCD"], frame["TSVAL"], strict=True))
    wanted = [*rule.data["required"]]
    for parameter, value, more in rule.data["when"]:
        if (parameter, value) in pairs:
            wanted += more
    for parameter in wanted:
        if parameter not in held:
            yield rule.finding(in_data("TS", "TSPARMCD"), parameter)


@check
def summary_null(package: Package, rule: Rule) -> Iterator[Finding]:
    """TSVAL or a null flavour, one of the two."""
    dataset = package.sdtm.get("TS")
    if dataset is None or "TSVAL" not in dataset.frame.columns:
        return
    value = dataset.frame["TSVAL"].notna()
    flavour = dataset.frame["TSVALNF"].notna() if "TSVALNF" in dataset.frame.columns else value & False
    yield from records(rule, dataset, value == flavour, "TSVAL")


@check
def summary_dates(package: Package, rule: Rule) -> Iterator[Finding]:
    """`parameters` are ISO 8601 dates with a day."""
    dataset = package.sdtm.get("TS")
    if dataset is None or _summary(package) is None:
        return
    frame = dataset.frame
    bad = ~frame["TSVAL"].map(lambda v: COMPLETE_DATE.fullmatch(v) is not None, na_action="ignore").fillna(True).astype(
        bool
    )
    yield from records(rule, dataset, frame["TSPARMCD"].isin(rule.data["parameters"]) & bad, "TSVAL")


@check
def summary_cut(package: Package, rule: Rule) -> Iterator[Finding]:
    """DCUTDTC is the date of the cut."""
    dataset = package.sdtm.get("TS")
    if dataset is not None and _summary(package) is not None:
        frame = dataset.frame
        other = (frame["TSPARMCD"] == "DCUTDTC") & frame["TSVAL"].notna() & (frame["TSVAL"] != package.cut)
        yield from records(rule, dataset, other, "TSVAL", package.cut)


@check
def arm_or_reason(package: Package, rule: Rule) -> Iterator[Finding]:
    """ARMNRS says why an arm is missing, and only then."""
    dataset = package.sdtm.get("DM")
    if dataset is None or not {"ARMCD", "ACTARMCD", "ARMNRS"} <= set(dataset.frame.columns):
        return
    frame = dataset.frame
    missing = frame["ARMCD"].isna() | frame["ACTARMCD"].isna()
    yield from records(rule, dataset, missing != frame["ARMNRS"].notna(), "ARMNRS")


@check
def arm_described(package: Package, rule: Rule) -> Iterator[Finding]:
    """ACTARMUD describes a treatment that is no planned arm, and only that."""
    dataset = package.sdtm.get("DM")
    if dataset is None or not {"ARMNRS", "ACTARMUD"} <= set(dataset.frame.columns):
        return
    frame = dataset.frame
    unplanned = (frame["ARMNRS"] == "UNPLANNED TREATMENT").fillna(False)
    yield from records(rule, dataset, unplanned != frame["ACTARMUD"].notna(), "ACTARMUD")


@check
def death_flag(package: Package, rule: Rule) -> Iterator[Finding]:
    """DTHFL is Y where there is a date of death; without one it may be Y as well."""
    dataset = package.sdtm.get("DM")
    if dataset is None or not {"DTHFL", "DTHDTC"} <= set(dataset.frame.columns):
        return
    frame = dataset.frame
    dead = (frame["DTHFL"] == "Y").fillna(False)
    yield from records(rule, dataset, frame["DTHDTC"].notna() & ~dead, "DTHFL")
