"""Vectors of instruments.md sections 1 and 5, by PARAMCD."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

PATH = Path(__file__).parents[2] / "adam" / "scores.py"
_spec = importlib.util.spec_from_file_location("study_scores", PATH)
assert _spec is not None
assert _spec.loader is not None
scores = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(scores)


def sledai(present: list[str], missing: list[str], new: object = None) -> pd.DataFrame:
    row = {code: 1 if key in present else None if key in missing else 0 for code, key in scores.SLEDAI.items()}
    return pd.DataFrame([row | {"SLEDPRN": new}], dtype="Float64")


def test_items_stand_in_the_order_of_the_codelist() -> None:
    assert scores.SLEDAI["SLED01"] == "seizure"
    assert scores.SLEDAI["SLED13"] == "proteinuria"
    assert scores.SLEDAI["SLED20"] == "low_complement"
    assert scores.SLEDAI["SLED24"] == "leukopenia"


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
        "dressing": ["HAQ0201", "HAQ0202"],
        "arising": ["HAQ0203", "HAQ0204"],
        "eating": ["HAQ0205", "HAQ0206", "HAQ0207"],
        "walking": ["HAQ0208", "HAQ0209"],
        "hygiene": ["HAQ0223", "HAQ0224", "HAQ0225"],
        "reach": ["HAQ0226", "HAQ0227"],
        "grip": ["HAQ0228", "HAQ0229", "HAQ0230"],
        "activities": ["HAQ0231", "HAQ0232", "HAQ0233"],
    }
    row: dict[str, int | None] = {}
    for category, codes in of.items():
        answer = categories.get(category, 0)
        row |= dict.fromkeys(codes, None if answer is None else 0) | {codes[-1]: answer}
    aids: dict[str, int | None] = dict.fromkeys(scores.HAQ_AIDS)
    return pd.DataFrame([row | aids | dict.fromkeys(ticks, 1)], dtype="Float64")


FIRST = {"dressing": 1, "arising": 2, "eating": 1, "walking": 2, "reach": 1, "activities": 1}


@pytest.mark.parametrize(
    ("wide", "standard", "alternative"),
    [
        (haq([], **FIRST), 1.0, 1.0),
        (haq(["HAQ0210", "HAQ0236"], **FIRST), 1.25, 1.0),
        (haq(["HAQ0221"]), 0.25, 0.0),
        (haq([], dressing=3, arising=3, eating=3, walking=None, hygiene=None), 1.5, 1.5),
        (haq([], dressing=None, arising=None, eating=None), None, None),
        (haq(["HAQ0213"], walking=3), 0.375, 0.375),
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
    none: dict[str, float | None] = dict.fromkeys(scores.SLEDAS, 0)
    normal: dict[str, float | None] = {"SDAS15A": 100, "SDAS16A": 250, "SDAS17A": 6}
    return pd.DataFrame([none | normal | values], dtype="Float64")


@pytest.mark.parametrize(
    ("wide", "score", "category"),
    [
        (sledas(SDAS09=1, SDAS13=1), 3.889, "mild"),
        (sledas(SDAS05=2), 4.406, "mild"),
        (sledas(SDAS15=1, SDAS15A=2000), 11.7490, "moderate/severe"),
        (sledas(SDAS15=1, SDAS15A=500), 0.366, "remission"),
        (sledas(SDAS16=1, SDAS16A=50), 4.6536, "mild"),
        (sledas(SDAS17=1, SDAS17A=2), 2.9781, "mild"),
        (sledas(SDAS05=6, SDAS07=1, SDAS15=1, SDAS15A=1000, SDAS13=1, SDAS14=1), 20.5605, "moderate/severe"),
    ],
)
def test_sle_das(wide: pd.DataFrame, score: float, category: str) -> None:
    made = scores.sle_das(wide)
    assert made[0] == pytest.approx(score, abs=5e-5)
    assert scores.sle_das_category(made.to_frame())[0] == category


def test_amount_without_its_item_is_not_needed_and_an_item_without_its_amount_is_a_contradiction() -> None:
    absent = sledas(SDAS15A=None)
    assert scores.sle_das(absent)[0] == pytest.approx(0.366)
    assert scores.sle_das_contradiction(absent).isna().all()
    present = sledas(SDAS15=1, SDAS15A=None)
    assert scores.sle_das(present).isna().all()
    assert scores.sle_das_contradiction(present).tolist() == ["protein_sle = 1, protein_mg missing"]


def test_low_platelets_of_lymphodepletion_do_not_score() -> None:
    assert scores.sle_das(sledas(SDAS16=0, SDAS16A=40))[0] == pytest.approx(0.366)


def test_bilag_numeric_takes_the_systems_in_the_order_of_the_codes() -> None:
    grades = pd.DataFrame(
        [dict.fromkeys(scores.BILAG, "E") | {"BILAG08": "A", "BILAG04": "B", "BILAG02": "B", "BILAG01": "C"}]
    )
    assert scores.bilag_numeric(grades).tolist() == [29]
    assert scores.BILAG["BILAG06"] == "gastrointestinal"
    assert scores.BILAG["BILAG09"] == "haematological"
    assert scores.bilag_numeric(grades.assign(BILAG05=None)).isna().all()


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
    assert scores.haq_contradiction(haq(["HAQ0213"], walking=None)).tolist() == [
        "aid ticked, no item answered: walking"
    ]
    assert scores.haq_contradiction(haq(["HAQ0213"], walking=0)).isna().all()


def test_settings_reach_the_scores() -> None:
    absent = sledai(["arthritis"], ["fever"])
    assert scores.sledai_2k(absent, "zero")[0] == 4
    assert scores.sledai_clinical(absent, "zero")[0] == 4
    assert scores.selena_sledai(sledai(["proteinuria"], [], 0), selena_proteinuria="any")[0] == 4
    five = haq([], dressing=None, arising=None, eating=None)
    assert scores.haq_di(five, "5")[0] == 0
    assert scores.haq_di_alternative(five, "6").isna().all()
