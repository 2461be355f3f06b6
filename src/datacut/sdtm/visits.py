"""Mapping verbs for visits: the planned visit of a collected name, and the number of an unscheduled one.

Each of them tells of a visit that is blank or unknown, and of one at which the form is not planned: one finding a form
and cause.
"""

from __future__ import annotations

import pandas as pd

from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.sdtm.collected import clean_text, submission_values, to_number
from datacut.spec.registry import Column, verb
from datacut.spec.study import UNSCHEDULED


@verb(
    "mapping",
    gives={"": ("visits",)},
    says="the visit of {column}",
)
def assign_visit(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """VISIT: the name in study.yml of the visit a form calls by any of its collected names (codelist of VISIT).

    `Unscheduled n.01` is kept, in upper case as the planned names are. A name that is neither, and a blank, has none.
    """
    return _visits(raw, column, context)["visit"].str.upper().astype("str")


@verb(
    "mapping",
    says="the number of the visit {column}",
)
def assign_visitnum(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """VISITNUM: the number in study.yml of the visit, or the number an unscheduled visit carries in its name."""
    return _visits(raw, column, context)["number"].astype("Float64")


@verb(
    "mapping",
    gives={"": ('"Y"',)},
    says='"Y" where {column} is a planned visit',
)
def assign_planned(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """SVPRESP: Y where the visit is one of study.yml; missing for unscheduled and unknown ones."""
    planned = {v.visitnum for v in context.visits.values()}
    number = _visits(raw, column, context)["number"]
    return pd.Series("Y", index=raw.index, dtype="str").where(number.isin(planned))


@verb(
    "mapping",
    says="the planned day of the visit {column}",
)
def assign_visit_target(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """The planned day of the visit in study.yml, in days after the reference day 0; Float64, missing if unplanned."""
    targets = {v.visitnum: v.target for v in context.visits.values() if v.target is not None}
    return _visits(raw, column, context)["number"].map(targets).astype("Float64")


@verb(
    "mapping",
    says="the planned day of the visit {column} as ISO 8601 duration",
)
def assign_visit_elapsed(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """--ELTM: the planned day of the visit as an ISO 8601 duration from the reference day 0 (`P7D`, `-P6D`, `P0D`)."""
    targets = assign_visit_target(raw, column, context)
    shown = {t: f"{'-' if t < 0 else ''}P{abs(int(t))}D" for t in targets.dropna().unique().tolist()}
    return targets.map(shown).astype("str")


@verb(
    "mapping",
    says="study day of {column} days after day 0 (0 is day 1)",
)
def assign_planned_day(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """VISITDY from a number of days after the reference day 0: 0 is study day 1, -1 stays -1; Int64."""
    days = to_number(raw, column, raw[column], context)
    return (days + (days >= 0).astype("Int64")).astype("Int64")


@verb(
    "mapping",
    says="the planned study day of the visit {column}",
)
def assign_visitdy(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """VISITDY: the planned study day of the visit in study.yml; missing for unscheduled visits; Int64."""
    targets = assign_visit_target(raw, column, context)
    return (targets + (targets >= 0).astype("Int64")).astype("Int64")


@verb(
    "mapping",
    gives={"": ("epochs",)},
    says="the planned epoch of the visit {column}",
)
def assign_visit_epoch(raw: pd.DataFrame, column: Column, context: Context) -> pd.Series:
    """The planned epoch of the visit in study.yml; missing for unscheduled visits and where study.yml gives none."""
    epochs = {v.visitnum: v.epoch for v in context.visits.values() if v.epoch is not None}
    return _visits(raw, column, context)["number"].map(epochs).astype("str")


def _visits(raw: pd.DataFrame, column: str, context: Context) -> pd.DataFrame:
    """Name and number of the visit of each row; tells of one that is blank, unknown or not planned for the form."""
    planned = {v.visit: v.visitnum for v in context.visits.values()}
    codelist = context.codelists.get("VISIT")
    names = submission_values(codelist) if codelist else {}
    found: dict[str, tuple[str, float]] = {}
    for text in raw[column].dropna().unique():
        name = names.get(text.strip(), names.get(text.strip().casefold(), text.strip()))
        unscheduled = UNSCHEDULED.fullmatch(name)
        if name in planned:
            found[text] = (name, planned[name])
        elif unscheduled:
            found[text] = (name, float(unscheduled[1]))
    blank = clean_text(raw[column]).isna()
    context.report_cause(
        raw,
        blank & (context.form_visits != ()),  # a log is planned at none, and has rows between visits
        column,
        "sdtm.visit",
        "no visit is given; the row has no visit name, number or planned day",
        remedy="Query the site for the visit.",
        severity=Severity.ERROR,
    )
    context.report_cause(
        raw,
        ~blank & ~raw[column].isin(list(found)),
        column,
        "sdtm.visit",
        "no visit of that name in specs/study.yml; the row has no visit name, number or planned day",
        remedy="Query the site, or add the spelling to the codelist VISIT.",
        severity=Severity.ERROR,
    )
    listed = {context.visits[v].visit for v in context.form_visits or () if v in context.visits}
    other = [text for text, (name, _) in found.items() if name in planned and name not in listed]
    context.report_cause(
        raw,
        raw[column].isin(other) & bool(listed),
        column,
        "sdtm.visit.form",
        "the form is not planned at this visit; the row keeps it",
        remedy="Query the site for the visit, or list it under visits of the form in specs/crf.",
        severity=Severity.WARNING,
    )
    return pd.DataFrame(
        {
            "visit": raw[column].map({t: v[0] for t, v in found.items()}).astype("str"),
            "number": raw[column].map({t: v[1] for t, v in found.items()}).astype("Float64"),
        },
        index=raw.index,
    )
