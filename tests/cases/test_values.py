"""Conditions, settings, units, ranges and grades at the edges of what is known: the cases of `values.csv`."""

import pandas as pd
import pytest
from pydantic import ValidationError
from tests.cases import read_cases

from datacut.adam.derive_grades import derive_var_atoxgr
from datacut.compute.units import convert
from datacut.engine.context import ROW, Context
from datacut.engine.filter import mask
from datacut.errors import Findings
from datacut.raw.check import check_values, own_rows
from datacut.spec.comparison import Holds, mismatches
from datacut.spec.crf import CrfField
from datacut.spec.grading import GradeRule, Grading
from datacut.spec.settings import outside, unfit
from datacut.spec.study import Setting
from datacut.spec.units import Units
from datacut.spec.where import parse_where


def given(row):
    return dict(part.strip().split("=", 1) for part in row["input"].split(";"))


def cases(item, start=""):
    rows = [r for r in read_cases("values") if r["item"] == item and r["question"].startswith(start)]
    return pytest.mark.parametrize("row", rows, ids=lambda r: r["id"])


def setting(value, alternatives=""):
    values = value.split("|")
    whole = values if len(values) > 1 else value
    known = tuple(a for a in alternatives.split("|") if a)
    return Setting(value=whole, alternatives=known, source="protocol", text="A choice")


HOLDS = {"number": Holds.COLLECTED, "text": Holds.TEXT, "date": Holds.TYPED_DATE, "iso": Holds.ISO}


@cases("27")
def test_a_condition_compares_like_with_like_or_is_refused(row):
    case = given(row)
    where = parse_where(case["where"])
    settings = {"limit": setting(case["limit"]).value} if "limit" in case else {}
    if list(mismatches(where, {"F": HOLDS[case["type"]]}, settings)):
        assert row["answer"] == "refused"
        return
    frame = pd.DataFrame({"F": [text or None for text in case["rows"].split("|")]}, dtype="str")
    assert "|".join(frame.loc[mask(frame, where, settings), "F"]) == row["answer"]


@cases("29")
def test_a_setting_is_one_of_its_alternatives_and_what_its_call_takes(row):
    case = given(row)
    chosen = setting(case["value"], case["alternatives"])
    refused = list(outside(chosen)) or unfit(chosen.value, case["takes"])
    assert ("refused" if refused else "accepted") == row["answer"]


ALT = GradeRule(
    test="ALT",
    direction="H",
    term="Alanine aminotransferase increased",
    unit="",
    limits=("1 x ULN", "3 x ULN", "5 x ULN", "20 x ULN"),
    abnormal_baseline=("1.5 x BASE", "3 x BASE", "5 x BASE", "20 x BASE"),
)


@pytest.fixture
def study():
    return Context("ADLB", "NEW", findings=Findings(), keys=("USUBJID",), grading=Grading(rules=(ALT,)))


def number(text):
    return float(text) if text else None


def record(case, value, high):
    numbers = {"AVAL": value, "ANRLO": None, "ANRHI": high, "BASE": number(case["base"]), "BLO": None}
    numbers["BHI"] = number(case["base_uln"])
    texts = {"USUBJID": "01", "PARAMCD": "ALT", "LBSTRESU": "U/L", "WHEN": case.get("when")}
    columns = {n: pd.Series([v], dtype="Float64") for n, v in numbers.items()}
    return pd.DataFrame(columns | {n: pd.Series([v], dtype="str") for n, v in texts.items()})


def shown(made):
    return "missing" if pd.isna(made["NEW"].iloc[0]) else made["NEW"].iloc[0]


@cases("17", "Grade of ALT")
def test_a_grade_after_baseline_is_judged_by_the_range_of_the_baseline_one_before_by_its_own(row, study):
    case = given(row)
    frame = record(case, number(case["value"]), number(case["uln"]))
    early = parse_where('WHEN IN ("before", "baseline")')
    made = derive_var_atoxgr(
        frame, "H", "LBSTRESU", "NEW", base_low="BLO", base_high="BHI", by_range=early, context=study
    )
    assert shown(made) == row["answer"]


@cases("17", "Grades of baseline")
def test_a_shift_compares_like_with_like(row, study):
    case = given(row)
    base, later = number(case["base_uln"]), number(case["uln"])
    grades = [
        derive_var_atoxgr(record(case, value, high), "H", "LBSTRESU", "NEW", relative=False, context=study)
        for value, high in ((number(case["base"]), base), (number(case["value"]), base or later))
    ]
    assert " to ".join(map(shown, grades)) == row["answer"]


@cases("28", "The value in the standard unit")
def test_temperatures_are_converted_between_scales_and_never_by_a_factor(row):
    case = given(row)
    other = {"factors": {case["unit"]: case["factor"]}} if case["factor"] else {"units": [case["unit"]]}
    try:
        units = Units.model_validate({"tests": {"TEMP": {"standard": case["standard"], **other}}})
    except ValidationError:
        assert row["answer"] == "refused"
        return
    factor, offset = units.conversion("TEMP", case["unit"])
    assert convert(pd.Series([float(case["value"])]), factor, offset).tolist() == [float(row["answer"])]


@cases("28", "What becomes of the rows")
def test_rows_of_another_study_are_told_and_do_not_enter(row):
    codes = row["input"].removeprefix("codes=").split("|")
    frame = pd.DataFrame({"STUDYNO": [c or None for c in codes], ROW: range(1, len(codes) + 1)}).astype(
        {"STUDYNO": "str"}
    )
    findings = Findings()
    kept = own_rows(frame, {"STUDYNO": "CT-1"}, findings, "pcr.csv")
    told = [str(f.where.row) for f in findings]
    assert f"kept {', '.join(map(str, kept[ROW]))}; told {', '.join(told)}" == row["answer"]


@cases("18")
def test_what_a_field_cannot_hold_is_told_on_every_form(row):
    case = given(row)
    ends = {end: case[end] for end in ("low", "high") if case[end]}
    field = CrfField(label="A field", type=case["type"], format="d-mmm-y", range={**ends, "source": "the scale"})
    frame = pd.DataFrame({"F": pd.Series([case["value"] or None], dtype="str"), ROW: [2]})
    findings = Findings()
    check_values(frame, {"F": field}, findings, "form.csv")
    told = {"raw.number": "no number", "raw.range": "outside"}
    assert ([told[f.rule] for f in findings] or ["nothing"]) == [row["answer"]]
    assert all((str(f.where), f.value) == ("form.csv:2:F", case["value"]) for f in findings)
