from __future__ import annotations

import pandas as pd

from datacut.adam.derive_treatment_emergent import derive_var_ontrtfl, derive_var_trtemfl


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


EVENTS = """
USUBJID ASTDT      AENDT      TRTSDT     ASTDTM              TRTSDTM
01      2026-01-31 2026-03-01 2026-02-01 .                   2026-02-01T10:00:00
02      2026-02-01 .          2026-02-01 .                   2026-02-01T10:00:00
03      2026-07-31 .          2026-02-01 .                   2026-02-01T10:00:00
04      2026-08-01 .          2026-02-01 .                   2026-02-01T10:00:00
05      .          2026-01-31 2026-02-01 .                   2026-02-01T10:00:00
06      .          2026-02-01 2026-02-01 .                   2026-02-01T10:00:00
07      .          .          2026-02-01 .                   2026-02-01T10:00:00
08      2026-02-05 .          .          .                   .
09      2026-02-01 .          2026-02-01 2026-02-01T09:59:00 2026-02-01T10:00:00
10      2026-02-01 .          2026-02-01 2026-02-01T10:00:00 2026-02-01T10:00:00
"""


def test_treatment_emergent_to_day_180(table) -> None:
    out = derive_var_trtemfl(table(EVENTS), "ASTDT", "AENDT", "TRTSDT", "TRTEMFL", 180)
    # 2026-07-31 is 180 days after 2026-02-01
    assert values(out["TRTEMFL"]) == [None, "Y", "Y", None, None, "Y", "Y", None, "Y", "Y"]


def test_time_of_the_infusion_day_counts_where_it_is_known(table) -> None:
    out = derive_var_trtemfl(table(EVENTS), "ASTDT", "AENDT", "TRTSDT", "TRTEMFL", 180, "ASTDTM", "TRTSDTM")
    assert values(out["TRTEMFL"])[8:] == [None, "Y"]
    assert values(out["TRTEMFL"])[1] == "Y", "no time: counted"


def test_on_treatment_overlap(table) -> None:
    frame = table(
        """
        CMSTDT     CMENDT     TRTSDT     TRTEDT
        2026-01-01 2026-01-31 2026-02-01 2026-02-10
        2026-01-01 2026-02-01 2026-02-01 2026-02-10
        2026-02-13 .          2026-02-01 2026-02-10
        2026-02-14 .          2026-02-01 2026-02-10
        .          .          2026-02-01 2026-02-10
        2026-02-05 .          .          .
        2026-09-01 .          2026-02-01 .
        """
    )
    out = derive_var_ontrtfl(frame, "CMSTDT", "CMENDT", "TRTSDT", "ONTRTFL", "TRTEDT", days=3)
    assert values(out["ONTRTFL"]) == [None, "Y", "Y", None, "Y", None, "Y"]
