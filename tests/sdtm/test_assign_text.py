from __future__ import annotations

import pandas as pd

from datacut.sdtm.assign import assign_upper


def test_collected_text_in_upper_case() -> None:
    raw = pd.DataFrame({"TERM": pd.Series([" Rash ", "Pain,\nleft arm", " ", None], dtype="str")})
    out = assign_upper(raw, "TERM")
    assert out.tolist()[:2] == ["RASH", "PAIN, LEFT ARM"]
    assert out.isna().tolist() == [False, False, True, True]
    assert out.dtype == "str"


def test_nothing_in_nothing_out() -> None:
    assert assign_upper(pd.DataFrame({"TERM": pd.Series([], dtype="str")}), "TERM").dtype == "str"
