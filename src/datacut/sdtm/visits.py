"""Mapping verbs for visits: the planned visit of a collected name, and the number of an unscheduled one."""

from __future__ import annotations

import pandas as pd

from datacut.datasets.context import Context
from datacut.sdtm.collected import submission_values, to_number
from datacut.spec.registry import Column, verb
from datacut.spec.study import UNSCHEDULED


@verb("mapping", gives={"": ("visits",)})
def assign_visit(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """VISIT: the name in study.yml of the visit a form calls by any of its collected names (codelist of VISIT).

    `Unscheduled n.01` is kept, in upper case as the planned names are. A name that is neither is an error finding.
    """
    return _visits(raw, column, context)["visit"].str.upper().astype("str")


@verb("mapping")
def assign_visitnum(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """VISITNUM: the number in study.yml of the visit, or the number an unscheduled visit carries in its name."""
    return _visits(raw, column, context, quiet=True)["number"].astype("Float64")


@verb("mapping", gives={"": ('"Y"',)})
def assign_planned(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """SVPRESP: Y where the visit is one of study.yml; missing for unscheduled and unknown ones."""
    planned = {v.visitnum for v in context.visits.values()}
    number = _visits(raw, column, context, quiet=True)["number"]
    return pd.Series("Y", index=raw.index, dtype="str").where(number.isin(planned))


@verb("mapping")
def assign_visit_target(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """The planned day of the visit in study.yml, in days after the reference day 0; Float64, missing if unplanned."""
    targets = {v.visitnum: v.target for v in context.visits.values() if v.target is not None}
    return _visits(raw, column, context, quiet=True)["number"].map(targets).astype("Float64")


@verb("mapping")
def assign_visit_elapsed(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """--ELTM: the planned day of the visit as an ISO 8601 duration from the reference day 0 (`P7D`, `-P6D`, `P0D`)."""
    targets = assign_visit_target(raw, column, context)
    shown = {t: f"{'-' if t < 0 else ''}P{abs(int(t))}D" for t in targets.dropna().unique().tolist()}
    return targets.map(shown).astype("str")


@verb("mapping")
def assign_planned_day(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """VISITDY from a number of days after the reference day 0: 0 is study day 1, -1 stays -1; Int64."""
    days = to_number(raw, column, raw[column], context)
    return (days + (days >= 0).astype("Int64")).astype("Int64")


@verb("mapping")
def assign_visitdy(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """VISITDY: the planned study day of the visit in study.yml; missing for unscheduled visits; Int64."""
    targets = assign_visit_target(raw, column, context)
    return (targets + (targets >= 0).astype("Int64")).astype("Int64")


@verb("mapping", gives={"": ("epochs",)})
def assign_visit_epoch(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """The planned epoch of the visit in study.yml; missing for unscheduled visits and where study.yml gives none."""
    epochs = {v.visitnum: v.epoch for v in context.visits.values() if v.epoch is not None}
    return _visits(raw, column, context, quiet=True)["number"].map(epochs).astype("str")


def _visits(raw: pd.DataFrame, column: str, context: Context, *, quiet: bool = False) -> pd.DataFrame:
    planned = {v.visit: v.visitnum for v in context.visits.values()}
    codelist = context.codelists.get("VISIT")
    names = submission_values(codelist) if codelist else {}
    found: dict[str, tuple[str, float] | None] = {}
    for text in raw[column].dropna().unique():
        name = names.get(text.strip(), names.get(text.strip().casefold(), text.strip()))
        unscheduled = UNSCHEDULED.fullmatch(name)
        if name in planned:
            found[text] = (name, planned[name])
        elif unscheduled:
            found[text] = (name, float(unscheduled[1]))
        else:
            found[text] = None
    unknown = raw[column].isin([t for t, v in found.items() if v is None])
    if not quiet:
        context.report(
            raw,
            unknown,
            column,
            "sdtm.visit",
            "no visit of that name in specs/study.yml",
            remedy="Query the site, or add the spelling to the codelist VISIT.",
        )
    visits = {t: v[0] for t, v in found.items() if v}
    numbers = {t: v[1] for t, v in found.items() if v}
    return pd.DataFrame(
        {"visit": raw[column].map(visits).astype("str"), "number": raw[column].map(numbers).astype("Float64")},
        index=raw.index,
    )
