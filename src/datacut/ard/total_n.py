"""Number of subjects of each column."""

from __future__ import annotations

import pandas as pd

from datacut.ard.context import MethodContext
from datacut.ard.results import Result, Stat, results_of
from datacut.spec.output import Pattern
from datacut.spec.registry import verb

_HEADER = Pattern(rows={"": "(N={n})"})


@verb("method")
def ard_total_n(frame: pd.DataFrame, *, pattern: str = "", context: MethodContext) -> list[Result]:
    """The number of subjects in each column, whatever records the frame has: it counts ADSL, not the frame.

    With `among`, or `subjects` of a split, it is the number of those: at risk in a period, in a subgroup.
    pattern: of a row; left out, `(N=xx)` of the header.
    """
    del frame
    printed = context.pattern(pattern) if pattern else _HEADER
    return [
        r
        for c in context.columns
        for r in results_of(printed, {"n": Stat(c.n)}, column=c.key, of_subjects=bool(pattern))
    ]
