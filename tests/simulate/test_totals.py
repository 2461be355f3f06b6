"""Scores of the truth file on rows written by hand; SLE-DAS follows the published formula (Jesus D et al. 2019)."""

from __future__ import annotations

import pytest

from datacut.simulate.forms import Total
from datacut.simulate.run import read_simulation
from datacut.simulate.totals import total
from datacut.spec.load import Specs


@pytest.fixture(scope="module")
def totals(specs: Specs) -> dict[str, Total]:
    return read_simulation(specs).truth.totals


def sledas(totals: dict[str, Total], **given: str) -> float | None:
    spec = totals["SLEDAS"]
    row = dict.fromkeys(spec.weights, "0") | {"SJC28": "0", "PROTMG": "120", "PLATELET": "210", "LEUKO": "5.1"}
    row |= {"PROTUR": "0", "THROMB": "0", "LEUKOP": "0"}
    return total(spec, row | given)


@pytest.mark.parametrize(("given", "score"), [
    ({}, 0.366),
    ({"ULCERS": "1", "HYPOCOMP": "1"}, 3.889),
    ({"SJC28": "2"}, 4.406),
    ({"PROTMG": "2000", "PROTUR": "1"}, 11.7490),
    ({"PLATELET": "50", "THROMB": "1"}, 4.6536),
    ({"LEUKO": "2.0", "LEUKOP": "1"}, 2.9781),
    ({"SJC28": "6", "RASHGEN": "1", "PROTMG": "1000", "PROTUR": "1", "HYPOCOMP": "1", "ANTIDNA": "1"}, 20.5605),
    ({"RASHLOC": "1", "RASHGEN": "1"}, 0.366 + 3.887),
    ({"RASHLOC": "1", "RASHGEN": "1", "RASHGEN_NS": "1"}, 0.366 + 3.138),
    ({"ULCERS": "1", "ULCERS_NS": "1"}, 0.366),
    ({"PLATELET": "50", "THROMB": "1", "THROMB_NS": "1"}, 0.366),
])  # fmt: skip
def test_sledas(totals: dict[str, Total], given: dict[str, str], score: float) -> None:
    assert sledas(totals, **given) == pytest.approx(score, abs=5e-5)


@pytest.mark.parametrize("given", [{"ULCERS": "ND"}, {"PROTMG": "", "PROTUR": "ND"}, {"SJC28": ""}])
def test_sledas_is_missing_if_anything_is(totals: dict[str, Total], given: dict[str, str]) -> None:
    assert sledas(totals, **given) is None


SYSTEMS = ("CONST", "MUCO", "NEURO", "MUSC", "CARDIO", "GASTRO", "OPHTH", "RENAL", "HAEM")


@pytest.mark.parametrize(("grades", "score"), [
    ("C B E B E E E A E", 29), ("D D E E E E E E E", 0), ("A A A A A A A A A", 108), ("B B B B B B B B B", 72),
    ("C C C C C C C C C", 9), ("ND A E E E E E E E", None),
])  # fmt: skip
def test_bilag_numeric(totals: dict[str, Total], grades: str, score: float | None) -> None:
    assert total(totals["BILAGNUM"], dict(zip(SYSTEMS, grades.split(), strict=True))) == score
