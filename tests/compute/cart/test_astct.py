from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.cart.astct import (
    compute_crs_daily,
    compute_grade_agreement,
    compute_icans_grade,
    compute_ice_total,
)


def bounds(found: pd.DataFrame) -> list[object]:
    """Of each row the grade, or "lowest-highest" where it is not known."""
    return [
        None if pd.isna(low) else int(grade) if not pd.isna(grade) else f"{low}-{high}"
        for grade, low, high in found.itertuples(index=False)
    ]


def crs(
    temperature: float | None,
    hypotension: str | None = "none",
    hypoxia: str | None = "none",
    under_way: bool = False,
    death: bool | None = False,
) -> object:
    """The grade of one day; under way: the day after one of fever that was treated."""
    days = [(38.5, "none", "none", True, False)] if under_way else []
    rows = [*days, (temperature, hypotension, hypoxia, False, death)]
    n = len(rows)
    found = compute_crs_daily(
        subject=pd.Series(["1"] * n, dtype="str"),
        day=pd.Series(range(n), dtype="Int64"),
        temperature=pd.Series([r[0] for r in rows], dtype="Float64"),
        fever=pd.Series([None] * n, dtype="boolean"),
        hypotension=pd.Series([r[1] for r in rows], dtype="str"),
        hypoxia=pd.Series([r[2] for r in rows], dtype="str"),
        treated=pd.Series([r[3] for r in rows], dtype="boolean"),
        death=pd.Series([r[4] for r in rows], dtype="boolean"),
    )
    return bounds(found)[-1]


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
        ((None,), "0-1"),
        ((None, "no_vasopressor", "none", True), 2),
        ((None, "none", "none", True), "0-1"),
        ((39.0, None), "1-4"),
        ((39.0, None, "high_flow"), "3-4"),
        ((39.0, None, "positive_pressure"), 4),
        ((39.0, "no_such_code"), "1-4"),
        ((37.0, None), 0),
        ((37.0, None, "none", True), "0-4"),
    ],
)
def test_crs_vectors(given: tuple[object, ...], expected: object) -> None:
    assert crs(*given) == expected  # type: ignore[arg-type]


def icans(
    ice: int | None = 10,
    consciousness: str | None = "normal",
    seizure: str | None = "none",
    motor: bool | None = False,
    oedema: str | None = "none",
    death: bool | None = None,
    ice_highest: int | None = None,
) -> object:
    found = compute_icans_grade(
        ice_lowest=pd.Series([ice], dtype="Int64"),
        ice_highest=pd.Series([ice if ice_highest is None else ice_highest], dtype="Int64"),
        consciousness=pd.Series([consciousness], dtype="str"),
        seizure=pd.Series([seizure], dtype="str"),
        motor=pd.Series([motor], dtype="boolean"),
        oedema=pd.Series([oedema], dtype="str"),
        death=pd.Series([death], dtype="boolean"),
    )
    return bounds(found)[0]


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
        ({"ice": None}, "0-3"),
        ({"ice": 11}, "0-3"),
        ({"motor": None}, "0-4"),
        ({"ice": None, "consciousness": "awakens_to_tactile"}, 3),
        ({"ice": None, "seizure": "rapidly_resolving"}, 3),
        ({"ice": None, "consciousness": "awakens_to_voice"}, "2-3"),
        ({"ice": 0, "consciousness": None}, "3-4"),
        ({"ice": 8, "seizure": None}, "1-4"),
        ({"ice": None, "consciousness": None, "motor": True}, 4),
        ({"ice": None, "consciousness": None, "seizure": None, "motor": None, "oedema": None}, "0-4"),
        ({"ice": 3, "ice_highest": 6}, 2),
        ({"ice": 9, "ice_highest": 10}, "0-1"),
        ({"ice": None, "death": True}, 5),
    ],
)
def test_icans_vectors(given: dict[str, object], expected: object) -> None:
    assert icans(**given) == expected  # type: ignore[arg-type]


def test_ice_bands() -> None:
    assert [icans(score) for score in range(11)] == [3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 0]


def daily(
    *rows: tuple[int, float | None, str | None, bool | None],
    subject: str = "1",
    fever: list[bool | None] | None = None,
    **settings: int,
) -> list[object]:
    """Day, temperature, hypotension, treated; no hypoxia."""
    n = len(rows)
    found = compute_crs_daily(
        subject=pd.Series([subject] * n, dtype="str"),
        fever=pd.Series(fever or [None] * n, dtype="boolean"),
        day=pd.Series([r[0] for r in rows], dtype="Int64"),
        temperature=pd.Series([r[1] for r in rows], dtype="Float64"),
        hypotension=pd.Series([r[2] for r in rows], dtype="str"),
        hypoxia=pd.Series(["none"] * n, dtype="str"),
        treated=pd.Series([r[3] for r in rows], dtype="boolean"),
        death=pd.Series([False] * n, dtype="boolean"),
        **settings,
    )
    return bounds(found)


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
        pytest.param([(1, None, LOW, True)], ["0-2"], id="temperature-missing-at-first"),
        pytest.param([(1, None, LOW, True), (2, 37.0, LOW, False)], ["0-2", "0-2"], id="whether-it-began-is-not-known"),
        pytest.param([(1, 39.0, LOW, None), (2, 37.0, LOW, False)], [2, "0-2"], id="whether-treated-is-not-known"),
        pytest.param([(1, 39.0, LOW, None), (2, 37.0, LOW, True)], [2, 2], id="treated-today-in-any-case"),
        pytest.param([(1, None, "none", None), (2, 38.0, LOW, None)], ["0-1", 2], id="fever-now-is-enough"),
        pytest.param([(1, None, LOW, True), (9, 37.0, LOW, False)], ["0-2", 0], id="over-in-any-case-after-the-gap"),
    ],
)
def test_crs_over_days(rows: list[tuple[int, float | None, str, bool]], expected: list[object]) -> None:
    assert daily(*rows) == expected


def test_the_question_about_fever_tells_where_the_temperature_is_missing() -> None:
    assert daily((1, None, LOW, False), fever=[True]) == [2]
    assert daily((1, None, LOW, False), fever=[False]) == [0]
    assert daily((1, 38.5, LOW, False), fever=[False]) == [2], "the temperature decides"


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
    found = compute_ice_total(parts)
    assert [None if pd.isna(v) else int(v) for v in found["score"]] == [10, 0, None, None, 7]
    assert found[["lowest", "highest"]].to_numpy().tolist() == [[10, 10], [0, 0], [9, 10], [6, 10], [7, 7]]
    with pytest.raises(ValueError, match="absent: naming"):
        compute_ice_total(parts.drop(columns="naming"))
