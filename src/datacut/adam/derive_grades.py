"""Laboratory toxicity grades by the rules of `specs/grading.yml`. CTCAE 5.0 as the rules state it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from datacut.adam.groups import text
from datacut.adam.misuse import misuse
from datacut.compute.toxicity import BaselineState, GradingRule, Limit, Reference, grade
from datacut.engine.context import Context
from datacut.errors import Location, Severity, in_data
from datacut.spec.grading import GradeRule, Grades
from datacut.spec.registry import Column, Condition, NewColumn, verb
from datacut.spec.where import Compound

_LIMIT = re.compile(
    r"(?P<sign>[<>]=)?\s*(?P<factor>\d+(?:\.\d+)?)(?:\s*x\s*(?P<of>ULN|LLN|BASE)(?:\s*\+\s*(?P<plus>\d+(?:\.\d+)?))?)?"
)
_REFERENCE = {None: "absolute", "ULN": "uln", "LLN": "lln", "BASE": "baseline"}
_REACHED = {"L": "<=", "H": ">="}


@dataclass(frozen=True, slots=True)
class _Columns:
    value: str
    low: str
    high: str
    baseline: str
    unit: str
    base_low: str | None
    base_high: str | None


@verb(
    "column",
    says={
        "new": (
            "the {direction?L=low|high} grade of {value} by the rule of {test} and {unit} in "
            "define-supplement.html, section grading, with {low} and {high} as LLN and ULN and {baseline} as "
            'BASE; "0" where it was judged and has no grade, missing where a missing limit or baseline could '
            "change it, or no rule is for {unit}{relative?false=; the limits are those of a normal baseline, whatever "
            "it was|[; with {base_low} and {base_high} as the range of the baseline record, the baseline is abnormal "
            "where it lies {direction?L=below the first|above the second}, which is unknown where that is missing]}"
            "[; records where {by_range} are judged by range and fixed limits alone; where that is neither true nor "
            "false, the grade is given if it is the same either way][; the limits for anticoagulation where "
            "{anticoagulated}]"
        ),
        "number": (
            "the {direction?L=low|high} grade of {value} by the rule of {test} and {unit} in "
            "define-supplement.html, section grading, with {low} and {high} as LLN and ULN and {baseline} as "
            "BASE, as a number"
        ),
        "term": ("the toxicity of the rule of {test} and {unit} in define-supplement.html, section grading"),
        "reason": "why the record has no grade: what is missing",
    },
)
def derive_var_atoxgr(
    dataset: pd.DataFrame,
    direction: str,
    unit: Column,
    new: NewColumn,
    number: NewColumn | None = None,
    term: NewColumn | None = None,
    reason: NewColumn | None = None,
    anticoagulated: Condition | None = None,
    test: Column = "PARAMCD",
    value: Column = "AVAL",
    low: Column = "ANRLO",
    high: Column = "ANRHI",
    baseline: Column = "BASE",
    base_low: Column | None = None,
    base_high: Column | None = None,
    by_range: Condition | None = None,
    relative: bool = True,
    *,
    context: Context,
) -> pd.DataFrame:
    """The toxicity grade (`0` to `4`) in one direction, `L` or `H`, by the rule of the record's test and unit.

    number receives the grade as a number, term the name of the toxicity on every record its rule is for, reason why
    such a record has no grade. anticoagulated: the rows of participants on anticoagulation, graded by the limits for
    them where a rule has such. base_low, base_high: range of the baseline record, which says whether the baseline was
    abnormal (without them, the range of the record). by_range: records of baseline and before it, judged by range and
    fixed limits alone; where that is unknown of a record it has a grade if it is the same either way. relative=false:
    the limits for a normal baseline, whatever it was, so that records compare with their baseline.
    0 is a value that was judged and has no grade; missing is one that could not be judged: no number, a unit no rule of
    the test is for (an error finding), a range whose lower limit lies above the upper one, or a range (a warning) or
    baseline that is missing and could change the grade.
    """
    if direction not in ("L", "H"):
        raise misuse(in_data(context.dataset, new), "no such direction", direction, "Write L or H.")
    columns = _Columns(value, low, high, baseline, unit, base_low, base_high)
    none = pd.Series(False, index=dataset.index)
    early, late = none, ~none
    if by_range is not None:
        early, late = context.mask(dataset, by_range), context.mask(dataset, Compound("NOT", (by_range,)))
    thinned = context.mask(dataset, anticoagulated) if anticoagulated is not None else None
    grades = pd.Series(pd.NA, index=dataset.index, dtype="Int64")
    terms, reasons = (pd.Series(None, index=dataset.index, dtype="object") for _ in range(2))
    for name in dict.fromkeys(r.test for r in context.grading.rules if r.direction == direction):
        rows = dataset.loc[(dataset[test] == name).fillna(False).astype(bool)]
        if not len(rows):
            continue
        rules = [r for r in context.grading.rules if (r.test, r.direction) == (name, direction)]
        terms.loc[rows.index], reasons.loc[rows.index] = rules[0].term, "Unit without grades"
        _report_units(rows, rules, columns, context)
        for rule in rules:
            own = rows if not rule.unit else rows.loc[(rows[unit] == rule.unit).fillna(False).astype(bool)]
            parts = [(own, rule.limits)]
            if rule.anticoagulated and thinned is not None:
                on = thinned.loc[own.index]
                parts = [(own.loc[~on], rule.limits), (own.loc[on], rule.anticoagulated)]
            for part, limits in parts:
                if not len(part):
                    continue
                chosen = rule.model_copy(update={"limits": limits, **({} if relative else {"abnormal_baseline": ()})})
                when = early.loc[part.index], late.loc[part.index]
                made = _timed(part, chosen, rule.limits, columns, when, context)
                grades.loc[part.index], reasons.loc[part.index] = made["grade"], made["reason"]
        reasons.loc[rows.index[rows[value].isna()]] = "No numeric result"
    out: dict[str, pd.Series[Any]] = {new: text([None if pd.isna(g) else str(g) for g in grades], dataset.index)}
    also = ((number, grades), (term, text(terms, dataset.index)), (reason, text(reasons, dataset.index)))
    return dataset.assign(**out, **{column: made for column, made in also if column is not None})


def _report_units(rows: pd.DataFrame, rules: list[GradeRule], columns: _Columns, context: Context) -> None:
    units = [r.unit for r in rules]
    wrong = rows[columns.value].notna() & ~rows[columns.unit].isin(units)
    if "" in units or not wrong.any():
        return
    context.report(
        rows,
        wrong,
        columns.unit,
        "adam.grade.unit",
        f"the rules of {rules[0].test} grade values in {' or '.join(units)}",
        remedy="Convert the test in units.yml, or add a rule for the unit to grading.yml.",
    )


def _timed(
    rows: pd.DataFrame,
    rule: GradeRule,
    limits: Grades,
    columns: _Columns,
    when: tuple[pd.Series, pd.Series],
    context: Context,
) -> pd.DataFrame:
    """Grades and reasons: by range alone of the rows `when` says are early, by the rule of those that are late."""
    early, late = when
    alone = rule.model_copy(update={"limits": _without_baseline(limits), "abnormal_baseline": ()})
    first = _graded(rows.loc[~late], alone, columns, context)
    second = _graded(rows.loc[~early], rule, columns, context)
    one, two = (m.reindex(rows.index) for m in (first, second))
    open_ = ~early & ~late
    differ = open_ & ~(one["grade"] == two["grade"]).fillna(False)
    reason = one["reason"].where(~late, two["reason"]).mask(open_, one["reason"].fillna(two["reason"]))
    reason = reason.mask(differ & reason.isna(), "Not known whether before baseline")
    return pd.DataFrame({"grade": one["grade"].where(~late, two["grade"]).mask(differ), "reason": reason})


def _without_baseline(limits: Grades) -> Grades:
    """The limits without multiples of baseline."""
    one, two, three, four = (" or ".join(p for p in w.split(" or ") if "BASE" not in p) for w in limits)
    return one, two, three, four


def _graded(rows: pd.DataFrame, rule: GradeRule, columns: _Columns, context: Context) -> pd.DataFrame:
    """Grade and, where there is none, the reason, of rows the rule is for."""
    engine = grading_rule(rule, in_data(context.dataset, context.variable))
    value, low, high, baseline = (
        rows[c].astype("Float64") for c in (columns.value, columns.low, columns.high, columns.baseline)
    )
    crossed = (low > high).fillna(False).astype(bool)
    low, high = low.mask(crossed), high.mask(crossed)
    beside = columns.base_high if rule.direction == "H" else columns.base_low
    at_baseline = rows[beside].astype("Float64") if beside is not None else None
    grades = grade(value, low, high, baseline, engine, at_baseline)
    edge, side = (high, "upper") if rule.direction == "H" else (low, "lower")
    open_ = grades.isna() & value.notna()
    ranged = any(limit.of in ("uln", "lln") or limit.baseline != "any" for limit in engine.limits)
    unknown = open_ & edge.isna() & ~crossed & ranged
    context.report(
        rows,
        unknown,
        columns.value,
        "adam.grade.range",
        f"no {side} limit of normal, which the grade of {rule.test} depends on; the value has no grade",
        remedy="Ask the laboratory for its range.",
        severity=Severity.WARNING,
    )
    reasons = pd.Series(None, index=rows.index, dtype="object").mask(open_, "No baseline")
    reasons = reasons.mask(open_ & baseline.notna(), f"No {side} limit of normal at baseline")
    reasons = reasons.mask(unknown, f"No {side} limit of normal").mask(open_ & crossed, "Lower limit above upper limit")
    return pd.DataFrame({"grade": grades, "reason": reasons})


def grading_rule(rule: GradeRule, place: Location) -> GradingRule:
    """A rule of `grading.yml` as the engine takes it; raises SpecError for a limit that cannot be read.

    A limit that holds whatever the baseline was is taken once, so that it needs none.
    """
    normal, abnormal = (
        [_alternatives(rule, step, written, place) for step, written in enumerate(limits, start=1)]
        for limits in (rule.limits, rule.abnormal_baseline or rule.limits)
    )
    found = [
        limit if state == "any" else Limit(limit.grade, limit.factor, limit.of, limit.plus, limit.inclusive, state)
        for ones, others in zip(normal, abnormal, strict=True)
        for state, chosen in _by_state(ones, others)
        for limit in chosen
    ]
    return GradingRule(rule.test, "low" if rule.direction == "L" else "high", rule.unit, tuple(found))


def _by_state(normal: list[Limit], abnormal: list[Limit]) -> list[tuple[BaselineState, list[Limit]]]:
    both = [x for x in normal if x in abnormal]
    return [
        ("any", both),
        ("normal", [x for x in normal if x not in both]),
        ("abnormal", [x for x in abnormal if x not in both]),
    ]


def _alternatives(rule: GradeRule, step: int, written: str, place: Location) -> list[Limit]:
    return [_limit(rule, step, part.strip(), place) for part in written.split(" or ")] if written.strip() else []


def _limit(rule: GradeRule, step: int, written: str, place: Location) -> Limit:
    match = _LIMIT.fullmatch(written)
    if match is None or match["sign"] not in (None, _REACHED[rule.direction]):
        sign = _REACHED[rule.direction]
        remedy = (
            f"Write a number, or number x ULN, x LLN or x BASE, + number or not; {sign} before it if it is reached."
        )
        raise misuse(place, f"grade {step} of {rule.test}", written, remedy)
    of = cast("Reference", _REFERENCE[match["of"]])
    return Limit(step, float(match["factor"]), of, float(match["plus"] or 0), inclusive=match["sign"] is not None)
