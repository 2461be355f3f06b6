"""What was known at a date, and what BOIN would have done with it: dose-review meetings."""

from __future__ import annotations

import pandas as pd

from datacut.adam.groups import flag, in_order, text
from datacut.compute.boin import boin_chain, boin_decision_table
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Column, Columns, NewColumn, verb


@verb(
    "column",
    number=True,
    says=(
        "{source} minus its value on the record before it within {by} by {order}; of the first record {source} itself"
    ),
)
def derive_var_increment(
    dataset: pd.DataFrame, by: Columns, order: Columns, source: Column, new: NewColumn
) -> pd.DataFrame:
    """`source` minus its value on the record before it in the group, sorted by `order`; of the first record, itself.

    Missing if either value is.
    """
    ordered = in_order(dataset, order)
    grouped = ordered.groupby(list(by), dropna=False, sort=False)
    step = ordered[source] - grouped[source].shift(1)
    first = grouped.cumcount() == 0
    return dataset.assign(**{new: step.where(~first, ordered[source]).reindex(dataset.index)})


@verb(
    "column",
    says={
        "new": (
            "the BOIN decision (E escalate, S stay, D de-escalate, DU eliminate) for {toxic} of {evaluable} "
            "with toxicity at {level}, target {target}: escalate at a share up to the boundary of {p1}, "
            "de-escalate from that of {p2} on, eliminate where with at least {min_n} evaluable the posterior "
            "probability (prior Beta(1,1)) of exceeding the target is above {cutoff}; reviews in order of "
            "{order}, an eliminated level and those above it (planned doses {levels}) stay so; missing "
            "unless it is the same with none and all of {undecided}"
        ),
        "eliminated": '"Y" where the level is eliminated at the review or before, else "N"',
        "escalate": "most toxicities of {evaluable} that still escalate (BOIN, target {target}, {p1})",
        "deescalate": "fewest toxicities of {evaluable} that de-escalate (BOIN, target {target}, {p2})",
        "eliminate": (
            "fewest toxicities of {evaluable} that eliminate (target {target}, probability above {cutoff}, "
            "at least {min_n} evaluable)"
        ),
    },
)
def derive_vars_boin(
    dataset: pd.DataFrame,
    order: Columns,
    level: Column,
    evaluable: Column,
    toxic: Column,
    undecided: Column,
    new: NewColumn,
    eliminated: NewColumn,
    levels: list[float],
    target: float,
    p1: float,
    p2: float,
    cutoff: float = 0.95,
    min_n: float = 3,
    escalate: NewColumn | None = None,
    deescalate: NewColumn | None = None,
    eliminate: NewColumn | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """The BOIN action for the counts of each review: `E`, `S`, `D` or `DU`; a decision aid, not the decision.

    order: the sequence of reviews; level: number of the dose level; levels: the planned dose of level 1, 2, ..., by
    which levels are neighbours, lowest and highest, whatever their numbers; min_n: participants needed to eliminate a
    level. A level with `DU` stays eliminated, with those of a higher dose, in all later reviews (`boin_chain`);
    eliminated: `Y` where that is so at the review or before, else `N`. undecided: of the evaluable, those of whom it is
    not known whether they had a toxicity; the action is missing unless it is the same with none and all of them.
    escalate: most toxicities that still escalate, deescalate and eliminate: fewest that do so, at this number of
    evaluable participants. Nobody evaluable, or a missing count: missing. More toxicities than participants, or a level
    without a planned dose: a finding, and missing.
    """
    doses = sorted(levels)
    places = {number: doses.index(dose) + 1 for number, dose in enumerate(levels, 1)}
    place = dataset[level].map(places).astype("Int64")
    context.report(
        dataset,
        (dataset[level].notna() & place.isna()).astype(bool),
        level,
        "adam.boin.level",
        "a level without a planned dose",
        remedy="Add its dose to the setting of the planned doses.",
        severity=Severity.ERROR,
    )
    counts = dataset.assign(__place=place)
    known = counts[["__place", evaluable, toxic, undecided]].notna().all(axis=1)
    counts = counts.loc[known & (counts[evaluable] > 0).fillna(False)]
    impossible = (counts[toxic] + counts[undecided] > counts[evaluable]).astype(bool)
    context.report(
        counts,
        impossible,
        toxic,
        "adam.boin.counts",
        "more toxicities than evaluable participants",
        remedy="A participant with a toxicity is evaluable; mend the flags.",
        severity=Severity.ERROR,
    )
    counts = in_order(counts.loc[~impossible], order, "first")
    at, n, fewest, more = (counts[c].astype("int64").tolist() for c in ("__place", evaluable, toxic, undecided))
    needed = int(min_n)
    most = [y + extra for y, extra in zip(fewest, more, strict=True)]
    least, worst = (
        boin_chain(at, n, y, len(levels), target, p1, p2, cutoff=cutoff, min_n=needed) for y in (fewest, most)
    )
    actions = pd.Series([a if a == b else None for a, b in zip(least, worst, strict=True)], index=counts.index)
    out_from = pd.Series([p if a == "DU" else len(levels) + 1 for p, a in zip(at, least, strict=True)], dtype="int64")
    gone = pd.Series(at, dtype="int64") >= out_from.cummin()
    out = {
        new: text(actions.reindex(dataset.index), dataset.index),
        eliminated: flag(gone.set_axis(counts.index), no="N").reindex(dataset.index),
    }
    widest = max(n, default=1)
    table = boin_decision_table(widest, target, p1, p2, cutoff=cutoff, min_n=needed).set_index("n")
    bounds = {
        "escalate_at_most": escalate,
        "deescalate_at_least": deescalate,
        "eliminate_at_least": eliminate,
    }
    size = dataset[evaluable].where(dataset.index.isin(counts.index))
    for column, name in bounds.items():
        if name is not None:
            out[name] = size.map(table[column].to_dict()).astype("Int64")
    return dataset.assign(**out)
