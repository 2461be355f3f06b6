"""Scheduled doses a day, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.schedules import SOME, compute_scheduled_dose, convert_to_mg

LEAST = float(SOME)


def numbers(*values: float | None) -> pd.Series:
    return pd.Series(list(values), dtype="Float64")


def texts(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


@pytest.mark.parametrize(
    ("dose", "frequency", "low", "high"),
    [
        (10, "QD", 10, 10),
        (10, "BID", 20, 20),
        (10, "TID", 30, 30),
        (10, "QID", 40, 40),
        (10, "QOD", 5, 5),
        (10, "EVERY WEEK", 10 / 7, 10 / 7),
        (10, "QW", 10 / 7, 10 / 7),
        (10, "3 TIMES PER WEEK", 30 / 7, 30 / 7),
        (280, "Q4W", 10, 10),
        (280, "EVERY 4 WEEKS", 10, 10),
        (10, "ONCE", 10, 10),
        (868, "QM", 28, 31),
        (10, "PRN", 0, None),
        (10, None, LEAST, None),
        (10, "SOMETIMES", LEAST, None),
        (None, "QD", LEAST, None),
        (None, "PRN", 0, None),
        (0, "QOD", 0, 0),
        (0, None, 0, 0),
    ],
)
def test_amount_a_day(dose: float | None, frequency: str | None, low: float, high: float | None) -> None:
    found = compute_scheduled_dose(numbers(dose), texts(frequency)).iloc[0]
    assert found["low"] == pytest.approx(low)
    assert pd.isna(found["high"]) if high is None else found["high"] == pytest.approx(high)


def test_units() -> None:
    dose, unit = numbers(0.6, 500, 5, 1, 5, -5, None), texts("g", "ug", "mg", "mg/kg", "mL", "mg", "mg")
    amount, measure = convert_to_mg(dose, unit)
    assert [None if pd.isna(v) else v for v in amount] == [600, 0.5, 5, 1, None, None, None]
    assert [None if pd.isna(v) else v for v in measure] == ["mg", "mg", "mg", "mg/kg", None, "mg", "mg"]


def test_a_weight_makes_milligrams_of_a_dose_a_kilogram() -> None:
    amount, measure = convert_to_mg(numbers(1, 1), texts("mg/kg", "mg/kg"), numbers(60, None))
    assert amount.tolist() == [60, 1]
    assert measure.tolist() == ["mg", "mg/kg"]
