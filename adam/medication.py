"""Doses of medications in a common measure."""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.compute.sle.steroids import (
    compute_daily_dose,
    compute_prednisone_equivalent,
    is_systemic_glucocorticoid,
)
from datacut.spec.registry import verb


@verb("function")
def prednisone_equivalent_per_day(course: pd.DataFrame) -> pd.Series[Any]:
    """Prednisone in mg a day equal to a systemic glucocorticoid; missing for any other drug and for an unknown dose.

    Columns in order: drug, route, dose, unit, frequency, and the milligrams of betamethasone and of deflazacort that
    equal 5 mg of prednisone (of the first record).
    """
    drug, route, dose, unit, frequency, beta, defla = (course[c] for c in course)
    if course.empty:
        return pd.Series([], index=course.index, dtype="Float64")
    each = compute_prednisone_equivalent(
        drug, dose, unit, betamethasone_mg=float(beta.iloc[0]), deflazacort_mg=float(defla.iloc[0])
    )
    return compute_daily_dose(each.where(is_systemic_glucocorticoid(drug, route).fillna(False)), frequency)


@verb("function")
def deviation_percent(doses: pd.DataFrame) -> pd.Series[Any]:
    """100 times the first column minus the second, over the second; missing if either is, or if the second is 0."""
    given, planned = (doses[c].astype("Float64") for c in doses)
    return 100 * (given - planned) / planned.where(planned != 0)
