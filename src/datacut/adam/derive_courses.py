"""Treatment around an assessment, from courses with their schedules: mean dose, maintenance, stability, drug-free.

A course lies between bounds where its dates are partial (`compute/courses.py`), so what is not known stays unknown.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import text
from datacut.compute.courses import course_bounds, pair_with_courses
from datacut.compute.sle.drugfree import compute_drug_free
from datacut.compute.sle.steroids import (
    MG,
    compute_daily_dose,
    compute_mean_daily_dose,
    compute_prednisone_equivalent,
    is_systemic_glucocorticoid,
)
from datacut.compute.threeway import to_yn
from datacut.datasets.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Column, Function, Keys, NewColumn, Source, SourceColumn, SourceCondition, verb


@verb("column", reads=())
def derive_vars_prednisone(
    dataset: pd.DataFrame,
    by: Keys,
    date: Column,
    source: Source,
    new: NewColumn,
    reason: NewColumn,
    days: float,
    betamethasone_mg: float,
    deflazacort_mg: float,
    where: SourceCondition | None = None,
    drug: SourceColumn = "CMDECOD",
    dose: SourceColumn = "CMDOSE",
    unit: SourceColumn = "CMDOSU",
    frequency: SourceColumn = "CMDOSFRQ",
    route: SourceColumn = "CMROUTE",
    start: SourceColumn = "CMSTDTC",
    end: SourceColumn = "CMENDTC",
    *,
    context: Context,
) -> pd.DataFrame:
    """Mean prednisone equivalent, mg a day, over the `days` days that end on `date`; and why it is missing.

    Systemic glucocorticoids of the source count by schedule; none is 0. A dose, unit, frequency, route or date that is
    unknown and matters leaves the mean missing. betamethasone_mg, deflazacort_mg: what equals 5 mg of prednisone.
    """
    given = source.loc[context.mask(source, where)].reset_index(drop=True)
    systemic = is_systemic_glucocorticoid(given[drug], given[route])
    given = given.loc[systemic.fillna(True)].reset_index(drop=True)
    known = systemic.loc[systemic.fillna(True)].notna().reset_index(drop=True)
    equal = compute_prednisone_equivalent(
        given[drug], given[dose], given[unit], betamethasone_mg=betamethasone_mg, deflazacort_mg=deflazacort_mg
    )
    daily = compute_daily_dose(equal, given[frequency]).where(known)
    courses = _courses(given, by, start, end, frequency).assign(daily=daily)
    mean = compute_mean_daily_dose(dataset[by[0]], dataset[date], courses, int(days))
    return dataset.assign(**{new: mean["dose"], reason: mean["reason"]})


@verb("column")
def derive_var_maintenance(
    dataset: pd.DataFrame,
    by: Keys,
    date: Column,
    source: Source,
    value: Function,
    new: NewColumn,
    where: SourceCondition | None = None,
    drug: SourceColumn = "CMDECOD",
    dose: SourceColumn = "CMDOSE",
    unit: SourceColumn = "CMDOSU",
    frequency: SourceColumn = "CMDOSFRQ",
    start: SourceColumn = "CMSTDTC",
    end: SourceColumn = "CMENDTC",
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` if every drug of the source given on `date` is at a standard maintenance dose, `N` if one is above it.

    value says of drugs and their mg a day whether they are standard. No drug: Y. Missing where the date is, or where a
    drug without a standard dose, an unknown dose or an unknown date leaves it open.
    """
    given = source.loc[context.mask(source, where)].reset_index(drop=True)
    milligrams = given[dose].astype("Float64") * given[unit].map({u: float(mg) for u, mg in MG.items()}).astype(
        "Float64"
    )
    standard = value(given[drug], compute_daily_dose(milligrams, given[frequency]))
    pairs = pair_with_courses(dataset[by[0]], dataset[date], _courses(given, by, start, end, frequency), 1)
    pairs = pairs.loc[pairs["possible_days"] > 0]
    verdict = standard.iloc[pairs["course"].to_numpy()].reset_index(drop=True)
    sure = (pairs["known_days"] > 0).reset_index(drop=True)
    visit = pairs["visit"].reset_index(drop=True)
    above = set(visit[(sure & verdict.eq(False)).fillna(False)])
    open_ = set(visit[(verdict.isna() | (verdict.eq(False) & ~sure)).fillna(True)])
    undated = dataset[date].isna()
    found = [False if n in above else None if n in open_ or missing else True for n, missing in enumerate(undated)]
    return dataset.assign(**{new: to_yn(pd.Series(found, index=dataset.index, dtype="boolean"))})


