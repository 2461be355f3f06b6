"""Laboratory, ECG, vital-sign, phenotyping and antibody pages as the study's specs map them."""

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
EDC = {"STUDYID": "CT1195E-SLE-101", "SUBJID": "101-001", "VISIT": "Baseline"}
VENDOR = {"SUBJECT": "WH101/001", "TIMEPOINT": "D7", "COLLDT": "2026-03-09", "COLLTM": "08:10", "STATUS": "FINAL"}
PAGES = {
    "dm": [{**EDC, "VISIT": "", "ICDAT": "02-FEB-2026", "ICTIM": "08:00", "SEX": "Female"}],
    "hem": [{
        **EDC, "LBDAT": "12-FEB-2026", "LBTIM": "08:00", "LBNAM": "CCL", "WBC": "2.9", "WBC_U": "×10⁹/L",
        "WBC_LO": "3.5", "WBC_HI": "9.5", "HCT": "34", "HCT_U": "%", "HCT_LO": "35", "HCT_HI": "45", "EOS_ND": "1",
    }],
    "chem": [{
        **EDC, "LBDAT": "12-FEB-2026", "GLU": "90", "GLU_U": "mg/dL", "GLU_LO": "70", "GLU_HI": "110", "IL6": "<1.5",
        "IL6_U": "pg/mL", "IL6_LO": "0", "IL6_HI": "7",
    }],
    "coag": [{**EDC, "LBDAT": "12-FEB-2026", "INR": "1.3", "INR_LO": "0.8", "INR_HI": "1.2", "DD": "420",
              "DD_U": "ug/L FEU", "DD_LO": "0", "DD_HI": "500"}],
    "urine": [{
        **EDC, "LBDAT": "12-FEB-2026", "UPRO": "++", "UGLU": "阴性", "ULEU": "±", "UBLD": "-", "UCRBC": "未见",
        "UWBC": "7", "UWBC_U": "/HP", "UWBC_LO": "0", "UWBC_HI": "5", "UPCR": "812", "UPCR_U": "mg/g", "UPCR_LO": "0",
        "UPCR_HI": "200", "USG": "1.015", "UKET_ND": "X",
    }],
    "preg": [{**EDC, "LBDAT": "12-FEB-2026", "LBNAM": "CCL", "PGSPEC": "尿液", "PGRES": "阴性"}],
    "eg": [
        {**EDC, "EGDAT": "12-FEB-2026", "EGTIM": "09:00", "EGPOS": "Supine", "HR": "60", "QT": "400", "QTCF": "400",
         "INTP": "异常", "CLSIG": "N", "DESC": "Sinus arrhythmia"},
        {**EDC, "VISIT": "Day 28", "EGDAT": "30-MAR-2026", "EGND": "1"},
    ],
    "vsinf": [{**EDC, "VISIT": "Infusion", "VSDAT": "02-MAR-2026", "VSTIM_1": "12:00", "VSTIM_4": "15:00",
               "TEMP_1": "37.2", "TEMP_4": "38.4"}],
    "flow": [
        {**VENDOR, "ACCESSION": "A1", "POP": "BCELL", "MARKER": "CD45+(CD19+/CD20+)", "PARENT": "Lymphocytes",
         "EVENTS": "12", "COUNT": "0.6", "PCT": "0.1"},
        {**VENDOR, "ACCESSION": "A2", "POP": "BNAIVE", "EVENTS": "3", "COUNT": "0.2", "PCT": "33.3"},
        {**VENDOR, "ACCESSION": "A3", "POP": "TCELL", "COUNT": "410", "PCT": "76", "STATUS": "WITHDRAWN"},
        {**VENDOR, "ACCESSION": "A4", "POP": "CART", "COUNT": "85", "PCT": "20.7", "STATUS": "CORRECTED"},
        {**VENDOR, "ACCESSION": "A5", "POP": "PBLAST", "COUNT": "0", "PCT": "0", "STATUS": "PRELIMINARY"},
    ],
    "cyto": [
        {**VENDOR, "ACCESSION": "C1", "ANALYTE": "IL6", "RESULT": "<2.0", "UNIT": "pg/mL", "HIGH": "7.0", "LLOQ": "2"},
        {**VENDOR, "ACCESSION": "C2", "ANALYTE": "SIL2R", "RESULT": "1220.5", "UNIT": "U/mL", "HIGH": "710"},
        {**VENDOR, "ACCESSION": "C3", "ANALYTE": "TNFA", "RESULT": "9.9", "UNIT": "pg/mL", "STATUS": "WITHDRAWN"},
    ],
    "anticar": [{**VENDOR, "ACCESSION": "I1", "SCRRES": "Positive", "CNFRES": "阳性", "TITER": "40"}],
    "rcl": [{**VENDOR, "ACCESSION": "R1", "RESULT": "未检出"}],
}  # fmt: skip
"""One participant; fields left out are blank."""


