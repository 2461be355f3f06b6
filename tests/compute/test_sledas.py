from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.sledas import BINARY, compute_sledas, compute_sledas_category

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
        ({}, 0.366, "remission"),
        ({"mucosal_ulcers": 1, "hypocomplementaemia": 1}, 3.889, "mild"),
        ({"sjc28": 2}, 4.406, "mild"),
        ({"protein_mg": 2000}, 11.7490, "moderate/severe"),
        ({"protein_mg": 501}, 6.4735, "mild"),
        ({"protein_mg": 500}, 0.366, "remission"),
        ({"platelets": 50}, 4.6536, "mild"),
        ({"platelets": 99}, 0.8440, "remission"),
        ({"platelets": 100}, 0.366, "remission"),
        ({"leukocytes": 2.0}, 2.9781, "mild"),
        ({"serositis": 1, "anti_dsdna": 1}, 7.322, "mild"),
        (
            {"sjc28": 6, "generalized_rash": 1, "protein_mg": 1000, "hypocomplementaemia": 1, "anti_dsdna": 1},
            20.5605,
            "moderate/severe",
        ),
        (EXTREME, 148.361, "moderate/severe"),
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
