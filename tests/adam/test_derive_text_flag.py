from __future__ import annotations

import pandas as pd

from datacut.adam.derive_text_flag import derive_var_contains_flag


def flags(terms: list[str | None], texts: list[str], no: str | None = None) -> list[object]:
    frame = pd.DataFrame({"AEDECOD": pd.Series(terms, dtype="str")})
    out = derive_var_contains_flag(frame, "AEDECOD", "F", texts, no=no)["F"]
    return [None if pd.isna(v) else v for v in out]


def test_any_place_of_the_text_counts() -> None:
    terms = ["RASH", "SKIN RASH", "RASHES", "FEVER", None]
    assert flags(terms, ["RASH"]) == ["Y", "Y", "Y", None, None]


def test_one_of_several_texts_is_enough() -> None:
    assert flags(["FEVER", "RASH", "COUGH"], ["RASH", "FEV"], no="N") == ["Y", "Y", "N"]


def test_case_counts_and_signs_are_no_pattern() -> None:
    assert flags(["rash", "A.B", "AXB"], ["RASH", "A.B"]) == [None, "Y", None]


def test_missing_text_is_no() -> None:
    assert flags([None], ["RASH"], no="N") == ["N"]
