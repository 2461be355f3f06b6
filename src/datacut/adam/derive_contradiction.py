"""Records that contradict others: told, kept, and never mended."""

from __future__ import annotations

import pandas as pd

from datacut.datasets.context import Context
from datacut.errors import Severity
from datacut.spec.registry import Columns, Function, NewColumn, verb


@verb("column")
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
