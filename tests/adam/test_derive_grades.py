"""Limits of CTCAE 5.0: neutrophil count decreased, ALT increased."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from datacut.adam.derive_grades import derive_var_atoxgr
from datacut.errors import SpecError
from datacut.spec.grading import GradeRule, Grading

NEUT = GradeRule(
    test="NEUT",
    direction="L",
    term="Neutrophil count decreased",
    unit="10^9/L",
    limits=("1 x LLN", "1.5", "1.0", "0.5"),
)
ALT = GradeRule(
    test="ALT",
    direction="H",
    term="Alanine aminotransferase increased",
    unit="",
    limits=("1 x ULN", "3.0 x ULN", "5.0 x ULN", "20.0 x ULN"),
    abnormal_baseline=("1.5 x BASE", "3.0 x BASE", "5.0 x BASE", "20.0 x BASE"),
)


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


@pytest.fixture
def study(context):
    return replace(context, grading=Grading(rules=(NEUT, ALT)))


LABS = """
USUBJID PARAMCD AVAL ANRLO ANRHI BASE LBSTRESU
01      NEUT    2.0  2.0   7.0   4.0  10^9/L
02      NEUT    1.9  2.0   7.0   4.0  10^9/L
03      NEUT    1.5  2.0   7.0   4.0  10^9/L
04      NEUT    1.4  2.0   7.0   4.0  10^9/L
05      NEUT    0.4  .     .     .    10^9/L
06      NEUT    1.8  .     .     .    10^9/L
07      NEUT    .    2.0   7.0   4.0  10^9/L
08      NEUT    0.4  2.0   7.0   4.0  10^6/L
09      ALT     40.0 .     40.0  20.0 U/L
10      ALT     41.0 .     40.0  20.0 U/L
11      ALT     121  .     40.0  20.0 ukat/L
12      ALT     121  .     40.0  60.0 U/L
13      WBC     0.1  4.0   10.0  5.0  10^9/L
"""


def test_low_grades_at_the_limits(table, study) -> None:
    out = derive_var_atoxgr(table(LABS), "L", "LBSTRESU", "ATOXGRL", "ATOXGRLN", context=study)
    assert values(out["ATOXGRL"])[:8] == ["0", "1", "1", "2", "4", None, None, None]
    assert values(out["ATOXGRL"])[8:] == [None] * 5, "no rule in that direction"
    assert values(out["ATOXGRLN"])[:5] == [0, 1, 1, 2, 4]
    assert [(str(f.where), f.value) for f in study.findings] == [
        ("ADXX.LBSTRESU:08", "10^6/L"),
        ("ADXX.AVAL:06", "1.8"),
    ]


def test_high_grades_and_an_abnormal_baseline(table, study) -> None:
    out = derive_var_atoxgr(table(LABS), "H", "LBSTRESU", "ATOXGRH", context=study)
    # multiples of the range need no unit; 121 is 2.02 times an abnormal baseline of 60
    assert values(out["ATOXGRH"])[8:] == ["0", "1", "2", "1", None]


def test_why_a_value_has_no_grade(table, study) -> None:
    out = derive_var_atoxgr(
        table("""
        USUBJID PARAMCD AVAL ANRLO ANRHI BASE LBSTRESU
        01      NEUT    1.8  2.0   7.0   .    10^9/L
        02      NEUT    1.8  .     7.0   4.0  10^9/L
        03      NEUT    .    2.0   7.0   4.0  10^9/L
        04      NEUT    1.8  2.0   7.0   4.0  10^6/L
        05      NEUT    1.8  7.0   2.0   4.0  10^9/L
        06      NEUT    0.9  7.0   2.0   4.0  10^9/L
        07      NEUT    1.8  2.0   7.0   4.0  .
        08      WBC     1.8  2.0   7.0   4.0  10^9/L
        """),
        "L",
        "LBSTRESU",
        "ATOXGRL",
        term="ATOXDSCL",
        reason="WHY",
        context=study,
    )
    assert values(out["ATOXGRL"]) == ["1", None, None, None, None, "3", None, None]
    assert values(out["WHY"]) == [
        None,
        "No lower limit of normal",
        "No numeric result",
        "Unit without grades",
        "Lower limit above upper limit",
        None,
        "Unit without grades",
        None,
    ]
    assert values(out["ATOXDSCL"]) == ["Neutrophil count decreased"] * 7 + [None]
    assert [(f.severity.name, str(f.where)) for f in study.findings] == [
        ("ERROR", "ADXX.LBSTRESU:04"),
        ("ERROR", "ADXX.LBSTRESU:07"),
        ("WARNING", "ADXX.AVAL:02"),
    ]


def test_a_missing_baseline_is_a_reason_where_it_decides(table, study) -> None:
    out = derive_var_atoxgr(
        table("""
        USUBJID PARAMCD AVAL ANRLO ANRHI BASE LBSTRESU
        01      ALT     39   .     40    .    U/L
        02      ALT     41   .     40    .    U/L
        """),
        "H",
        "LBSTRESU",
        "ATOXGRH",
        reason="WHY",
        context=study,
    )
    assert values(out["ATOXGRH"]) == ["0", None]
    assert values(out["WHY"]) == [None, "No baseline"]
    assert list(study.findings) == []


@pytest.mark.parametrize("written", ["1 x ULN + ", "<= 3", "3 or", "ULN", "1 x UNL"])
def test_limits_that_cannot_be_read(table, context, written: str) -> None:
    bad = replace(context, grading=Grading(rules=(ALT.model_copy(update={"limits": (written, "", "", "")}),)))
    with pytest.raises(SpecError, match=">= before it if it is reached"):
        derive_var_atoxgr(table(LABS), "H", "LBSTRESU", "ATOXGRH", context=bad)


def test_a_limit_that_cannot_be_read(table, context) -> None:
    bad = replace(context, grading=Grading(rules=(NEUT.model_copy(update={"limits": ("LLN", "", "", "")}),)))
    with pytest.raises(SpecError, match="x ULN, x LLN or x BASE"):
        derive_var_atoxgr(table(LABS), "L", "LBSTRESU", "ATOXGRL", context=bad)
    with pytest.raises(SpecError, match="Write L or H"):
        derive_var_atoxgr(table(LABS), "LOW", "LBSTRESU", "ATOXGRL", context=context)
