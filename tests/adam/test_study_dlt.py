"""Contradictions of the study's records through its ADaM specs: candidates for a dose-limiting toxicity beside the
adjudication, and doses and infusions against the plan."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.adam.test_study_specs import (
    GONE,
    LYMPHODEPLETED,
    NO_EXPANSION,
    ae,
    bound,
    build,
    dlt,
    dose,
    infused,
    pc,
    seen,
)

from datacut.errors import Findings, Severity

__all__ = ["bound"]
CRS = {"AEDECOD": "Cytokine release reaction"}


def event(days: int, grade: str = "3", start: str = "2026-02-05", relation: str = "RELATED", **more: object):
    """An event that ends `days` days after its start."""
    end = (pd.Timestamp(start) + pd.Timedelta(days=days)).strftime("%Y-%m-%d")
    return [ae(start, relation, grade) | {"AEENDTC": end} | more]


def day_of_crs(date: str, **results: object) -> list[dict[str, object]]:
    """Components of CRS on one day, by FATESTCD."""
    at = {"FACAT": "CRS", "FADTC": date}
    return [
        {"FASEQ": n, "FATESTCD": test, "FASTRESC": str(v), "FASTRESN": v if isinstance(v, float) else None} | at
        for n, (test, v) in enumerate(results.items(), 1)
    ]


EARLY = {"DS": GONE, "only_PC": NO_EXPANSION, "only_SV": []}
GRADE_2 = ae("2026-02-10", "POSSIBLY RELATED", "2")
PARTIAL = {
    "UNDATED": infused(AE=[ae(None)], SUPPAE=dlt(), only_SV=[]),
    "APRIL": infused(AE=[ae("2026-04")], SUPPAE=dlt()),
    "CLOCK": infused(AE=[ae("2026-02-01T09:00")], SUPPAE=dlt()),
    "MARCH": infused(AE=[ae("2026-03", grade="4") | CRS]),
    "NO-CONTACT": infused(PC=[pc(3, "BLQ", None, 60)], only_SV=[seen("2026-02-06")]),
    "NO-CELLS": infused(only_EX=[*LYMPHODEPLETED, {**dose(1)[0], "EXSEQ": 2, "EXDOSE": None}]),
    "INFUSED-FEBRUARY": infused(
        only_EX=[{**dose(300)[0], "EXSTDTC": "2026-02", "EXENDTC": "2026-02"}], only_SV=[seen("2026-03-28")]
    ),
    "EARLY-PENDING": infused(AE=[GRADE_2 | {"AEOUT": "NOT RECOVERED/NOT RESOLVED", "AEENRTPT": "ONGOING"}], **EARLY),
    "EARLY-SETTLED": infused(AE=[GRADE_2 | {"AEOUT": "RECOVERED/RESOLVED", "AEENDTC": "2026-02-12"}], **EARLY),
    "NO-GRADE": infused(
        AE=[ae("2026-02-05") | CRS | {"AETOXGR": None, "AEENDTC": "2026-02-06"}],
        FA=day_of_crs("2026-02-05", TEMPMAX=39.0, HYPOTEN="MULTIPLE VASOPRESSORS", ANTICYT="Y"),
    ),
}
PEOPLE = {
    **PARTIAL,
    "CRS3-72H": infused(AE=event(3, **CRS)),
    "CRS3-LONGER": infused(AE=event(4, **CRS), SUPPAE=dlt()),
    "CRS4-NOT-JUDGED": infused(AE=event(1, "4", **CRS)),
    "OTHER-7": infused(AE=event(7), SUPPAE=dlt()),
    "OTHER-8": infused(AE=event(8), SUPPAE=dlt()),
    "DAY-28": infused(AE=event(8, start="2026-03-01"), SUPPAE=dlt()),
    "DAY-29": infused(AE=event(8, start="2026-03-02")),
    "UNRELATED": infused(AE=event(8, relation="NOT RELATED")),
    "IECHS": infused(AE=event(1, AEDECOD="Hyperinflammation from immune cells"), SUPPAE=dlt()),
    "GVHD": infused(AE=event(1, AEDECOD="Graft reaction against host")),
    "EXCLUDED": infused(AE=event(90, AEDECOD="Immunoglobulin low")),
    "ONGOING": infused(AE=[ae("2026-02-05") | {"AEENRTPT": "ONGOING"}], SUPPAE=dlt()),
    "NO-END": infused(AE=[ae("2026-02-05")]),
    "TWO-INFUSIONS": infused(
        EX=[{"EXSEQ": 3, "EXTRT": "CT1195E", "EXDOSE": 10, "EXSTDTC": "2026-03-05", "EXENDTC": "2026-03-05"}]
    ),
    "NO-DEPLETION": infused(only_EX=dose(300)),
    "OFF-LEVEL": infused(only_EX=[*LYMPHODEPLETED, *({**d, "EXSEQ": 2} for d in dose(900))]),
}


@pytest.fixture(scope="module")
def built(bound):
    findings = Findings()
    return build(bound, PEOPLE, findings=findings), findings


@pytest.mark.parametrize(
    ("name", "candidate", "rule"),
    [
        ("CRS3-72H", "N", None),
        ("CRS3-LONGER", "Y", "DLT02"),
        ("CRS4-NOT-JUDGED", "Y", "DLT02"),
        ("OTHER-7", "N", None),
        ("OTHER-8", "Y", "DLT04"),
        ("DAY-28", "Y", "DLT04"),
        ("DAY-29", "N", None),
        ("UNRELATED", "N", None),
        ("IECHS", "Y", "DLT05"),
        ("GVHD", "N", None),
        ("EXCLUDED", "N", None),
        ("ONGOING", "Y", "DLT04"),
        ("NO-END", None, None),
    ],
)
def test_candidate_and_rule(built, name: str, candidate: str | None, rule: str | None) -> None:
    row = built[0]["ADAE"].set_index("USUBJID").loc[name]
    assert [None if pd.isna(row[c]) else row[c] for c in ("DLTCNDFL", "DLTCNDRL")] == [candidate, rule]


@pytest.mark.parametrize(
    ("name", "evaluable", "toxic", "reason"),
    [
        pytest.param("UNDATED", "Y", "Y", "DLT IN THE WINDOW", id="no-date-is-outside-of-nothing"),
        pytest.param("APRIL", "Y", "N", "WINDOW COMPLETED", id="every-day-of-April-is-after-day-28"),
        pytest.param("CLOCK", "Y", "N", "WINDOW COMPLETED", id="an-hour-before-the-infusion"),
        pytest.param("MARCH", "Y", None, "WINDOW COMPLETED", id="1-March-is-in-the-window-and-nobody-judged"),
        pytest.param("NO-CONTACT", None, "N", "NO SAFETY CONTACT AT END OF WINDOW", id="a-sample-is-no-contact"),
        pytest.param("NO-CELLS", None, "N", "NOT KNOWN: DOSE", id="infused-and-how-much-is-not-known"),
        pytest.param("INFUSED-FEBRUARY", "Y", "N", "WINDOW COMPLETED", id="day-28-is-28-March-at-the-latest"),
        pytest.param("EARLY-PENDING", "N", "N", "RELATED EVENT PENDING", id="not-resolved"),
        pytest.param("EARLY-SETTLED", "Y", "N", "EARLY COMPLETION", id="resolved-grade-2"),
    ],
)
def test_evaluable_with_what_is_known(built, name: str, evaluable: object, toxic: object, reason: str) -> None:
    row = built[0]["ADSL"].set_index("USUBJID").loc[name, ["DLTEVLFL", "DLTFL", "DLTEVLRS"]]
    assert [None if pd.isna(v) else v for v in row] == [evaluable, toxic, reason]


def test_the_components_of_the_days_tell_where_the_grade_is_missing(built) -> None:
    """Several vasopressors are grade 4, whatever the oxygen."""
    row = built[0]["ADAE"].set_index("USUBJID").loc["NO-GRADE"]
    assert (row["DLTCNDFL"], row["DLTCNDRL"], row["AEDLTRSN"]) == (
        "Y",
        "DLT02",
        "a rule is met and adjudication is pending",
    )
    assert pd.isna(row["AEDLTFL"])


def test_the_adjudication_decides(built) -> None:
    flags = built[0]["ADAE"].set_index("USUBJID")["AEDLTFL"]
    assert flags["OTHER-7"] == "Y"
    assert pd.isna(flags["CRS4-NOT-JUDGED"])
    subject = built[0]["ADSL"].set_index("USUBJID").loc["CRS4-NOT-JUDGED"]
    assert pd.isna(subject["DLTFL"]) and subject["DLTEVLFL"] == "Y", "dose and window suffice, with or without it"


def told(built, part: str) -> dict[str, str]:
    """Place and value of the warnings that say this."""
    plain = [f for f in built[1] if not any(name in str(f.where) for name in PARTIAL)]
    return {str(f.where): f.value for f in plain if part in f.what and f.severity is Severity.WARNING}


@pytest.mark.parametrize(
    ("what", "name", "values"),
    [
        ("not adjudicated", "CRS4-NOT-JUDGED", ["Cytokine release reaction", "DLTCNDFL Y", "DLT02", "AEDLT missing"]),
        ("no candidate by rule", "OTHER-7", ["Event", "DLTCNDFL N", "AEDLT Y"]),
        ("more than one CT1195E infusion", "TWO-INFUSIONS", ["NINF 2", "2026-02-01", "2026-03-05"]),
        ("was not judged", "NO-END", ["Event", "AETOXGR 3", "AEENDTC missing"]),
        ("an infusion without lymphodepletion", "NO-DEPLETION", ["TRTSDT 2026-02-01", "LDSDT missing"]),
        ("outside every dose level", "OFF-LEVEL", ["DOSE01A 9", "DOSE01P 3"]),
    ],
)
def test_each_contradiction_is_told_once_with_subject_and_both_values(
    built, what: str, name: str, values: list[str]
) -> None:
    found = told(built, what)
    assert len(found) == 1, found
    ((where, value),) = found.items()
    assert name in where
    assert [v for v in values if v not in (value or "")] == []


def test_an_infusion_without_lymphodepletion_has_no_date_of_it(built) -> None:
    assert pd.isna(built[0]["ADSL"].set_index("USUBJID").loc["NO-DEPLETION", "LDSDT"])
