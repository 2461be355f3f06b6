"""A reporting event from a hand-made ARD; what it must say is read off the table."""

import json
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

from datacut.datasets.ard import concat_ard
from datacut.spec.output import OutputSpec, Reporting
from datacut.spec.study import Study
from datacut.spec.where import parse_predicate
from datacut.submission.ars import ReportedOutput, analysed, displayed, write_reporting_event, written

SCHEMA = Path(__file__).parents[3] / "shared" / "standards" / "ars_ldm.schema.json"

STUDY = Study.model_validate(
    {
        "study": "S1",
        "title": "A study",
        "protocol": "S1",
        "sponsor": "X",
        "standards": {"sdtmig": "3.4", "adamig": "1.3", "ct": "c"},
        "settings": {"window": {"value": "180", "source": "s", "text": "t"}},
        "analysis_sets": {"SAF": {"label": "Safety", "where": 'SAFFL EQ "Y"'}},
        "groupings": {
            "dose": {
                "variable": "TRT01A",
                "label": "Dose",
                "levels": [{"value": "low", "label": "Low dose"}, {"value": "high", "label": "High dose"}],
            }
        },
    }
)
COLUMNS = {"ADSL": ["USUBJID", "SAFFL", "TRT01A", "RFSDT", "RFEDT"], "ADAE": ["USUBJID", "TRT01A", "ASTDY", "SOC"]}
SPEC = OutputSpec.model_validate(
    {
        "output": "t-1",
        "number": "Table 14.3.1",
        "title": "Adverse events",
        "population": "SAF",
        "dataset": "ADAE",
        "columns": "C",
        "stub": "Class",
        "analyses": [{"id": "any", "call": "ard_count_subjects()"}, {"id": "soc", "call": "ard_hierarchical([SOC])"}],
    }
)
N = {"analysis": "N", "method": "ard_total_n", "dataset": "ADSL", "pattern": "(N=xx)", "row": 0}
ANY = {"analysis": "any", "method": "ard_count_subjects", "dataset": "ADAE", "row": 1}
SOC = {"analysis": "soc", "method": "ard_hierarchical", "dataset": "ADAE", "variable": "SOC", "row": 2}
LOW, HIGH = ({"group1": "TRT01A", "group1_level": x, "column": (x,)} for x in ("low", "high"))
SAF = 'SAFFL EQ "Y"'
DAY = "ASTDY LE $window"


def ard(*rows):
    head = {"output": "t-1", "population": "SAF", "stat_label": "L"}
    names = ("stat_name", "stat", "formatted", "predicate")
    told = [{**head, **about, **dict(zip(names, row, strict=True))} for about, row in rows]
    return concat_ard([pd.DataFrame([row | {"predicate": parse_predicate(row["predicate"])} for row in told])])


def event(*rows, spec=SPEC):
    reported = ReportedOutput(spec, ("Table 14.3.1", "Adverse events", "Safety"), ("N = subjects",))
    reporting = Reporting(
        measured="SPECIFIED IN PROTOCOL",
        other="SPECIFIED IN NO PLAN",
        measures={"PRIMARY OUTCOME MEASURE": ("Table 14.3",)},
    )
    results = analysed(STUDY, reporting, COLUMNS, [(spec, ard(*rows))])
    return results | displayed(STUDY, reporting, [reported], ("rtf", "docx"), "2026-01-01")


TABLE = [
    (N | LOW, ("n", 2.0, "(N=2)", f'{SAF} AND TRT01A EQ "low"')),
    (N | HIGH, ("n", 4.0, "(N=4)", f'{SAF} AND TRT01A EQ "high"')),
    (ANY | LOW, ("n", 1.0, "1", f'{SAF} AND TRT01A EQ "low" AND {DAY}')),
    (ANY | LOW, ("p", 50.0, " (50.0%)", f'{SAF} AND TRT01A EQ "low" AND {DAY}')),
    (ANY | HIGH, ("n", 3.0, "3", f'{SAF} AND TRT01A EQ "high" AND {DAY}')),
    (ANY | HIGH, ("p", 75.0, " (75.0%)", f'{SAF} AND TRT01A EQ "high" AND {DAY}')),
    (SOC | LOW | {"group2": "SOC", "group2_level": "Skin"},
     ("n", 1.0, "1", f'{SAF} AND TRT01A EQ "low" AND SOC EQ "Skin" AND {DAY}')),
]  # fmt: skip


def analysis(made, number):
    return made["analyses"][number]


