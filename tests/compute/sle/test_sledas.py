from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacut.compute.sle.sledas import BINARY, compute_sledas, compute_sledas_category

QUIET = {**dict.fromkeys(BINARY, 0), "sjc28": 0, "protein_mg": 100, "platelets": 250, "leukocytes": 6.0}
EXTREME = {
    **dict.fromkeys(BINARY, 1),
    "localized_rash": 0,
    "sjc28": 28,
    "protein_mg": 10_000,
    "platelets": 10,
    "leukocytes": 0.5,
}


def visit(**found: float | None) -> pd.DataFrame:
    return pd.DataFrame([{**QUIET, **found}], dtype="Float64")


@pytest.mark.parametrize(
    ("found", "score", "category"),
    [
        pytest.param({}, 0.366, "remission", id="nothing-active"),
        pytest.param({"mucosal_ulcers": 1, "hypocomplementaemia": 1}, 3.889, "mild", id="3-vector-1"),
        pytest.param({"sjc28": 2}, 4.406, "mild", id="3-vector-2"),
        pytest.param({"protein_mg": 2000}, 11.7490, "moderate/severe", id="3-vector-3"),
        pytest.param({"protein_mg": 501}, 6.4735, "mild", id="3-vector-4"),
        pytest.param({"protein_mg": 500}, 0.366, "remission", id="3-vector-4-limit"),
        pytest.param({"platelets": 50}, 4.6536, "mild", id="3-vector-5"),
        pytest.param({"platelets": 99}, 0.8440, "remission", id="3-vector-5-limit"),
        pytest.param({"platelets": 100}, 0.366, "remission", id="platelets-100"),
        pytest.param({"leukocytes": 2.0}, 2.9781, "mild", id="3-vector-6"),
        pytest.param({"serositis": 1, "anti_dsdna": 1}, 7.322, "mild", id="3-vector-7"),
        pytest.param(
            {"sjc28": 6, "generalized_rash": 1, "protein_mg": 1000, "hypocomplementaemia": 1, "anti_dsdna": 1},
            20.5605,
            "moderate/severe",
            id="3-vector-8",
        ),
        pytest.param(EXTREME, 148.361, "moderate/severe", id="3-vector-9"),
    ],
)
def test_vectors(found: dict[str, float], score: float, category: str) -> None:
    got = compute_sledas(visit(**found))
    assert got.dtype == "Float64"
    assert got.iloc[0] == pytest.approx(score, abs=6e-4 if score > 100 else 6e-5)
    assert compute_sledas_category(got).tolist() == [category]


def test_generalised_rash_hides_localised() -> None:
    assert compute_sledas(visit(localized_rash=1, generalized_rash=1)).iloc[0] == pytest.approx(0.366 + 3.887)
    assert compute_sledas(visit(localized_rash=None, generalized_rash=1)).iloc[0] == pytest.approx(0.366 + 3.887)


def test_a_low_count_that_is_not_lupus_scores_nothing() -> None:
    assert compute_sledas(visit(platelets=20, platelets_sle=0)).iloc[0] == pytest.approx(0.366)
    assert compute_sledas(visit(platelets=20, platelets_sle=None)).isna().all()
    assert compute_sledas(visit(platelets=250, platelets_sle=None)).iloc[0] == pytest.approx(0.366)


@pytest.mark.parametrize(
    "found",
    [{"serositis": None}, {"sjc28": None}, {"protein_mg": None}, {"platelets": 0}, {"leukocytes": 0}, {"sjc28": 29}],
)
def test_anything_missing_or_impossible_makes_it_missing(found: dict[str, float | None]) -> None:
    got = compute_sledas(visit(**found))
    assert got.isna().all()
    assert compute_sledas_category(got).isna().all()


def test_categories_are_compared_at_two_decimals() -> None:
    score = pd.Series([2.084, 2.085, 7.644, 7.645, None], dtype="Float64")
    assert compute_sledas_category(score).iloc[:4].tolist() == ["remission", "mild", "mild", "moderate/severe"]
    # serology only: intercept 0.366 + 0.754 + 0.956 = 2.076
    serology = compute_sledas(visit(hypocomplementaemia=1, anti_dsdna=1))
    assert compute_sledas_category(serology).tolist() == ["remission"]


def test_an_absent_column_is_named() -> None:
    with pytest.raises(ValueError, match="absent: sjc28"):
        compute_sledas(visit().drop(columns="sjc28"))


@settings(max_examples=20)
@given(
    st.fixed_dictionaries({key: st.sampled_from([0, 1]) for key in BINARY}),
    st.integers(0, 28),
    st.floats(0, 20_000),
    st.floats(0.5, 500),
    st.floats(0.1, 50),
)
def test_score_never_falls_below_the_intercept(
    found: dict[str, int], joints: int, protein: float, platelets: float, leukocytes: float
) -> None:
    amounts = {"protein_mg": protein, "platelets": platelets, "leukocytes": leukocytes}
    score = compute_sledas(visit(**found, sjc28=joints, **amounts)).iloc[0]
    assert score >= 0.366
    assert compute_sledas(visit(**found, sjc28=min(joints + 1, 28), **amounts)).iloc[0] >= score
    assert (
        compute_sledas(visit(**found, sjc28=joints, **{**amounts, "platelets": platelets / 2})).iloc[0] >= score - 1e-9
    )
