"""Treatment around an assessment, from courses in normal form: dose, maintenance, stability, rescue, drug-free.

A course lies between bounds where its dates are partial (`compute/courses.py`) and its dose between a lowest and a
highest possible amount, so what is not known stays unknown, and what is the same for all that is possible is known.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from datacut.compute.courses import course_bounds
from datacut.compute.sle.drugfree import compute_drug_free
from datacut.compute.sle.maintenance import compute_maintenance, share_of_allowed
from datacut.compute.sle.rescue import Rule, compute_increase
from datacut.compute.sle.stable import compute_stable_therapy
from datacut.compute.sle.steroids import compute_mean_daily_dose
from datacut.compute.threeway import to_yn
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.registry import (
    Column,
    Condition,
    Keys,
    NewColumn,
    Source,
    SourceColumn,
    SourceCondition,
    Table,
    verb,
)

_GIVEN = (
    "the days of a record run from {start} to {end} (missing: open; with {frequency} ONCE: {start} alone); a partial "
    "date can be each day that it can mean, but a start that is partial or missing is not after {begun_by}, where that "
    "leaves a day, nor after {end}; where {end} is before {start}, each day between the two may be one"
)
"""Which days are those of a course."""
_DAYS = (
    "; amounts of one day add up: "
    + _GIVEN
    + "; records of one {group} count once, and one that ends on the known day "
    "on which another of its {drug} begins ends the day before"
)
"""What was given on a day."""


@verb(
    "column",
    says={
        "new": (
            "mean amount a day ({source_low} to {source_high} where equal) over the {days} days that end on "
            "{date}, of {source}[ where {where}][ (perhaps also where {possible})] with the same "
            "{by}{peak?Y=, or the amount of {date} itself if larger|}; 0 without a record, missing where it is "
            "not known" + _DAYS
        ),
        "low": (
            "the lowest mean amount a day that is possible over the {days} days that end on {date}"
            "{peak?Y=, or the lowest of {date} itself if larger|}, of "
            "{source}[ where {where}][ (perhaps also where {possible})] with the same {by}" + _DAYS
        ),
        "high": (
            "the highest mean amount a day that is possible over the {days} days that end on {date}"
            "{peak?Y=, or the highest of {date} itself if larger|}, of {source}[ where {where}]"
            "[ (perhaps also where {possible})] with the same {by}; missing, no bound" + _DAYS
        ),
        "reason": "what is not known of it",
    },
)
def derive_vars_daily_dose(
    dataset: pd.DataFrame,
    by: Keys,
    date: Column,
    source: Source,
    new: NewColumn,
    low: NewColumn,
    high: NewColumn,
    reason: NewColumn,
    days: float,
    source_low: SourceColumn,
    source_high: SourceColumn,
    peak: str = "N",
    where: SourceCondition | None = None,
    possible: SourceCondition | None = None,
    tell: Condition | None = None,
    drug: SourceColumn = "ADRUG",
    group: SourceColumn = "ACRSNUM",
    frequency: SourceColumn = "CMDOSFRQ",
    start: SourceColumn = "CMSTDTC",
    end: SourceColumn = "CMENDTC",
    begun_by: SourceColumn = "BEGUNDT",
    *,
    context: Context,
) -> pd.DataFrame:
    """Mean amount a day over the `days` days that end on `date`, where it is known; its bounds, and why it is not.

    The source records of `where` count, those of `possible` perhaps; source_low and source_high are their amounts a
    day. None is 0. peak Y: the larger of the mean and the amount of the day of `date`. tell: rows of which a missing
    amount is a warning.
    """
    courses = _courses(context, source, by, where, possible, drug, group, frequency, start, end, begun_by)
    courses = courses.assign(low=source[source_low].to_numpy(), high=source[source_high].to_numpy())
    found = compute_mean_daily_dose(dataset[by[0]], dataset[date], _kept(courses), int(days), peak == "Y")
    out = dataset.assign(**{new: found["dose"], low: found["low"], high: found["high"], reason: found["reason"]})
    if tell is not None:
        open_ = context.mask(dataset, tell) & found["dose"].isna() & dataset[date].notna()
        context.report(
            out,
            open_,
            reason,
            "adam.dose.unknown",
            "the daily dose is not known",
            remedy="Ask for the dose, schedule or dates that are missing; the value stays missing.",
            severity=Severity.WARNING,
        )
    return out


@verb(
    "column",
    says=(
        '"Y" if of each {drug} of {source}[ (where {where})] with the same {by} that is given on {date} the amount '
        "a day ({low} to {high} in {unit}) is at most AMOUNT over DAYS of its row in define-supplement.html, table "
        "{allowed}, the parts of its records added up (UNIT mg/kg times {weight} is mg), and it is "
        'approved in {country:plain}, "N" if one is above it or not approved; "Y" without a drug; missing where a '
        "drug not in the table, or an unknown dose or date, decides[ (also of records where "
        "{possible})]. A row is that of a record where DRUG is its {drug} and ROUTE its {route} or blank; a drug by "
        "another route is not in the table; approved is a drug whose row has blank COUNTRIES or the country among "
        "them (blanks between them)" + _DAYS
    ),
)
def derive_var_maintenance(
    dataset: pd.DataFrame,
    by: Keys,
    date: Column,
    source: Source,
    new: NewColumn,
    allowed: Table,
    country: str,
    where: SourceCondition | None = None,
    possible: SourceCondition | None = None,
    drug: SourceColumn = "ADRUG",
    group: SourceColumn = "ACRSNUM",
    low: SourceColumn = "ADOSDYLO",
    high: SourceColumn = "ADOSDYHI",
    unit: SourceColumn = "ADOSDYU",
    weight: SourceColumn = "WEIGHTBL",
    route: SourceColumn = "CMROUTE",
    frequency: SourceColumn = "CMDOSFRQ",
    start: SourceColumn = "CMSTDTC",
    end: SourceColumn = "CMENDTC",
    begun_by: SourceColumn = "BEGUNDT",
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` if every drug of the source given on `date` is at a standard maintenance dose, `N` if one is above it.

    allowed: table with columns DRUG, ROUTE (blank: any), AMOUNT, UNIT (mg, mg/kg), DAYS between doses and COUNTRIES of
    approval (blank: all). Courses of one drug add up; a drug not approved in `country` is not standard. No drug: Y.
    Missing where the date is, or where a drug the table does not have, an unknown dose or date leaves it open.
    """
    courses = _courses(context, source, by, where, possible, drug, group, frequency, start, end, begun_by)
    amounts = share_of_allowed(
        source[drug], source[route], source[low], source[high], source[unit], source[weight], allowed, country
    )
    courses = courses.assign(low=amounts["low"].to_numpy(), high=amounts["high"].to_numpy())
    return dataset.assign(**{new: to_yn(compute_maintenance(dataset[by[0]], dataset[date], _kept(courses)))})


