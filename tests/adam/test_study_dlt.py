"""Contradictions of the study's records through its ADaM specs: candidates for a dose-limiting toxicity beside the
adjudication (instruments.md section 12.2), and doses and infusions against the plan."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.adam.test_study_specs import LYMPHODEPLETED, ae, bound, build, dlt, dose, infused

from datacut.errors import Findings, Severity

__all__ = ["bound"]
CRS = {"AEDECOD": "Cytokine release reaction"}


def event(days: int, grade: str = "3", start: str = "2026-02-05", relation: str = "RELATED", **more: object):
    """An event that ends `days` days after its start."""
    end = (pd.Timestamp(start) + pd.Timedelta(days=days)).strftime("%Y-%m-%d")
    return [ae(start, relation, grade) | {"AEENDTC": end} | more]


PEOPLE = {
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


def test_the_adjudication_decides(built) -> None:
    flags = built[0]["ADAE"].set_index("USUBJID")["AEDLTFL"]
    assert flags["OTHER-7"] == "Y"
    assert pd.isna(flags["CRS4-NOT-JUDGED"])


def told(built, part: str) -> dict[str, str]:
    """Place and value of the warnings that say this."""
    return {f.where: f.value for f in built[1] if part in f.what and f.severity is Severity.WARNING}


@pytest.mark.parametrize(
    ("what", "name", "values"),
    [
        ("not adjudicated", "CRS4-NOT-JUDGED", ["Cytokine release reaction", "DLTCNDFL Y", "DLT02", "AEDLT missing"]),
        ("no candidate by rule", "OTHER-7", ["Event", "DLTCNDFL N", "AEDLT Y"]),
        ("more than one CT1195E infusion", "TWO-INFUSIONS", ["NINF 2", "2026-02-01", "2026-03-05"]),
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
