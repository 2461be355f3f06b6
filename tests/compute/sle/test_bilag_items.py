from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.sle.bilag_items import (
    CONSTITUTIONAL,
    ITEM_SETS,
    RENAL_FLAGS,
    RENAL_VALUES,
    bilag_disagrees,
    derive_bilag_constitutional,
    derive_bilag_grade,
    derive_bilag_haematological,
    derive_bilag_renal,
)

NEVER = pd.Series([False], dtype="boolean")
type Codes = dict[int, int | None]


def one(found: pd.DataFrame) -> str | None:
    """The grade; "?" after it where something not done could raise it."""
    (grade,), (open_,) = found["grade"], found["uncertain"]
    return (None if pd.isna(grade) else str(grade)) if not open_ else f"{'' if pd.isna(grade) else grade}?"


def row(numbers: tuple[int, ...], codes: Codes) -> pd.DataFrame:
    return pd.DataFrame([{n: codes.get(n, 0) for n in numbers}], dtype="Int64")


def grade(system: str, codes: Codes, involved: pd.Series = NEVER) -> str | None:
    bands = ITEM_SETS[system]
    return one(derive_bilag_grade(system, row((*bands.severe, *bands.moderate, *bands.mild), codes), involved))


def test_the_items_of_the_six_systems_are_all_there_once() -> None:
    """Section 2.2: 14, 20, 5, 12, 9 and 13 items, numbered without a gap."""
    numbers = {system: sorted(n for band in bands for n in band) for system, bands in ITEM_SETS.items()}
    spans = {"mucocutaneous": (5, 18), "neuropsychiatric": (19, 38), "musculoskeletal": (39, 43),
             "cardiorespiratory": (44, 55), "gastrointestinal": (56, 64), "ophthalmic": (65, 77)}  # fmt: skip
    assert numbers == {system: list(range(low, high + 1)) for system, (low, high) in spans.items()}


@pytest.mark.parametrize(
    ("system", "codes", "expected"),
    [
        pytest.param("musculoskeletal", {41: 1}, "B", id="2.3-vector-4"),
        pytest.param("mucocutaneous", {6: 1}, "C", id="2.3-vector-5-item-6-improving"),
        pytest.param("mucocutaneous", {6: 2}, "B", id="2.3-vector-5-item-6-same"),
        pytest.param("mucocutaneous", {5: 2}, "A", id="2.3-vector-5-item-5-same"),
        pytest.param("mucocutaneous", {17: 1}, "C", id="mild-item"),
        pytest.param("ophthalmic", {76: 4}, "A", id="optic-neuritis-new"),
        pytest.param("ophthalmic", {71: 2}, "C", id="episcleritis"),
        pytest.param("neuropsychiatric", {30: 3}, "B", id="seizures-worse"),
        pytest.param("gastrointestinal", {}, "E", id="never"),
        pytest.param("mucocutaneous", {5: None}, "E?", id="not-done-could-be-A"),
        pytest.param("mucocutaneous", {5: 2, 6: None}, "A", id="not-done-cannot-raise-an-A"),
        pytest.param("mucocutaneous", {16: 1, 17: None}, "C", id="mild-not-done-cannot-raise-a-C"),
        pytest.param("mucocutaneous", {16: 1, 6: None}, "C?", id="moderate-not-done-could-be-B"),
    ],
)
def test_generic_rule(system: str, codes: Codes, expected: str) -> None:
    assert grade(system, codes) == expected


def test_quiet_is_d_or_e_by_the_past() -> None:
    assert grade("mucocutaneous", {}, pd.Series([True], dtype="boolean")) == "D"
    assert grade("mucocutaneous", {}, pd.Series([None], dtype="boolean")) == "?"


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        pytest.param({1: 3, 2: 2, 3: 4}, "A", id="2.3-vector-6-A"),
        pytest.param({1: 3}, "B", id="2.3-vector-6-B"),
        pytest.param({4: 1}, "C", id="2.3-vector-6-C"),
        pytest.param({2: 2, 3: 2}, "B", id="two-without-pyrexia"),
        pytest.param({2: 4}, "C", id="one-without-pyrexia"),
        pytest.param({1: 1}, "C", id="pyrexia-improving"),
        pytest.param({1: 3, 2: 1, 3: 2}, "B", id="one-of-two-improving"),
        pytest.param({1: 3, 2: 2, 3: None}, "B?", id="not-done-could-be-A"),
    ],
)
def test_constitutional(codes: Codes, expected: str) -> None:
    assert one(derive_bilag_constitutional(row(CONSTITUTIONAL, codes), NEVER)) == expected


def renal(now: dict[str, object], previous: dict[str, float] | None = None) -> str | None:
    quiet = {"protein_24h": None, "upcr": 10.0, "uacr": None, "dipstick": 0, "creatinine": 70.0, "gfr": 100.0,
             "systolic": 120.0, "diastolic": 70.0}  # fmt: skip
    values = {name: pd.Series([now.get(name, quiet[name])], dtype="Float64") for name in RENAL_VALUES}
    flags = {name: pd.Series([now.get(name, False)], dtype="boolean") for name in RENAL_FLAGS}
    before = {name: pd.Series([(previous or {}).get(name)], dtype="Float64") for name in RENAL_VALUES}
    return one(derive_bilag_renal(pd.DataFrame({**values, **flags}), pd.DataFrame(before), NEVER))


