"""Vectors of instruments.md sections 1 and 5, by part of the instrument."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from datacut.compute.sle.bilag import BILAG_SYSTEMS
from datacut.compute.sle.haq import HAQ_CATEGORIES, HAQ_DEVICES
from datacut.compute.sle.sledai import SLEDAI_ITEMS
from datacut.compute.sle.sledas import BINARY

PATH = Path(__file__).parents[2] / "adam" / "scores.py"
_spec = importlib.util.spec_from_file_location("study_scores", PATH)
assert _spec is not None
assert _spec.loader is not None
scores = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(scores)


def sledai(present: list[str], missing: list[str], new: object = None) -> pd.DataFrame:
    row = {key: 1 if key in present else None if key in missing else 0 for key in SLEDAI_ITEMS}
    return pd.DataFrame([row | {"proteinuria_new": new}], dtype="Float64")


@pytest.mark.parametrize(
    ("present", "missing", "total", "clinical"),
    [
        (["arthritis", "rash", "low_complement"], [], 8, 6),
        (["proteinuria", "haematuria", "increased_dna_binding", "low_complement", "fever"], [], 13, 9),
        (["increased_dna_binding"], [], 2, 0),
        (["seizure", "vasculitis", "thrombocytopenia"], [], 17, 17),
        (["arthritis", "alopecia"], ["increased_dna_binding"], None, 6),
        (["arthritis"], ["fever"], None, None),
    ],
)
def test_sledai(present: list[str], missing: list[str], total: int | None, clinical: int | None) -> None:
    wide = sledai(present, missing)
    for value, expected in ((scores.sledai_2k(wide)[0], total), (scores.sledai_clinical(wide)[0], clinical)):
        assert pd.isna(value) if expected is None else value == expected


@pytest.mark.parametrize(("new", "expected"), [(1, 4), (0, 0), (None, None)])
def test_selena_counts_proteinuria_only_if_new(new: object, expected: int | None) -> None:
    value = scores.selena_sledai(sledai(["proteinuria"], [], new))[0]
    assert pd.isna(value) if expected is None else value == expected


def haq(ticks: list[str], **categories: int | None) -> pd.DataFrame:
    of = {
        "dressing": ["dress", "shampoo"],
        "arising": ["stand", "bed"],
        "eating": ["cut_meat", "lift_cup", "open_carton"],
        "walking": ["walk_flat", "steps"],
        "hygiene": ["wash", "bath", "toilet"],
        "reach": ["overhead", "bend"],
        "grip": ["car_door", "jars", "taps"],
        "activities": ["errands", "car", "chores"],
    }
    row: dict[str, int | None] = {}
    for category, codes in of.items():
        answer = categories.get(category, 0)
        row |= dict.fromkeys(codes, None if answer is None else 0) | {codes[-1]: answer}
    aids: dict[str, int | None] = dict.fromkeys([*HAQ_DEVICES, *HAQ_CATEGORIES])
    return pd.DataFrame([row | aids | dict.fromkeys(ticks, 1)], dtype="Float64")


FIRST = {"dressing": 1, "arising": 2, "eating": 1, "walking": 2, "reach": 1, "activities": 1}


@pytest.mark.parametrize(
    ("wide", "standard", "alternative"),
    [
        (haq([], **FIRST), 1.0, 1.0),
        (haq(["cane", "jar_opener"], **FIRST), 1.25, 1.0),
        (haq(["eating"]), 0.25, 0.0),
        (haq([], dressing=3, arising=3, eating=3, walking=None, hygiene=None), 1.5, 1.5),
        (haq([], dressing=None, arising=None, eating=None), None, None),
        (haq(["wheelchair"], walking=3), 0.375, 0.375),
    ],
    ids=["no aids", "cane and jar opener", "help with eating", "six categories", "five categories", "wheelchair"],
)
def test_haq(wide: pd.DataFrame, standard: float | None, alternative: float | None) -> None:
    for value, expected in ((scores.haq_di(wide)[0], standard), (scores.haq_di_alternative(wide)[0], alternative)):
        assert pd.isna(value) if expected is None else value == expected


def test_body_mass_index() -> None:
    wide = pd.DataFrame({"W": [80.0, None, 80.0], "H": [200.0, 170.0, 0.0]}, dtype="Float64")
    out = scores.body_mass_index(wide)
    assert out[0] == 20.0
    assert out.isna().tolist() == [False, True, True]


def sledas(**values: float | None) -> pd.DataFrame:
    none: dict[str, float | None] = dict.fromkeys(
        [*BINARY, "sjc28", "protein_sle", "platelets_sle", "leukocytes_sle"], 0
    )
    normal: dict[str, float | None] = {"protein_mg": 100, "platelets": 250, "leukocytes": 6}
    return pd.DataFrame([none | normal | values], dtype="Float64")


@pytest.mark.parametrize(
    ("wide", "score", "category"),
    [
        (sledas(mucosal_ulcers=1, hypocomplementaemia=1), 3.889, "mild"),
        (sledas(sjc28=2), 4.406, "mild"),
        (sledas(protein_sle=1, protein_mg=2000), 11.7490, "moderate/severe"),
        (sledas(protein_sle=1, protein_mg=500), 0.366, "remission"),
        (sledas(platelets_sle=1, platelets=50), 4.6536, "mild"),
        (sledas(leukocytes_sle=1, leukocytes=2), 2.9781, "mild"),
        (
            sledas(sjc28=6, generalized_rash=1, protein_sle=1, protein_mg=1000, hypocomplementaemia=1, anti_dsdna=1),
            20.5605,
            "moderate/severe",
        ),
    ],
)
def test_sle_das(wide: pd.DataFrame, score: float, category: str) -> None:
    made = scores.sle_das(wide)
    assert made[0] == pytest.approx(score, abs=5e-5)
    assert scores.sle_das_category(made.to_frame())[0] == category


def test_amount_without_its_item_is_not_needed_and_an_item_without_its_amount_is_a_contradiction() -> None:
    absent = sledas(protein_mg=None)
    assert scores.sle_das(absent)[0] == pytest.approx(0.366)
    assert scores.sle_das_contradiction(absent).isna().all()
    present = sledas(protein_sle=1, protein_mg=None)
    assert scores.sle_das(present).isna().all()
    assert scores.sle_das_contradiction(present).tolist() == ["protein_sle = 1, protein_mg missing"]


def test_low_platelets_of_lymphodepletion_do_not_score() -> None:
    assert scores.sle_das(sledas(platelets_sle=0, platelets=40))[0] == pytest.approx(0.366)


def test_bilag_numeric_takes_the_systems_by_name() -> None:
    grades = pd.DataFrame(
        [dict.fromkeys(BILAG_SYSTEMS, "E") | {"renal": "A", "musculoskeletal": "B", "mucocutaneous": "B"}]
    ).assign(constitutional="C")
    assert scores.bilag_numeric(grades).tolist() == [29]
    assert scores.bilag_numeric(grades[grades.columns[::-1]]).tolist() == [29]
    assert scores.bilag_numeric(grades.assign(cardiorespiratory=None)).isna().all()


def test_points_of_a_system_are_its_part_of_the_numeric_score() -> None:
    grades = pd.DataFrame([dict.fromkeys(BILAG_SYSTEMS, "E") | {"renal": "A"}] * 2)
    grades.loc[1, "ophthalmic"] = None
    found = {system: scores.bilag_points(grades, system).tolist() for system in ("renal", "mucocutaneous")}
    assert found == {"renal": [12, pd.NA], "mucocutaneous": [0, pd.NA]}, "without a grade there is no score"


def test_never_involved_after_a_grade_is_told_with_both_values() -> None:
    rows = pd.DataFrame(
        {
            "who": ["1", "1", "1", "2", "1"],
            "system": ["BILAG08", "BILAG08", "BILAG08", "BILAG08", "BILAG02"],
            "date": pd.to_datetime(["2026-03-01", "2026-01-01", "2026-02-01", "2026-03-01", "2026-03-01"]),
            "grade": ["E", "A", "D", "E", "E"],
        }
    )
    out = scores.bilag_contradiction(rows)
    assert out[0] == "E (never involved) after A"
    assert out[1:].isna().all()


def test_aid_without_an_answer_names_the_category() -> None:
    assert scores.haq_contradiction(haq(["wheelchair"], walking=None)).tolist() == [
        "aid ticked, no item answered: walking"
    ]
    assert scores.haq_contradiction(haq(["wheelchair"], walking=0)).isna().all()


def test_settings_reach_the_scores() -> None:
    absent = sledai(["arthritis"], ["fever"])
    assert scores.sledai_2k(absent, "zero")[0] == 4
    assert scores.sledai_clinical(absent, "zero")[0] == 4
    assert scores.selena_sledai(sledai(["proteinuria"], [], 0), selena_proteinuria="any")[0] == 4
    five = haq([], dressing=None, arising=None, eating=None)
    assert scores.haq_di(five, "5")[0] == 0
    assert scores.haq_di_alternative(five, "6").isna().all()


def test_an_assessment_is_complete_with_every_part_and_none_without_any() -> None:
    parts = pd.DataFrame({"rash": [1, 1, None], "pga": [0.5, None, None]}, dtype="Float64")
    found = scores.assessment_complete(parts)
    assert [None if pd.isna(v) else v for v in found] == [1, 0, None]