@verb("column")
def derive_var_stable_therapy(
    dataset: pd.DataFrame,
    by: Keys,
    date: Column,
    source: Source,
    value: Function,
    new: NewColumn,
    days: float,
    where: SourceCondition | None = None,
    drug: SourceColumn = "CMDECOD",
    dose: SourceColumn = "CMDOSE",
    frequency: SourceColumn = "CMDOSFRQ",
    start: SourceColumn = "CMSTDTC",
    end: SourceColumn = "CMENDTC",
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` if no drug of the source was started or increased in the `days` days before `date`, else `N`.

    value judges participants, dates, courses and days. A fall or a stop is allowed. Missing where the date is, or where
    a date or dose that decides is unknown.
    """
    given = source.loc[context.mask(source, where)].reset_index(drop=True)
    daily = compute_daily_dose(given[dose].astype("Float64"), given[frequency])
    courses = _courses(given, by, start, end, frequency).assign(drug=given[drug], daily=daily)
    stable = value(dataset[by[0]], dataset[date], courses, int(days))
    return dataset.assign(**{new: to_yn(stable)})


@verb("column")
def derive_vars_drug_free(
    dataset: pd.DataFrame,
    by: Keys,
    date: Column,
    source: Source,
    new: NewColumn,
    days: float,
    sle: SourceCondition,
    antimalarial: SourceCondition | None = None,
    toxicity: SourceCondition | None = None,
    replacement: SourceCondition | None = None,
    unknown: SourceCondition | None = None,
    replacement_allowed: str = "N",
    antimalarial_allowed: NewColumn | None = None,
    confounded: NewColumn | None = None,
    reason: NewColumn | None = None,
    frequency: SourceColumn = "CMDOSFRQ",
    start: SourceColumn = "CMSTDTC",
    end: SourceColumn = "CMENDTC",
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` if nothing of the four kinds was given in the `days` days that end on `date`, `N` if something was.

    The conditions say which source records are of which kind, and of several that hold the last in this order: therapy
    of the disease, antimalarial, glucocorticoid for toxicity, physiologic replacement (which may be allowed: Y, N), or
    unknown what it was for; others do not count. antimalarial_allowed: the same with antimalarials left out;
    confounded: Y if one for toxicity was; reason: what was given, or what is unknown. Missing where the date or a
    course's bounds leave it open.
    """
    kind = pd.Series("other", index=source.index, dtype="object")
    kinds = {"sle": sle, "antimalarial": antimalarial, "toxicity": toxicity, "replacement": replacement}
    for name, condition in {**kinds, "unknown": unknown}.items():
        if condition is not None:
            kind = kind.mask(context.mask(source, condition), None if name == "unknown" else name)
    courses = _courses(source, by, start, end, frequency).assign(kind=kind.to_numpy())
    courses = courses.loc[courses["kind"].ne("other")].reset_index(drop=True)
    free = compute_drug_free(dataset[by[0]], dataset[date], courses, int(days), replacement_allowed == "Y")
    columns = {"hcq_allowed": antimalarial_allowed, "dfconf": confounded, "reason": reason}
    out = {new: free["strict"]} | {column: free[name] for name, column in columns.items() if column is not None}
    return dataset.assign(**out)


@verb("column")
def derive_vars_next_course(
    dataset: pd.DataFrame,
    by: Keys,
    date: Column,
    source: Source,
    new: NewColumn,
    drug: NewColumn,
    where: SourceCondition | None = None,
    source_drug: SourceColumn = "CMDECOD",
    start: SourceColumn = "CMSTDTC",
    *,
    context: Context,
) -> pd.DataFrame:
    """The day on which the first source course that starts after `date` has surely started, and its drug.

    A start known to the month is sure on the last day of it. One that may lie on either side of `date` is not counted,
    and is a warning.
    """
    given = source.loc[context.mask(source, where)].reset_index(drop=True)
    bounds = _courses(given, by, start, start, None)
    pairs = pair_with_courses(dataset[by[0]], dataset[date], bounds, 1).drop(columns="first")
    low, high = (bounds[c].to_numpy()[pairs["course"].to_numpy()] for c in ("start_min", "start_max"))
    pairs = pairs.assign(low=low, high=high, drug=given[source_drug].to_numpy(dtype=object)[pairs["course"].to_numpy()])
    either = pairs.loc[(pairs["low"] <= pairs["last"]) & (pairs["high"] > pairs["last"])]
    context.report(
        dataset,
        dataset.iloc[either["visit"].unique()].drop_duplicates(by).index,
        date,
        "adam.course.order",
        f"a course ({start} partial or missing) may have started before or after this date; it is not counted",
        remedy="Ask for the date.",
        severity=Severity.WARNING,
    )
    after = pairs.loc[pairs["low"] > pairs["last"]].sort_values(["visit", "high", "course"]).drop_duplicates("visit")
    days = after.set_index("visit")["high"].reindex(range(len(dataset)))
    first = days.fillna(0).to_numpy().astype("int64").astype("datetime64[D]").astype("datetime64[s]")
    names = after.set_index("visit")["drug"].reindex(range(len(dataset)))
    return dataset.assign(
        **{
            new: pd.Series(first, index=dataset.index).where(days.notna().to_numpy()),
            drug: text(names.to_numpy(dtype=object), dataset.index),
        }
    )


def _courses(given: pd.DataFrame, by: list[str], start: str, end: str, frequency: str | None) -> pd.DataFrame:
    once = None if frequency is None else given[frequency].eq("ONCE").fillna(False).astype("boolean")
    bounds = course_bounds(given[start], given[end], once=once)
    subject: Any = given[by[0]].to_numpy()
    return bounds.assign(subject=np.asarray(subject, dtype=object))
