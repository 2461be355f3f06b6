from __future__ import annotations

from datacut.adam.derive_sentinel import derive_vars_sentinel


def test_days_from_the_first_of_a_level_to_the_second(table) -> None:
    frame = table("""
        USUBJID LEVEL START            END
        01      1     2026-02-01T10:00 2026-02-01T10:30
        02      1     2026-02-15T09:00 2026-02-15T09:30
        03      1     2026-02-16       2026-02-16
        04      2     2026-03-01       2026-03-02
        05      2     2026-03-15       2026-03-15
        06      .     2026-03-16       2026-03-16
        07      3     2026-03-16       2026-03
        08      3     2026-03-31       .
    """)
    out = derive_vars_sentinel(frame, "LEVEL", "START", "END", 14, "GAP", "SHORT")
    assert out["GAP"].astype("object").where(out["GAP"].notna(), None).tolist() == [
        None, 14, None, None, 13, None, None, None,
    ]  # fmt: skip
    assert out["SHORT"].fillna("").tolist() == ["", "N", "", "", "Y", "", "", ""]
