"""What was known at a date, and what BOIN would have done with it: dose-review meetings."""

from __future__ import annotations

import pandas as pd

from datacut.adam.groups import in_order, text
from datacut.compute.boin import boin_action, boin_decision_table
from datacut.datasets.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Column, Columns, NewColumn, verb


@verb("column")
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


@verb("column")
def derive_vars_boin(
    dataset: pd.DataFrame,
    order: Columns,
    level: Column,
    evaluable: Column,
    toxic: Column,
    new: NewColumn,
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

    order: the sequence of reviews; level: number of the dose level, 1 lowest; levels: the planned doses, whose number
    tells the highest level; min_n: participants needed to eliminate a level. A level with `DU` stays eliminated, with
    those above it, in all later reviews: nobody escalates into it. escalate: most toxicities that still escalate,
    deescalate and eliminate: fewest that do so, at this number of evaluable participants. Nobody evaluable, or a
    missing count: missing. More toxicities than participants: a finding, and missing.
    """
    known = dataset[[level, evaluable, toxic]].notna().all(axis=1)
    counts = dataset.loc[known & (dataset[evaluable] > 0).fillna(False)]
    impossible = (counts[toxic] > counts[evaluable]).astype(bool)
    context.report(
        counts,
        impossible,
        toxic,
        "adam.boin.counts",
        "more toxicities than evaluable participants",
        remedy="A participant with a toxicity is evaluable; mend the flags.",
        severity=Severity.ERROR,
    )
    counts = counts.loc[~impossible]
    actions: dict[object, str] = {}
    eliminated_from = len(levels) + 1
    for record in in_order(counts, order, "first").reset_index(names="__row").to_dict("records"):
        place = int(record[level])
        action = boin_action(
            int(record[evaluable]),
            int(record[toxic]),
            target,
            p1,
            p2,
            cutoff=cutoff,
            min_n=int(min_n),
            lowest=place == 1,
            highest=place >= len(levels),
            next_eliminated=place + 1 >= eliminated_from,
        )
        if action == "DU":
            eliminated_from = min(eliminated_from, place)
        actions[record["__row"]] = action
    out = {new: text([actions.get(row) for row in dataset.index], dataset.index)}
    most = int(counts[evaluable].max()) if len(counts) else 1
    table = boin_decision_table(most, target, p1, p2, cutoff=cutoff, min_n=int(min_n)).set_index("n")
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
