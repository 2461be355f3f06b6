"""Scores and daily assessments as the study's specs map them: pages of the CRF in, records of RS, FT and QS out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from datacut.datasets.model import Dataset
from datacut.engine.sources import study_frames
from datacut.errors import Findings
from datacut.pipeline.verbs import make_registry
from datacut.sdtm.build import build_sdtm
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

ROOT = Path(__file__).parents[2]
PAGES = {
    "bilag": [
        {"VISIT": "Screening", "BILDAT": "02-FEB-2026", "RENAL": "A", "RENAL_EV": "Y", "HAEM": "E", "HAEM_EV": "N"},
        {"VISIT": "Baseline", "BILDAT": "12-FEB-2026", "RENAL": "ND", "RENAL_EV": "Y", "HAEM": "D", "HAEM_EV": "Y"},
    ],
    "sledas": [
        {
            "VISIT": "Baseline", "SDDAT": "12-FEB-2026", "SJC28": "0", "ULCERS": "1", "SEROS": "1", "SEROS_NS": "1",
            "MYOSIT": "ND", "PROTUR": "1", "PROTMG": "1250", "THROMB": "1", "THROMB_NS": "1", "PLATELET": "62",
            "LEUKOP": "ND",
        },
    ],
    "sledai": [
        {
            "VISIT": "Baseline", "SLDAT": "12-FEB-2026", "PROTEIN": "1", "PROTEIN_NEW": "N", "FEVER": "1",
            "FEVER_NS": "X",
        },
    ],
    "flare": [{"VISIT": "Month 2", "FLDAT": "14-APR-2026", "FLMILD": "Yes", "FLSEV": "ND", "FLTRM": "N"}],
    "crsday": [
        {
            "CDDAT": "20-FEB-2026", "CDTIM": "22:10", "TEMPMAX": "38.6", "FEVER": "Y", "ANTIPYR": "Yes", "ANTICYT": "N",
            "HYPOT": "No vasopressor", "HYPOX": "无", "CRSGR": "2", "ICEOR": "4", "ICENAM": "3", "ICECMD": "1",
            "ICEWRI": "0", "ICEATT": "1", "ICETOT": "9", "CONSC": "Awakens spontaneously", "SEIZ": "None", "MOTOR": "N",
            "OEDEMA": "None", "ICANSGR": "1",
        },
        {"CDDAT": "21-FEB-2026", "CRSGR": "0", "ICANSGR": "0"},
    ],
    "episode": [
        {
            "EPTYPE": "ICANS", "EPSTDAT": "20-FEB-2026", "EPENDAT": "20-FEB-2026", "EPTOXGR": "1", "AENO": "3",
            "RECID": "71",
        },
        {"EPTYPE": "CRS", "EPSTDAT": "UN-FEB-2026", "EPONGO": "1", "EPTOXGR": "2", "AENO": "2", "RECID": "72"},
    ],
}  # fmt: skip
"""One participant; fields left out are blank."""


@pytest.fixture(scope="module")
def built() -> tuple[dict[str, Dataset], list[str]]:
    specs, registry = load_specs(ROOT), make_registry(ROOT)
    sources = {}
    for name, form in specs.forms.items():
        rows = [{"STUDYID": specs.study.study, "SUBJID": "101-001", **row} for row in PAGES.get(name, [])]
        frame = pd.DataFrame(rows, columns=list(specs.columns(form)), dtype="str")
        numbers = pd.Series(range(1, len(frame) + 1), dtype="Int64")
        sources[f"raw.{name}"] = frame.assign(_rid=numbers, _row=numbers + 1, _file=f"raw/{form.filename}")
    findings = Findings()
    sources |= study_frames(specs, "2026-09-01")
    datasets, _ = build_sdtm(specs, bind_specs(specs, registry), registry, sources, findings)
    return datasets, [f"{f.rule} {f.where}" for f in findings if f.severity == "error"]


def records(built: tuple[dict[str, Dataset], list[str]], name: str, *columns: str) -> dict[str, list[tuple[str, ...]]]:
    """Columns as text by test code, in record order; missing is blank."""
    frame = built[0][name].frame
    out: dict[str, list[tuple[str, ...]]] = {}
    for _, row in frame.iterrows():
        out.setdefault(row[f"{name}TESTCD"], []).append(tuple("" if pd.isna(row[c]) else str(row[c]) for c in columns))
    return out


def supplemental(built: tuple[dict[str, Dataset], list[str]], name: str, qnam: str) -> dict[tuple[str, str], str]:
    parents = built[0][name].frame.set_index(f"{name}SEQ")
    rows = built[0][f"SUPP{name}"].frame.query("QNAM == @qnam")
    at = [parents.loc[int(v)] for v in rows["IDVARVAL"]]
    return {(p[f"{name}TESTCD"], p["VISIT"]): v for p, v in zip(at, rows["QVAL"], strict=True)}


def test_only_the_participant_without_demographics_is_found(built) -> None:
    assert {f.split()[0] for f in built[1]} <= {"sdtm.subject"}


def test_bilag_grades_are_letters_and_nd_is_a_status(built) -> None:
    found = records(built, "RS", "RSCAT", "VISIT", "RSORRES", "RSSTRESC", "RSSTRESN", "RSSTAT", "RSEVLINT")
    assert found["BILAG08"] == [
        ("BILAG-2004", "SCREENING", "A", "A", "", "", "-P4W"),
        ("BILAG-2004", "BASELINE", "", "", "", "NOT DONE", "-P4W"),
    ]
    assert [r[2:4] for r in found["BILAG09"]] == [("E", "E"), ("D", "D")]


def test_whether_a_system_was_ever_involved_stands_beside_its_grade(built) -> None:
    assert supplemental(built, "RS", "RSEVINV") == {
        ("BILAG08", "SCREENING"): "Y", ("BILAG08", "BASELINE"): "Y",
        ("BILAG09", "SCREENING"): "N", ("BILAG09", "BASELINE"): "Y",
    }  # fmt: skip


def test_sledas_items_score_only_if_due_to_lupus(built) -> None:
    found = records(built, "RS", "RSORRES", "RSSTRESC", "RSSTAT")
    assert found["SDAS09"] == [("1", "1", "")]  # mucosal ulcers
    assert found["SDAS11"] == [("1", "0", "")]  # serositis of another cause
    assert found["SDAS10"] == [("", "", "NOT DONE")]
    assert found["SDAS05"] == [("0", "0", "")]  # no swollen joint is a result
    assert "SDAS08" not in found  # blank on the page
    assert ("SDAS11", "BASELINE") in supplemental(built, "RS", "RSNOTSLE")


def test_an_amount_stands_whatever_its_cause(built) -> None:
    found = records(built, "RS", "RSORRES", "RSORRESU", "RSSTRESN", "RSSTRESU")
    assert found["SDAS15A"] == [("1250", "mg", "1250.0", "mg")]
    assert found["SDAS16A"] == [("62", "10^9/L", "62.0", "10^9/L")]
    assert "SDAS17A" not in found
    items = records(built, "RS", "RSORRES", "RSSTRESC", "RSSTAT")
    assert [items[t][0] for t in ("SDAS15", "SDAS16", "SDAS17")] == [
        ("1", "1", ""),
        ("1", "0", ""),
        ("", "", "NOT DONE"),
    ]


def test_persistent_proteinuria_is_present_but_not_new(built) -> None:
    found = records(built, "RS", "RSORRES", "RSSTRESC")
    assert (found["SLED13"], found["SLEDPRN"]) == ([("1", "1")], [("N", "N")])
    assert found["SLED22"] == [("1", "0")]  # fever not due to lupus


def test_components_of_the_flare_index(built) -> None:
    found = records(built, "RS", "RSSTRESC", "RSSTAT", "RSEVINTX")
    since = "SINCE PREVIOUS ASSESSMENT"
    assert [found["SFI01"], found["SFI02"], found["SFI03"]] == [
        [("Y", "", since)], [("", "NOT DONE", since)], [("N", "", since)],
    ]  # fmt: skip
    assert "SFI04" not in found


CRS, ICANS = "CYTOKINE RELEASE SYNDROME", "IMMUNE EFFECTOR CELL-ASSOCIATED NEUROTOXICITY SYNDROME"


def test_an_episode_has_its_grade_and_is_ongoing_at_the_cut(built) -> None:
    columns = ["CETERM", "CECAT", "CETOXGR", "CESTDTC", "CEENDTC", "CEENRTPT", "CEENTPT"]
    found = built[0]["CE"].frame[columns].fillna("").to_numpy().tolist()
    assert found == [
        [CRS, "CRS", "2", "2026-02", "", "ONGOING", "2026-09-01"],
        [ICANS, "ICANS", "1", "2026-02-20", "2026-02-20", "", ""],
    ]
    assert built[0]["SUPPCE"].frame[["QNAM", "QVAL"]].to_numpy().tolist() == [["CEAENO", "2"], ["CEAENO", "3"]]


def test_daily_grades_of_both_syndromes_are_told_apart_by_their_object(built) -> None:
    frame = built[0]["FA"].frame.query("FATESTCD == 'TOXGR'")
    found = frame[["FAOBJ", "FACAT", "FADTC", "FASTRESN"]].to_numpy().tolist()
    assert found == [
        [CRS, "CRS", "2026-02-20T22:10", 2.0],
        [CRS, "CRS", "2026-02-21", 0.0],
        [ICANS, "ICANS", "2026-02-20T22:10", 1.0],
        [ICANS, "ICANS", "2026-02-21", 0.0],
    ]


def test_a_day_has_the_link_of_the_episode_on_whose_days_it_lies(built) -> None:
    episodes = built[0]["CE"].frame
    assert dict(zip(episodes["CECAT"], episodes["CELNKID"], strict=True)) == {"CRS": "CRS-72", "ICANS": "ICANS-71"}
    days = built[0]["FA"].frame.query("FATESTCD == 'TOXGR'")[["FACAT", "FADTC", "FALNKID"]].fillna("")
    assert days.to_numpy().tolist() == [
        ["CRS", "2026-02-20T22:10", ""],  # the episode began on some day of February
        ["CRS", "2026-02-21", ""],
        ["ICANS", "2026-02-20T22:10", "ICANS-71"],
        ["ICANS", "2026-02-21", ""],  # ended the day before
    ]
    links = built[0]["RELREC"].frame.query("RELID == 'CEFA'")[["RDOMAIN", "IDVAR", "RELTYPE"]]
    assert links.to_numpy().tolist() == [["CE", "CELNKID", "ONE"], ["FA", "FALNKID", "MANY"]]


def test_components_of_a_grade(built) -> None:
    found = records(built, "FA", "FACAT", "FASTRESC", "FASTRESU")
    assert {t: r for t, r in found.items() if t != "TOXGR"} == {
        "ANTICYT": [("CRS", "N", "")], "ANTIPYR": [("CRS", "Y", "")], "FEVER": [("CRS", "Y", "")],
        "HYPOTEN": [("CRS", "NO VASOPRESSOR", "")], "HYPOXIA": [("CRS", "NONE", "")],
        "TEMPMAX": [("CRS", "38.6", "C")], "CONSC": [("ICANS", "AWAKENS SPONTANEOUSLY", "")],
        "MOTOR": [("ICANS", "N", "")], "OEDEMA": [("ICANS", "NONE", "")], "SEIZURE": [("ICANS", "NONE", "")],
    }  # fmt: skip


def test_points_of_ice(built) -> None:
    found = records(built, "FT", "FTCAT", "FTSTRESN", "FTDTC")
    points = {t: r[0][1] for t, r in found.items() if r[0][0] == "ICE"}
    assert points == {"ICE01": "4.0", "ICE02": "3.0", "ICE03": "1.0", "ICE04": "0.0", "ICE05": "1.0", "ICETOT": "9.0"}
    assert found["ICETOT"] == [("ICE", "9.0", "2026-02-20T22:10")]
