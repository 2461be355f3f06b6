"""Laboratory toxicity grades by the rules of `specs/grading.yml`. CTCAE 5.0 as the rules state it."""

from __future__ import annotations

import re
from typing import Any, cast

import pandas as pd

from datacut.adam.groups import text
from datacut.adam.misuse import misuse
from datacut.compute.toxicity import BaselineState, GradingRule, Limit, Reference, grade
from datacut.datasets.context import Context
from datacut.spec.grading import GradeRule
from datacut.spec.registry import Column, NewColumn, verb

_LIMIT = re.compile(r"(?P<factor>\d+(?:\.\d+)?)(?:\s*x\s*(?P<of>ULN|LLN|BASE))?")
_REFERENCE = {None: "absolute", "ULN": "uln", "LLN": "lln", "BASE": "baseline"}


@verb("column")
def derive_var_atoxgr(
    dataset: pd.DataFrame,
    direction: str,
    unit: Column,
    new: NewColumn,
    number: NewColumn | None = None,
    test: Column = "PARAMCD",
    value: Column = "AVAL",
    low: Column = "ANRLO",
    high: Column = "ANRHI",
    baseline: Column = "BASE",
    *,
    context: Context,
) -> pd.DataFrame:
    """The toxicity grade (`0` to `4`) in one direction, `L` or `H`, by the rule of the record's test.

    number receives the grade as a number. Missing for a test without a rule in that direction, without a value, and
    where a missing range or baseline could change the grade. A record whose unit is not the rule's is an error finding
    and has no grade, unless the rule has no fixed threshold.
    """
    if direction not in ("L", "H"):
        raise misuse(f"{context.dataset}.{new}", "no such direction", direction, "Write L or H.")
    grades = pd.Series(pd.NA, index=dataset.index, dtype="Int64")
    for rule in context.grading.rules:
        if rule.direction != direction:
            continue
        rows = dataset.loc[(dataset[test] == rule.test).fillna(False).astype(bool)]
        if len(rows):
            found = _graded(rows, rule, (value, low, high, baseline), unit, context)
            grades.loc[found.index] = found
    out: dict[str, pd.Series[Any]] = {new: text([None if pd.isna(g) else str(g) for g in grades], dataset.index)}
    if number is not None:
        out[number] = grades
    return dataset.assign(**out)


def _graded(
    rows: pd.DataFrame, rule: GradeRule, columns: tuple[str, ...], unit: str, context: Context
) -> pd.Series[Any]:
    rule_ = grading_rule(rule, f"{context.dataset}.{context.variable}")
    fixed = any(limit.of == "absolute" for limit in rule_.limits)
    wrong = rows[columns[0]].notna() & ~(rows[unit] == rule.unit).fillna(False) & fixed
    context.report(
        rows,
        wrong,
        unit,
        "adam.grade.unit",
        f"the rule of {rule.test} grades values in {rule.unit}",
        remedy="Convert the test in units.yml, or mend the rule in grading.yml.",
    )
    kept = rows.loc[~wrong.astype(bool)]
    value, low, high, baseline = (kept[c] for c in columns)
    return grade(value, low, high, baseline, rule_)


def grading_rule(rule: GradeRule, place: str) -> GradingRule:
    """A rule of `grading.yml` as the engine takes it; raises SpecError for a limit that cannot be read."""
    states: list[tuple[tuple[str, ...], BaselineState]] = [(rule.limits, "any")]
    if rule.abnormal_baseline:
        states = [(rule.limits, "normal"), (rule.abnormal_baseline, "abnormal")]
    limits: list[Limit] = []
    for texts, state in states:
        for step, written in enumerate(texts, start=1):
            if not written.strip():
                continue
            match = _LIMIT.fullmatch(written.strip())
            if match is None:
                remedy = "Write a number, or number x ULN, x LLN or x BASE."
                raise misuse(place, f"grade {step} of {rule.test}", written, remedy)
            of = cast("Reference", _REFERENCE[match["of"]])
            limits.append(Limit(step, float(match["factor"]), of, inclusive=not rule.strict, baseline=state))
    return GradingRule(rule.test, "low" if rule.direction == "L" else "high", rule.unit, tuple(limits))
