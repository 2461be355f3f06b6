from __future__ import annotations

from datacut.adam.derive_sentinel import derive_var_sentinel_gap


def test_days_from_the_first_of_a_level_to_the_second(table) -> None:
    frame = table("""
        USUBJID LEVEL START      END
        01      1     2026-02-01 2026-02-01
        02      1     2026-02-15 2026-02-15
        03      1     2026-02-16 2026-02-16
        04      2     2026-03-01 2026-03-02
        05      2     2026-03-15 2026-03-15
        06      .     2026-03-16 2026-03-16
        07      2     .          .
    """)
    frame = frame.assign(STARTDT=frame["START"].astype("datetime64[s]"), ENDDT=frame["END"].astype("datetime64[s]"))
    gap = derive_var_sentinel_gap(frame, "LEVEL", "STARTDT", "ENDDT", "GAP")["GAP"]
    assert [None if g is None or g != g else g for g in gap.astype("object").where(gap.notna(), None)] == [
        None, 14, None, None, 13, None, None,
    ]  # fmt: skip
