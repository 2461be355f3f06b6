"""`grading.yml`: laboratory toxicity grades as data, one rule per test and direction."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from datacut.spec.model import Model


class GradeRule(Model):
    """Grades of one test in one direction.

    unit: unit of fixed thresholds; limits: threshold at which grade 1, 2, 3, 4 begins, each `number`, `number x ULN`,
    `number x LLN` or `number x BASE`, blank where the grade does not exist; abnormal_baseline: limits used instead if
    the baseline is outside the normal range; strict: the grade needs a value strictly beyond the limit (else at it).
    """

    test: str
    direction: Literal["L", "H"]
    term: str
    unit: str
    limits: tuple[str, ...]
    abnormal_baseline: tuple[str, ...] = ()
    strict: bool = True
    source: str = ""


class Grading(Model):
    """The whole of `grading.yml`."""

    rules: tuple[GradeRule, ...] = Field(default_factory=tuple)
