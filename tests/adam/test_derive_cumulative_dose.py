from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_cumulative_dose import derive_var_cumulative_dose
from datacut.engine.context import Context
from datacut.errors import Findings, SpecError

# 10 mg a day to CH1DT, then 20 mg to CH2DT, then 10 mg
SUBJECTS = """
STDT       ENDT       CH1DT      CH2DT      D1 D2 D3
2026-02-01 2026-02-01 .          .          10 20 10
2026-02-01 2026-02-10 2026-02-04 2026-02-08 10 20 10
2026-02-01 2026-02-10 2026-02-04 .          10 20 10
2026-02-01 2026-02-10 .          2026-02-08 10 20 10
2026-02-01 2026-02-10 2026-02-10 .          10 20 10
2026-02-01 2026-02-10 2026-02-12 2026-02-20 10 20 10
2026-02-01 2026-02-10 2026-02-09 2026-02-10 10 20 10
.          2026-02-10 2026-02-04 .          10 20 10
2026-02-01 .          2026-02-04 .          10 20 10
2026-02-01 2026-02-10 2026-02-04 .          10 .  10
2026-02-01 2026-02-10 .          .          10 .  .
"""


def total(table) -> list[object]:
    frame = table(SUBJECTS).astype(dict.fromkeys(("D1", "D2", "D3"), "Float64"))
    context = Context("ADSL", "CUM", findings=Findings())
    out = derive_var_cumulative_dose(
        frame, "STDT", "ENDT", ["D1", "D2", "D3"], "CUM", ["CH1DT", "CH2DT"], context=context
    )
    return [None if pd.isna(v) else v for v in out["CUM"]]


def test_dose_of_each_day(table) -> None:
    assert total(table) == [
        10,  # one day
        4 * 10 + 4 * 20 + 2 * 10,
        4 * 10 + 6 * 20,  # the second change did not happen
        8 * 10 + 2 * 10,  # the first did not
        10 * 10,  # a change on the last day is too late
        10 * 10,
        9 * 10 + 1 * 20,
        None,
        None,
        None,  # six days of an unknown dose
        10 * 10,  # a dose that nobody came to is not asked for
    ]


def test_one_dose_needs_no_change(table) -> None:
    frame = table(SUBJECTS).astype({"D1": "Float64"})
    out = derive_var_cumulative_dose(
        frame, "STDT", "ENDT", ["D1"], "CUM", context=Context("ADSL", "CUM", findings=Findings())
    )
    assert out["CUM"].tolist()[1] == 100


def test_doses_and_changes_must_fit(table) -> None:
    with pytest.raises(SpecError, match="2 doses and 0 changes"):
        derive_var_cumulative_dose(
            table(SUBJECTS), "STDT", "ENDT", ["D1", "D2"], "CUM", context=Context("ADSL", "CUM", findings=Findings())
        )
