from __future__ import annotations

import pandas as pd
from tests.sdtm.conftest import listed, told

from datacut.sdtm.derive_standard import derive_nrind, derive_vars_standard

LAB = """
USUBJID TEST  RES   U       LO   HI
01      HGB   .     g/dL    11.5 15
01      HGB   13.6  g/dL    11.5 15.0
01      HGB   137.0 g/L     115  150
01      HGB   4.6   gram/dL .    x
01      HGB   <5    g/dL    .    .
01      HGB   <50   g/L     .    .
01      HGB   13    mg      12   15
01      HGB   13    .       .    .
01      HGB   BLQ   .       .    .
01      HGB   high  g/L     .    .
01      CREAT 1     mg/dL   .    .
01      CREAT 88    umol/L  .    .
01      PH    7.4   .       .    .
"""


def standardised(raw, context, **more):
    return derive_vars_standard(
        raw(LAB), "TEST", "RES", "U", "N", "C", context, stresu="SU", low="LO", high="HI", stnrlo="SLO", stnrhi="SHI"
    )


def test_results_units_and_ranges_are_converted_exactly(raw, context) -> None:
    out = standardised(raw, context)
    assert listed(out["N"]) == [
        None, 136.0, 137.0, 46.0, None, None, None, None, None, None, 88.4, 88.0, 7.4,
    ]  # fmt: skip
    assert listed(out["C"]) == [
        None, "136", "137.0", "46", "<50", "<50", None, None, "BLQ", "high", "88.4", "88.0", "7.4",
    ]  # fmt: skip
    assert listed(out["SU"])[:4] == [None, "g/L", "g/L", "g/L"]
    assert listed(out["SLO"])[:4] == [115.0, 115.0, 115.0, None]
    assert listed(out["SHI"])[:4] == [150.0, 150.0, 150.0, None]
    assert str(out["N"].dtype) == "Float64"


def test_what_cannot_be_converted_is_reported_at_its_row(raw, context) -> None:
    standardised(raw, context)
    assert told(context) == [
        "error sdtm.unit raw/form.csv:8:U mg",
        "error sdtm.unit raw/form.csv:9:U",
        "error sdtm.result raw/form.csv:11:RES high",
        "error sdtm.range raw/form.csv:5:HI x",
    ]


def test_the_limits_themselves_are_normal() -> None:
    rows = pd.DataFrame(
        {
            "N": [None, 1.9, 2.0, 8.0, 8.1, 1.0, 9.0, 9.0, 5.0],
            "LO": [2.0, 2.0, 2.0, 2.0, 2.0, None, None, 2.0, None],
            "HI": [8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, None, None],
        }
    ).astype("Float64")
    out = derive_nrind(rows, "N", "LO", "HI", "IND")["IND"]
    assert listed(out) == [None, "LOW", "NORMAL", "NORMAL", "HIGH", "NORMAL", "HIGH", "NORMAL", None]
