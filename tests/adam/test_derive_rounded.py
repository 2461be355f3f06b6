from __future__ import annotations

import pandas as pd

from datacut.adam.derive_rounded import derive_var_rounded


def rounded(values: list[float | None], digits: int = 0) -> list[object]:
    frame = pd.DataFrame({"AVAL": pd.array(values, dtype="Float64")})
    return [None if pd.isna(v) else v for v in derive_var_rounded(frame, "AVAL", "R", digits=digits)["R"]]


def test_halves_go_away_from_zero() -> None:
    assert rounded([0.5, 1.5, -0.5, 2.49, None]) == [1, 2, -1, 2, None]


def test_a_half_is_one_as_it_is_written() -> None:
    assert rounded([1.005, 2.675, 43.85], digits=2) == [1.01, 2.68, 43.85]


def test_nothing_there() -> None:
    assert rounded([None, None], digits=1) == [None, None]
    assert rounded([]) == []
