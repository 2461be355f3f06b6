"""Contradictions are told, and the value stays."""

from __future__ import annotations

import pandas as pd

from datacut.adam.derive_contradiction import derive_var_contradiction


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
    assert (finding.where, finding.value) == ("ADXX.WHY:01", "E after A")
