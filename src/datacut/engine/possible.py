"""Collected values that cannot be true: no number where one is meant, or outside the range of the CRF field."""

from __future__ import annotations

import pandas as pd

from datacut.compute.date_order import dates_related
from datacut.compute.dates import parse_parts, to_iso
from datacut.compute.numbers import numbers_in
from datacut.spec.crf import CrfField, FieldType

_DATE_FORMATS = ["d-mmm-y", "y-m-d"]


def no_number(values: pd.Series, field: CrfField) -> pd.Series:
    """Rows of a field of numbers that hold something else, as text; a whole number where one is meant."""
    if field.type not in (FieldType.NUMBER, FieldType.INTEGER):
        return pd.Series(False, index=values.index)
    numbers = numbers_in(values)
    good = numbers.notna()
    if field.type is FieldType.INTEGER:
        good &= (numbers == numbers.round()).fillna(False)
    return values.fillna("").str.strip().ne("") & ~good


def out_of_range(values: pd.Series, field: CrfField) -> pd.Series:
    """Rows whose value surely lies outside the range of the field; a partial date if every day that it may be does."""
    outside = pd.Series(False, index=values.index)
    if field.range is None:
        return outside
    for end, numeric, dated in ((field.range.low, "lt", "LT"), (field.range.high, "gt", "GT")):
        if end is None:
            continue
        if field.type is FieldType.DATE:
            iso = to_iso(parse_parts(values, None, [field.format] if field.format else _DATE_FORMATS))
            beyond = dates_related(iso, pd.Series(end, index=values.index, dtype="str"), dated)
        else:
            beyond = getattr(numbers_in(values), numeric)(float(end))
        outside |= beyond.fillna(False).astype(bool)
    return outside
