"""`grading.yml`: laboratory toxicity grades as data, one rule per test, direction and unit."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from datacut.spec.model import Model

type Grades = tuple[str, str, str, str]


class GradeRule(Model):
    """Grades of one test in one direction, of values in one unit.

    unit: the unit graded, blank if the rule grades values in any; limits: where grade 1, 2, 3, 4 begins, each `number`,
    `number x ULN`, `x LLN` or `x BASE`, with `+ number` or without, several joined by `or`, blank where the grade does
    not exist. The value must lie strictly beyond a limit, or reach it where `>=` or `<=` stands before it.
    abnormal_baseline: limits used instead if the baseline is beyond the normal range; anticoagulated: limits used
    instead for a participant on anticoagulation.
    """

    test: str
    direction: Literal["L", "H"]
    term: str
    unit: str
    limits: Grades
    abnormal_baseline: Grades | tuple[()] = ()
    anticoagulated: Grades | tuple[()] = ()
    source: str = ""


class Grading(Model):
    """The whole of `grading.yml`."""

    rules: tuple[GradeRule, ...] = Field(default_factory=tuple)