@pytest.mark.parametrize(
    ("now", "previous", "expected"),
    [
        ({}, {}, "E"),
        ({"upcr": 25}, {}, "E"),
        ({"upcr": 26}, {}, "C"),
        ({"upcr": 50}, {}, "B"),
        ({"upcr": 50}, {"upcr": 100}, "C"),  # improved by half
        ({"upcr": 101}, {}, "B"),  # one criterion
        ({"upcr": 101, "active_sediment": True}, {}, "A"),
        ({"upcr": 120, "active_sediment": True}, {"upcr": 160}, "B"),  # improved by exactly 25 %
        ({"active_sediment": True}, {}, "B"),
        ({"accelerated_hypertension": True, "nephrotic_syndrome": True}, {}, "B"),  # two, none of the core
        ({"creatinine": 140}, {"creatinine": 100}, "B"),
        ({"creatinine": 140}, {"creatinine": 120}, "B"),  # 117 %
        ({"creatinine": 140}, {"creatinine": 130}, "E"),
        ({"creatinine": 130}, {"creatinine": 60}, "E"),
        ({"gfr": 60}, {"gfr": 95}, "B"),
        ({"gfr": 60}, {"gfr": 80}, "E"),
        ({"gfr": 49}, {}, "B"),
        ({"protein_24h": 0.6, "upcr": 10}, {}, "B"),  # the 24 h amount goes first
        ({"upcr": None, "dipstick": 1}, {"dipstick": 1}, "C"),
        ({"upcr": None, "dipstick": 2}, {"dipstick": 1}, "B"),
        ({"upcr": None, "dipstick": None}, {}, "E?"),
        ({"systolic": 160, "diastolic": 95}, {"systolic": 130, "diastolic": 80}, "C"),
        ({"systolic": 160, "diastolic": 95}, {"systolic": 131, "diastolic": 80}, "E"),
        ({"active_nephritis": None}, {}, "E?"),
    ],
)
def test_renal(now: dict[str, object], previous: dict[str, float], expected: str) -> None:
    assert renal(now, previous) == expected


def haematological(**found: float | bool | None) -> str | None:
    normal = {"haemoglobin": 13.0, "leukocytes": 6.0, "neutrophils": 4.0, "lymphocytes": 1.5, "platelets": 250.0}
    values = {name: pd.Series([found.get(name, value)], dtype="Float64") for name, value in normal.items()}
    flags = {name: pd.Series([found.get(name, False)], dtype="boolean") for name in ("haemolysis", "coombs")}
    ttp = pd.Series([found.get("ttp", 0)], dtype="Int64")
    return one(derive_bilag_haematological(pd.DataFrame({**values, **flags, "ttp": ttp}), NEVER))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, "E"),
        ({"ttp": 2}, "A"),
        ({"ttp": 1}, "B"),
        ({"haemolysis": True, "haemoglobin": 7.9}, "A"),
        ({"haemolysis": True, "haemoglobin": 8.0}, "B"),
        ({"haemolysis": True, "haemoglobin": 9.9}, "B"),
        ({"haemolysis": True, "haemoglobin": 10.0}, "C"),
        ({"haemoglobin": 7.9}, "B"),
        ({"haemoglobin": 8.0}, "C"),
        ({"haemoglobin": 10.9}, "C"),
        ({"haemoglobin": 11.0}, "E"),
        ({"platelets": 24}, "A"),
        ({"platelets": 25}, "B"),
        ({"platelets": 49}, "B"),
        ({"platelets": 50}, "C"),
        ({"platelets": 149}, "C"),
        ({"platelets": 150}, "E"),
        ({"leukocytes": 0.9}, "B"),
        ({"leukocytes": 1.0}, "C"),
        ({"leukocytes": 4.0}, "E"),
        ({"neutrophils": 0.49}, "B"),
        ({"neutrophils": 0.5}, "C"),
        ({"neutrophils": 2.0}, "E"),
        ({"lymphocytes": 0.99}, "C"),
        ({"lymphocytes": 1.0}, "E"),
        ({"coombs": True}, "C"),
        ({"platelets": None}, "E?"),
        ({"haemolysis": None}, "E?"),
        ({"haemolysis": True, "haemoglobin": None}, "C?"),
    ],
)
def test_haematological(found: dict[str, float], expected: str) -> None:
    assert haematological(**found) == expected


def test_disagreement_is_only_between_certain_grades() -> None:
    derived = pd.DataFrame({"grade": ["A", "B", "C", None], "uncertain": [False, False, True, True]})
    assert bilag_disagrees(derived, pd.Series(["A", "C", "A", "A"], dtype="str")).tolist() == [
        False,
        True,
        False,
        False,
    ]
