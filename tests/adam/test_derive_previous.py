"""The value of the assessment before."""

from __future__ import annotations

import pandas as pd

from datacut.adam.derive_previous import derive_var_previous
from datacut.spec.where import parse_where


def test_previous_is_the_record_before_in_time_even_without_a_value(context) -> None:
    frame = pd.DataFrame(
        {
            "USUBJID": ["1", "1", "1", "1", "2", "1"],
            "ADT": pd.to_datetime(["2026-03-01", "2026-01-10", "2026-02-01", None, "2026-02-01", "2026-04-01"]),
            "AVAL": pd.array([4, 8, None, 9, 3, 2], dtype="Float64"),
        }
    )
    out = derive_var_previous(
        frame, ["USUBJID"], ["ADT"], "AVAL", "PREVAL", parse_where("ADT NOT MISSING"), context=context
    )["PREVAL"]
    assert out.isna().tolist() == [True, True, False, True, True, False], "of March: February was not done"
    assert (out[2], out[5]) == (8, 4)
