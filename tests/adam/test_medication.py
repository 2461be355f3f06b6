"""Deviations from a planned dose, by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from datacut.pipeline.verbs import make_registry

VERBS = make_registry(Path(__file__).parents[2]).verbs
deviation_percent = VERBS["study.deviation_percent"].function


def test_deviation_from_the_planned_dose() -> None:
    doses = pd.DataFrame({"GIVEN": [3.6, 2.4, None, 3.0], "PLAN": [3.0, 3.0, 3.0, 0.0]}, dtype="Float64")
    made = deviation_percent(doses)
    assert made.iloc[:2].tolist() == pytest.approx([20, -20])
    assert made.isna().tolist() == [False, False, True, True]