@verb(
    "column",
    says=(
        '"Y" if no {drug} of {source}[ (where {where})] with the same {by} was begun, or its amount a day '
        '({low} to {high}) raised, in the {days} days before {date}, else "N": no record begins on one of the days '
        "from {days} days before {date} to the day before it with more of its {drug} on that day than on the day "
        "before; missing where a date or dose that is not known decides[ (also of records where {possible})]" + _DAYS
    ),
)
def derive_var_stable_therapy(
    dataset: pd.DataFrame,
    by: Keys,
    date: Column,
    source: Source,
    new: NewColumn,
    days: float,
    where: SourceCondition | None = None,
    possible: SourceCondition | None = None,
    drug: SourceColumn = "ADRUG",
    group: SourceColumn = "ACRSNUM",
    low: SourceColumn = "ADOSDYLO",
    high: SourceColumn = "ADOSDYHI",
    frequency: SourceColumn = "CMDOSFRQ",
    start: SourceColumn = "CMSTDTC",
    end: SourceColumn = "CMENDTC",
    begun_by: SourceColumn = "BEGUNDT",
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` if no drug of the source was started or increased in the `days` days before `date`, else `N`.

    Courses of one drug add up. A fall or a stop is allowed. Missing where the date is, or where a date or dose that
    decides is unknown.
    """
    courses = _courses(context, source, by, where, possible, drug, group, frequency, start, end, begun_by)
    courses = courses.assign(low=source[low].to_numpy(), high=source[high].to_numpy())
    return dataset.assign(
        **{new: to_yn(compute_stable_therapy(dataset[by[0]], dataset[date], _kept(courses), int(days)))}
    )


@verb(
    "column",
    says={
        "new": (
            '"Y" if by {date}, of the records of {source}[ where {where}][ (perhaps also where {possible})] '
            'with the same {by}, more was given than on the day {reference}, else "N", missing where what is '
            "not known decides. "
            "More: an amount a day ({low} to {high} the possible ones) above that of {reference}"
            "{least?0=|, by {least} or more}{least_percent?0=|, by {least_percent} percent of it or more}, on each of "
            "the {least_days} days from a {start} after {reference} on, which has come by {date} (the days after it "
            "need not be over); of a start that is partial or missing each day that it can be is judged. What goes on "
            "at one dose over both days cancels out[. Each {drug} by itself; one begun after more than {restart_days} "
            "days without it is more at any amount, and one not given on {reference}, but begun after at most as many "
            "days without it, only if its amount is also above that of its last day before {reference}]" + _DAYS
        ),
        "begun": 'the day by which the first start or rise that makes {new} "Y" had surely come, also after {date}',
        "reason": "what is not known where {new} is missing",
    },
)
def derive_vars_increase(
    dataset: pd.DataFrame,
    by: Keys,
    date: Column,
    reference: Column,
    source: Source,
    new: NewColumn,
    begun: NewColumn,
    reason: NewColumn,
    least: float,
    least_percent: float,
    least_days: float,
    low: SourceColumn,
    high: SourceColumn,
    restart_days: float | None = None,
    where: SourceCondition | None = None,
    possible: SourceCondition | None = None,
    drug: SourceColumn = "ADRUG",
    group: SourceColumn = "ACRSNUM",
    frequency: SourceColumn = "CMDOSFRQ",
    start: SourceColumn = "CMSTDTC",
    end: SourceColumn = "CMENDTC",
    begun_by: SourceColumn = "BEGUNDT",
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` if by `date` more was given than on the day `reference`, `N` if not; the day by which it surely was; why.

    More is a scheduled amount a day, courses of the day added up, that is above that of the reference by at least
    `least` and `least_percent` for at least `least_days` days, judged at each start after the reference whether or not
    a visit sees it. restart_days given: each drug by itself, and one that paused for more days before its start is
    begun anew at any amount; left out: all drugs together. Missing, with the reason, where a start, an amount or what
    it was for may decide: a start that lies on either side of the date, say; the first date of a key is a warning.
    """
    courses = _courses(context, source, by, where, possible, drug, group, frequency, start, end, begun_by)
    courses = courses.assign(low=source[low].to_numpy(), high=source[high].to_numpy())
    rule = Rule(
        amount=Fraction(str(least)),
        percent=Fraction(str(least_percent)),
        days=int(least_days),
        restart=None if restart_days is None else int(restart_days),
    )
    found = compute_increase(dataset[by[0]], dataset[date], dataset[reference], _kept(courses), rule)
    out = dataset.assign(**{new: to_yn(found["state"]), begun: found["by"], reason: found["reason"]})
    open_ = found["state"].isna() & dataset[date].notna()
    context.report(
        out,
        out.index[open_ & ~out.assign(open_=open_).duplicated([*by, "open_"])],
        reason,
        "adam.course.open",
        "whether treatment of the disease was added by this visit is not known",
        remedy="Ask for the date, dose or reason that is missing; the response stays unknown until then.",
        severity=Severity.WARNING,
    )
    return out


@verb(
    "column",
    says={
        "new": (
            '"Y" if no record of {source} with the same {by} that counts has a day in the {days} days that '
            'end on {date}, "N" if one has, missing where that is not known. It counts where {sle}[, as '
            "antimalarial where {antimalarial}][, as given for toxicity where {toxicity}][, as "
            "replacement{replacement_allowed?Y= (which is allowed)|} where {replacement}][; whether it does "
            "is unknown where {unknown}]; of several the last named; " + _GIVEN
        ),
        "antimalarial_allowed": (
            "the same as the flag without antimalarials, of those that end on {date} in {days} days: records "
            "of {source} where {sle}[, given for toxicity where {toxicity}][, antimalarials where "
            "{antimalarial} left out][; unknown where {unknown}]"
        ),
        "confounded": ('"Y" if a record of {source} where {toxicity} has a day in the {days} days that end on {date}'),
        "reason": "what was given, or what is not known",
    },
)
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
    begun_by: SourceColumn = "BEGUNDT",
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
    courses = _bounds(source, by, frequency, start, end, begun_by).assign(kind=kind.to_numpy())
    courses = courses.loc[courses["kind"].ne("other")].reset_index(drop=True)
    free = compute_drug_free(dataset[by[0]], dataset[date], courses, int(days), replacement_allowed == "Y")
    columns = {"hcq_allowed": antimalarial_allowed, "dfconf": confounded, "reason": reason}
    out = {new: free["strict"]} | {column: free[name] for name, column in columns.items() if column is not None}
    return dataset.assign(**out)


def _courses(
    context: Context,
    source: pd.DataFrame,
    by: list[str],
    where: Any,
    possible: Any,
    drug: str,
    group: str,
    frequency: str,
    start: str,
    end: str,
    begun_by: str,
) -> pd.DataFrame:
    """All source records as courses: `counts` says whether at all, `sure` whether surely; amounts are the caller's."""
    sure = context.mask(source, where)
    perhaps = sure if possible is None else sure | context.mask(source, possible)
    return _bounds(source, by, frequency, start, end, begun_by).assign(
        drug=source[drug].to_numpy(dtype=object),
        group=source[group].to_numpy(dtype=object),
        sure=sure.to_numpy(dtype=bool),
        counts=perhaps.to_numpy(dtype=bool),
    )


def _kept(courses: pd.DataFrame) -> pd.DataFrame:
    return courses.loc[courses["counts"]].reset_index(drop=True)


def _bounds(source: pd.DataFrame, by: list[str], frequency: str, start: str, end: str, begun_by: str) -> pd.DataFrame:
    once = source[frequency].eq("ONCE").fillna(False).astype("boolean")
    bounds = course_bounds(source[start], source[end], once=once, begun_by=source[begun_by])
    subject: Any = source[by[0]].to_numpy()
    return bounds.assign(subject=np.asarray(subject, dtype=object), once=once.to_numpy(dtype=bool)).reset_index(
        drop=True
    )
