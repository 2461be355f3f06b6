"""The days on which what happens once can have happened."""

from __future__ import annotations

import pandas as pd

from datacut.adam.derive_date_bounds import derive_vars_dt_bounds, derive_vars_merged_dt_bounds
from datacut.spec.where import parse_where

SUBJECTS = """
USUBJID DTHFL DTHDTC     LSTALVDT   CUTDT
01      Y     2025-12    2025-12-10 2026-03-02
02      Y     .          2025-12-10 2026-03-02
03      Y     2025-12-05 2025-12-10 2026-03-02
04      .     .          2025-12-10 2026-03-02
05      Y     2025-12    2026-01-10 2026-03-02
06      Y     2026       .          2026-03-02
07      Y     .          .          2026-03-02
"""


def days(series: pd.Series) -> list[str | None]:
    return [None if pd.isna(v) else f"{v:%Y-%m-%d}" for v in series]


def test_a_death_lies_from_the_last_contact_to_the_cut(table, context) -> None:
    frame = table(SUBJECTS)
    frame["DTHDTC"] = frame["DTHDTC"].astype("str")
    out = derive_vars_dt_bounds(
        frame,
        "DTHDTC",
        "MIN",
        "MAX",
        happened=parse_where('DTHFL EQ "Y"'),
        not_before=["LSTALVDT"],
        not_after=["CUTDT"],
        context=context,
    )
    # 03 is complete and not moved; 05 contradicts the contact; 06 and 07 have no contact
    assert days(out["MIN"]) == ["2025-12-10", "2025-12-10", "2025-12-05", None, "2025-12-01", "2026-01-01", None]
    assert days(out["MAX"]) == [
        "2025-12-31", "2026-03-02", "2025-12-05", None, "2025-12-31", "2026-03-02", "2026-03-02",
    ]  # fmt: skip


def test_the_last_visit_is_certain_to_its_earliest_day_and_possible_to_its_latest(table, context) -> None:
    subjects = table("USUBJID\n01\n02\n03")
    visits = table("USUBJID SVDTC\n01 2026-01-20\n01 2026-01\n01 2025-12-01\n02 2026-02\n02 .")
    visits["SVDTC"] = visits["SVDTC"].astype("str")
    out = derive_vars_merged_dt_bounds(
        subjects, ["USUBJID"], visits, "SVDTC", "last", "MIN", latest="MAX", context=context
    )
    assert days(out["MIN"]) == ["2026-01-20", "2026-02-01", None]
    assert days(out["MAX"]) == ["2026-01-31", "2026-02-28", None]
    out = derive_vars_merged_dt_bounds(
        subjects, ["USUBJID"], visits, "SVDTC", "first", "MIN", latest="MAX", context=context
    )
    assert days(out["MIN"]) == ["2025-12-01", "2026-02-01", None]
    assert days(out["MAX"]) == ["2025-12-01", "2026-02-28", None]
