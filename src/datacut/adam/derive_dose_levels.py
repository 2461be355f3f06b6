"""What is known of each dose level at the end: exact and isotonic estimates, and the maximum tolerated dose."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import in_order, text
from datacut.adam.misuse import misuse
from datacut.compute.boin import boin_action, boin_boundaries, elimination_bound, select_mtd, toxicity_estimates
from datacut.compute.interval_designs import i3plus3_action, mtpi2_action
from datacut.compute.statistics import clopper_pearson
from datacut.datasets.model import value_text
from datacut.engine.context import Context
from datacut.errors import in_data
from datacut.spec.registry import Column, Columns, NewColumn, verb

DESIGNS = {"i3+3": i3plus3_action, "mTPI-2": mtpi2_action}


def _eliminated(n: Sequence[int], y: Sequence[int], target: float, cutoff: float, min_n: int) -> list[bool]:
    """Whether each level, lowest first, or one below it is too toxic by the rule of BOIN."""
    bounds = [elimination_bound(a, target, cutoff, min_n) for a in n]
    over = [bound is not None and b >= bound for bound, b in zip(bounds, y, strict=True)]
    return [bool(out) for out in np.logical_or.accumulate(over)]


@verb(
    "column",
    says={
        "rate_lower": (
            "lower end of the exact (Clopper-Pearson) interval of {toxic} of {evaluable}, level {confidence}"
        ),
        "rate_upper": (
            "upper end of the exact (Clopper-Pearson) interval of {toxic} of {evaluable}, level {confidence}"
        ),
        "estimate": (
            "isotonic (non-decreasing by {order}) estimate of the rate of {toxic} of {evaluable}, prior "
            "Beta(0.05, 0.05)"
        ),
        "lower": (
            "lower end of the equal-tailed credible interval of {toxic} of {evaluable}, prior Beta(1,1), "
            "level {confidence}"
        ),
        "upper": (
            "upper end of the equal-tailed credible interval of {toxic} of {evaluable}, prior Beta(1,1), "
            "level {confidence}"
        ),
        "over": ("posterior probability that the rate of {toxic} of {evaluable} exceeds {target}, prior Beta(1,1)"),
        "eliminated": (
            '"Y" where at this level or one below it by {order}, with at least {min_n} evaluable, that '
            'probability is above {cutoff}, else "N"'
        ),
        "mtd": (
            '"Y" on the level, given to someone and not eliminated, whose estimate is nearest to {target} '
            "(of equal ones the highest below it, else the lowest above it){bound?Y=, not above the boundary "
            "of de-escalation|}, if it has {mtd_min_n} evaluable and is chosen however {undecided} turn out, "
            'else "N"'
        ),
        "reason": "why no level is chosen",
    },
)
def derive_vars_dose_levels(
    dataset: pd.DataFrame,
    order: Columns,
    evaluable: Column,
    toxic: Column,
    undecided: Column,
    target: float,
    cutoff: float,
    min_n: float,
    mtd_min_n: float,
    confidence: float,
    p1: float,
    p2: float,
    bound: str,
    rate_lower: NewColumn,
    rate_upper: NewColumn,
    estimate: NewColumn,
    lower: NewColumn,
    upper: NewColumn,
    over: NewColumn,
    eliminated: NewColumn,
    mtd: NewColumn,
    reason: NewColumn,
    *,
    context: Context,
) -> pd.DataFrame:
    """Estimates of the toxicity of each dose level, one record a level, lowest first by `order`, its planned dose.

    rate_lower, rate_upper: exact interval of the observed rate; estimate: isotonic, Beta(0.05, 0.05); lower, upper:
    credible interval and over: posterior probability that the rate exceeds the target, of the level alone under the
    prior of the elimination rule, Beta(1, 1) (`toxicity_estimates`); all missing where nobody was evaluable.
    eliminated: `Y` if the level, or one below it, is eliminated by the rule of BOIN, which needs `min_n` participants,
    else `N`. mtd: `Y` on the level `select_mtd` chooses if it has `mtd_min_n` evaluable and is chosen however the
    `undecided` of the evaluable (not known whether with a toxicity) turn out, else `N`; reason: why there is none, on
    every level. bound: `Y` if the estimate of the chosen level must not exceed the boundary of de-escalation. More
    toxicities than participants, or a missing count, anywhere: an error finding, and nothing is estimated.
    """
    ordered = in_order(dataset, order, "first")
    counts = ordered[[evaluable, toxic, undecided]]
    bad = counts.isna().any(axis=1) | (counts[toxic] + counts[undecided] > counts[evaluable]).fillna(True)
    what = "counts of a dose level are missing, or more toxicities than evaluable participants; no level is estimated"
    context.report(ordered, bad, toxic, "adam.levels.counts", what, remedy="Mend the flags of ADSL.")
    names = [rate_lower, rate_upper, estimate, lower, upper, over]
    words = [eliminated, mtd, reason]
    if bad.any() or not len(ordered):
        empty: dict[str, Any] = {n: pd.Series(pd.NA, index=dataset.index, dtype="Float64") for n in names}
        empty |= {n: text([None] * len(dataset), dataset.index) for n in words}
        return dataset.assign(**empty)
    n, y, pending = (counts[c].astype("int64").tolist() for c in (evaluable, toxic, undecided))
    least = int(min_n)
    exact = [clopper_pearson(b, a, confidence) for a, b in zip(n, y, strict=True)]
    table = toxicity_estimates(n, y, target, confidence).set_axis(ordered.index)
    limit = boin_boundaries(target, p1, p2).deescalate if bound == "Y" else None
    out_of_play = _eliminated(n, y, target, cutoff, least)
    endings = product(*(range(b, b + more + 1) for b, more in zip(y, pending, strict=True)))
    chosen = {select_mtd(n, ending, target, cutoff=cutoff, min_n=least, bound=limit).level for ending in endings}
    level, why = chosen.pop(), None
    if chosen:
        level, why = None, "depends on events whose adjudication is pending"
    elif level is None:
        why = "lowest level eliminated" if out_of_play[0] else "nobody evaluable" if not any(n) else "no level eligible"
    elif n[level - 1] < mtd_min_n:
        dose = value_text(ordered[order[0]].iloc[level - 1])
        why = f"{dose} is nearest to the target, with {n[level - 1]} evaluable of {int(mtd_min_n)} needed"
        level = None
    out: dict[str, Any] = {
        rate_lower: pd.Series([i.lower for i in exact], index=ordered.index, dtype="Float64"),
        rate_upper: pd.Series([i.upper for i in exact], index=ordered.index, dtype="Float64"),
        estimate: table["estimate"],
        lower: table["lower"],
        upper: table["upper"],
        over: table["over"],
        eliminated: text(["Y" if o else "N" for o in out_of_play], ordered.index),
        mtd: text(["Y" if i + 1 == level else "N" for i in range(len(n))], ordered.index),
        reason: text([why] * len(n), ordered.index),
    }
    return dataset.assign(**{name: column.reindex(dataset.index) for name, column in out.items()})


@verb(
    "column",
    says=(
        "the BOIN decision (E, S, D, DU) at {toxic} of {evaluable} with toxicity: E where the share is "
        "at most the boundary of escalation of {p1} and {target}, D where it is at least that of "
        "de-escalation of {target} and {p2}, else S; DU where with at least {min_n} evaluable the "
        "posterior probability (prior Beta(1,1)) of exceeding {target} is above {cutoff}, and at all "
        "levels above by {order}; S where E would lead into one"
    ),
)
def derive_var_level_action(
    dataset: pd.DataFrame,
    order: Columns,
    evaluable: Column,
    toxic: Column,
    target: float,
    p1: float,
    p2: float,
    cutoff: float,
    min_n: float,
    new: NewColumn,
) -> pd.DataFrame:
    """The BOIN action at the counts of each dose level, one record a level, lowest first by `order`, its planned dose.

    `DU` at an eliminated level and those above it, `S` where `E` would lead into one. Missing where nobody is
    evaluable, and on every level if a count is missing or impossible (told by `derive_vars_dose_levels`).
    """
    ordered = in_order(dataset, order, "first")
    counts = ordered[[evaluable, toxic]]
    if counts.isna().any(axis=None) or (counts[toxic] > counts[evaluable]).any():
        return dataset.assign(**{new: text([None] * len(dataset), dataset.index)})
    n, y = (counts[c].astype("int64").tolist() for c in (evaluable, toxic))
    out = [*_eliminated(n, y, target, cutoff, int(min_n)), False]
    top = len(n) - 1
    actions = [
        boin_action(
            a, b, target, p1, p2, cutoff=cutoff, min_n=int(min_n),
            lowest=i == 0, highest=i == top, next_eliminated=out[i + 1], eliminated=out[i],
        ) if a else None
        for i, (a, b) in enumerate(zip(n, y, strict=True))
    ]  # fmt: skip
    return dataset.assign(**{new: text(actions, ordered.index).reindex(dataset.index)})


@verb(
    "column",
    says=(
        "the decision of the design {design:plain} (E escalate, S stay, D de-escalate, DU eliminate) for "
        "{toxic} of {evaluable} with toxicity, target {target}, equivalence interval {low} to {high}; "
        '"DU" where {eliminated} is "Y"'
    ),
)
def derive_var_interval_action(
    dataset: pd.DataFrame,
    design: str,
    evaluable: Column,
    toxic: Column,
    target: float,
    low: float,
    high: float,
    cutoff: float,
    min_n: float,
    eliminated: Column,
    new: NewColumn,
    *,
    context: Context,
) -> pd.DataFrame:
    """What another design of escalation (`i3+3` or `mTPI-2`) would do at these counts: `E`, `S`, `D` or `DU`.

    low, high: equivalence interval; eliminated: `Y` where the level is out by now (the rule is that of BOIN): `DU`. The
    lowest and highest level are not looked at. Missing where nobody is evaluable or a count is missing or impossible.
    """
    if design not in DESIGNS:
        raise misuse(in_data(context.dataset, new), "no such design", design, f"Use one of {', '.join(DESIGNS)}.")
    action = DESIGNS[design]
    known = dataset[[evaluable, toxic]].notna().all(axis=1) & (dataset[evaluable] > 0).fillna(False)
    known &= (dataset[toxic] <= dataset[evaluable]).fillna(False)
    made = [
        None
        if not ok
        else "DU"
        if out == "Y"
        else action(int(n), int(y), target, low, high, cutoff=cutoff, min_n=int(min_n))
        for n, y, ok, out in zip(dataset[evaluable], dataset[toxic], known, dataset[eliminated], strict=True)
    ]
    return dataset.assign(**{new: text(made, dataset.index)})
