from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.sdtm.conftest import listed, make_context, told

from datacut.sdtm.assign_range import assign_range_high, assign_range_low
from datacut.sdtm.derive_standard import derive_nrind, derive_range_text, derive_vars_standard
from datacut.spec.document import read_document
from datacut.spec.load import parse_document
from datacut.spec.units import TestUnits as UnitsOfTest
from datacut.spec.units import Units

STUDY_UNITS = parse_document(read_document(Path(__file__).parents[2] / "specs" / "units.yml", "units.yml"), Units)

LAB = """
USUBJID TEST  RES   U       LO   HI
01      HGB   .     g/dL    11.5 15
01      HGB   13.6  g/dL    11.5 15.0
01      HGB   137.0 g/L     115  150
01      HGB   4.6   gram/dL .    x
01      HGB   <5    g/dL    .    .
01      HGB   <50   g/L     .    .
01      HGB   13    mg      12   15
01      HGB   13    .       .    .
01      HGB   BLQ   .       .    .
01      HGB   high  g/L     .    .
01      CREAT 1     mg/dL   .    .
01      CREAT 88    umol/L  .    .
01      PH    7.4   .       .    .
"""


def standardised(raw, context, **more):
    return derive_vars_standard(
        raw(LAB), "TEST", "RES", "U", "N", "C", context, stresu="SU", low="LO", high="HI", stnrlo="SLO", stnrhi="SHI"
    )


def test_results_units_and_ranges_are_converted_exactly(raw, context) -> None:
    out = standardised(raw, context)
    assert listed(out["N"]) == [
        None, 136.0, 137.0, 46.0, None, None, None, None, None, None, 88.4, 88.0, 7.4,
    ]  # fmt: skip
    assert listed(out["C"]) == [
        None, "136", "137.0", "46", "<50", "<50", None, None, "BLQ", "high", "88.4", "88.0", "7.4",
    ]  # fmt: skip
    assert listed(out["SU"])[:4] == [None, "g/L", "g/L", "g/L"]
    assert listed(out["SLO"])[:4] == [115.0, 115.0, 115.0, None]
    assert listed(out["SHI"])[:4] == [150.0, 150.0, 150.0, None]
    assert str(out["N"].dtype) == "Float64"


def test_what_cannot_be_converted_is_reported_at_its_row(raw, context) -> None:
    standardised(raw, context)
    assert told(context) == [
        "error sdtm.unit raw/form.csv:8:U mg",
        "error sdtm.unit raw/form.csv:9:U",
        "error sdtm.result raw/form.csv:11:RES high",
        "error sdtm.range raw/form.csv:5:HI x",
    ]


def test_the_limits_themselves_are_normal() -> None:
    rows = pd.DataFrame(
        {
            "N": [None, 1.9, 2.0, 8.0, 8.1, 1.0, 9.0, 9.0, 5.0],
            "LO": [2.0, 2.0, 2.0, 2.0, 2.0, None, None, 2.0, None],
            "HI": [8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, None, None],
        }
    ).astype("Float64")
    out = derive_nrind(rows, "N", "LO", "HI", "IND")["IND"]
    assert listed(out) == [None, "LOW", "NORMAL", "NORMAL", "HIGH", "NORMAL", "HIGH", "NORMAL", None]


def test_a_range_as_text_says_which_limit_is_known():
    rows = pd.DataFrame({"LO": [0, 3.5, None, 0.25, None], "HI": [7, 5.5, 7, None, None]}).astype("Float64")
    out = derive_range_text(rows, "LO", "HI", "NRC")["NRC"]
    assert listed(out) == ["0 to 7", "3.5 to 5.5", "<=7", ">=0.25", None]


ERROR, WARNING = "error", "warning"


@pytest.mark.parametrize(
    ("typed", "stresc", "stresn", "finding"),
    [
        ("4.5", "4.5", 4.5, None),
        ("4.50", "4.50", 4.5, None),
        ("4.", "4.", 4.0, None),
        ("-1", "-1", -1.0, None),
        ("４．５", "4.5", 4.5, None),
        ("0", "0", 0.0, None),
        ("<0.5", "<0.5", None, None),
        ("< 0.5", "<0.5", None, None),
        ("＜０．５", "<0.5", None, None),
        ("<0", "<0", None, None),
        ("≤0.5", "<=0.5", None, None),
        ("<=0.5", "<=0.5", None, None),
        (">1000", ">1000", None, None),
        ("＞1000", ">1000", None, None),
        ("≥1000", ">=1000", None, None),
        (">=1000", ">=1000", None, None),
        ("1.2×10^3", "1200", 1200.0, None),
        ("1.2x10³", "1200", 1200.0, None),
        ("1.2E3", "1200", 1200.0, None),
        ("1E-4", "0.0001", 0.0001, None),
        ("<1×10^3", "<1000", None, None),
        ("BLQ", "BLQ", None, None),
        ("blq", "BLQ", None, None),
        ("<LLOQ", "BLQ", None, None),
        ("阴性", "NEGATIVE", None, None),
        ("阴性（-）", "NEGATIVE", None, None),
        ("(-)", "NEGATIVE", None, None),
        ("neg", "NEGATIVE", None, None),
        ("NEGATIVE", "NEGATIVE", None, None),
        ("阳性", "POSITIVE", None, None),
        ("Positive", "POSITIVE", None, None),
        ("±", "TRACE", None, None),
        ("+/-", "TRACE", None, None),
        ("微量", "TRACE", None, None),
        ("未检出", "NOT DETECTED", None, None),
        ("+", "1+", None, None),
        ("＋＋", "2+", None, None),
        ("3+", "3+", None, None),
        ("1,2", "1,2", None, ERROR),
        ("1，2", "1，2", None, ERROR),
        ("1,234", "1,234", None, ERROR),
        ("1.234,5", "1.234,5", None, ERROR),
        ("1,234.5", "1234.5", 1234.5, WARNING),
        ("1,234,567", "1234567", 1234567.0, WARNING),
        ("ND", "ND", None, ERROR),
        ("-", "-", None, ERROR),
        ("NA", "NA", None, ERROR),
        ("haemolysed", "haemolysed", None, ERROR),
        ("4.5 mg/L", "4.5 mg/L", None, ERROR),
        ("4-5", "4-5", None, ERROR),
        ("+4", "+4", None, ERROR),
        ("4.5*", "4.5*", None, ERROR),
        (None, None, None, None),
    ],
)
def test_result_texts(typed: str | None, stresc: str | None, stresn: float | None, finding: str | None) -> None:
    context = make_context(units=STUDY_UNITS)
    rows = pd.DataFrame({"T": ["CRP"], "R": [typed], "U": ["mg/L"]}, dtype="str")
    out = derive_vars_standard(rows, "T", "R", "U", "N", "C", context)
    assert (listed(out["C"]), listed(out["N"])) == ([stresc], [stresn])
    assert [str(f.severity) for f in context.findings] == ([finding] if finding else [])
    assert {f.rule for f in context.findings} <= {"sdtm.result"}


