from __future__ import annotations

import pytest
from pydantic import ValidationError

from datacut.spec.units import TestUnits as UnitsOfTest
from datacut.spec.units import Units

CREAT = {"standard": "umol/L", "units": ["mg/dL"], "molar_mass": "113.12"}


def test_a_factor_comes_from_the_units_or_the_molar_mass_or_is_given() -> None:
    units = Units.model_validate(
        {
            "spellings": {"mg%": "mg/dL"},
            "tests": {
                "CREAT": CREAT,
                "WBC": {"standard": "10^9/L", "units": ["10^6/L"]},
                "ADNA": {"standard": "IU/mL", "factors": {"AU/mL": "0.5"}},
            },
        }
    )
    assert units.conversion("CREAT", "umol/L") == (1, 0)
    assert units.conversion("CREAT", "μmol/L") == (1, 0)
    assert units.conversion("CREAT", "mg/dL") == (88.402, 0)
    assert units.conversion("CREAT", "mg%") == (88.402, 0)
    assert units.conversion("CREAT", "mg/L") is None, "it would follow, but the test does not list it"
    assert units.conversion("WBC", "×10⁶/L") == (0.001, 0)
    assert units.conversion("ADNA", "AU/mL") == (0.5, 0)
    assert units.conversion("ADNA", "U/mL") is None, "U is not IU"
    assert units.conversion("NONE", "g/L") is None


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ({"standard": "umol/L", "units": ["mg/dL"]}, "no factor from mg/dL to umol/L follows"),
        ({"standard": "U/L", "units": ["IU/L"]}, "no factor from IU/L to U/L follows"),
        ({**CREAT, "units": [], "factors": {"mg/dL": "884"}}, "is given as 884, but is 88.402"),
        ({"standard": "g/L", "factors": {"g/dL": "0.1"}}, "is given as 0.1, but is 10"),
        ({"standard": "g/L", "factors": {"AU": "0"}}, "must be above 0"),
        ({"standard": "C", "factors": {"F": "0.5556"}}, "F and C have different zeros"),
        ({"standard": "C", "factors": {"K": "1"}}, "K and C have different zeros"),
        ({"standard": "C", "units": ["kg"]}, "no factor from kg to C follows"),
    ],
)
def test_a_table_that_contradicts_chemistry_is_refused(line: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        UnitsOfTest.model_validate(line)


def test_words_of_a_test_come_before_those_of_all_tests() -> None:
    units = Units.model_validate(
        {
            "texts": ["BLQ", {"value": "NEGATIVE", "collected": ["阴性", "阴性(-)"]}],
            "tests": {"HBSAG": {"standard": "", "texts": [{"value": "NOT DETECTED", "collected": ["ND"]}]}},
        }
    )
    assert units.words("ANY") == {"blq": "BLQ", "negative": "NEGATIVE", "阴性": "NEGATIVE", "阴性(-)": "NEGATIVE"}
    assert units.words("HBSAG")["nd"] == "NOT DETECTED"


def test_a_spelling_has_one_meaning() -> None:
    with pytest.raises(ValidationError, match="neg stands for two results"):
        Units.model_validate(
            {"texts": [{"value": "NEGATIVE", "collected": ["Neg"]}, {"value": "NONE", "collected": ["neg"]}]}
        )
