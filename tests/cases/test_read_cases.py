"""The tables of cases themselves: columns as agreed, every cell filled, ids unique over all areas."""

from pathlib import Path

import pytest
from tests.cases import read_cases

AREAS = sorted(path.stem for path in Path(__file__).parent.glob("*.csv"))


@pytest.mark.parametrize("area", AREAS)
def test_every_case_says_what_is_known_what_is_asked_the_answer_and_why(area):
    for row in read_cases(area):
        blank = [name for name, text in row.items() if not (text or "").strip()]
        assert blank == [], row["id"]


def test_no_two_areas_use_one_id():
    ids = [row["id"] for area in AREAS for row in read_cases(area)]
    assert len(ids) == len(set(ids))
