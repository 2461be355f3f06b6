"""Whether the values of two columns, paired row by row, are equal."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from datacut.compare.columns import NO_SUCH_VALUE, Column, Kind, Rows, trimmed
from datacut.compare.criteria import Criterion

EXACT = Criterion()


def unequal_rows(ours: Column, theirs: Column, criterion: Criterion = EXACT) -> Rows:
    """Positions, in order, of the pairs whose values are judged unequal; both columns have one kind and length.

    Texts: exactly, but for blanks at the end; a missing text is a blank one. Numbers: by the criterion. Missing is
    equal to the same missing only: `.` to `.`, `.A` to `.A`. Dates, datetimes and times are numbers.
    """
    if ours.kind is Kind.TEXT:
        return _texts(ours, theirs)
    # what is not the same double is looked at again; NaN, which is missing, is never the same
    at: Rows = np.flatnonzero(ours.values != theirs.values)
    if not len(at) and ours.codes is None and theirs.codes is None:
        return at
    x, y = ours.values[at], theirs.values[at]
    gone_x, gone_y = np.isnan(x), np.isnan(y)
    wrong = gone_x != gone_y
    if ours.codes is not None or theirs.codes is not None:
        code_x = np.zeros(len(at), np.uint8) if ours.codes is None else ours.codes[at]
        code_y = np.zeros(len(at), np.uint8) if theirs.codes is None else theirs.codes[at]
        wrong |= (code_x != code_y) | (code_x == NO_SUCH_VALUE)
    both = np.flatnonzero(~gone_x & ~gone_y)
    wrong[both] |= criterion.unequal(x[both], y[both])
    found: Rows = at[wrong]
    return found


def _texts(ours: Column, theirs: Column) -> Rows:
    if ours.values.equals(theirs.values):
        return np.zeros(0, np.intp)
    same = pc.fill_null(pc.equal(ours.values, theirs.values), False).to_numpy()
    at: Rows = np.flatnonzero(~same)
    left, right = (trimmed(c.take(at).values) for c in (ours, theirs))
    other: Rows = at[~pc.equal(left, right).to_numpy()]
    return other
