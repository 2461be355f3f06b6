"""Records that contradict the plan of the study or each other: told with the values that show it, never mended."""

from __future__ import annotations

import pandas as pd

from datacut.adam.groups import flag
from datacut.datasets.model import value_text
from datacut.engine.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Columns, Condition, Function, NewColumn, verb


@verb(
    "column",
    says='"Y" where {criterion}',
)
def derive_var_contradiction_flag(
    dataset: pd.DataFrame,
    new: NewColumn,
    criterion: Condition,
    show: Columns,
    what: str,
    remedy: str,
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` where the criterion holds, and a warning for each such record: `what`, the values of `show`, and `remedy`.

    Nothing else is changed. A criterion that a missing value leaves open does not hold.
    """
    rows = context.mask(dataset, criterion)
    for label in dataset.index[rows]:
        values = "; ".join(f"{c} {value_text(dataset.loc[label, c]) or 'missing'}" for c in show)
        context.report(
            dataset,
            [label],
            show[0],
            "adam.contradiction",
            what,
            value=values,
            remedy=remedy,
            severity=Severity.WARNING,
        )
    return dataset.assign(**{new: flag(rows)})


@verb(
    "column",
    says="what contradicts itself, in words: {value}",
)
def derive_var_contradiction(
    dataset: pd.DataFrame, inputs: Columns, value: Function, new: NewColumn, *, context: Context
) -> pd.DataFrame:
    """What a function says in words of records that contradict others, both values in it; a warning for each.

    value receives the `inputs` columns of all rows and returns the words, missing where there is nothing to say.
    """
    made = dataset.assign(**{new: value(dataset[list(inputs)])})
    context.report(
        made,
        made[new].notna(),
        new,
        "adam.contradiction",
        "the record contradicts another of the participant; its value stays",
        remedy="Ask the site which of the two holds.",
        severity=Severity.WARNING,
    )
    return made
