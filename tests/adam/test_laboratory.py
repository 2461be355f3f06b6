"""ADLB, ADLBHY, ADVS, ADEG and ADIS as the study builds them. Expectations by hand.

Infusion on 1 February 2026, lymphodepletion from 27 January.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from datacut.adam.build import build_adam
from datacut.datasets.model import DTYPES, Dataset
from datacut.engine.sources import study_frames
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
    corrected_calcium = make_registry(ROOT).verbs["study.corrected_calcium"].function
    out = corrected_calcium(pd.DataFrame({"CA": [calcium], "ALB": [albumin]}, dtype="Float64"))
    assert out[0] == corrected if corrected is not None else pd.isna(out[0])


@pytest.mark.parametrize(
    ("first", "second", "total"), [(1.5, 0.25, 1.75), (0.1, 0.2, 0.3), (0, 0, 0), (1.5, None, None), (None, 2, None)]
)
def test_sum_of_parts(first: float | None, second: float | None, total: float | None) -> None:
    sum_of_parts = make_registry(ROOT).verbs["study.sum_of_parts"].function
    out = sum_of_parts(pd.DataFrame({"UNSWITCHED": [first], "SWITCHED": [second]}, dtype="Float64"))
    assert list(out) == [total] if total is not None else out.isna().all()


@pytest.mark.parametrize(
    ("screening", "confirmation", "status"),
    [
        ("NEGATIVE", None, "NEGATIVE"),
        ("POSITIVE", "POSITIVE", "POSITIVE"),
        ("POSITIVE", "NEGATIVE", "NEGATIVE"),
        ("NEGATIVE", "POSITIVE", "POSITIVE"),
        (None, "POSITIVE", "POSITIVE"),
        ("POSITIVE", None, None),
        (None, None, None),
    ],
)
def test_antibody_status(screening: str | None, confirmation: str | None, status: str | None) -> None:
    antibody_status = make_registry(ROOT).verbs["study.antibody_status"].function
    out = antibody_status(pd.DataFrame({"SCREEN": [screening], "CONFIRM": [confirmation]}, dtype="str"))
    assert out[0] == status if status is not None else pd.isna(out[0])


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
    lab("INTLK6", BEFORE, "<3.0", None, 7.0, "ng/L", "CYTOKINES"),
    lab("INTLK6", AFTER, 9.0, None, 7.0, "ng/L", "CYTOKINES"),
]
LIVER = [
    alt(BEFORE, 130.0),
    alt(AFTER, 120.0),
    lab("ALP", AFTER, 239.0, 30.0, 120.0, "U/L"),
    lab("BILI", "2026-03-11T08:00", 40.0, 3.0, 20.0, "umol/L"),
    lab("BILI", BEFORE, 40.0, 3.0, 20.0, "umol/L"),
]


def vital(code: str, date: str, value: float, position: str | None = None, hours: int | None = None) -> Record:
    return {
        "VSTESTCD": code,
        "VSPOS": position,
        "VSSTRESN": value,
        "VSDTC": date,
        "VSTPT": None if hours is None else f"{hours} HOURS",
        "VSTPTNUM": hours,
        "VISITNUM": 1,
    }


VITALS = [
    vital("SYSBP", BEFORE, 160, "SITTING"),
    vital("SYSBP", AFTER, 180, "SITTING"),
    vital("SYSBP", "2026-03-01T08:00", 179, "SITTING"),
    vital("SYSBP", AFTER, 190, "STANDING"),
    vital("SYSBP", "2026-02-01T14:00", 95, None, 4),
    vital("PULSE", BEFORE, 64, "SITTING"),
    vital("PULSE", AFTER, 50, "SITTING"),
    vital("PULSE", "2026-02-15T08:00", 49, "SITTING"),
    vital("WEIGHT", BEFORE, 50.0),
    vital("WEIGHT", AFTER, 53.5),
    vital("WEIGHT", "2026-02-15T08:00", 46.6),
]


def ecg(code: str, date: str, value: float | str) -> Record:
    number = value if not isinstance(value, str) else None
    unit = "ms" if number is not None else None
    return {
        "EGTESTCD": code,
        "EGDTC": date,
        "EGSTRESN": number,
        "EGSTRESC": str(value),
        "EGSTRESU": unit,
        "VISITNUM": 1,
    }


ECGS = [
    ecg("QTCFAG", BEFORE, 420.0),
    ecg("QTCFAG", AFTER, 450.0),
    ecg("QTCFAG", "2026-02-15T08:00", 451.0),
    ecg("QTCFAG", "2026-03-01T08:00", 480.0),
    ecg("QTCFAG", "2026-04-01T08:00", 481.0),
    ecg("QTCFAG", "2026-05-01T08:00", 501.0),
    ecg("INTP", BEFORE, "NORMAL"),
    ecg("INTP", AFTER, "ABNORMAL"),
]


def antibody(objective: str, date: str, result: str, number: float | None = None) -> Record:
    return {"ISTSTOPO": objective, "ISDTC": date, "ISSTRESC": result, "ISSTRESN": number, "VISITNUM": 1, "VISIT": "V"}


ANTIBODIES = [
    antibody("SCREEN", BEFORE, "NEGATIVE"),
    antibody("SCREEN", AFTER, "POSITIVE"),
    antibody("CONFIRM", AFTER, "POSITIVE"),
    antibody("QUANTIFY", AFTER, "80", 80.0),
    antibody("SCREEN", "2026-03-01T08:00", "POSITIVE"),
    antibody("CONFIRM", "2026-03-01T08:00", "NEGATIVE"),
    antibody("SCREEN", "2026-04-01T08:00", "POSITIVE"),
]
BAD = [
    lab("K", BEFORE, 4.0, 3.5, 5.1, "mmol/L"),
    lab("K", AFTER, 5.2, 3.5, None, "mmol/L"),
    lab("K", "2026-02-10T08:00", 3.4, 5.1, 3.5, "mmol/L"),
    lab("SODIUM", AFTER, 128.0, 135.0, 145.0, "mg/dL"),
    neut(AFTER, 1.6),
    neut(AFTER, 1.7),
]


def numbered(domain: str, records: list[Record]) -> list[Record]:
    return [r | {f"{domain}SEQ": n} for n, r in enumerate(records, 1)]


@pytest.fixture(scope="module")
def built() -> tuple[dict[str, pd.DataFrame], Findings]:
    specs, registry = load_specs(ROOT), make_registry(ROOT)
    plans = bind_specs(specs, registry)
    people: dict[str, list[Record]] = {"GOOD": LABS, "BAD": BAD, "LIVER": LIVER}
    dosed = [
        {"EXSEQ": 1, "EXTRT": "FLUDARABINE", "EXDOSE": 30, "EXSTDTC": "2026-01-27T09:00"},
        {"EXSEQ": 2, "EXTRT": "CT1195E", "EXDOSE": 300, "EXSTDTC": "2026-02-01T10:00", "EXENDTC": "2026-02-01T10:30"},
    ]
    rows = {
        "DM": {p: [{"SUBJID": p, "ARMCD": "ESC-DL1", "ACTARMCD": "ESC-DL1"}] for p in people},
        "EX": dict.fromkeys(people, dosed),
        "LB": {p: numbered("LB", labs) for p, labs in people.items()},
        "VS": {"GOOD": numbered("VS", VITALS)},
        "EG": {"GOOD": numbered("EG", ECGS)},
        "IS": {"GOOD": numbered("IS", ANTIBODIES)},
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
    return {n: d.frame for n, d in adam.items()}, findings


@pytest.fixture
def values(built):
    """The values of a variable for a parameter of a participant, in order of time; None where missing."""
    frames, _ = built

    def of(param: str, variable: str, subject: str = "GOOD", dataset: str = "ADLB") -> list[object]:
        frame = frames[dataset]
        rows = frame.loc[(frame["USUBJID"] == subject) & (frame["PARAMCD"] == param)].sort_values("ADTM")
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


def test_worst_grade_above_the_one_at_baseline_while_on_treatment(values) -> None:
    assert values("NEUT", "WTEGRL") == [None] * 4 + [4] + [None] * 4, "grade 4 of 31 January is before the infusion"
    assert values("NEUT", "WTEGRH") == [None] * 9
    assert values("NEUT", "AVALDP") == [2] * 9
    assert values("ALT", "AVALDP") == [0] * 3


def test_a_cytokine_below_quantification_is_half_the_limit(values) -> None:
    assert values("IL6", "AVAL", dataset="ADPD") == [1.5, 9.0]
    assert values("IL6", "BLQFL", dataset="ADPD") == ["Y", None]
    assert values("IL6", "ABLFL", dataset="ADPD") == ["Y", None]
    assert values("IL6", "R2BASE", dataset="ADPD") == [None, 6.0]
    assert values("IL6", "PEAKFL", dataset="ADPD") == [None, "Y"]


def test_grade_3_cytopenia_at_a_visit_and_last_value_on_treatment(values) -> None:
    assert values("NEUT", "AVISIT")[6:] == ["Day 28", "Month 2", "Month 6"]
    assert values("NEUT", "CRIT1FL")[6:] == ["Y", "N", "N"]
    # 180 days after 1 February is 31 July
    assert values("NEUT", "ONTRTFL") == [None] * 3 + ["Y"] * 5 + [None]
    assert values("NEUT", "LVOTFL") == [None] * 7 + ["Y", None]


def test_abnormal_baseline_and_multiples_of_the_limit(values) -> None:
    assert values("ALT", "ATOXGRH") == ["1", "0", "2"], "60 by its range; 89 is below 1.5 times 60, 200 is 3.3 times"
    assert values("ALT", "ATOXLKH") == ["1", "1", "2"], "all by the range: 60 and 89 lie above 40, 200 above 120"
    assert values("ALT", "SHIFT3") == [None, "1 to 1", "1 to 2"]
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
    told = {(f.rule, f"{f.where.dataset}.{f.where.variable}", f.value) for f in findings if "BAD" in f.where.key}
    assert ("adam.grade.range", "ADLB.AVAL", "5.2") in told
    assert ("adam.range", "ADLB.ANRLO", "5.1") in told
    assert ("adam.grade.unit", "ADLB.LBSTRESU", "mg/dL") in told
    assert ("adam.repeat", "ADLB.LBSTRESC", "1.6 and 1.7") in told
    assert values("K", "ATOXRSNH", "BAD")[1:] == ["No upper limit of normal", "Lower limit above upper limit"]
    assert values("SODIUM", "ATOXGRL", "BAD") == [None]
    assert values("NEUT", "REPEATFL", "BAD") == ["Y", "Y"]
    assert [f for f in findings if "GOOD" in f.where.key and f.where.dataset == "ADLB"] == []


def test_liver_injury_from_the_infusion_on(values) -> None:
    def hy(param: str, variable: str) -> list[object]:
        return values(param, variable, "LIVER", "ADLBHY")

    assert hy("ALT", "AVAL") == [3.0], "the value before the infusion is left out"
    assert (hy("ALT", "CRIT1FL"), hy("ALT", "CRIT2FL"), hy("ALT", "PEAKFL")) == (["Y"], ["N"], ["Y"])
    assert hy("BILI", "CRIT4FL") == ["Y"]
    # 9 February and 11 March are 30 days apart; alkaline phosphatase is 239/120, below 2
    assert (hy("HYBILI", "AVALC"), hy("HYLAW", "AVALC")) == (["Y"], ["Y"])
    assert [str(d.date()) for d in hy("HYLAW", "ADT")] == ["2026-03-11"]
    assert values("HYLAW", "AVALC", "GOOD", "ADLBHY") == ["N"]


def test_positions_are_not_mixed_and_marked_values_need_a_change(values) -> None:
    def vs(param: str, variable: str) -> list[object]:
        return values(param, variable, dataset="ADVS")

    assert vs("SYSBP", "AVAL") == [160, 180, 179]
    assert vs("SYSBPST", "AVAL") == [190]
    assert vs("SYSBPST", "BASE") == [None], "a standing value has no sitting baseline"
    assert vs("SYSBPNR", "ATPT") == ["4 HOURS"]
    assert vs("SYSBPNR", "ANL01FL") == [None]
    assert vs("SYSBP", "CRIT1FL") == [None, "Y", "N"], "180 and a rise of 20"
    assert vs("PULSE", "CRIT2FL") == [None, "N", "Y"], "50 has fallen by 14 only, 49 by 15"
    assert vs("WEIGHT", "CRIT3FL") == [None, "Y", "N"], "3.5 of 50 kg are 7 percent"
    assert vs("WEIGHT", "CRIT4FL") == [None, "N", "N"], "3.4 of 50 kg are not"


def test_qtcf_categories_and_grades(values) -> None:
    def eg(param: str, variable: str) -> list[object]:
        return values(param, variable, dataset="ADEG")

    assert eg("QTCF", "AVALCAT1") == ["<=450", "<=450", ">450-480", ">450-480", ">480-500", ">500"]
    assert eg("QTCF", "CHGCAT1") == [None, "<=30", ">30-60", ">30-60", ">60", ">60"]
    assert eg("QTCF", "CRIT4FL") == [None, "N", "Y", "Y", "Y", "Y"]
    assert eg("QTCF", "CRIT5FL") == [None, "N", "N", "N", "Y", "Y"]
    assert eg("QTCF", "ATOXGRH") == ["0", "1", "1", "1", "3", "3"], "481 has risen by 61 ms, which is grade 3"
    assert eg("QTCF", "WGRHIFL") == [None, None, None, None, "Y", None]
    assert eg("INTP", "SHIFT1") == [None, "NORMAL to ABNORMAL"]


def test_antibodies_by_confirmation(values) -> None:
    def ada(param: str, variable: str) -> list[object]:
        return values(param, variable, dataset="ADIS")

    assert ada("ADASTAT", "AVALC") == ["NEGATIVE", "POSITIVE", "NEGATIVE", None]
    assert ada("ADASTAT", "BASEC") == ["NEGATIVE"] * 4
    assert ada("ADASTAT", "CRIT1FL") == [None, "Y", "N", None]
    assert ada("ADASTAT", "WORSTFL") == [None, "Y", None, None]
    assert ada("ADATITER", "AVAL") == [80]
    assert ada("ADATITER", "PEAKFL") == ["Y"]
    assert ada("ADACNF", "SRCDOM") == ["IS", "IS"]
    assert ada("ADACNF", "SRCSEQ") == [3, 6]
