from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.between import known_between
from datacut.compute.sle.flare import compute_flare

QUIET = {
    "sledai_previous": 4,
    "sledai": 4,
    "pga_previous": 0.5,
    "pga": 0.5,
    "prednisone_previous": 5,
    "prednisone": 5,
    "weight": 60,
    "mild_signs": False,
    "severe_signs": False,
    "mild_treatment": False,
    "severe_treatment": False,
}


HIGHEST = {"sledai_previous": 105, "sledai": 105, "prednisone_previous": None, "prednisone": None}


def judge(**changed: object) -> dict[str, object]:
    row = {**QUIET, **changed}
    kinds = {name: "boolean" if isinstance(value, bool) else "Float64" for name, value in QUIET.items()}
    given: dict[str, object] = {n: pd.Series([v], dtype=kinds[n]) for n, v in row.items()}
    given |= {n: known_between(given[n], 0, high) for n, high in HIGHEST.items()}  # type: ignore[arg-type]
    found = compute_flare(**given).iloc[0]  # type: ignore[arg-type]
    return {str(n): None if pd.isna(v) else v for n, v in found.items()}


def flare(**changed: object) -> tuple[object, object]:
    found = judge(**changed)
    return found["severity"], found["reason"]


MILD, SEVERE = "mild/moderate", "severe"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("none", None)),
        ({"sledai": 6}, ("none", None)),
        ({"sledai": 7}, (MILD, "SLEDAI risen by 3")),
        ({"sledai": 12}, (MILD, "SLEDAI risen by 3")),
        ({"sledai": 13}, (SEVERE, "SLEDAI risen above 12")),
        ({"sledai_previous": 14, "sledai": 14}, ("none", None)),
        ({"sledai_previous": 20, "sledai": 14}, ("none", None)),
        ({"pga": 1.49}, ("none", None)),
        ({"pga": 1.5}, (MILD, "PGA risen by 1.0")),
        ({"pga_previous": 1.3, "pga": 2.3}, (MILD, "PGA risen by 1.0")),
        ({"pga": 2.5}, (MILD, "PGA risen by 1.0")),
        ({"pga": 2.51}, (SEVERE, "PGA risen above 2.5")),
        ({"pga_previous": 2.6, "pga": 2.6}, ("none", None)),
        ({"prednisone": 7.5}, (MILD, "prednisone raised")),
        ({"prednisone": 30}, (MILD, "prednisone raised")),
        ({"prednisone": 30.5}, (SEVERE, "prednisone raised above 0.5 mg/kg")),
        ({"prednisone_previous": 40, "prednisone": 35}, ("none", None)),
        ({"mild_signs": True}, (MILD, "mild signs")),
        ({"mild_treatment": True, "sledai": 8}, (MILD, "SLEDAI risen by 3; mild treatment")),
        ({"severe_signs": True, "mild_signs": True}, (SEVERE, "severe signs")),
        ({"severe_treatment": True, "pga": None}, (SEVERE, "severe treatment")),
    ],
)
def test_flare(changed: dict[str, object], expected: tuple[str, str | None]) -> None:
    assert flare(**changed) == expected


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"pga": None}, "unknown: PGA risen above 2.5; PGA risen by 1.0"),
        ({"severe_signs": None, "mild_signs": True}, "unknown: severe signs"),
        ({"mild_signs": None}, "unknown: mild signs"),
        ({"weight": None, "prednisone": 10}, "unknown: prednisone raised above 0.5 mg/kg"),
    ],
)
def test_unknown_where_a_missing_part_could_decide(changed: dict[str, object], reason: str) -> None:
    assert flare(**changed) == (None, reason)


def test_missing_weight_does_not_matter_without_a_rise() -> None:
    assert flare(weight=None) == ("none", None)


def test_a_flare_can_be_known_and_its_severity_not() -> None:
    assert judge(mild_signs=True, severe_signs=None)["flared"] == "Y"
    assert judge(mild_signs=None)["flared"] is None
    assert judge()["flared"] == "N"


def test_a_part_that_cannot_decide_may_be_missing() -> None:
    # from 3 PGA cannot rise; at 0.5 now it cannot have risen by 1.0, nor to more than 2.5
    assert flare(pga_previous=3.0, pga=None) == ("none", None)
    assert flare(pga_previous=None, pga=0.5) == ("none", None)
    # without treatment now nothing was raised, whatever was given before
    assert flare(prednisone_previous=None, prednisone=0) == ("none", None)
