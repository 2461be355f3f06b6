"""Parameters of B-cell depletion and return of each participant, from the counts of BDS records."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import group_numbers, keys_complete, text
from datacut.adam.misuse import misuse
from datacut.compute.cart.bcell import BCellCourse, bcell_course
from datacut.engine.context import RID, Context, NewRecords
from datacut.errors import in_data, nearest
from datacut.spec.registry import Column, Columns, Condition, NewCodeMap, NewColumn, verb

MEASURES = ("depleted", "last_before", "onset", "last_aplastic", "reconstitution", "duration")


@verb(
    "records",
    writes=("PARAMCD", "AVAL", "AVALC"),
    says=(
        "one record for each {by}, {params:own}: counts are {value} within {by} with {day} above 0[ where "
        '{where}][, not after {censor_day}]; one below {threshold} or with {below} "Y" is depleted; '
        "return is the first count at or above {threshold} after depletion{confirm?Y=, if the next one "
        'is so too|}. Depleted: whether any count is (AVALC "Y" or "N"); days are {day}: last before '
        "depletion, onset, last depleted, reconstitution; duration from onset to reconstitution, or to "
        'the last count, then {censored} is "Y"'
    ),
)
def derive_param_bcell(
    dataset: pd.DataFrame,
    by: Columns,
    day: Column,
    date: Column,
    value: Column,
    below: Column,
    threshold: float,
    confirm: str,
    params: NewCodeMap,
    reason: NewColumn,
    censored: NewColumn,
    censor_day: Column | None = None,
    where: Condition | None = None,
    *,
    context: Context,
) -> NewRecords:
    """One record per group and measure of `params` (`{onset: BONSET, ...}`): the rules of `bcell_course`.

    Measures: `depleted` (AVALC `Y` or `N`), and in days since the infusion `last_before`, `onset`, `last_aplastic`,
    `reconstitution` and `duration`. day: whole days since the infusion; below: `Y` below quantification; confirm: `Y`
    if return must be seen twice; censor_day: day of a new B-cell depleting therapy. `date` is that of the assessment
    the measure was seen at. censored is `Y` on the duration of an aplasia that had not ended; reason says why a value
    is missing. Two counts of one day are an error finding, and no measure has a value.
    """
    for measure in params:
        if measure not in MEASURES:
            raise misuse(
                in_data(context.dataset, context.variable), "no such measure", measure, nearest(measure, MEASURES)
            )
    kept = dataset.loc[context.mask(dataset, where) & keys_complete(dataset, by) & dataset[day].notna()]
    rows: list[dict[str, object]] = []
    parents: list[tuple[int, object]] = []
    for _, own in kept.groupby(list(by), sort=False):
        course, fault = _course(own, day, value, below, threshold, confirm, censor_day)
        if fault is not None:
            context.report(own, own.index[:1], value, "adam.bcell", fault, remedy="Choose one of the counts.")
        for measure, name in params.items():
            found = getattr(course, measure)
            row: dict[str, object] = {c: own[c].iloc[0] for c in by} | {"PARAMCD": name}
            if measure == "depleted":
                row["AVALC"] = None if found is None else "Y" if found else "N"
            else:
                row["AVAL"] = pd.NA if found is None else found
            row[reason] = (
                _reason(course, measure, fault or "not assessed after the infusion") if found is None else None
            )
            row[censored] = "Y" if measure == "duration" and course.censored else None
            seen = own.loc[own[day].astype("Float64") == found, date] if found is not None else own[date].iloc[:0]
            row[date] = seen.iloc[0] if len(seen) and measure not in ("depleted", "duration") else pd.NaT
            parents += [(len(rows), rid) for rid in own[RID]]
            rows.append(row)
    columns = list(dict.fromkeys([*by, "PARAMCD", "AVAL", "AVALC", reason, censored, date]))
    made = pd.DataFrame(rows, columns=columns).astype({c: dataset[c].dtype for c in (*by, date)})
    made["AVAL"] = pd.array(made["AVAL"].to_list(), dtype="Float64")
    for column in ("PARAMCD", "AVALC", reason, censored):
        made[column] = text(made[column].astype(object).where(made[column].notna(), None), made.index)
    return NewRecords(made, pd.DataFrame(parents, columns=["position", "parent"]))


@verb(
    "column",
    says=(
        "{day} of the return of B cells: counts are {value} within {by} with {day} above 0[ where "
        '{where}][, not after {censor_day}]; one below {threshold} or with {below} "Y" is depleted; '
        "return is the first count at or above {threshold} after depletion{confirm?Y=, if the next one "
        "is so too|}"
    ),
)
def derive_var_reconstitution_day(
    dataset: pd.DataFrame,
    by: Columns,
    day: Column,
    value: Column,
    below: Column,
    threshold: float,
    confirm: str,
    new: NewColumn,
    censor_day: Column | None = None,
    where: Condition | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """Day of the return of B cells on every record of the group; counts are the rows of `where`.

    As `reconstitution` of `derive_param_bcell`, which tells of counts that contradict each other.
    """
    kept = dataset.loc[context.mask(dataset, where) & keys_complete(dataset, by) & dataset[day].notna()]
    out = pd.Series(pd.NA, index=dataset.index, dtype="Float64")
    groups = group_numbers(dataset, by)
    for number, own in kept.groupby(groups[kept.index], sort=False):
        course, _ = _course(own, day, value, below, threshold, confirm, censor_day)
        if course.reconstitution is not None:
            out = out.mask(groups == number, course.reconstitution)
    return dataset.assign(**{new: out})


def _course(
    own: pd.DataFrame, day: str, value: str, below: str, threshold: float, confirm: str, censor_day: str | None
) -> tuple[BCellCourse, str | None]:
    """The course of one group, and what contradicts itself in it."""
    ends = own[censor_day].dropna() if censor_day else own[day].iloc[:0]
    try:
        course = bcell_course(
            _floats(own[day]),
            _floats(own[value]),
            own[below].eq("Y").fillna(False).astype(bool).tolist(),
            threshold,
            bcell_confirm=confirm == "Y",
            censor_day=float(ends.iloc[0]) if len(ends) else None,
        )
    except ValueError as problem:
        return BCellCourse(depleted=None), str(problem)
    return course, None


def _reason(course: BCellCourse, measure: str, fault: str) -> str:
    if course.depleted is None:
        return fault
    if not course.depleted:
        return "not depleted"
    if measure == "last_before":
        return "depleted at the first assessment"
    return f"not reconstituted by day {course.censored_at:g}"


def _floats(values: pd.Series[Any]) -> list[float]:
    return list(values.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan))
