from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.cart.astct import compute_crs_grade, compute_icans_grade, compute_ice_grade, compute_oxygen_code


def crs(
    temperature: float | None,
    hypotension: str | None = "none",
    hypoxia: str | None = "none",
    under_way: bool | None = False,
    death: bool | None = False,
) -> int | None:
    (grade,) = compute_crs_grade(
        pd.Series([temperature], dtype="Float64"),
        pd.Series([hypotension], dtype="str"),
        pd.Series([hypoxia], dtype="str"),
        pd.Series([under_way], dtype="boolean"),
        pd.Series([death], dtype="boolean"),
    )
    return None if pd.isna(grade) else int(grade)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((38.0,), 1),
        ((37.9, "no_vasopressor"), 0),
        ((39.0, "one_vasopressor", "low_flow"), 3),
        ((39.0, "multiple_vasopressors"), 4),
        ((39.0, "none", "low_flow"), 2),
        ((39.0, "none", "high_flow"), 3),
        ((37.0, "no_vasopressor", "none", True), 2),
        ((39.0, "none", "positive_pressure"), 4),
        ((37.0, "none", "none", True), 0),
        ((37.0, "none", "none", True, True), 5),
        ((None,), None),
        ((None, "no_vasopressor", "none", True), 2),
        ((None, "none", "none", True), None),
        ((39.0, None), None),
        ((39.0, None, "positive_pressure"), 4),
        ((39.0, "no_such_code"), None),
        ((37.0, None), 0),
    ],
)
def test_crs_vectors(given: tuple[object, ...], expected: int | None) -> None:
    assert crs(*given) == expected  # type: ignore[arg-type]


def test_cannula_flow() -> None:
    codes = compute_oxygen_code(pd.Series([0, 4, 6, 6.5, 8], dtype="Float64"))
    assert codes.tolist() == ["none", "low_flow", "low_flow", "high_flow", "high_flow"]
    assert compute_oxygen_code(pd.Series([None], dtype="Float64")).isna().all()


def icans(
    ice: int | None = 10,
    consciousness: str | None = "normal",
    seizure: str | None = "none",
    motor: bool | None = False,
    oedema: str | None = "none",
    death: bool | None = None,
) -> int | None:
    (grade,) = compute_icans_grade(
        pd.Series([ice], dtype="Int64"),
        pd.Series([consciousness], dtype="str"),
        pd.Series([seizure], dtype="str"),
        pd.Series([motor], dtype="boolean"),
        pd.Series([oedema], dtype="str"),
        pd.Series([death], dtype="boolean"),
    )
    return None if pd.isna(grade) else int(grade)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, 0),
        ({"ice": 8}, 1),
        ({"ice": 8, "seizure": "rapidly_resolving"}, 3),
        ({"ice": 4, "consciousness": "awakens_to_voice"}, 2),
        ({"motor": True}, 4),
        ({"ice": 0}, 3),
        ({"ice": 0, "consciousness": "unarousable"}, 4),
        ({"ice": None, "consciousness": "unarousable"}, 4),
        ({"consciousness": "awakens_to_voice"}, 2),
        ({"oedema": "focal_imaging"}, 3),
        ({"seizure": "prolonged_or_repetitive"}, 4),
        ({"ice": 8, "death": True}, 5),
        ({"ice": None}, None),
        ({"ice": 11}, None),
        ({"motor": None}, None),
    ],
)
def test_icans_vectors(given: dict[str, object], expected: int | None) -> None:
    assert icans(**given) == expected  # type: ignore[arg-type]


def test_ice_bands() -> None:
    grades = compute_ice_grade(pd.Series(range(11), dtype="Int64"))
    assert grades.tolist() == [3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 0]
