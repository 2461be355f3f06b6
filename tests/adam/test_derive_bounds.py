from __future__ import annotations

import pandas as pd

from datacut.adam.derive_bounds import derive_var_at_least, derive_vars_bound


def test_bounds_and_what_is_none(table) -> None:
    frame = table("""
        RESULT   NUMBER SIGN
        <1.5     1.5    <
        >=1000   1000   >=
        >40      40     >
        <=0.02   0.02   <=
        12.0     .      .
        NEGATIVE .      .
        1+       .      .
        <1,5     .      .
        .        .      .
    """)
    out = derive_vars_bound(frame[["RESULT"]], "RESULT", "AT", "SIDE")
    assert out["AT"].dtype == "Float64"
    assert out["AT"].tolist()[:4] == [1.5, 1000, 40, 0.02]
    assert out["AT"].isna().tolist() == [False] * 4 + [True] * 5
    assert [None if pd.isna(s) else s for s in out["SIDE"]] == ["<", ">=", ">", "<=", *[None] * 5]


def test_no_records() -> None:
    out = derive_vars_bound(pd.DataFrame({"R": pd.Series([], dtype="str")}), "R", "AT", "SIDE")
    assert (len(out), out["AT"].dtype) == (0, "Float64")


def test_a_value_or_its_lower_bound_as_text(table) -> None:
    out = derive_var_at_least(table("A LEAST\n3.0 3\n. 2\n. ."), "A", "LEAST", "NEW")["NEW"]
    assert [None if pd.isna(v) else v for v in out] == ["3", "≥2", None]
