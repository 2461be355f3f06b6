"""Contradictions, durations, the start of treatment, visits and coding: the cases of facts.csv."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from tests.adam.test_study_specs import build
from tests.cases import read_cases
from tests.sdtm.conftest import make_context, read_raw

from datacut.ard.duration import duration_stats
from datacut.conformance.package import Package
from datacut.conformance.sdtm_facts import beyond_date, beyond_reach, one_class, uncoded
from datacut.datasets.model import Dataset
from datacut.errors import rule
from datacut.pipeline.verbs import make_registry
from datacut.raw.coding import moved_terms
from datacut.sdtm.visits import assign_visit, assign_visitnum
from datacut.spec.crf import Coding
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs
from datacut.spec.study import Visit

ROOT = Path(__file__).parents[2]
CASES = {row["id"]: row | {"answer": row["answer"].replace("nothing", "")} for row in read_cases("facts")}
CODED = Coding(term="T", preferred="P", class_="C", dictionary="D")
VISITS = {
    "SCR": Visit(visit="Screening", visitnum=1),
    "D7": Visit(visit="Day 7", visitnum=9),
    "D28": Visit(visit="Day 28", visitnum=13),
}


def given(case: dict[str, str]) -> dict[str, str]:
    return dict(part.split("=", 1) for part in case["input"].split("; "))


def about(text: str) -> list[str]:
    return [name for name, case in CASES.items() if text in case["question"]]


def parts(answer: str, count: int) -> list[str]:
    found = [p.strip() for p in answer.split(";")]
    return found + [""] * (count - len(found))


@pytest.mark.parametrize("name", about("Summary of durations"))
def test_summary_of_durations(name) -> None:
    texts = given(CASES[name])["durations"].split()
    stats = duration_stats([(float(t.rstrip("+")), t.endswith("+")) for t in texts])

    def text(stat) -> str:
        return (f"{stat.value:g}" if stat.value is not None else "") + stat.shown

    assert [text(stats[s]) for s in ("n", "median", "min", "max")] == parts(CASES[name]["answer"], 4)


def person(inputs: dict[str, str]) -> dict[str, list[dict[str, object]]]:
    """SDTM records of one enrolled participant of a case."""
    ld, infusion = inputs.get("ld", "2026-01-05"), inputs.get("infusion", "2026-01-10")
    doses = [("FLUDARABINE", ld, 30), ("CT1195E", infusion, 300)]
    records: dict[str, list[dict[str, object]]] = {
        "DM": [
            {
                "SUBJID": "101-001", "ARMCD": "ESC-DL1", "ACTARMCD": "ESC-DL1", "RFICDTC": "2025-12-20",
                "DTHDTC": inputs.get("death") or None, "DTHFL": inputs.get("dead") or None,
            }
        ],
        "EX": [
            {"EXSEQ": n, "EXTRT": drug, "EXDOSE": dose, "EXSTDTC": day, "EXENDTC": day}
            for n, (drug, day, dose) in enumerate(doses, 1)
            if day
        ],
        "DS": [{"DSSEQ": 1, "DSCAT": "PROTOCOL MILESTONE", "DSDECOD": "ENTERED INTO TRIAL", "DSSTDTC": "2026-01-02"}],
        "AE": [
            {
                "AESEQ": 1, "AETERM": "Event", "AEDECOD": "Event", "AEBODSYS": "General", "AEREL": "NOT RELATED",
                "AETOXGR": "1", "AESTDTC": inputs.get("start", inputs.get("event")) or None,
                "AEENDTC": inputs.get("end") or None, "AEENRTPT": "ONGOING" if inputs.get("ongoing") == "Y" else None,
            }
        ],
    }  # fmt: skip
    ended = inputs.get("last") or inputs.get("date")
    if ended:
        status = inputs.get("disposition") or "COMPLETED"
        records["DS"].append(
            {
                "DSSEQ": 2,
                "DSCAT": "DISPOSITION EVENT",
                "DSSCAT": "STUDY PARTICIPATION",
                "DSDECOD": status,
                "DSSTDTC": ended,
            }
        )
    if "return" in inputs:
        counts = [("2026-01-14", 1.0), ("2026-03-01", 2.0), (inputs["return"], 50.0)]
        records["CP"] = [
            {
                "CPSEQ": n,
                "CPTESTCD": "BLYCE",
                "CPMRKSTR": "CD45+(CD19+/CD20+)",
                "CPSTRESC": str(v),
                "CPSTRESN": v,
                "CPDTC": d,
            }
            for n, (d, v) in enumerate(counts, 1)
        ]
    return records


BUILT = [*about("Duration of an adverse event"), *about("Days from the infusion"), *about("EOSSTT")]
EMERGENT = about("Treatment-emergent flag")


@pytest.fixture(scope="module")
def built():
    """ADaM of all participants of the cases, by the setting te_start."""
    specs, registry = load_specs(ROOT), make_registry(ROOT)
    out = {}
    for start in ("infusion", "lymphodepletion"):
        settings = specs.study.settings
        chosen = settings | {"te_start": settings["te_start"].model_copy(update={"value": start})}
        own = replace(specs, study=specs.study.model_copy(update={"settings": chosen}))
        names = [n for n in EMERGENT if given(CASES[n])["from"] == start] + (BUILT if start == "infusion" else [])
        people = {n: person(given(CASES[n])) for n in names}
        out[start] = build((own, registry, bind_specs(own, registry)), people)
    return out


def of(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[frame["USUBJID"] == name].iloc[0]


@pytest.mark.parametrize("name", EMERGENT)
def test_start_of_treatment(built, name) -> None:
    event = of(built[given(CASES[name])["from"]]["ADAE"], name)
    found = ["Y" if pd.notna(flag) and flag in ("Y", 2) else "" for flag in event[["TRTEMFL", "APHASEN"]]]
    assert found == parts(CASES[name]["answer"], 2)


@pytest.mark.parametrize("name", about("Duration of an adverse event"))
def test_duration_of_an_event(built, name) -> None:
    event = of(built["infusion"]["ADAE"], name)
    length = "" if pd.isna(event["ADURN"]) else f"{event['ADURN']:g}"
    assert length + ("+" if length and event["ONGOFL"] == "Y" else "") == CASES[name]["answer"]


@pytest.mark.parametrize("name", about("Days from the infusion"))
def test_days_of_reconstitution(built, name) -> None:
    adtte, adpd = built["infusion"]["ADTTE"], built["infusion"]["ADPD"]
    found = [
        of(adtte[adtte["PARAMCD"] == "TTRECON"], name)["ARELTM"],
        of(adpd[adpd["PARAMCD"] == "BRECDY"], name)["AVAL"],
    ]
    assert [f"{v:g}" for v in found] == parts(CASES[name]["answer"], 2)


@pytest.mark.parametrize("name", about("EOSSTT"))
def test_status_of_participation(built, name) -> None:
    assert of(built["infusion"]["ADSL"], name)["EOSSTT"] == CASES[name]["answer"]


def dataset(name: str, **columns: list[object]) -> Dataset:
    return Dataset(
        name, name, (), pd.DataFrame({k: pd.Series(v, dtype="str") for k, v in columns.items()}), ("USUBJID",)
    )


@pytest.mark.parametrize("name", about("after the death"))
def test_dates_after_death(name) -> None:
    inputs = given(CASES[name])
    dm = dataset("DM", USUBJID=["1"], DTHDTC=[inputs["death"]])
    lb = dataset("LB", USUBJID=["1"], LBDTC=[inputs["record"]])
    found = list(beyond_date(Package({"DM": dm, "LB": lb}, {}, "2027-12-31"), rule("sdtm.after_death")))
    assert ("told" if found else "silent") == CASES[name]["answer"]


@pytest.mark.parametrize("name", about("too far from its visit"))
def test_dates_far_from_a_visit(name) -> None:
    inputs = given(CASES[name])
    visit, row = (pd.Series([inputs[k] or None], dtype="str") for k in ("visit", "row"))
    assert ("told" if beyond_reach(visit, row, int(inputs["reach"]))[0] else "silent") == CASES[name]["answer"]


@pytest.mark.parametrize("name", about("Findings of visit names"))
def test_names_of_visits(name) -> None:
    names = [n.replace(" ", "~").replace("~~", "~") for n in given(CASES[name])["names"].split("|")]
    form = read_raw("\n".join(["V", *("." if n == "~" else n for n in names)]))
    context = make_context(visits=VISITS, codelists={}, form_visits=("SCR", "D28"))
    numbers = assign_visitnum(form, "V", context)
    assign_visit(form, "V", context)
    causes = []
    for finding in context.findings:
        rows = finding.what.partition("(")[2].partition(" rows")[0] or "1"
        causes.append((finding.value != "", f"{finding.value or 'blank'} x{rows}"))
    told = ", ".join(text for _, text in sorted(causes, key=lambda c: not c[0]))
    assert f"{told}; {', '.join('.' if pd.isna(n) else f'{n:g}' for n in numbers)}" == CASES[name]["answer"]


def terms(text: str) -> pd.DataFrame:
    rows = [[None if t == "~" else t for t in entry.split(">")] for entry in text.split("|")]
    return pd.DataFrame(rows, columns=["T", "P", "C"]).astype("str")


@pytest.mark.parametrize("name", about("coded terms"))
def test_coded_terms(name) -> None:
    inputs = given(CASES[name])
    now = terms(inputs["now"])
    ae = dataset("AE", USUBJID=["1"] * len(now), AETERM=list(now["T"]), AEDECOD=list(now["P"]), AESOC=list(now["C"]))
    coded = dataset("AE", USUBJID=["2"], AETERM=["Rash"], AEDECOD=["Rash"], AESOC=["Skin"])
    frame = pd.concat([ae.frame, coded.frame], ignore_index=True)
    package = Package({"AE": replace(ae, frame=frame)}, {}, "2027-12-31")
    told = [f"uncoded {f.value}" for f in uncoded(package, rule("sdtm.uncoded"))]
    told += [f"two classes {f.value}" for f in one_class(package, rule("sdtm.class"))]
    if "before" in inputs:
        for row in moved_terms(terms(inputs["before"]), now, CODED).to_dict("records"):
            told.append(f"moved {row['term']}: {row['before']} to {row['now']}")
    assert "; ".join(told) == CASES[name]["answer"]


def test_every_case_is_asked() -> None:
    asked = [*BUILT, *EMERGENT, *about("Summary of durations"), *about("after the death")]
    asked += [*about("too far from its visit"), *about("Findings of visit names"), *about("coded terms")]
    assert sorted(asked) == sorted(CASES)
