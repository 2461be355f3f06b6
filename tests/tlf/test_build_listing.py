"""Listings: keys once, dates with days, columns of ADSL joined in, a condition for every record."""

import importlib
import pkgutil

import pandas as pd

import datacut.ard
from datacut.ard.build import BuiltResults, build_ard
from datacut.spec.output import OutputLibrary, OutputSpec
from datacut.spec.registry import Registry
from datacut.spec.study import Study
from datacut.spec.where import predicate_text
from datacut.tlf.build import build_output
from datacut.tlf.layout import Kind

STUDY = Study.model_validate(
    {
        "study": "S1",
        "title": "A study",
        "protocol": "P1",
        "standards": {"sdtmig": "3.4", "adamig": "1.3", "ct": "x"},
        "systems": {},
        "analysis_sets": {"SAF": {"label": "Safety Set", "where": 'SAFFL EQ "Y"'}},
    }
)
ADSL = pd.DataFrame({"USUBJID": ["1", "2", "3"], "SAFFL": ["Y", "Y", "N"], "TRT01A": ["low", "high", "low"]})
ADAE = pd.DataFrame(
    {
        "USUBJID": ["2", "1", "1", "3"],
        "AESEQ": [1, 2, 1, 1],
        "AETERM": ["Fever", "Rash", "Cough", "Not in the set"],
        "ASTDT": pd.to_datetime(["2026-03-12", "2026-03-01", None, "2026-01-01"]),
        "ASTDY": [15, 1, None, 3],
        "AESTDTC": ["2026-03-12", "2026-03", "2026", "2026-01-01"],
        "AENDT": pd.to_datetime(["2026-03-13", None, None, None]),
        "AEOUT": ["RECOVERED", "NOT RECOVERED/NOT RESOLVED", None, None],
        "AESER": ["Y", "N", None, "Y"],
        "DOSE": [1.0, 2.5, None, 1.0],
    }
)
SPEC = {
    "output": "l-1",
    "number": "Listing 1",
    "title": "Events",
    "population": "SAF",
    "kind": "listing",
    "empty_if": "records",
    "records": {
        "dataset": "ADAE",
        "sort": ["USUBJID", "AESEQ"],
        "keys": ["dose", "subject"],
        "columns": {
            "dose": {"label": "Dose", "call": "ard_value(TRT01A)"},
            "subject": {"label": "Subject", "call": "ard_value(USUBJID)"},
            "term": {"label": "Term", "call": "ard_join([AETERM, AEOUT], sep=' / ')", "width": "30"},
            "start": {"label": "Start (day)", "call": "ard_date(ASTDT, day=ASTDY, text=AESTDTC)"},
            "end": {"label": "End", "call": "ard_date(AENDT, ongoing=AEOUT)"},
            "serious": {"label": "Serious", "call": "ard_flag(AESER)"},
            "amount": {"label": "Dose", "call": "ard_number(DOSE, digits=1)"},
        },
    },
}


def results(adae: pd.DataFrame = ADAE) -> BuiltResults:
    registry = Registry()
    for module in pkgutil.iter_modules(datacut.ard.__path__):
        registry.add_module(importlib.import_module(f"datacut.ard.{module.name}"))
    return build_ard(OutputSpec.model_validate(SPEC), OutputLibrary(), STUDY, {"ADSL": ADSL, "ADAE": adae}, registry)


def test_rows_of_a_listing() -> None:
    made = results()
    display = build_output(made.spec, OutputLibrary(), STUDY, made.ard, made.records).display
    assert display.kind is Kind.LISTING
    assert [r.cells for r in display.sections[0].rows] == [
        ("low", "1", "Cough", "2026", "", "", ""),
        ("low", "1", "Rash / NOT RECOVERED/NOT RESOLVED", "MAR2026 (1)", "Ongoing", "", "2.5"),
        ("high", "2", "Fever / RECOVERED", "12MAR2026 (15)", "13MAR2026", "Y", "1.0"),
    ]
    assert [r.block for r in display.sections[0].rows] == [1, 1, 2]
    assert [c.once for c in display.columns] == [True, True, False, False, False, False, False]
    assert display.columns[2].width == 30


def test_every_record_has_its_condition_and_every_column_its_numbers() -> None:
    made = results()
    shown = made.records["records"]
    assert made.ard.empty, "what is shown of a record is no result"
    assert [predicate_text(p) for p in shown.predicates] == [
        'SAFFL EQ "Y" AND USUBJID EQ "1" AND AESEQ EQ 1',
        'SAFFL EQ "Y" AND USUBJID EQ "1" AND AESEQ EQ 2',
        'SAFFL EQ "Y" AND USUBJID EQ "2" AND AESEQ EQ 1',
    ]
    amount = shown.columns["amount"]
    assert (amount.method, amount.dataset, amount.variable, amount.match) == ("ard_number", "ADAE", "DOSE", ())
    assert amount.cells.values is not None
    assert amount.cells.values.fillna(-1).tolist() == [-1, 2.5, 1.0]
    assert amount.cells.texts.tolist() == ["", "2.5", "1.0"]
    assert amount.cells.reasons.fillna("").tolist() == ["missing", "", ""]
    assert shown.columns["term"].cells.values is None


def test_no_record_gives_an_empty_listing_with_its_header() -> None:
    made = results(ADAE.iloc[[3]])
    display = build_output(made.spec, OutputLibrary(), STUDY, made.ard, made.records).display
    assert made.empty
    assert display.sections == ()
    assert [c.header for c in display.columns][:2] == [("Dose",), ("Subject",)]


def test_columns_that_stand_on_every_page_set() -> None:
    assert isinstance(SPEC["records"], dict)
    spec = OutputSpec.model_validate({**SPEC, "records": {**SPEC["records"], "repeat": ["term"]}})
    columns = build_output(spec, OutputLibrary(), STUDY, results().ard, results().records).display.columns
    assert ["/".join(c.key) for c in columns if c.stub] == ["dose", "subject", "term"]
    assert ["/".join(c.key) for c in columns if c.once] == ["dose", "subject"], "a repeated column prints in every row"
    assert columns[2].min_width == 30
