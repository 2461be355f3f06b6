from __future__ import annotations

from datacut.adam.derive_overlap import derive_var_joined_exist_flag


def test_a_day_in_common(table, context) -> None:
    events = table("""
        USUBJID ASTDT      AENDT
        01      2026-02-01 2026-02-04
        01      2026-02-01 2026-02-03
        01      2026-02-08 2026-02-09
        01      2026-02-09 .
        01      .          2026-02-06
        02      2026-02-05 2026-02-05
        03      2026-03-01 .
    """)
    episodes = table("""
        USUBJID CESTDTC          CEENDTC
        01      2026-02-04T10:00 2026-02-08
        03      2026-02-20       .
        02      2026-02          2026-02-08
    """)
    made = derive_var_joined_exist_flag(
        events, ["USUBJID"], episodes, "CRSFL", "ASTDT", "AENDT", "CESTDTC", "CEENDTC", context=context
    )
    # touching days count, the day before and after do not; an open end meets what comes later; no start, no day
    assert made["CRSFL"].fillna(".").tolist() == ["Y", ".", "Y", ".", ".", ".", "Y"]


def test_only_records_of_the_condition(table, context, where) -> None:
    events = table("USUBJID ASTDT AENDT\n01 2026-02-05 2026-02-05")
    episodes = table("USUBJID CECAT S E\n01 ICANS 2026-02-04 2026-02-08").astype({"S": "str", "E": "str"})
    for kind, expected in (("CRS", "."), ("ICANS", "Y")):
        condition = where(f'CECAT EQ "{kind}"')
        made = derive_var_joined_exist_flag(
            events, ["USUBJID"], episodes, "FL", "ASTDT", "AENDT", "S", "E", where=condition, context=context
        )
        assert made["FL"].fillna(".").tolist() == [expected]
