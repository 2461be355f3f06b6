"""Texts of listings: labels of groupings, decodes, sentence case, several columns in one cell."""

import importlib
import pkgutil

import pandas as pd
import pytest

import datacut.ard
from datacut.ard.build import build_ard
from datacut.errors import SpecError
from datacut.spec.output import OutputLibrary, OutputSpec
from datacut.spec.registry import Registry
from datacut.spec.study import CodelistSpec, Study

RULES = CodelistSpec.model_validate({"name": "Rule", "terms": [{"value": "R1", "decode": "Grade 4"}, {"value": "R2"}]})
ADAE = pd.DataFrame(
    {
        "USUBJID": ["1", "4", "4"],
        "AEOUT": ["NOT RECOVERED/NOT RESOLVED", "Fatal", None],
        "RULE": ["R1", "R2", None],
        "COHORT": ["EXP", "ESC", None],
        "SDTH": ["Y", "N", None],
        "SHOSP": ["Y", None, "Y"],
        "LOW": [0.0, 0.00421, 2.0],
        "HIGH": [0.7076, 0.6412, None],
    }
)


def cells(call: str, study: Study, adsl: pd.DataFrame, records: pd.DataFrame = ADAE) -> list[str]:
    registry = Registry()
    for module in pkgutil.iter_modules(datacut.ard.__path__):
        registry.add_module(importlib.import_module(f"datacut.ard.{module.name}"))
    columns = {"c": {"label": "C", "call": call}}
    spec = {"output": "l", "number": "1", "title": "T", "population": "SAF", "kind": "listing"}
    full = OutputSpec.model_validate({**spec, "records": {"dataset": "ADAE", "columns": columns}})
    frames = {"ADSL": adsl, "ADAE": records}
    library = OutputLibrary(abbreviations={"MRI": "magnetic resonance imaging"})
    made = build_ard(full, library, study, frames, registry, {"RULE": RULES})
    return made.records["records"].columns["c"].cells.texts.tolist()


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("ard_value(AEOUT)", ["NOT RECOVERED/NOT RESOLVED", "Fatal", ""]),
        ("ard_value(AEOUT, sentence=true)", ["Not recovered/not resolved", "Fatal", ""]),
        ("ard_value(RULE, codelist=RULE, absent='-')", ["Grade 4", "R2", "-"]),
        ("ard_value(TRT01A, grouping=dose)", ["Dose low", "Dose high", "Dose high"]),
        (
            "ard_join([TRT01A, COHORT, RULE], groupings=[dose, stage], sep='\n')",
            ["Dose low\nExpansion\nR1", "Dose high\nEscalation\nR2", "Dose high"],
        ),
        ("ard_flags([SDTH, SHOSP], labels=['Death', 'Hospital'], sep=' + ')", ["Death + Hospital", "", "Hospital"]),
        ("ard_interval(LOW, HIGH, percent=true, absent='-')", ["(0.0, 70.8)", "(0.4, 64.1)", "-"]),
        ("ard_interval(LOW, HIGH, digits=2)", ["(0.00, 0.71)", "(0.00, 0.64)", ""]),
        (
            "ard_join([RULE, AEOUT], absent='-', sentence=true)",
            ["R1 / Not recovered/not resolved", "R2 / Fatal", "- / -"],
        ),
    ],
)
def test_texts(call: str, shown: list[str], study: Study, adsl: pd.DataFrame) -> None:
    assert cells(call, study, adsl) == shown


RESULTS = pd.DataFrame(
    {
        "USUBJID": ["1", "1", "1", "4", "4"],
        "AVAL": [0.5, 1.25, None, 25.0, None],
        "AVALC": [None, None, "NEGATIVE", "<50", None],
        "DP": [2, 1, None, 0, None],
        "IND": ["LOW", "NORMAL", None, "HIGH", None],
        "L": [4, 0, None, None, None],
        "H": [None, 0, None, 1, None],
    }
)


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("ard_result(AVAL)", ["1", "1", "", "25", ""]),
        ("ard_result(AVAL, decimals=DP, absent='-')", ["0.50", "1.3", "-", "25", "-"]),
        ("ard_result(AVAL, digits=2, text=AVALC)", ["0.50", "1.25", "NEGATIVE", "<50", ""]),
        (
            "ard_result(AVAL, decimals=DP, text=AVALC, sentence=true, indicator=IND, grades=[L, H])",
            ["0.50 L G4", "1.3", "Negative", "<50 H G1", ""],
        ),
        ("ard_number(AVAL, decimals=DP, absent='-')", ["0.50", "1.3", "-", "25", "-"]),
        ("ard_number(AVAL, digits=1)", ["0.5", "1.3", "", "25.0", ""]),
    ],
)
def test_measured_values_and_their_flags(call: str, shown: list[str], study: Study, adsl: pd.DataFrame) -> None:
    assert cells(call, study, adsl, RESULTS) == shown


def test_sentence_case_keeps_abbreviations_and_words_with_digits(study: Study, adsl: pd.DataFrame) -> None:
    records = ADAE.assign(AEOUT=["MRI OF THE BRAIN/HEAD", "IL-6 RECEPTOR BLOCKER", "MRI of the brain"])
    texts = ["MRI of the brain/head", "IL-6 receptor blocker", "MRI of the brain"]
    assert cells("ard_value(AEOUT, sentence=true)", study, adsl, records) == texts


def test_a_flag_without_a_label(study: Study, adsl: pd.DataFrame) -> None:
    with pytest.raises(SpecError, match="2 flags and 1 labels"):
        cells("ard_flags([SDTH, SHOSP], labels=['Death'])", study, adsl)


def test_an_unknown_grouping(study: Study, adsl: pd.DataFrame) -> None:
    with pytest.raises(SpecError, match="no grouping doses"):
        cells("ard_value(TRT01A, grouping=doses)", study, adsl)


def test_a_method_that_makes_statistics_fills_no_column_of_records(study: Study, adsl: pd.DataFrame) -> None:
    with pytest.raises(SpecError, match="ard_summary: a method verb cannot stand here"):
        cells("ard_summary(LOW)", study, adsl)
