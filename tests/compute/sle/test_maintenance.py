"""Standard maintenance by the table of the study, at its boundaries."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from datacut.compute.schedules import compute_scheduled_dose, convert_to_mg
from datacut.compute.sle.maintenance import share_of_allowed
from datacut.engine.sources import study_frames
from datacut.spec.load import load_specs

TABLE = study_frames(load_specs(Path(__file__).parents[3]), "2026-09-01")["study.standard_maintenance"]


def share(drug: str, dose: float | None, unit: str, frequency: str, route: str, weight: float | None = None) -> object:
    """Part of the whole, lowest to highest, in China."""
    one = {"weight": pd.Series([weight], dtype="Float64"), "route": pd.Series([route], dtype="str")}
    amount, measure = convert_to_mg(pd.Series([dose], dtype="Float64"), pd.Series([unit], dtype="str"))
    daily = compute_scheduled_dose(amount, pd.Series([frequency], dtype="str"))
    made = share_of_allowed(
        pd.Series([drug], dtype="str"), one["route"], daily["low"], daily["high"], measure, one["weight"], TABLE, "CHN"
    ).iloc[0]
    return tuple(None if pd.isna(part) else round(part, 6) for part in made)


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        (("HYDROXYCHLOROQUINE", 400, "mg", "QD", "ORAL"), 1),
        (("METHOTREXATE", 30, "mg", "QW", "ORAL"), 1),
        (("METHOTREXATE", 32.5, "mg", "EVERY WEEK", "SUBCUTANEOUS"), 1.083333),
        (("AZATHIOPRINE", 100, "mg", "BID", "ORAL"), 1),
        (("MYCOPHENOLATE MOFETIL", 1.5, "g", "BID", "ORAL"), 1),
        (("MYCOPHENOLIC ACID", 720, "mg", "TID", "ORAL"), 1),
        (("LEFLUNOMIDE", 20, "mg", "QD", "ORAL"), 1),
        (("TACROLIMUS", 1, "mg", "BID", "ORAL"), 0.666667),
        (("VOCLOSPORIN", 23.7, "mg", "BID", "ORAL"), 1),
        (("BELIMUMAB", 10, "mg/kg", "Q4W", "INTRAVENOUS"), 1),
        (("BELIMUMAB", 600, "mg", "EVERY 4 WEEKS", "INTRAVENOUS", 60), 1),
        (("BELIMUMAB", 200, "mg", "QW", "SUBCUTANEOUS"), 1),
        (("TELITACICEPT", 160, "mg", "QW", "SUBCUTANEOUS"), 1),
        (("ANIFROLUMAB", 300, "mg", "Q4W", "INTRAVENOUS"), 1),
    ],
)
def test_part_of_the_standard_dose(course, expected: float) -> None:
    assert share(*course) == (expected, expected)


def test_a_month_has_28_to_31_days() -> None:
    assert share("BELIMUMAB", 10, "mg/kg", "QM", "INTRAVENOUS") == (round(28 / 31, 6), 1)


def test_what_the_table_or_the_weight_leave_open() -> None:
    assert share("CYCLOPHOSPHAMIDE", 50, "mg", "QD", "ORAL") == (None, None)
    assert share("BELIMUMAB", 600, "mg", "Q4W", "INTRAVENOUS") == (None, None), "its weight is not known"
    assert share("BELIMUMAB", 10, "mg/kg", "Q4W", "INTRAMUSCULAR") == (None, None), "no such route in the table"
    assert share("AZATHIOPRINE", None, "mg", "QD", "ORAL")[1] is None  # type: ignore[index]


def test_a_drug_not_approved_in_the_country_is_above_the_whole() -> None:
    one, mg = pd.Series(["TELITACICEPT"], dtype="str"), pd.Series([160 / 7], dtype="Float64")
    way, unit = pd.Series(["SUBCUTANEOUS"], dtype="str"), pd.Series(["mg"], dtype="str")
    assert share_of_allowed(one, way, mg, mg, unit, mg, TABLE, "USA").iloc[0].tolist() == [2, 2]