@pytest.fixture(scope="module")
def built() -> dict[str, Dataset]:
    specs, registry = load_specs(ROOT), make_registry(ROOT)
    sources = {}
    for name, form in specs.forms.items():
        frame = pd.DataFrame(PAGES.get(name, []), columns=list(specs.columns(form)), dtype="str")
        numbers = pd.Series(range(1, len(frame) + 1), dtype="Int64")
        sources[f"raw.{name}"] = frame.assign(_rid=numbers, _row=numbers + 1, _file=f"raw/{form.filename}")
    findings = Findings()
    sources |= study_frames(specs, "2026-09-01")
    datasets, _ = build_sdtm(specs, bind_specs(specs, registry), registry, sources, findings)
    assert [f"{f.rule} {f.where} {f.value}" for f in findings if f.severity == "error"] == []
    return datasets


def records(built: dict[str, Dataset], name: str, *columns: str) -> set[tuple[str, ...]]:
    """Columns as text, one tuple a record; missing is blank."""
    frame = built[name].frame[list(columns)]
    shown = frame.astype("object").where(frame.notna(), "")
    return {tuple(f"{v:g}" if isinstance(v, float) else str(v) for v in row) for row in shown.itertuples(index=False)}


def test_results_ranges_and_units_of_one_sample(built: dict[str, Dataset]) -> None:
    found = records(
        built, "LB", "LBTESTCD", "LBSPEC", "LBORRES", "LBORRESU", "LBSTRESC", "LBSTRESU", "LBNRIND", "LBSTAT"
    )
    assert {
        ("WBC", "BLOOD", "2.9", "10^9/L", "2.9", "10^9/L", "LOW", ""),
        ("HCT", "BLOOD", "34", "%", "0.34", "L/L", "LOW", ""),
        ("EOS", "BLOOD", "", "", "", "", "", "NOT DONE"),
        ("INR", "PLASMA", "1.3", "", "1.3", "", "HIGH", ""),
        ("DDIMER", "PLASMA", "420", "ug/L FEU", "0.42", "mg/L FEU", "NORMAL", ""),
        ("WBC", "URINE", "7", "/HPF", "7", "/HPF", "HIGH", ""),
        ("PROTCRT", "URINE", "812", "g/kg", "0.812", "g/g", "HIGH", ""),
        ("SPGRAV", "URINE", "1.015", "", "1.015", "", "", ""),
    } <= found


def test_glucose_is_converted_with_its_molar_mass(built: dict[str, Dataset]) -> None:
    lb = built["LB"].frame
    row = lb[lb["LBTESTCD"] == "GLUC"].set_index("LBSPEC").loc["SERUM"]
    assert row["LBSTRESN"] == pytest.approx(90 * 10 / 180.156, rel=1e-5)
    assert (row["LBSTNRLO"], row["LBSTNRHI"]) == (pytest.approx(3.8855, abs=1e-3), pytest.approx(6.1058, abs=1e-3))


