"""The study's grading.yml against the published limits of CTCAE 5.0: value, unit, range and baseline to grade.

Every grade is worked by hand from the published wording; values stand at each limit and on its two sides.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from datacut.adam.derive_grades import derive_var_atoxgr, grading_rule
from datacut.spec.load import load_specs

ROOT = Path(__file__).parents[2]

# grade `-`: no grade. A range or baseline of `.` is missing.
LOW = """
PARAMCD UNIT AVAL ANRLO ANRHI BASE GRADE
HGB g/L 120 120 160 130 0
HGB g/L 119.9 120 160 130 1
HGB g/L 100 120 160 130 1
HGB g/L 99.9 120 160 130 2
HGB g/L 80 120 160 130 2
HGB g/L 79.9 120 160 130 3
HGB g/L 20 120 160 130 3
HGB g/L 99 . . . 2
HGB g/L 101 . 160 130 -
HGB g/dL 12.0 12.0 16.0 13.0 0
HGB g/dL 11.9 12.0 16.0 13.0 1
HGB g/dL 10.0 12.0 16.0 13.0 1
HGB g/dL 9.9 12.0 16.0 13.0 2
HGB g/dL 8.0 12.0 16.0 13.0 2
HGB g/dL 7.9 12.0 16.0 13.0 3
HGB mmol/L 6.2 7.4 9.9 8.0 1
HGB mmol/L 6.1 7.4 9.9 8.0 2
HGB mmol/L 4.9 7.4 9.9 8.0 2
HGB mmol/L 4.8 7.4 9.9 8.0 3
WBC 10^9/L 4.0 4.0 10.0 6.0 0
WBC 10^9/L 3.9 4.0 10.0 6.0 1
WBC 10^9/L 3.0 4.0 10.0 6.0 1
WBC 10^9/L 2.99 4.0 10.0 6.0 2
WBC 10^9/L 2.0 4.0 10.0 6.0 2
WBC 10^9/L 1.99 4.0 10.0 6.0 3
WBC 10^9/L 1.0 4.0 10.0 6.0 3
WBC 10^9/L 0.99 4.0 10.0 6.0 4
WBC 10^6/L 3000 4000 10000 6000 1
WBC 10^6/L 2999 4000 10000 6000 2
WBC 10^6/L 999 4000 10000 6000 4
NEUT 10^9/L 2.0 2.0 7.0 4.0 0
NEUT 10^9/L 1.99 2.0 7.0 4.0 1
NEUT 10^9/L 1.5 2.0 7.0 4.0 1
NEUT 10^9/L 1.49 2.0 7.0 4.0 2
NEUT 10^9/L 1.0 2.0 7.0 4.0 2
NEUT 10^9/L 0.99 2.0 7.0 4.0 3
NEUT 10^9/L 0.5 2.0 7.0 4.0 3
NEUT 10^9/L 0.49 2.0 7.0 4.0 4
NEUT 10^9/L 0 2.0 7.0 4.0 4
NEUT 10^6/L 500 2000 7000 4000 3
NEUT 10^6/L 499 2000 7000 4000 4
NEUT 10^9/L 1.8 . . . -
NEUT 10^9/L . 2.0 7.0 4.0 -
LYM 10^9/L 1.0 1.0 4.0 2.0 0
LYM 10^9/L 0.99 1.0 4.0 2.0 1
LYM 10^9/L 0.8 1.0 4.0 2.0 1
LYM 10^9/L 0.79 1.0 4.0 2.0 2
LYM 10^9/L 0.5 1.0 4.0 2.0 2
LYM 10^9/L 0.49 1.0 4.0 2.0 3
LYM 10^9/L 0.2 1.0 4.0 2.0 3
LYM 10^9/L 0.19 1.0 4.0 2.0 4
LYM 10^6/L 799 1000 4000 2000 2
LYM 10^6/L 199 1000 4000 2000 4
PLAT 10^9/L 125 125 350 200 0
PLAT 10^9/L 124 125 350 200 1
PLAT 10^9/L 75 125 350 200 1
PLAT 10^9/L 74 125 350 200 2
PLAT 10^9/L 50 125 350 200 2
PLAT 10^9/L 49 125 350 200 3
PLAT 10^9/L 25 125 350 200 3
PLAT 10^9/L 24 125 350 200 4
PLAT 10^6/L 75000 125000 350000 200000 1
PLAT 10^6/L 24999 125000 350000 200000 4
ALB g/L 35 35 50 40 0
ALB g/L 34 35 50 40 1
ALB g/L 30 35 50 40 1
ALB g/L 29.9 35 50 40 2
ALB g/L 20 35 50 40 2
ALB g/L 19.9 35 50 40 3
ALB g/dL 3.0 3.5 5.0 4.0 1
ALB g/dL 2.9 3.5 5.0 4.0 2
ALB g/dL 1.9 3.5 5.0 4.0 3
GLUC mmol/L 3.9 3.9 6.1 5.0 0
GLUC mmol/L 3.8 3.9 6.1 5.0 1
GLUC mmol/L 3.0 3.9 6.1 5.0 1
GLUC mmol/L 2.9 3.9 6.1 5.0 2
GLUC mmol/L 2.2 3.9 6.1 5.0 2
GLUC mmol/L 2.1 3.9 6.1 5.0 3
GLUC mmol/L 1.7 3.9 6.1 5.0 3
GLUC mmol/L 1.6 3.9 6.1 5.0 4
GLUC mg/dL 55 70 110 90 1
GLUC mg/dL 54 70 110 90 2
GLUC mg/dL 39 70 110 90 3
GLUC mg/dL 29 70 110 90 4
K mmol/L 3.5 3.5 5.1 4.0 0
K mmol/L 3.4 3.5 5.1 4.0 1
K mmol/L 3.0 3.5 5.1 4.0 1
K mmol/L 2.9 3.5 5.1 4.0 3
K mmol/L 2.5 3.5 5.1 4.0 3
K mmol/L 2.4 3.5 5.1 4.0 4
SODIUM mmol/L 135 135 145 140 0
SODIUM mmol/L 134 135 145 140 1
SODIUM mmol/L 130 135 145 140 1
SODIUM mmol/L 129 135 145 140 2
SODIUM mmol/L 125 135 145 140 2
SODIUM mmol/L 124 135 145 140 3
SODIUM mmol/L 120 135 145 140 3
SODIUM mmol/L 119 135 145 140 4
MG mmol/L 0.70 0.70 1.00 0.8 0
MG mmol/L 0.69 0.70 1.00 0.8 1
MG mmol/L 0.5 0.70 1.00 0.8 1
MG mmol/L 0.49 0.70 1.00 0.8 2
MG mmol/L 0.4 0.70 1.00 0.8 2
MG mmol/L 0.39 0.70 1.00 0.8 3
MG mmol/L 0.29 0.70 1.00 0.8 4
MG mg/dL 1.2 1.7 2.4 2.0 1
MG mg/dL 1.1 1.7 2.4 2.0 2
MG mg/dL 0.8 1.7 2.4 2.0 3
MG mg/dL 0.6 1.7 2.4 2.0 4
CACORR mmol/L 2.10 2.10 2.60 2.3 0
CACORR mmol/L 2.09 2.10 2.60 2.3 1
CACORR mmol/L 2.0 2.10 2.60 2.3 1
CACORR mmol/L 1.99 2.10 2.60 2.3 2
CACORR mmol/L 1.75 2.10 2.60 2.3 2
CACORR mmol/L 1.74 2.10 2.60 2.3 3
CACORR mmol/L 1.5 2.10 2.60 2.3 3
CACORR mmol/L 1.49 2.10 2.60 2.3 4
CACORR mg/dL 8.0 8.4 10.4 9.2 1
CACORR mg/dL 7.9 8.4 10.4 9.2 2
CACORR mg/dL 6.9 8.4 10.4 9.2 3
CACORR mg/dL 5.9 8.4 10.4 9.2 4
FIB g/L 2.0 2.0 4.0 3.0 0
FIB g/L 1.99 2.0 4.0 3.0 1
FIB g/L 1.5 2.0 4.0 3.0 1
FIB g/L 1.49 2.0 4.0 3.0 2
FIB g/L 1.0 2.0 4.0 3.0 2
FIB g/L 0.99 2.0 4.0 3.0 3
FIB g/L 0.5 2.0 4.0 3.0 3
FIB g/L 0.49 2.0 4.0 3.0 4
FIB g/L 1.6 2.0 4.0 1.6 0
FIB g/L 1.5 2.0 4.0 1.6 1
FIB g/L 1.21 2.0 4.0 1.6 1
FIB g/L 1.2 2.0 4.0 1.6 2
FIB g/L 0.81 2.0 4.0 1.6 2
FIB g/L 0.8 2.0 4.0 1.6 3
FIB g/L 0.5 2.0 4.0 1.6 3
FIB g/L 0.49 2.0 4.0 1.6 4
FIB g/L 0.40 2.0 4.0 . 4
FIB g/L 1.4 2.0 4.0 . -
FIB mg/dL 149 200 400 300 2
FIB mg/dL 49 200 400 300 4
ALT U/L 1 9 40 20 -
"""

HIGH = """
PARAMCD UNIT AVAL ANRLO ANRHI BASE GRADE
HGB g/L 160 120 160 150 0
HGB g/L 161 120 160 150 1
HGB g/L 180 120 160 150 1
HGB g/L 181 120 160 150 2
HGB g/L 200 120 160 150 2
HGB g/L 201 120 160 150 3
HGB g/dL 18.0 12.0 16.0 15.0 1
HGB g/dL 18.1 12.0 16.0 15.0 2
HGB g/dL 20.1 12.0 16.0 15.0 3
WBC 10^9/L 100 4.0 10.0 6.0 0
WBC 10^9/L 100.1 4.0 10.0 6.0 3
WBC 10^6/L 100001 4000 10000 6000 3
LYM 10^9/L 4.0 1.0 3.5 2.0 0
LYM 10^9/L 4.1 1.0 3.5 2.0 2
LYM 10^9/L 20.0 1.0 3.5 2.0 2
LYM 10^9/L 20.1 1.0 3.5 2.0 3
LYM 10^9/L 4.1 . . . 2
LYM 10^6/L 4000 1000 3500 2000 0
LYM 10^6/L 4001 1000 3500 2000 2
LYM 10^6/L 20001 1000 3500 2000 3
EOS 10^9/L 0.5 0.0 0.5 0.3 0
EOS 10^9/L 0.51 0.0 0.5 0.3 1
EOS 10^9/L 0.6 0.0 0.5 0.7 0
EOS 10^9/L 0.71 0.0 0.5 0.7 1
ALT U/L 40 9 40 20 0
ALT U/L 41 9 40 20 1
ALT U/L 120 9 40 20 1
ALT U/L 121 9 40 20 2
ALT U/L 200 9 40 20 2
ALT U/L 201 9 40 20 3
ALT U/L 800 9 40 20 3
ALT U/L 801 9 40 20 4
ALT U/L 121 9 40 40 2
ALT U/L 89.9 9 40 60 0
ALT U/L 90 9 40 60 1
ALT U/L 180 9 40 60 1
ALT U/L 181 9 40 60 2
ALT U/L 300 9 40 60 2
ALT U/L 301 9 40 60 3
ALT U/L 1200 9 40 60 3
ALT U/L 1201 9 40 60 4
ALT U/L 38 9 40 . 0
ALT U/L 50 9 40 . -
ALT U/L 50 9 . 20 -
AST U/L 35 10 35 20 0
AST U/L 36 10 35 20 1
AST U/L 105 10 35 20 1
AST U/L 106 10 35 20 2
AST U/L 176 10 35 20 3
AST U/L 701 10 35 20 4
AST U/L 75 10 35 50 1
AST U/L 74 10 35 50 0
AST U/L 151 10 35 50 2
ALP U/L 120 30 120 80 0
ALP U/L 121 30 120 80 1
ALP U/L 300 30 120 80 1
ALP U/L 301 30 120 80 2
ALP U/L 601 30 120 80 3
ALP U/L 2401 30 120 80 4
ALP U/L 279 30 120 140 0
ALP U/L 280 30 120 140 1
ALP U/L 350 30 120 140 1
ALP U/L 351 30 120 140 2
ALP U/L 701 30 120 140 3
ALP U/L 2801 30 120 140 4
GGT U/L 60 10 60 30 0
GGT U/L 150 10 60 30 1
GGT U/L 151 10 60 30 2
GGT U/L 301 10 60 30 3
GGT U/L 1201 10 60 30 4
GGT U/L 159 10 60 80 0
GGT U/L 160 10 60 80 1
GGT U/L 201 10 60 80 2
BILI umol/L 20 3 20 10 0
BILI umol/L 20.1 3 20 10 1
BILI umol/L 30 3 20 10 1
BILI umol/L 30.1 3 20 10 2
BILI umol/L 60 3 20 10 2
BILI umol/L 60.1 3 20 10 3
BILI umol/L 200 3 20 10 3
BILI umol/L 200.1 3 20 10 4
BILI umol/L 24 3 20 24 0
BILI umol/L 24.1 3 20 24 1
BILI umol/L 36 3 20 24 1
BILI umol/L 36.1 3 20 24 2
BILI umol/L 72.1 3 20 24 3
BILI umol/L 240.1 3 20 24 4
BILI mg/dL 1.8 0.2 1.2 0.6 1
BILI mg/dL 1.81 0.2 1.2 0.6 2
CREAT umol/L 100 50 100 80 0
CREAT umol/L 101 50 100 80 1
CREAT umol/L 120 50 100 80 1
CREAT umol/L 121 50 100 80 2
CREAT umol/L 150 50 100 110 1
CREAT umol/L 151 50 100 110 2
CREAT umol/L 240 50 100 80 2
CREAT umol/L 241 50 100 80 3
CREAT umol/L 301 50 100 110 3
CREAT umol/L 600 50 100 110 3
CREAT umol/L 601 50 100 110 4
CREAT umol/L 76 50 100 50 2
CREAT umol/L 75 50 100 50 0
CREAT umol/L 601 50 100 . 4
CREAT umol/L 90 50 100 . -
URATE umol/L 420 150 420 300 0
URATE umol/L 900 150 420 300 1
LDH U/L 250 120 250 200 0
LDH U/L 251 120 250 200 1
LDH U/L 5000 120 250 200 1
CK U/L 200 30 200 100 0
CK U/L 500 30 200 100 1
CK U/L 501 30 200 100 2
CK U/L 1000 30 200 100 2
CK U/L 1001 30 200 100 3
CK U/L 2000 30 200 100 3
CK U/L 2001 30 200 100 4
AMYLASE U/L 100 25 100 50 0
AMYLASE U/L 150 25 100 50 1
AMYLASE U/L 151 25 100 50 2
AMYLASE U/L 500 25 100 50 2
AMYLASE U/L 501 25 100 50 3
CHOL mmol/L 5.2 3.0 5.2 4.0 0
CHOL mmol/L 5.21 3.0 5.2 4.0 1
CHOL mmol/L 7.75 3.0 5.2 4.0 1
CHOL mmol/L 7.76 3.0 5.2 4.0 2
CHOL mmol/L 10.35 3.0 5.2 4.0 3
CHOL mmol/L 12.93 3.0 5.2 4.0 4
CHOL mg/dL 300 100 200 150 1
CHOL mg/dL 301 100 200 150 2
CHOL mg/dL 501 100 200 150 4
TRIG mmol/L 1.70 0.5 1.7 1.0 0
TRIG mmol/L 1.71 0.5 1.7 1.0 1
TRIG mmol/L 3.42 0.5 1.7 1.0 1
TRIG mmol/L 3.43 . . . 2
TRIG mmol/L 5.7 0.5 1.7 1.0 2
TRIG mmol/L 5.71 0.5 1.7 1.0 3
TRIG mmol/L 11.4 0.5 1.7 1.0 3
TRIG mmol/L 11.41 0.5 1.7 1.0 4
TRIG mg/dL 149 40 150 90 0
TRIG mg/dL 150 40 150 90 1
TRIG mg/dL 1001 40 150 90 4
K mmol/L 5.1 3.5 5.1 4.0 0
K mmol/L 5.2 3.5 5.1 4.0 1
K mmol/L 5.5 3.5 5.1 4.0 1
K mmol/L 5.6 3.5 5.1 4.0 2
K mmol/L 6.0 3.5 5.1 4.0 2
K mmol/L 6.1 3.5 5.1 4.0 3
K mmol/L 7.0 3.5 5.1 4.0 3
K mmol/L 7.1 3.5 5.1 4.0 4
SODIUM mmol/L 145 135 145 140 0
SODIUM mmol/L 150 135 145 140 1
SODIUM mmol/L 151 135 145 140 2
SODIUM mmol/L 156 135 145 140 3
SODIUM mmol/L 161 135 145 140 4
MG mmol/L 1.00 0.70 1.00 0.8 0
MG mmol/L 1.23 0.70 1.00 0.8 1
MG mmol/L 1.24 0.70 1.00 0.8 3
MG mmol/L 3.30 0.70 1.00 0.8 3
MG mmol/L 3.31 0.70 1.00 0.8 4
MG mg/dL 3.0 1.7 2.4 2.0 1
MG mg/dL 3.1 1.7 2.4 2.0 3
MG mg/dL 8.1 1.7 2.4 2.0 4
CACORR mmol/L 2.60 2.10 2.60 2.3 0
CACORR mmol/L 2.9 2.10 2.60 2.3 1
CACORR mmol/L 2.91 2.10 2.60 2.3 2
CACORR mmol/L 3.11 2.10 2.60 2.3 3
CACORR mmol/L 3.41 2.10 2.60 2.3 4
CACORR mg/dL 11.5 8.4 10.4 9.2 1
CACORR mg/dL 11.6 8.4 10.4 9.2 2
CACORR mg/dL 12.6 8.4 10.4 9.2 3
CACORR mg/dL 13.6 8.4 10.4 9.2 4
APTT s 36 25 36 30 0
APTT s 54 25 36 30 1
APTT s 54.1 25 36 30 2
APTT s 90 25 36 30 2
APTT s 90.1 25 36 30 3
INR ~ 1.2 0.8 1.2 1.0 0
INR ~ 1.21 0.8 1.2 1.0 1
INR ~ 1.5 0.8 1.2 1.0 1
INR ~ 1.51 0.8 1.2 1.0 2
INR ~ 2.5 0.8 1.2 1.0 2
INR ~ 2.51 . . . 3
PROTEXR g/day 0.14 0 0.15 0.1 0
PROTEXR g/day 0.15 0 0.15 0.1 1
PROTEXR g/day 0.99 0 0.15 0.1 1
PROTEXR g/day 1.0 0 0.15 0.1 2
PROTEXR g/day 3.49 0 0.15 0.1 2
PROTEXR g/day 3.5 0 0.15 0.1 3
PROTEXR mg/day 999 0 150 100 1
PROTEXR mg/day 3500 0 150 100 3
UPROT ~ 0 . . 0 0
UPROT ~ 0.5 . . 0 0
UPROT ~ 1 . . 0 1
UPROT ~ 2 . . 0 2
UPROT ~ 3 . . 0 2
UPROT ~ 4 . . 0 3
QTCF ms 449 . . 400 0
QTCF ms 450 . . 400 1
QTCF ms 480 . . 430 1
QTCF ms 481 . . 430 2
QTCF ms 500 . . 440 2
QTCF ms 501 . . 460 3
QTCF ms 460 . . 400 1
QTCF ms 461 . . 400 3
QTCF ms 430 . . 365 3
QTCF ms 450 . . . -
QTCF ms 510 . . . 3
GLUC mmol/L 30 3.9 6.1 5.0 -
"""


@pytest.fixture(scope="module")
def rules():
    return load_specs(ROOT).grading


def expected(frame: pd.DataFrame) -> list[str | None]:
    return [None if g == "-" else g for g in frame["GRADE"]]


@pytest.mark.parametrize(("direction", "cases"), [("L", LOW), ("H", HIGH)])
def test_published_limits(table, context, rules, direction: str, cases: str) -> None:
    frame = table(cases.replace("\n\n", "\n"))
    frame["GRADE"] = frame["GRADE"].astype("str")
    frame["UNIT"] = frame["UNIT"].str.strip().replace("", None)
    out = derive_var_atoxgr(frame, direction, "UNIT", "GOT", context=replace(context, grading=rules))
    got = [None if pd.isna(g) else g for g in out["GOT"]]
    wrong = [
        (line, have)
        for line, want, have in zip(cases.strip().splitlines()[1:], expected(frame), got, strict=True)
        if want != have
    ]
    assert wrong == []


def test_there_are_cases_for_every_rule(table, rules) -> None:
    tested = {
        (direction, test, unit.strip())
        for direction, cases in (("L", LOW), ("H", HIGH))
        for test, unit in zip(table(cases)["PARAMCD"], table(cases)["UNIT"], strict=True)
    }
    untested = [
        (r.direction, r.test, r.unit)
        for r in rules.rules
        if not any(d == r.direction and t == r.test and (u == r.unit or not r.unit) for d, t, u in tested)
    ]
    assert untested == []
    assert len(LOW.strip().splitlines()) + len(HIGH.strip().splitlines()) - 2 >= 150


def test_inr_on_anticoagulation_is_a_multiple_of_baseline(table, context, rules, where) -> None:
    frame = table("""
        PARAMCD UNIT AVAL ANRLO ANRHI BASE ONAC GRADE
        INR     ~    2.4  0.8   1.2   2.4  Y    0
        INR     ~    2.5  0.8   1.2   2.4  Y    1
        INR     ~    3.6  0.8   1.2   2.4  Y    1
        INR     ~    3.7  0.8   1.2   2.4  Y    2
        INR     ~    6.0  0.8   1.2   2.4  Y    2
        INR     ~    6.1  0.8   1.2   2.4  Y    3
        INR     ~    6.1  0.8   1.2   .    Y    -
        INR     ~    2.5  0.8   1.2   2.4  N    2
    """)
    out = derive_var_atoxgr(
        frame,
        "H",
        "UNIT",
        "GOT",
        reason="WHY",
        anticoagulated=where('ONAC EQ "Y"'),
        context=replace(context, grading=rules),
    )
    assert [None if pd.isna(g) else g for g in out["GOT"]] == expected(frame)
    assert [w for w in out["WHY"] if not pd.isna(w)] == ["No baseline"]


def test_limits_of_every_rule_rise_in_severity(rules) -> None:
    """With a range of 10 to 20 and any one baseline, a grade never begins before a lower one."""
    for rule in rules.rules:
        engine = grading_rule(rule, "rule")
        sign = 1 if engine.direction == "high" else -1
        for state in ("normal", "abnormal"):
            reference = {"absolute": 1.0, "uln": 20.0, "lln": 10.0, "baseline": 30.0 if sign > 0 else 5.0}
            for kind in reference:
                places = [
                    (x.grade, sign * (x.factor * reference[x.of] + x.plus))
                    for x in engine.limits
                    if x.of == kind and x.baseline in ("any", state)
                ]
                assert [p for _, p in sorted(places)] == sorted(p for _, p in places), (rule.test, rule.direction)
