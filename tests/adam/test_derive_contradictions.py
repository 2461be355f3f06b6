"""Contradictions are told with their values, and nothing is mended."""

from __future__ import annotations

import pandas as pd

from datacut.adam.derive_contradictions import derive_var_contradiction, derive_var_contradiction_flag
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
    assert str(finding.where) == "ADXX.NINF:02"
    assert finding.value == "NINF 2; TRTSDT 2026-02-01; TRTEDT 2026-02-09"
    assert made.drop(columns="TWO").equals(frame)


def test_words_are_kept_and_told_with_the_place(table, context) -> None:
    def say(columns: pd.DataFrame) -> pd.Series:
        return pd.Series(["E after A" if v == "E" else None for v in columns["AVALC"]], dtype="str")

    frame = table("""
USUBJID AVALC
01      A
01      E
""")
    out = derive_var_contradiction(frame, ["AVALC"], say, "WHY", context=context)
    assert out["AVALC"].tolist() == ["A", "E"]
    (finding,) = list(context.findings)
    assert (str(finding.where), finding.value) == ("ADXX.WHY:01", "E after A")
