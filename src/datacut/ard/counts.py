"""Counts shared by the methods: records by subject, counted once for all columns, and n of a denominator."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from datacut.ard.columns import SUBJECT, ResultColumn
from datacut.ard.context import MethodContext
from datacut.ard.results import OF_N, Denominator, Stat
from datacut.spec.where import Where, and_

NO_DENOMINATOR = "no subject in the denominator"

type Records = Counter[str]
"""Number of records by subject."""


def records_of(frame: pd.DataFrame, context: MethodContext, *where: Where | None) -> Records:
    """The records of each subject that satisfy every condition."""
    subjects = frame[SUBJECT]
    condition = and_(*where)
    return Counter((subjects if condition is None else subjects[context.mask(frame, condition)]).dropna())


def subjects_in(column: ResultColumn, records: Records) -> int:
    """Subjects of the column with a record."""
    return len(column.subjects & records.keys())


def events_in(column: ResultColumn, records: Records) -> int:
    """Records of the subjects of the column."""
    return sum(records[subject] for subject in column.subjects & records.keys())


def denominator(column: ResultColumn, base: Records | None) -> int:
    """N of the column, or its subjects with a record in `base`."""
    return column.n if base is None else subjects_in(column, base)


def denominator_of(base: Where | None) -> Denominator:
    """What says which subjects `denominator` counts."""
    return OF_N if base is None else Denominator(base)


def share(n: int, m: int) -> dict[str, Stat]:
    """n, denominator m and percent p, at full precision; p has a reason where there is no denominator."""
    percent = Stat(100 * n / m) if m else Stat(None, NO_DENOMINATOR, "-")
    return {"n": Stat(n), "m": Stat(m), "p": percent}
