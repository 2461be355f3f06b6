from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.cart.astct import (
    compute_crs_daily,
    compute_crs_grade,
    compute_grade_agreement,
    compute_icans_grade,
    compute_ice_grade,
    compute_ice_total,
    compute_oxygen_code,
)


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
        pytest.param((38.0,), 1, id="11.1-vector-1"),
        pytest.param((37.9, "no_vasopressor"), 0, id="11.1-vector-2"),
        pytest.param((39.0, "one_vasopressor", "low_flow"), 3, id="11.1-vector-3"),
        pytest.param((39.0, "multiple_vasopressors"), 4, id="11.1-vector-4"),
        pytest.param((39.0, "none", "low_flow"), 2, id="11.1-vector-5"),
        pytest.param((39.0, "none", "high_flow"), 3, id="11.1-vector-6"),
        pytest.param((37.0, "no_vasopressor", "none", True), 2, id="11.1-vector-7"),
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
        pytest.param({"ice": 8}, 1, id="11.3-vector-1"),
        pytest.param({"ice": 8, "seizure": "rapidly_resolving"}, 3, id="11.3-vector-2"),
        pytest.param({"ice": 4, "consciousness": "awakens_to_voice"}, 2, id="11.3-vector-3"),
        pytest.param({"motor": True}, 4, id="11.3-vector-4"),
        pytest.param({"ice": 0}, 3, id="11.3-vector-5"),
        ({"ice": 0, "consciousness": "unarousable"}, 4),
        ({"ice": None, "consciousness": "unarousable"}, 4),
        pytest.param({"consciousness": "awakens_to_voice"}, 2, id="11.3-vector-6"),
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


def daily(*rows: tuple[int, float | None, str, bool], subject: str = "1", **settings: int) -> list[int | None]:
    """Day, temperature, hypotension, treated; no hypoxia."""
    n = len(rows)
    grades = compute_crs_daily(
        subject=pd.Series([subject] * n, dtype="str"),
        day=pd.Series([r[0] for r in rows], dtype="Int64"),
        temperature=pd.Series([r[1] for r in rows], dtype="Float64"),
        hypotension=pd.Series([r[2] for r in rows], dtype="str"),
        hypoxia=pd.Series(["none"] * n, dtype="str"),
        treated=pd.Series([r[3] for r in rows], dtype="boolean"),
        death=pd.Series([False] * n, dtype="boolean"),
        **settings,
    )
    return [None if pd.isna(g) else int(g) for g in grades]


LOW = "no_vasopressor"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([(1, 39.0, "none", True), (2, 37.0, LOW, False)], [1, 2], id="11.1-vector-7-over-days"),
        pytest.param([(1, 39.0, "none", False), (2, 37.0, LOW, False)], [1, 0], id="untreated-needs-fever"),
        pytest.param([(1, 39.0, "none", False), (2, 37.0, LOW, True)], [1, 2], id="treated-the-day-fever-is-gone"),
        pytest.param([(1, 37.0, LOW, True), (2, 37.0, LOW, False)], [0, 0], id="treated-but-never-fever"),
        pytest.param([(2, 37.0, LOW, False), (1, 39.0, "none", True)], [2, 1], id="rows-in-any-order"),
        pytest.param(
            [(1, 39.0, "none", True), (2, 37.0, "none", False), (3, 37.0, LOW, False)], [1, 0, 2], id="one-clear-day"
        ),
        pytest.param(
            [(1, 39.0, "none", True), (2, 37.0, "none", False), (3, 37.0, "none", False), (4, 37.0, LOW, False)],
            [1, 0, 0, 0],
            id="over-after-two-clear-days",
        ),
        pytest.param(
            [(1, 39.0, "none", True), (9, 37.0, LOW, True), (10, 38.5, LOW, False)],
            [1, 0, 2],
            id="recurrence-needs-fever",
        ),
        pytest.param([(1, 39.0, "none", True), (2, None, LOW, False)], [1, 2], id="temperature-not-needed-any-more"),
        pytest.param([(1, None, LOW, True)], [None], id="temperature-missing-at-first"),
    ],
)
def test_crs_over_days(rows: list[tuple[int, float | None, str, bool]], expected: list[int | None]) -> None:
    assert daily(*rows) == expected


def test_gap_of_days_is_a_setting_and_doubled_days_are_refused() -> None:
    rows = [(1, 39.0, "none", True), (2, 37.0, "none", False), (3, 37.0, LOW, False)]
    assert daily(*rows, episode_gap_days=0) == [1, 0, 0]
    with pytest.raises(ValueError, match="one subject and day"):
        daily((1, 39.0, "none", True), (1, 37.0, "none", True))


def test_agreement_with_the_investigator() -> None:
    derived = pd.Series([1, 2, 0, None, 3], dtype="Int64")
    investigator = pd.Series([1, 0, 3, 1, None], dtype="Int64")
    found = compute_grade_agreement(derived, investigator)
    assert found.fillna("-").tolist() == ["agree", "derived higher", "derived lower", "-", "-"]


def test_ice_total_is_the_sum_of_its_parts() -> None:
    """Section 11.2."""
    parts = pd.DataFrame(
        [[4, 3, 1, 1, 1], [0, 0, 0, 0, 0], [4, 3, 1, 1, None], [5, 3, 1, 1, 1], [3, 2, 1, 0, 1]],
        columns=["orientation", "naming", "command", "writing", "counting"],
        dtype="Int64",
    )
    assert [None if pd.isna(v) else int(v) for v in compute_ice_total(parts)] == [10, 0, None, None, 7]
    with pytest.raises(ValueError, match="absent: naming"):
        compute_ice_total(parts.drop(columns="naming"))
