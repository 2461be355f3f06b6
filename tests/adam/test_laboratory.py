"""ADLB as the study builds it: infusion on 1 February 2026, lymphodepletion from 27 January. Expectations by hand."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from datacut.adam.build import build_adam
from datacut.datasets.model import DTYPES, Dataset
from datacut.datasets.sources import study_frames
from datacut.errors import Findings
from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

ROOT = Path(__file__).parents[2]
type Record = dict[str, object]


@pytest.mark.parametrize(
    ("calcium", "albumin", "corrected"),
    [(2.0, 40, 2.0), (2.0, 30, 2.2), (1.9, 20, 2.3), (2.5, 45, 2.4), (None, 40, None), (2.0, None, None)],
)
def test_corrected_calcium(calcium: float | None, albumin: float | None, corrected: float | None) -> None:
    spec = importlib.util.spec_from_file_location("laboratory", ROOT / "adam" / "laboratory.py")
    assert spec is not None
    assert spec.loader is not None
    laboratory = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(laboratory)
    out = laboratory.corrected_calcium(pd.DataFrame({"CA": [calcium], "ALB": [albumin]}, dtype="Float64"))
    assert out[0] == corrected if corrected is not None else pd.isna(out[0])


def lab(
    code: str,
    date: str,
    value: float | str | None,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    cat: str = "CHEMISTRY",
    spec: str = "SERUM",
) -> Record:
    number = value if not isinstance(value, str) else None
    return {
        "LBTESTCD": code,
        "LBCAT": cat,
        "LBSPEC": spec,
        "LBDTC": date,
        "LBSTRESN": number,
        "LBSTRESC": None if value is None else str(value),
        "LBSTRESU": unit or None,
        "LBSTNRLO": low,
        "LBSTNRHI": high,
        "VISITNUM": 1,
        "VISIT": "VISIT",
    }


def neut(date: str, value: float) -> Record:
    return lab("NEUT", date, value, 2.0, 7.0, "10^9/L", "HEMATOLOGY", "BLOOD")


def alt(date: str, value: float) -> Record:
    return lab("ALT", date, value, 9.0, 40.0, "U/L")


BEFORE, AFTER = "2026-01-26T08:00", "2026-02-09T08:00"
LABS = [
    neut("2026-01-20T08:00", 3.0),
    neut(BEFORE, 1.8),
    neut("2026-01-31T08:00", 0.3),
    neut(AFTER, 0.8),
    neut("2026-02-15T08:00", 0.45),
    neut("2026-02-20T08:00", 0.45),
    neut("2026-03-01T08:00", 0.99),
    neut("2026-04-01T08:00", 1.0),
    neut("2026-09-01T08:00", 2.5),
    alt(BEFORE, 60.0),
    alt(AFTER, 89.0),
    alt("2026-02-10T08:00", 200.0),
    lab("CA", BEFORE, 2.0, 2.1, 2.6, "mmol/L"),
    lab("ALB", BEFORE, 30.0, 35.0, 50.0, "g/L"),
    lab("CA", AFTER, 1.9, 2.1, 2.6, "mmol/L"),
    lab("PROT", BEFORE, "NEGATIVE", cat="URINALYSIS", spec="URINE"),
    lab("PROT", AFTER, "2+", cat="URINALYSIS", spec="URINE"),
    lab("PROT", AFTER, 70.0, 60.0, 80.0, "g/L"),
    lab("CRP", BEFORE, "<0.5", 0.0, 5.0, "mg/L"),
    lab("CRP", AFTER, ">300", 0.0, 5.0, "mg/L"),
    lab("IGG", BEFORE, 8.0, 7.0, 16.0, "g/L", "IMMUNOLOGY"),
    lab("IGG", AFTER, 3.99, 7.0, 16.0, "g/L", "IMMUNOLOGY"),
    lab("IGG", "2026-03-01T08:00", 4.0, 7.0, 16.0, "g/L", "IMMUNOLOGY"),
    lab("ADSDNA", BEFORE, 300.0, 0.0, 100.0, "IU/mL", "IMMUNOLOGY"),
    lab("ADSDNA", AFTER, 101.0, 0.0, 100.0, "IU/mL", "IMMUNOLOGY"),
    lab("ADSDNA", "2026-03-01T08:00", 100.0, 0.0, 100.0, "IU/mL", "IMMUNOLOGY"),
    lab("INTLK6", AFTER, 9.0, None, 7.0, "ng/L", "CYTOKINES"),
]
BAD = [
    lab("K", BEFORE, 4.0, 3.5, 5.1, "mmol/L"),
    lab("K", AFTER, 5.2, 3.5, None, "mmol/L"),
    lab("K", "2026-02-10T08:00", 3.4, 5.1, 3.5, "mmol/L"),
    lab("SODIUM", AFTER, 128.0, 135.0, 145.0, "mg/dL"),
    neut(AFTER, 1.6),
    neut(AFTER, 1.7),
]


@pytest.fixture(scope="module")
def built() -> tuple[pd.DataFrame, Findings]:
    specs, registry = load_specs(ROOT), make_registry(ROOT)
    plans = bind_specs(specs, registry)
    people: dict[str, list[Record]] = {"GOOD": LABS, "BAD": BAD}
    dosed = [
        {"EXSEQ": 1, "EXTRT": "FLUDARABINE", "EXDOSE": 30, "EXSTDTC": "2026-01-27T09:00"},
        {"EXSEQ": 2, "EXTRT": "CT1195E", "EXDOSE": 300, "EXSTDTC": "2026-02-01T10:00", "EXENDTC": "2026-02-01T10:30"},
    ]
    rows = {
        "DM": {p: [{"SUBJID": p, "ARMCD": "ESC-DL1", "ACTARMCD": "ESC-DL1"}] for p in people},
        "EX": dict.fromkeys(people, dosed),
        "LB": {p: [r | {"LBSEQ": n} for n, r in enumerate(labs, 1)] for p, labs in people.items()},
    }
    sdtm: dict[str, Dataset] = {}
    for name in specs.sdtm:
        kinds = {v.name: DTYPES[v.type] for v in plans.datasets[name].variables}
        found = [{"STUDYID": "CT1195E-SLE-101", "USUBJID": p} | r for p, rs in rows.get(name, {}).items() for r in rs]
        frame = pd.DataFrame({c: [r.get(c) for r in found] for c in kinds}, dtype="object").astype(kinds)
        sdtm[name] = Dataset(name, name, (), frame)
        if specs.sdtm[name].supplemental:
            names = ["STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL"]
            supp = pd.DataFrame({c: pd.Series(dtype="str") for c in names})
            sdtm[f"SUPP{name}"] = Dataset(f"SUPP{name}", "", (), supp)
    raw = {}
    for name, form in specs.forms.items():
        columns = {c: pd.Series(dtype="str") for c in specs.columns(form)}
        raw[f"raw.{name}"] = pd.DataFrame(columns | {"_rid": pd.Series(dtype="Int64")})
    findings = Findings()
    adam, _ = build_adam(specs, plans, registry, sdtm, {**raw, **study_frames(specs, "2026-09-01")}, findings)
    return adam["ADLB"].frame, findings


@pytest.fixture
def values(built):
    """The values of a variable for a parameter of the good participant, in order of time; None where missing."""
    frame, _ = built

    def of(param: str, variable: str, subject: str = "GOOD") -> list[object]:
        rows = frame.loc[(frame["USUBJID"] == subject) & (frame["PARAMCD"] == param)].sort_values(["ADTM", "LBSEQ"])
        return [None if pd.isna(v) else v for v in rows[variable]]

    return of


def test_baseline_is_before_lymphodepletion_and_worst_grade_after_the_infusion(values) -> None:
    assert values("NEUT", "ABLFL") == [None, "Y", *[None] * 7]
    assert values("NEUT", "BASE") == [1.8] * 9
    assert values("NEUT", "ATOXGRL") == ["0", "1", "4", "3", "4", "4", "3", "2", "0"]
    assert values("NEUT", "BTOXGRLN") == [1] * 9
    assert values("NEUT", "WGRLOFL") == [None] * 4 + ["Y"] + [None] * 4, "the first of two; grade 4 before day 1 is not"
    assert values("NEUT", "SHIFT2") == [None] * 3 + ["1 to 3", "1 to 4", "1 to 4", "1 to 3", "1 to 2", "1 to 0"]
    assert values("NEUT", "WGRHIFL") == [None] * 9, "no rule for high neutrophils"


def test_grade_3_cytopenia_at_a_visit_and_last_value_on_treatment(values) -> None:
    assert values("NEUT", "AVISIT")[6:] == ["Day 28", "Month 2", "Month 6"]
    assert values("NEUT", "CRIT1FL")[6:] == ["Y", "N", "N"]
    # 180 days after 1 February is 31 July
    assert values("NEUT", "ONTRTFL") == [None] * 3 + ["Y"] * 5 + [None]
    assert values("NEUT", "LVOTFL") == [None] * 7 + ["Y", None]


def test_abnormal_baseline_and_multiples_of_the_limit(values) -> None:
    assert values("ALT", "ATOXGRH") == ["0", "0", "2"], "60 and 89 are below 1.5 times 60; 200 is 3.3 times"
    assert values("ALT", "R2A1HI") == [1.5, 2.225, 5.0]
    assert values("ALT", "TRTEMHFL") == [None, None, "Y"]


def test_calcium_is_graded_corrected(values) -> None:
    assert values("CA", "AVAL") == [2.0, 1.9]
    assert values("CA", "ATOXGRL") == [None, None]
    assert values("CACORR", "AVAL") == [2.2, None], "no albumin on the second day"
    assert values("CACORR", "ATOXGRL") == ["0", None]
    assert values("CACORR", "ATOXRSNL") == [None, "No numeric result"]
    assert values("CACORR", "LBSEQ") == values("CA", "LBSEQ")


def test_blood_and_urine_are_kept_apart_and_strips_are_ordered(values) -> None:
    assert values("PROT", "AVAL") == [70.0]
    assert values("UPROT", "AVALC") == ["NEGATIVE", "2+"]
    assert values("UPROT", "AVAL") == [0.0, 2.0]
    assert values("UPROT", "ATOXGRH") == ["0", "2"]
    assert values("IL6", "AVAL") == [], "the panel is not the local laboratory's"


def test_bounds(values) -> None:
    assert values("CRP", "AVAL") == [0.25, 300.0]
    assert values("CRP", "AVALC") == ["<0.5", ">300"]
    assert (values("CRP", "BLQFL"), values("CRP", "ALQFL")) == (["Y", None], [None, "Y"])


def test_immunoglobulin_and_seroconversion(values) -> None:
    assert values("IGG", "CRIT2FL") == ["N", "Y", "N"], "4 g/L is not below 4"
    assert values("IGG", "CRIT3FL") == ["N", "Y", "Y"]
    assert values("DSDNA", "CRIT4FL") == [None, "N", "Y"], "the limit itself is normal"


def test_bad_input_is_told(built, values) -> None:
    _, findings = built
    told = {(f.rule, f.where.rsplit(":")[0], f.value) for f in findings if "BAD" in f.where}
    assert ("adam.grade.range", "ADLB.AVAL", "5.2") in told
    assert ("adam.range", "ADLB.ANRLO", "5.1") in told
    assert ("adam.grade.unit", "ADLB.LBSTRESU", "mg/dL") in told
    assert ("adam.repeat", "ADLB.LBSTRESC", "1.6 and 1.7") in told
    assert values("K", "ATOXRSNH", "BAD")[1:] == ["No upper limit of normal", "Lower limit above upper limit"]
    assert values("SODIUM", "ATOXGRL", "BAD") == [None]
    assert values("NEUT", "REPEATFL", "BAD") == ["Y", "Y"]
    assert [f for f in findings if "GOOD" in f.where and "ADLB" in f.where] == []