def test_strips_and_casts_are_words_with_a_normal_word(built: dict[str, Dataset]) -> None:
    found = records(
        built, "LB", "LBTESTCD", "LBSPEC", "LBORRES", "LBSTRESC", "LBSTRESN", "LBSTNRC", "LBNRIND", "LBSTAT"
    )
    assert {
        ("PROT", "URINE", "2+", "2+", "", "NEGATIVE", "ABNORMAL", ""),
        ("GLUC", "URINE", "NEGATIVE", "NEGATIVE", "", "NEGATIVE", "NORMAL", ""),
        ("LEUKASE", "URINE", "TRACE", "TRACE", "", "NEGATIVE", "ABNORMAL", ""),
        ("OCCBLD", "URINE", "NEGATIVE", "NEGATIVE", "", "NEGATIVE", "NORMAL", ""),
        ("CSRBC", "URINE", "NEGATIVE", "NEGATIVE", "", "NEGATIVE", "NORMAL", ""),
        ("KETONES", "URINE", "", "", "", "", "", "NOT DONE"),
        ("HCG", "URINE", "NEGATIVE", "NEGATIVE", "", "", "", ""),
        ("RCL", "BLOOD", "NEGATIVE", "NEGATIVE", "", "NEGATIVE", "NORMAL", ""),
    } <= found


def test_local_and_vendor_results_of_one_cytokine_are_told_apart(built: dict[str, Dataset]) -> None:
    found = records(built, "LB", "LBTESTCD", "LBCAT", "LBNAM", "LBSTRESC", "LBSTRESU", "VISIT", "LBREFID")
    assert {row for row in found if row[0] in ("INTLK6", "TNF", "IL2SR")} == {
        ("INTLK6", "CHEMISTRY", "", "<1.5", "ng/L", "BASELINE", ""),
        ("INTLK6", "CYTOKINES", "BIOMARKER LABORATORY", "<2.0", "ng/L", "DAY 7", "C1"),
        ("IL2SR", "CYTOKINES", "BIOMARKER LABORATORY", "1220.5", "U/mL", "DAY 7", "C2"),
    }


def test_withdrawn_and_preliminary_results_of_a_vendor_are_left_out(built: dict[str, Dataset]) -> None:
    assert records(built, "CP", "CPTESTCD", "CPSTRESC", "CPSTRESU", "CPREFID") == {
        ("BLYCE", "0.6", "10^6/L", "A1"),
        ("BLYCELY", "0.1", "%", "A1"),
        ("BLYEVT", "12", "EVENTS", "A1"),
        ("BLYN", "0.2", "10^6/L", "A2"),
        ("BLYNBLY", "33.3", "%", "A2"),
        ("TLYCAR", "85", "10^6/L", "A4"),
        ("TLYCARTL", "20.7", "%", "A4"),
    }


def test_steps_of_an_antibody_assay_are_records_of_one_test(built: dict[str, Dataset]) -> None:
    assert records(built, "IS", "ISTESTCD", "ISTSTOPO", "ISSTRESC", "ISSTRESN", "ISLLOQ", "USUBJID") == {
        ("ADA_BAB", "SCREEN", "POSITIVE", "", "", "CT1195E-SLE-101-101-001"),
        ("ADA_BAB", "CONFIRM", "POSITIVE", "", "", "CT1195E-SLE-101-101-001"),
        ("ADA_BAB", "QUANTIFY", "40", "40", "20", "CT1195E-SLE-101-101-001"),
    }


def test_an_ecg_has_measures_and_an_interpretation_or_was_not_done(built: dict[str, Dataset]) -> None:
    assert records(built, "EG", "EGTESTCD", "EGSTRESC", "EGSTRESU", "EGCLSIG", "EGSTAT", "VISIT") == {
        ("EGHRMN", "60", "beats/min", "", "", "BASELINE"),
        ("QTAG", "400", "ms", "", "", "BASELINE"),
        ("QTCFAG", "400", "ms", "", "", "BASELINE"),
        ("INTP", "ABNORMAL", "", "N", "", "BASELINE"),
        ("EGALL", "", "", "", "NOT DONE", "DAY 28"),
    }
    assert built["SUPPEG"].frame["QVAL"].tolist() == ["Sinus arrhythmia"]


def test_signs_after_the_infusion_have_planned_times(built: dict[str, Dataset]) -> None:
    assert records(built, "VS", "VSTESTCD", "VSSTRESC", "VSDTC", "VSTPTNUM", "VSELTM") == {
        ("TEMP", "37.2", "2026-03-02T12:00", "1", "PT1H"),
        ("TEMP", "38.4", "2026-03-02T15:00", "4", "PT4H"),
    }
