"""Doses a day and deviations from a plan, by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from datacut.pipeline.verbs import make_registry

VERBS = make_registry(Path(__file__).parents[2]).verbs
prednisone_equivalent_per_day = VERBS["study.prednisone_equivalent_per_day"].function
deviation_percent = VERBS["study.deviation_percent"].function


@pytest.mark.parametrize(
    ("drug", "route", "dose", "unit", "frequency", "expected"),
    [
        ("PREDNISONE", "ORAL", 7.5, "mg", "QD", 7.5),
        ("Methylprednisolone", "INTRAVENOUS", 0.5, "g", "ONCE", 625),
        ("HYDROCORTISONE", "ORAL", 10, "mg", "BID", 5),
        ("BETAMETHASONE", "ORAL", 1.5, "mg", "QD", 10),
        ("DEFLAZACORT", "ORAL", 12, "mg", "QD", 10),
        ("PREDNISONE", "TOPICAL", 5, "mg", "QD", None),
        ("PREDNISONE", None, 5, "mg", "QD", None),
        ("PREDNISONE", "ORAL", None, "mg", "QD", None),
        ("PREDNISONE", "ORAL", 5, "mg", "PRN", None),
        ("AZATHIOPRINE", "ORAL", 50, "mg", "QD", None),
    ],
)
def test_prednisone_equivalent_a_day(drug, route, dose, unit, frequency, expected) -> None:
    # the tables give betamethasone 0.6 or 0.75 mg; here 0.75, so that 1.5 mg are 10 mg
    course = pd.DataFrame(
        {"D": [drug], "R": [route], "A": [dose], "U": [unit], "F": [frequency], "B": ["0.75"], "Z": ["6"]}
    ).astype({"D": "str", "R": "str", "A": "Float64", "U": "str", "F": "str"})
    made = prednisone_equivalent_per_day(course).iloc[0]
    assert pd.isna(made) if expected is None else made == pytest.approx(expected)


def test_deviation_from_the_planned_dose() -> None:
    doses = pd.DataFrame({"GIVEN": [3.6, 2.4, None, 3.0], "PLAN": [3.0, 3.0, 3.0, 0.0]}, dtype="Float64")
    made = deviation_percent(doses)
    assert made.iloc[:2].tolist() == pytest.approx([20, -20])
    assert made.isna().tolist() == [False, False, True, True]
