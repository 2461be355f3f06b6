from __future__ import annotations

from typing import Literal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacut.compute.sle.bilag import (
    BILAG_POINTS,
    BILAG_SYSTEMS,
    bilag_never_after_involvement,
    compute_bilag_new,
    compute_bilag_numeric,
    compute_bilag_stable,
    is_bilag_active,
)


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def fewest_and_most(baseline: pd.DataFrame, visit: pd.DataFrame, grade: Literal["A", "B"]) -> list[tuple[int, int]]:
    counts = compute_bilag_new(baseline, visit, grade)
    return list(zip(known(counts.low), known(counts.high), strict=True))  # type: ignore[arg-type]


def grades(*rows: dict[str, str | None], rest: str = "E") -> pd.DataFrame:
    return pd.DataFrame([{s: row.get(s, rest) for s in BILAG_SYSTEMS} for row in rows], dtype="str")


@pytest.mark.parametrize(
    ("row", "score"),
    [
        pytest.param(
            {"renal": "A", "musculoskeletal": "B", "mucocutaneous": "B", "constitutional": "C"}, 29, id="2.3-vector-1"
        ),
        pytest.param({"renal": "D", "ophthalmic": "D"}, 0, id="2.3-vector-2"),
        pytest.param(dict.fromkeys(BILAG_SYSTEMS, "A"), 108, id="2.3-vector-3-all-A"),
        pytest.param(dict.fromkeys(BILAG_SYSTEMS, "B"), 72, id="2.3-vector-3-all-B"),
        pytest.param(dict.fromkeys(BILAG_SYSTEMS, "C"), 9, id="2.3-vector-3-all-C"),
        pytest.param({"renal": None}, None, id="missing-grade"),
        pytest.param({"renal": "X"}, None, id="no-such-grade"),
    ],
)
def test_numeric(row: dict[str, str | None], score: int | None) -> None:
    found = compute_bilag_numeric(grades(row))
    assert found.dtype == "Int64"
    assert known(found) == [score]


def test_bilag_new_a_and_b() -> None:
    baseline = grades(
        {"musculoskeletal": "A", "renal": "C"}, {"renal": "D"}, {"renal": "D"}, {"renal": "B"}, {"renal": None}
    )
    visit = grades(
        {"musculoskeletal": "B", "renal": "C"},
        {"renal": "B"},
        {"renal": "B", "haematological": "B"},
        {"renal": "A"},
        {"renal": "A"},
    )
    assert fewest_and_most(baseline, visit, "A") == [(0, 0), (0, 0), (0, 0), (1, 1), (0, 1)]
    assert fewest_and_most(baseline, visit, "B") == [(0, 0), (1, 1), (2, 2), (0, 0), (0, 0)]


def test_stable_is_known_where_no_missing_grade_can_change_it() -> None:
    baseline = grades({}, {"renal": "D"}, {}, {"renal": "B"}, {"renal": None}, {"renal": None}, {})
    visit = grades(
        {},
        {"renal": "B"},
        {"renal": "B", "haematological": "B"},
        {"renal": "A"},
        {},
        {"ophthalmic": "A"},
        {"renal": None, "ophthalmic": "B"},
    )
    assert known(compute_bilag_stable(baseline, visit)) == [True, True, False, False, True, False, None]
    assert known(compute_bilag_stable(baseline, visit, new_b=0)) == [True, False, False, False, True, False, False]


def test_never_involved_after_involvement_contradicts_itself() -> None:
    grade = pd.Series(["E", "C", "E", "D", "E", "E", None, "A", None, "E"], dtype="str", index=range(10, 20))
    subject = pd.Series(["1", "1", "1", "1", "1", "2", "2", "2", "2", "2"], dtype="str", index=range(10, 20))
    found = bilag_never_after_involvement(grade, subject)
    assert found.index.tolist() == list(range(10, 20))
    assert found.tolist() == [False, False, True, False, True, False, False, False, False, True]


def test_active_is_a_to_c() -> None:
    found = is_bilag_active(pd.Series(["A", "B", "C", "D", "E", None, "X"], dtype="str"))
    assert known(found) == [True, True, True, False, False, None, None]


def test_an_absent_system_is_named() -> None:
    with pytest.raises(ValueError, match="absent: renal"):
        compute_bilag_numeric(grades({}).drop(columns="renal"))


@settings(max_examples=20)
@given(st.lists(st.sampled_from("ABCDE"), min_size=9, max_size=9))
def test_numeric_stays_in_range_and_the_same_grades_are_never_new(letters: list[str]) -> None:
    row = grades(dict(zip(BILAG_SYSTEMS, letters, strict=True)))
    assert known(compute_bilag_numeric(row)) == [sum(BILAG_POINTS[g] for g in letters)]
    assert 0 <= known(compute_bilag_numeric(row))[0] <= 108
    assert fewest_and_most(row, row, "A") == fewest_and_most(row, row, "B") == [(0, 0)]
