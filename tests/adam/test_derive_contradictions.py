from __future__ import annotations

from datacut.adam.derive_contradictions import derive_var_contradiction_flag
from datacut.errors import Severity


def test_the_values_are_told_and_nothing_is_changed(table, context, where) -> None:
    frame = table("""
        USUBJID NINF TRTSDT     TRTEDT
        01      1    2026-02-01 2026-02-01
        02      2    2026-02-01 2026-02-09
        03      .    .          .
    """)
    made = derive_var_contradiction_flag(
        frame, "TWO", where("NINF GT 1"), ["NINF", "TRTSDT", "TRTEDT"], "two infusions", "Ask.", context=context
    )
    assert made["TWO"].fillna(".").tolist() == [".", "Y", "."]
    (finding,) = context.findings
    assert finding.severity is Severity.WARNING
    assert finding.where == "ADXX.NINF:02"
    assert finding.value == "NINF 2; TRTSDT 2026-02-01; TRTEDT 2026-02-09"
    assert made.drop(columns="TWO").equals(frame)
