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