def test_a_set_a_subset_and_groups_are_parted_from_the_predicate():
    made = event(*TABLE)
    assert made["analysisSets"] == [
        {"id": "AS_SAF", "name": "SAF", "label": "Safety", "level": 1, "order": 1,
         "condition": {"dataset": "ADSL", "variable": "SAFFL", "comparator": "EQ", "value": ["Y"]}}
    ]  # fmt: skip
    (subset,) = made["dataSubsets"]
    assert subset["condition"] == {"dataset": "ADAE", "variable": "ASTDY", "comparator": "LE", "value": ["180"]}
    header, any_, soc = made["analyses"]
    assert "dataSubsetId" not in header
    assert any_["dataSubsetId"] == soc["dataSubsetId"] == subset["id"]
    groupings = {g["id"]: g["name"] for g in made["analysisGroupings"]}
    assert [groupings[g["groupingId"]] for g in any_["orderedGroupings"]] == ["ADSL.TRT01A"]
    assert [groupings[g["groupingId"]] for g in soc["orderedGroupings"]] == ["ADSL.TRT01A", "ADAE.SOC"]


def test_planned_levels_are_groups_and_others_values():
    made = event(*TABLE)
    dose, soc = made["analysisGroupings"]
    assert (dose["dataDriven"], soc["dataDriven"]) == (False, True)
    assert [g["label"] for g in dose["groups"]] == ["Low dose", "High dose"]
    method = next(m for m in made["methods"] if m["id"] == analysis(made, 2)["methodId"])
    assert (method["name"], method["operations"][0]["name"]) == ("ard_hierarchical", "n")
    assert analysis(made, 2)["results"][0] == {
        "operationId": method["operations"][0]["id"],
        "resultGroups": [
            {"groupingId": dose["id"], "groupId": dose["groups"][0]["id"]},
            {"groupingId": soc["id"], "groupValue": "Skin"},
        ],
        "rawValue": "1",
        "formattedValue": "1",
    }


def test_a_level_that_the_predicate_does_not_compare_with_is_a_name_for_its_subset():
    """Grades 1 and 2 together are no value of a record: the range is in the subset, `1-2` its name."""
    about = {"analysis": "any", "method": "ard_count_worst", "dataset": "ADAE", "variable": "ASTDY", "row": 1}
    both = (about | {"variable_level": "1-2"}, ("n", 1.0, "1", f"{SAF} AND ASTDY GE 1 AND ASTDY LE 2"))
    third = (about | {"variable_level": "3"}, ("n", 1.0, "1", f"{SAF} AND ASTDY EQ 3"))
    made = event(both, third)
    named, real = made["analysisGroupings"]
    assert (named["name"], "groupingVariable" in named) == ("ASTDY", False)
    assert (real["groupingDataset"], real["groupingVariable"]) == ("ADAE", "ASTDY")
    (subset,) = made["dataSubsets"]
    clauses = subset["compoundExpression"]["whereClauses"]
    assert [(c["condition"]["comparator"], c["condition"]["value"]) for c in clauses] == [("GE", ["1"]), ("LE", ["2"])]
    assert [a.get("dataSubsetId") for a in made["analyses"]] == [subset["id"], None]
    assert [a["results"][0]["resultGroups"][0]["groupValue"] for a in made["analyses"]] == ["1-2", "3"]


def test_results_keep_fifteen_digits_and_what_is_printed():
    raw = 100 / 3
    made = event((ANY | LOW, ("p", raw, "33.3%", SAF)), (ANY | HIGH, ("p", None, "-", SAF)))
    printed = [(r.get("rawValue"), r["formattedValue"]) for a in made["analyses"] for r in a["results"]]
    assert printed == [("33.3333333333333", "33.3%"), (None, "-")]


def test_a_percentage_names_its_numerator_and_the_header_as_denominator():
    made = event(*TABLE)
    header, any_ = analysis(made, 0), analysis(made, 1)
    method = next(m for m in made["methods"] if m["id"] == any_["methodId"])
    roles = {
        r["referencedOperationRole"]["controlledTerm"]: (r["id"], r["operationId"])
        for r in method["operations"][1]["referencedOperationRelationships"]
    }
    assert roles["NUMERATOR"][1] == method["operations"][0]["id"]
    (count,) = next(m["operations"] for m in made["methods"] if m["id"] == header["methodId"])
    assert roles["DENOMINATOR"][1] == count["id"]
    told = {r["referencedOperationRelationshipId"]: r["analysisId"] for r in any_["referencedAnalysisOperations"]}
    assert told == {roles["NUMERATOR"][0]: any_["id"], roles["DENOMINATOR"][0]: header["id"]}


