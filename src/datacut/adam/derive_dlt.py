"""Events that meet a rule of the study for a dose-limiting toxicity."""

from __future__ import annotations

import pandas as pd

from datacut.adam.misuse import misuse
from datacut.compute.cart.dlt import compute_dlt_candidate, parse_dlt_rule
from datacut.datasets.context import Context
from datacut.spec.registry import Column, NewColumn, verb


@verb("column")
def derive_vars_dlt_candidate(
    dataset: pd.DataFrame,
    new: NewColumn,
    kind: Column,
    grade: Column,
    days: Column,
    last_day: Column,
    related: Column,
    in_window: Column,
    excluded: Column,
    rules: list[str],
    rule: NewColumn,
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` where an event is a candidate by one of `rules`, else `N`; rule: the ids met, joined by "; ".

    kind: as the rules name it; grade: highest; days: how long the event lasted; last_day: its last day since the
    infusion. related, in_window, excluded: `Y` or `N`. Missing where a missing part decides (`compute_dlt_candidate`).
    A rule that cannot be read is a spec error.
    """
    try:
        parsed = [parse_dlt_rule(text) for text in rules]
    except ValueError as problem:
        raise misuse(f"{context.dataset}.{new}", str(problem), "; ".join(rules), "Mend the rule.") from problem
    told = {
        name: dataset[column].map({"Y": True, "N": False}).astype("boolean")
        for name, column in (("related", related), ("in_window", in_window), ("excluded", excluded))
    }
    found = compute_dlt_candidate(
        kind=dataset[kind],
        grade=dataset[grade],
        days_at_grade=dataset[days].astype("Float64"),
        last_day=dataset[last_day],
        dlt_rules=parsed,
        **told,
    )
    return dataset.assign(**{new: found["candidate"].map({True: "Y", False: "N"}).astype("str"), rule: found["rules"]})
