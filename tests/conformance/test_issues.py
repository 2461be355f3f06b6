"""What CDISC CORE answers, as findings: the place, equal issues together, known false alarms, execution errors.

`answer.json` is written by hand in the form of the engine's answer; the datasets below are the records it speaks of.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from datacut.conformance.engine import Answer, Fault, Result, Rule
from datacut.conformance.issues import SHOWN, check_answer, check_explanations
from datacut.datasets.model import Dataset
from datacut.errors import Location, in_spec
from datacut.spec.explained import Explanation, Starts, Unless

ANSWER = Answer.model_validate_json((Path(__file__).parent / "answer.json").read_text(encoding="utf-8"))


def dataset(name: str, keys: tuple[str, ...], **columns: list[str | None]) -> Dataset:
    frame = pd.DataFrame({k: pd.Series(v, dtype="str") for k, v in columns.items()})
    return Dataset(name, name, (), frame, keys)


AE = dataset(
    "AE",
    ("USUBJID", "AEDECOD", "AESTDTC"),
    USUBJID=["S-001", "S-001", "S-002", "S-002"],
    AEDECOD=["Rash", "Cough", "Fever", "Rash"],
    AESTDTC=["2026-01", "2026-01-20", "2026-02", "2026-02-09"],
    EPOCH=[None, "TREATMENT", None, "TREATMENT"],
    AESTDY=[None, "20", "4", "9"],
)
DS = dataset(
    "DS",
    ("USUBJID", "DSSCAT"),
    USUBJID=["S-001", "S-002", "S-002"],
    DSSCAT=["STUDY TREATMENT", "STUDY TREATMENT", "STUDY PARTICIPATION"],
)
TS = dataset("TS", ("TSPARMCD",), TSPARMCD=["ADAPT"])
DATASETS = {"AE": AE, "DS": DS, "TS": TS}

SPECIFIC = Explanation(
    rule="CORE-000701", dataset="AE", variables=("EPOCH",), where="AESTDY MISSING", reason="Day unknown."
)
ONGOING = Explanation(
    rule="CORE-000717",
    dataset="AE",
    variables=("AESTDTC",),
    unless=Unless(dataset="DS", where='DSSCAT EQ "STUDY PARTICIPATION"'),
    reason="Still in the study.",
)


def place(number: int) -> Location:
    return in_spec("specs/core_explained.yml", number + 2)


def judge(*explained: Explanation, answer: Answer = ANSWER, datasets: dict[str, Dataset] = DATASETS):
    return check_answer(answer, datasets, explained, {}, place)


def of(rule: str, *explained: Explanation):
    found = judge(*explained).findings
    return [(str(f.severity), str(f.where), f.what, f.value) for f in found if f.rule == rule]


def test_issues_with_the_same_values_are_one_finding_at_the_first_record():
    assert of("CORE-000701") == [
        ("error", "AE.EPOCH:S-001|Rash|2026-01", "CORE-000701: EPOCH is missing (2 records, the first here)", "")
    ]


def test_issues_with_other_values_stand_at_their_records_and_at_a_variable_of_the_dataset():
    assert of("CORE-000717") == [
        (
            "error",
            "AE.AESTDTC:S-001|Cough|2026-01-20",
            "CORE-000717: AESTDTC falls after the last DSSTDTC",
            "$max_dsstdtc=2026-01-10, AESTDTC=2026-01-20",
        ),
        (
            "error",
            "AE.AESTDTC:S-002|Rash|2026-02-09",
            "CORE-000717: AESTDTC falls after the last DSSTDTC",
            "$max_dsstdtc=2026-02-01, AESTDTC=2026-02-09",
        ),
    ]


def test_an_issue_of_a_whole_dataset_has_no_record_and_the_message_of_the_rule():
    assert of("CORE-000740") == [
        ("error", "TS.TSPARMCD", "CORE-000740: A required value of TSPARMCD is not found", "ADAPT")
    ]


def test_a_rule_without_an_issue_says_nothing():
    assert of("CORE-000001") == []


def test_an_execution_error_that_data_can_cause_is_ours():
    assert of("core.execution") == [
        (
            "error",
            "AE",
            "CORE-000800 could not be executed: our data or define.xml stop it",
            "Failure to parse a datetime string: Unknown string format: 2026-13",
        )
    ]


def test_an_execution_error_that_no_data_can_cause_is_the_engine_s():
    assert of("core.engine") == [
        (
            "warning",
            "AE",
            "CORE-000801 could not be executed: a fault of the engine",
            "Rule format error: Rule contains invalid operator",
        )
    ]


def test_an_explanation_covers_the_records_of_its_condition_only():
    judged = judge(SPECIFIC)
    found = [(str(f.severity), str(f.where), f.what, f.remedy) for f in judged.findings if f.rule == "CORE-000701"]
    told = "CORE-000701: EPOCH is missing"
    mend = "Mend the data or the spec; a false alarm goes into specs/core_explained.yml with its reason."
    assert found == [
        ("error", "AE.EPOCH:S-002|Fever|2026-02", told, mend),
        ("note", "AE", f"{told} (1 issues, explained in specs/core_explained.yml:2)", "Day unknown."),
    ]
    assert judged.used == {0}


def test_an_explanation_ends_with_the_subject_s_record_that_it_names():
    shown = [(severity, where) for severity, where, _, _ in of("CORE-000717", ONGOING)]
    assert shown == [("error", "AE.AESTDTC:S-002|Rash|2026-02-09"), ("note", "AE")]


@pytest.mark.parametrize(
    "changed",
    [{"rule": "CORE-000702"}, {"dataset": "DS"}, {"variables": ("EPOCH", "AESTDTC")}, {"where": 'AEDECOD EQ "Nausea"'}],
    ids=lambda c: next(iter(c)),
)
def test_an_explanation_of_something_else_covers_nothing(changed):
    other = SPECIFIC.model_copy(update=changed)
    other = Explanation.model_validate({**other.model_dump(exclude={"where"}), "where": changed.get("where")})
    assert judge(other).used == frozenset()


def test_an_explanation_that_no_issue_needs_is_a_finding():
    assert [
        (str(f.severity), str(f.where), f.value) for f in check_explanations((SPECIFIC, ONGOING), frozenset({0}), place)
    ] == [("warning", "specs/core_explained.yml:3", "CORE-000717")]


def test_an_explanation_with_an_unknown_column_is_an_error_at_its_line():
    wrong = Explanation(rule="CORE-000701", dataset="AE", where="AESTDYY MISSING", reason="-")
    judged = judge(wrong)
    assert [(str(f.where), f.what) for f in judged.findings if f.rule == "core.explained"] == [
        ("specs/core_explained.yml:2", "AESTDYY MISSING: no column AESTDYY")
    ]
    assert judged.used == frozenset()


def test_an_explanation_that_names_no_dataset_of_the_build_is_an_error():
    wrong = Explanation(rule="CORE-000717", dataset="AE", unless=Unless(dataset="DSS", where="X MISSING"), reason="-")
    judged = judge(wrong)
    assert [(f.what, f.value) for f in judged.findings if f.rule == "core.explained"] == [("no such dataset", "DSS")]


def one(*issues: Fault, dataset: str = "AE", message: str | None = "Wrong.") -> Answer:
    result = Result(
        executionStatus="issue reported", dataset=dataset, variables=["EPOCH"], message=message, errors=list(issues)
    )
    return Answer(engine="0", standard="-", rules=[Rule(id="CORE-1", status="issue reported", results=[result])])


def test_a_thousand_different_issues_are_twenty_findings_and_a_count():
    issues = [Fault(value={"EPOCH": str(n)}, row=1, USUBJID="S-001") for n in range(1000)]
    found = judge(answer=one(*issues)).findings
    assert len(found) == SHOWN + 1 == 21
    assert (str(found[-1].where), found[-1].what) == ("AE", "CORE-1: Wrong (980 more issues)")


def test_a_row_that_belongs_to_another_subject_is_not_taken_for_our_record():
    found = judge(answer=one(Fault(value={"EPOCH": "X"}, row=1, USUBJID="S-002"))).findings
    assert [str(f.where) for f in found] == ["AE.EPOCH:S-002"]


def test_a_row_beyond_the_dataset_has_no_record():
    found = judge(answer=one(Fault(value={"EPOCH": "X"}, row=9))).findings
    assert [str(f.where) for f in found] == ["AE.EPOCH"]


def test_an_issue_of_the_study_has_a_blank_row():
    issue = Fault.model_validate({"value": {"EX": "Not in dataset"}, "dataset": "STUDY", "row": ""})
    assert [str(f.where) for f in judge(answer=one(issue, dataset="STUDY")).findings] == ["STUDY"]


def test_a_dataset_that_is_not_ours_is_named_as_the_engine_names_it():
    assert [str(f.where) for f in judge(answer=one(Fault(value={"EPOCH": "X"}, row=1), dataset="study")).findings] == [
        "study"
    ]


@pytest.mark.parametrize(
    ("consent", "notes"),
    [("2026-03-05", ["AE"]), ("2026-02-05", [])],
    ids=["2026-02 is before 2026-03-05", "2026-02 may be before 2026-02-05"],
)
def test_a_condition_may_read_a_variable_of_dm_of_the_same_subject(consent, notes):
    dm = dataset("DM", ("USUBJID",), USUBJID=["S-002", "S-001"], RFICDTC=[consent, "2025-12-20"])
    before = Explanation(rule="CORE-000701", dataset="AE", where="AESTDTC LT DM.RFICDTC", reason="Before consent.")
    found = [f for f in judge(before, datasets={**DATASETS, "DM": dm}).findings if f.rule == "CORE-000701"]
    assert [str(f.where) for f in found if str(f.severity) == "error"] == ["AE.EPOCH:S-001|Rash|2026-01"]
    assert [str(f.where) for f in found if str(f.severity) == "note"] == notes


def test_an_issue_of_no_dataset_is_one_of_the_study():
    answer = ANSWER.model_dump_json(by_alias=True).replace('"dataset":"TS"', '"dataset":null')
    found = judge(answer=Answer.model_validate_json(answer)).findings
    assert [str(f.where) for f in found if f.rule == "CORE-000740"] == ["study"]


SE = dataset("SE", ("USUBJID", "SESTDTC"), USUBJID=["S-001"] * 3, SESTDTC=["2026-01-10", "2026-02-01T09:00", None])
CM = dataset(
    "CM",
    ("USUBJID", "CMSTDTC"),
    USUBJID=["S-001"] * 7 + ["S-002"],
    CMSTDTC=["2025-12", "2025", "2026-01", "2026-01-10", "2026", "2026-02", None, "2026-01"],
)


NO_ISSUE = Answer.model_validate({"engine": "0", "standard": "sdtmig 3.4", "rules": []})


def explained_rows(lies: str) -> list[int]:
    about = Explanation(
        rule="CORE-R", variables=("EPOCH",), reason="r",
        starts=Starts(dates={"CM": "CMSTDTC", "PR": "PRSTDTC"}, dataset="SE", variable="SESTDTC", lies=lies),
    )  # fmt: skip
    explained = []
    for row in range(1, 9):
        issue = {"value": {"EPOCH": None}, "row": row}
        result = {"executionStatus": "issue reported", "dataset": "CM", "variables": ["EPOCH"], "errors": [issue]}
        rule = {"id": "CORE-R", "status": "issue reported", "results": [result]}
        answer = Answer.model_validate({"engine": "0", "standard": "sdtmig 3.4", "rules": [rule]})
        found = judge(about, answer=answer, datasets={"CM": CM, "SE": SE}).findings
        explained += [row] if [str(f.severity) for f in found] == ["note"] else []
    return explained


def test_a_partial_date_is_explained_by_the_days_it_can_mean():
    assert explained_rows("before") == [1, 2], "no day of December or of 2025 is on or after a start"
    assert explained_rows("across") == [3, 5], "February begins with its start, so all of it is after"


def test_starts_that_are_not_there_are_an_error():
    about = Explanation(
        rule="CORE-R",
        starts=Starts(dates={"CM": "CMSTDTC"}, dataset="SE", variable="SESTDT", lies="before"),
        reason="r",
    )
    [found] = judge(about, datasets={"CM": CM, "SE": SE}, answer=NO_ISSUE).findings
    assert (found.rule, found.value) == ("core.explained", "SE.SESTDT")
