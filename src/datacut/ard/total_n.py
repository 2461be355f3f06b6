"""Number of subjects of each column."""

from __future__ import annotations

import pandas as pd

from datacut.ard.context import MethodContext
from datacut.ard.results import Result, Stat, results_of
from datacut.spec.output import Pattern
from datacut.spec.registry import verb

_HEADER = Pattern(rows={"": "(N={n})"})


@verb("method")
def ard_total_n(frame: pd.DataFrame, context: MethodContext) -> list[Result]:
    """The number of subjects in each column, whatever records the frame has: it counts ADSL, not the frame."""
    del frame
    return [r for c in context.columns for r in results_of(_HEADER, {"n": Stat(c.n)}, column=c.key)]
