"""What is known of each dose level at the end: exact and isotonic estimates, and the maximum tolerated dose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import in_order, text
from datacut.adam.misuse import misuse
from datacut.compute.boin import boin_boundaries, elimination_bound, select_mtd, toxicity_estimates
from datacut.compute.interval_designs import i3plus3_action, mtpi2_action
from datacut.compute.statistics import clopper_pearson
from datacut.datasets.context import Context
from datacut.spec.registry import Column, Columns, NewColumn, verb

DESIGNS = {"i3+3": i3plus3_action, "mTPI-2": mtpi2_action}


@verb("column")
def derive_vars_dose_levels(
    dataset: pd.DataFrame,
    order: Columns,
    evaluable: Column,
    toxic: Column,
    target: float,
    cutoff: float,
    min_n: float,
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
    """Estimates of the toxicity of each dose level, one record a level, lowest first by `order`.

    rate_lower, rate_upper: exact interval of the observed rate; estimate: isotonic; lower, upper: credible interval;
    over: posterior probability that the rate exceeds the target (`toxicity_estimates`); all missing where nobody was
    evaluable. eliminated: `Y` if the level, or one below it, is eliminated by the rule of BOIN, which needs `min_n`
    participants, else `N`; mtd: `Y` on the level `select_mtd` chooses, else `N`; reason: why there is none, on every
    level. bound: `Y` if the estimate of the chosen level must not exceed the boundary of de-escalation. More toxicities
    than participants, or a missing count, anywhere: an error finding, and nothing is estimated.
    """
    ordered = in_order(dataset, order, "first")
    counts = ordered[[evaluable, toxic]]
    bad = counts.isna().any(axis=1) | (counts[toxic] > counts[evaluable]).fillna(True)
    what = "counts of a dose level are missing, or more toxicities than evaluable participants; no level is estimated"
    context.report(ordered, bad, toxic, "adam.levels.counts", what, remedy="Mend the flags of ADSL.")
    names = [rate_lower, rate_upper, estimate, lower, upper, over]
    words = [eliminated, mtd, reason]
    if bad.any() or not len(ordered):
        empty: dict[str, Any] = {n: pd.Series(pd.NA, index=dataset.index, dtype="Float64") for n in names}
        empty |= {n: text([None] * len(dataset), dataset.index) for n in words}
        return dataset.assign(**empty)
    n, y = (counts[c].astype("int64").tolist() for c in (evaluable, toxic))
    least = int(min_n)
    exact = [clopper_pearson(b, a, confidence) for a, b in zip(n, y, strict=True)]
    table = toxicity_estimates(n, y, target, confidence).set_axis(ordered.index)
    limit = boin_boundaries(target, p1, p2).deescalate if bound == "Y" else None
    chosen = select_mtd(n, y, target, cutoff=cutoff, min_n=least, bound=limit)
    over_dosed = [
        (b := elimination_bound(a, target, cutoff, least)) is not None and toxicities >= b
        for a, toxicities in zip(n, y, strict=True)
    ]
    out_of_play = np.logical_or.accumulate(over_dosed)
    why = None
    if chosen.level is None:
        why = "lowest level eliminated" if over_dosed[0] else "nobody evaluable" if not any(n) else "no level eligible"
    out: dict[str, Any] = {
        rate_lower: pd.Series([i.lower for i in exact], index=ordered.index, dtype="Float64"),
        rate_upper: pd.Series([i.upper for i in exact], index=ordered.index, dtype="Float64"),
        estimate: table["estimate"],
        lower: table["lower"],
        upper: table["upper"],
        over: table["over"],
        eliminated: text(["Y" if o else "N" for o in out_of_play], ordered.index),
        mtd: text(["Y" if i + 1 == chosen.level else "N" for i in range(len(n))], ordered.index),
        reason: text([why] * len(n), ordered.index),
    }
    return dataset.assign(**{name: column.reindex(dataset.index) for name, column in out.items()})


@verb("column")
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
    new: NewColumn,
    *,
    context: Context,
) -> pd.DataFrame:
    """What another design of escalation (`i3+3` or `mTPI-2`) would do at these counts: `E`, `S`, `D` or `DU`.

    low, high: equivalence interval. The lowest and highest level are not looked at. Missing where nobody is evaluable
    or a count is missing or impossible.
    """
    if design not in DESIGNS:
        raise misuse(f"{context.dataset}.{new}", "no such design", design, f"Use one of {', '.join(DESIGNS)}.")
    action = DESIGNS[design]
    known = dataset[[evaluable, toxic]].notna().all(axis=1) & (dataset[evaluable] > 0).fillna(False)
    known &= (dataset[toxic] <= dataset[evaluable]).fillna(False)
    made = [
        action(int(n), int(y), target, low, high, cutoff=cutoff, min_n=int(min_n)) if ok else None
        for n, y, ok in zip(dataset[evaluable], dataset[toxic], known, strict=True)
    ]
    return dataset.assign(**{new: text(made, dataset.index)})