@pytest.mark.parametrize(
    ("test", "typed", "unit", "stresc", "stresn"),
    [
        ("CREAT", "1.2", "mg/dL", "106.0824", 106.0824),
        ("BILI", "1", "mg/dL", "17.104", 17.104),
        ("WBC", "5400", "10^6/L", "5.4", 5.4),
        ("WBC", "5.4", "×10⁹/L", "5.4", 5.4),
        ("HGB", "0.1", "g/dL", "1", 1.0),
        ("CRP", "<0.3", "mg/dL", "<3", None),
        ("CRP", "≥20", "mg/dL", ">=200", None),
        ("C3", "90", "mg/dL", "0.9", 0.9),
        ("ALT", "31", "IU/L", None, None),
        ("ALT", "31", None, None, None),
        ("ALT", "阴性", None, "NEGATIVE", None),
        ("LIPASE", "31", "U/L", None, None),
    ],
)
def test_units_of_the_study(test: str, typed: str, unit: str | None, stresc: str | None, stresn: float | None) -> None:
    context = make_context(units=STUDY_UNITS)
    rows = pd.DataFrame({"T": [test], "R": [typed], "U": [unit]}, dtype="str")
    out = derive_vars_standard(rows, "T", "R", "U", "N", "C", context)
    assert (listed(out["C"]), listed(out["N"])) == ([stresc], [stresn])
    assert {f.rule for f in context.findings} == ({"sdtm.unit"} if stresc is None else set())


def test_a_range_in_another_unit_than_the_result_is_converted_by_its_own(raw) -> None:
    context = make_context()
    form = raw("T R U LO HI RU\nHGB 13.6 g/dL 115 150 g/L\nHGB 13.6 g/dL 11.5 15 .\nHGB 136 g/L 115 150 mg")
    out = derive_vars_standard(
        form, "T", "R", "U", "N", "C", context, low="LO", high="HI", stnrlo="SLO", stnrhi="SHI", range_unit="RU"
    )
    assert listed(out["SLO"]) == [115.0, 115.0, None]
    assert listed(out["SHI"]) == [150.0, 150.0, None]
    assert told(context) == ["error sdtm.unit raw/form.csv:4:RU mg", "warning sdtm.range raw/form.csv:2:RU g/L"]


def test_a_range_that_looks_like_another_unit_is_told_and_kept(raw) -> None:
    context = make_context()
    form = raw("T R U HI\nHGB 136 g/L 150\nHGB 13.6 g/dL 16\nHGB 13.6 g/dL 150\nHGB 136 g/L 15.5\nHGB 136 g/L 155")
    out = derive_vars_standard(form, "T", "R", "U", "N", "C", context, high="HI", stnrhi="SHI")
    assert listed(out["SHI"]) == [150.0, 160.0, 1500.0, 15.5, 155.0]
    assert told(context) == ["warning sdtm.range raw/form.csv:4:HI 150", "warning sdtm.range raw/form.csv:5:HI 15.5"]


def test_a_test_may_say_what_nd_means(raw) -> None:
    words = UnitsOfTest.model_validate(
        {"standard": "copies/ug", "texts": [{"value": "NOT DETECTED", "collected": ["ND"]}]}
    )
    context = make_context(units=Units(tests={"VCN": words}))
    out = derive_vars_standard(raw("T R U\nVCN ND copies/ug"), "T", "R", "U", "N", "C", context)
    assert listed(out["C"]) == ["NOT DETECTED"]
    assert told(context) == []


def test_a_range_in_one_field_is_taken_apart(raw) -> None:
    context = make_context()
    form = raw("R\n3.5-5.5\n＜5.5\n≥60\n.\nabout~5\n5.5-3.5")
    assert listed(assign_range_low(form, "R", context)) == ["3.5", None, "60", None, None, None]
    assert listed(assign_range_high(form, "R", context)) == ["5.5", "5.5", None, None, None, None]
    assert told(context) == ["error sdtm.range raw/form.csv:6:R about 5", "error sdtm.range raw/form.csv:7:R 5.5-3.5"]
