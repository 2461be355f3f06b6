from __future__ import annotations

import pandas as pd

from datacut.adam.assign_date import assign_date


def test_the_day_of_a_date_a_datetime_and_a_text(table) -> None:
    frame = table("AADT ADTM CDTC\n2026-02-01 2026-02-01T23:59 2026-02-01T10:00\n. . 2026-02")
    for column in ("AADT", "ADTM", "CDTC"):
        days = assign_date(frame, column)
        assert str(days.dtype) == "datetime64[s]"
        assert [None if pd.isna(d) else str(d) for d in days] == ["2026-02-01 00:00:00", None]
