"""Therapy that is partly known: each case is a participant of one build by the specs of the study."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from tests.adam.test_study_specs import FOUR, assess, bound, build, infused  # noqa: F401
from tests.cases import read_cases

CASES = read_cases("therapy")
CLASSES = {
    "GLUCOCORTICOID": ("PREDNIS", "METHYLPREDNIS", "DEXAMETH", "CLO"),
    "ANTIMALARIAL": ("HYDROXYCHLOROQUINE",),
    "BIOLOGIC": ("BELIMUMAB", "TELITACICEPT"),
}
DRUG = re.compile(
    r"drug=(?P<name>.+) (?P<dose>[\d.?]+) (?P<unit>\S+) (?P<frequency>\S+) (?P<route>[A-Z]+) for (?P<indication>\S+)"
    r" from (?P<start>\S+)(?: to (?P<end>\S+))?(?P<before> before consent)?"
)
ASKED = {
    "Was a drug begun": ("ADEFF", "RESCFL"),
    "Was more glucocorticoid": ("ADEFF", "MOREGCFL"),
    "Is every drug": ("ADEFF", "MAINTFL"),
    "Was no drug": ("ADEFF", "STABLEFL"),
    "Is the prednisone": ("ADEFF", "LLDAS4"),
    "What is the mean prednisone equivalent a day of the 7 days that end on the visit": ("ADGC", "PREDEQ"),
    "What is the scheduled": ("ADGC", "PREDDAY"),
    "What is the mean prednisone equivalent a day of the 7 days that end on the baseline": ("BASE", "PREDEQ"),
}


def known(text: str | None) -> str | None:
    return None if text == "?" else text


def record(number: int, text: str) -> dict[str, object]:
    said = DRUG.fullmatch(text)
    assert said is not None, text
    dose = known(said["dose"])
    return {
        "CMSEQ": number,
        "CMTRT": said["name"],
        "CMDECOD": said["name"],
        "CMCLAS": next((c for c, names in CLASSES.items() if said["name"].startswith(names)), "IMMUNOSUPPRESSANT"),
        "CMINDC": known(said["indication"]),
        "CMDOSE": None if dose is None else float(dose),
        "CMDOSU": said["unit"],
        "CMDOSFRQ": said["frequency"],
        "CMROUTE": said["route"],
        "CMSTDTC": known(said["start"]),
        "CMENDTC": said["end"],
        "CMSTRTPT": "BEFORE" if said["before"] else None,
    }


def participant(case: dict[str, str]) -> dict[str, list[dict[str, object]]]:
    parts = case["input"].split("; ")
    said = dict(part.split("=", 1) for part in parts if not part.startswith("drug="))
    assert (said["lymphodepletion"], said["infusion"], said["consent"]) == ("2026-01-27", "2026-02-01", "2026-01-02")
    drugs = [record(n, part) for n, part in enumerate((p for p in parts if p.startswith("drug=")), start=1)]
    at_visits = [*assess(2, "2026-01-26", FOUR, 2.0), *assess(15, said["visit"], FOUR, 1.0)]
    return infused(RS=at_visits, CM=drugs)


@pytest.fixture(scope="module")
def built(bound):  # noqa: F811
    return build(bound, {case["id"]: participant(case) for case in CASES})


def answer(built: dict[str, pd.DataFrame], case: dict[str, str]) -> str:
    dataset, name = next(where for asked, where in ASKED.items() if case["question"].startswith(asked))
    visit = "2026-01-26" if dataset == "BASE" else re.search(r"visit=(\S+);", case["input"])[1]
    records = built["ADEFF" if dataset == "ADEFF" else "ADGC"]
    records = records.loc[(records["USUBJID"] == case["id"]) & (records["ADT"] == pd.Timestamp(visit))]
    if name in records.columns:
        values = records.loc[records["PARAMCD"].eq("SRI4") & records["DTYPE"].isna(), name]
    else:
        values = records.loc[records["PARAMCD"] == name, "AVALC" if dataset == "ADEFF" else "AVAL"]
    assert len(values) == 1, f"{case['id']}: {len(values)} records of {name} on {visit}"
    value = values.iloc[0]
    return "unknown" if pd.isna(value) else value if isinstance(value, str) else f"{value:g}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(built, case: dict[str, str]) -> None:
    assert answer(built, case) == case["answer"], case["reasoning"]
