"""Laboratory toxicity grades from rules given as data: limits that are absolute, or multiples of range or baseline.

A rule says from where on each grade holds; the highest grade whose limit is passed is the grade, 0 if none is.
Source: CTCAE version 5.0, laboratory terms. Clinical additions ("symptomatic", "intervention indicated") are not
the laboratory's to know and do not enter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import pandas as pd

from datacut.compute.boundaries import above, at_least, at_most, below

type Reference = Literal["absolute", "uln", "lln", "baseline"]
type BaselineState = Literal["any", "normal", "abnormal"]


@dataclass(frozen=True, slots=True)
class Limit:
    """One condition of a grade: the value lies beyond `factor` x `of` + `plus` (in the rule's direction).

    of: `absolute` (factor is the limit itself, in the rule's unit), `uln`, `lln` or `baseline`.
    inclusive: the limit itself belongs to the grade. baseline: holds only for a participant whose baseline was
    normal, or abnormal (beyond its own range in the rule's direction). Several limits of one grade: any suffices.
    """

    grade: int
    factor: float
    of: Reference = "absolute"
    plus: float = 0.0
    inclusive: bool = False
    baseline: BaselineState = "any"

    def __post_init__(self) -> None:
        if not 1 <= self.grade <= 4:
            raise ValueError(f"A laboratory grade is 1 to 4, not {self.grade}.")


@dataclass(frozen=True, slots=True)
class GradingRule:
    """How one test is graded in one direction: `high` values above limits, `low` values below them.

    test, unit: what the caller must filter and convert to beforehand; the engine does not look at them.
    """

    test: str
    direction: Literal["low", "high"]
    unit: str
    limits: tuple[Limit, ...]


def _beyond(value: pd.Series[Any], limit: pd.Series[Any], rule: GradingRule, inclusive: bool) -> pd.Series[Any]:
    if rule.direction == "high":
        return at_least(value, limit) if inclusive else above(value, limit)
    return at_most(value, limit) if inclusive else below(value, limit)


def _met(limit: Limit, rule: GradingRule, given: dict[str, pd.Series[Any]]) -> pd.Series[Any]:
    value = given["value"]
    base = given["absolute"] if limit.of == "absolute" else given[limit.of]
    met = _beyond(value, base * limit.factor + limit.plus, rule, limit.inclusive)
    if limit.of == "baseline" and limit.baseline == "abnormal":
        # An abnormal baseline that is missing lies beyond the range, so the value must lie beyond that multiple of the
        # range too: this decides most rows without a baseline.
        least = _beyond(value, given["edge"] * limit.factor + limit.plus, rule, limit.inclusive)
        met = (met & least).where(base.isna(), met)
    return met


def _judged(rule: GradingRule, state: BaselineState, given: dict[str, pd.Series[Any]]) -> pd.Series[Any]:
    """The grade of each value if the baseline was in that state."""
    limits = [limit for limit in rule.limits if limit.baseline in ("any", state)]
    result = pd.Series(0, index=given["value"].index, dtype="Int64")
    for step in sorted({limit.grade for limit in limits}):
        conditions = [_met(limit, rule, given).astype("boolean") for limit in limits if limit.grade == step]
        met = reduce(lambda one, other: one | other, conditions)
        result = result.mask(met.fillna(False), step).mask(met.isna())
    return result


def grade(
    value: pd.Series[Any],
    low: pd.Series[Any],
    high: pd.Series[Any],
    baseline: pd.Series[Any],
    rule: GradingRule,
    baseline_edge: pd.Series[Any] | None = None,
) -> pd.Series[Any]:
    """The grade of each value by a rule: Int64, 0 to 4.

    value, low (LLN), high (ULN), baseline: numbers in the rule's unit on one index. baseline_edge: the limit of normal
    of the baseline record in the direction of the rule, which says whether the baseline was abnormal; of a missing
    baseline, and left out, it is that of the row. A missing value has no grade; a missing range or baseline leaves the
    grade missing only where it could change it. Limits are compared as decimals: 3.3 is not above 3 x 1.1.
    """
    number = value.astype("Float64")
    own = (high if rule.direction == "high" else low).astype("Float64")
    edge = own if baseline_edge is None else baseline_edge.astype("Float64")
    given = {
        "value": number,
        "lln": low.astype("Float64"),
        "uln": high.astype("Float64"),
        "baseline": baseline.astype("Float64"),
        "edge": edge.mask(edge.isna() & baseline.isna(), own),
        "absolute": pd.Series(1.0, index=value.index, dtype="Float64"),
    }
    normal = _judged(rule, "normal", given)
    if all(limit.baseline == "any" for limit in rule.limits):
        return normal.mask(number.isna())
    abnormal = _judged(rule, "abnormal", given)
    state = _beyond(given["baseline"], given["edge"], rule, inclusive=False).astype("boolean")
    agreed = normal.where((normal == abnormal).fillna(False))
    return normal.where(~state.fillna(False), abnormal).where(state.notna(), agreed).mask(number.isna())