def test_a_percentage_of_another_denominator_does_not_name_the_header():
    low = f'{SAF} AND TRT01A EQ "low"'
    rows = [TABLE[0], (ANY | LOW, ("n", 1.0, "1", low)), (ANY | LOW, ("p", 100.0, "100%", low))]
    any_ = analysis(event(*rows), 1)
    assert [r["analysisId"] for r in any_["referencedAnalysisOperations"]] == [any_["id"]]
    rows.append((ANY | LOW, ("m", 1.0, "", low)))
    any_ = analysis(event(*rows), 1)
    assert [r["analysisId"] for r in any_["referencedAnalysisOperations"]] == [any_["id"], any_["id"]]


def subset_of(condition):
    (subset,) = event((ANY, ("n", 1.0, "1", f"{SAF} AND {condition}")))["dataSubsets"]
    return {k: v for k, v in subset.items() if k not in ("id", "name", "level", "order")}


def test_missing_is_an_empty_value():
    assert subset_of("SOC MISSING")["condition"]["comparator"] == "EQ"
    assert subset_of("SOC NOT MISSING") == {
        "condition": {"dataset": "ADAE", "variable": "SOC", "comparator": "NE", "value": [""]}
    }


def test_conditions_nest():
    said = subset_of('(SOC IN ("Skin", "Blood") OR NOT ASTDY GT 3) AND RFSDT NOT MISSING')
    assert said["compoundExpression"]["logicalOperator"] == "AND"
    either, started = said["compoundExpression"]["whereClauses"]
    assert (either["level"], either["order"], started["order"]) == (2, 1, 2)
    inside, not_ = either["compoundExpression"]["whereClauses"]
    assert inside["condition"]["value"] == ["Skin", "Blood"]
    assert not_["compoundExpression"]["logicalOperator"] == "NOT"
    assert started["condition"]["dataset"] == "ADSL"


def test_what_ars_cannot_say_is_carried_as_text():
    assert subset_of("RFEDT GE RFSDT AND ASTDY GT 0") == {"description": "RFEDT GE RFSDT AND ASTDY GT 0"}


def test_outputs_name_files_titles_and_footnotes():
    made = event(*TABLE)
    (output,) = made["outputs"]
    files = {f["location"]: f["fileType"] for f in output["fileSpecifications"]}
    assert files == {"tlf/t-1.rtf": {"controlledTerm": "rtf"}, "tlf/t-1.docx": {"sponsorTermId": "FILE_DOCX"}}
    title, stub, notes = output["displays"][0]["display"]["displaySections"]
    assert [s["subSection"]["text"] for s in title["orderedSubSections"]] == [
        "Table 14.3.1", "Adverse events", "Safety",
    ]  # fmt: skip
    assert stub["orderedSubSections"][0]["subSection"]["text"] == "Class"
    (note,) = made["globalDisplaySections"][0]["subSections"]
    assert (note["text"], notes["orderedSubSections"][0]["subSectionId"]) == ("N = subjects", note["id"])


@pytest.mark.parametrize(("number", "purpose"), [("14.3.1", True), ("14.30.1", False), ("14.1.1", False)])
def test_the_purpose_follows_the_number(number, purpose):
    spec = SPEC.model_copy(update={"number": f"Table {number}"})
    made = event(*TABLE, spec=spec)
    told = analysis(made, 0)
    if purpose:
        assert told["purpose"] == {"controlledTerm": "PRIMARY OUTCOME MEASURE"}
        assert told["reason"] == {"controlledTerm": "SPECIFIED IN PROTOCOL"}
    else:
        assert told["purpose"] == {"sponsorTermId": "PURPOSE_NONE"}
        (term,) = made["terminologyExtensions"][0]["sponsorTerms"]
        assert term["submissionValue"] == "SPECIFIED IN NO PLAN"
        assert told["reason"] == {"sponsorTermId": term["id"]}


@pytest.mark.skipif(not SCHEMA.is_file(), reason=f"the ARS schema is not at {SCHEMA}")
def test_the_event_is_valid_and_written_alike(tmp_path):
    for name in "ab":
        write_reporting_event(written(event(*TABLE)), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(json.loads((tmp_path / "a").read_text(encoding="utf-8")), schema)
