"""Courses in normal form, through the verbs: salts, doses, records that repeat."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_courses import (
    derive_var_drug_name,
    derive_vars_course_number,
    derive_vars_prednisone,
    derive_vars_scheduled_dose,
)

NAMES = pd.DataFrame({"NAME": ["PREDNISON"], "DRUG": ["PREDNISONE"]})
SALTS = pd.DataFrame({"WORD": ["ACETATE", "SULFATE"]})
EQUAL = pd.DataFrame({"DRUG": ["PREDNISONE", "METHYLPREDNISOLONE", "FLUDROCORTISONE"], "MG": [5.0, 4.0, None]})
type Row = tuple[str, float | None, str, str, str | None]


def courses(context, where, *rows: Row, **more: object) -> pd.DataFrame:
    """Drug, dose in mg, frequency, start, end of participant 01, by mouth for lupus, in normal form."""
    names = ["CMDECOD", "CMDOSE", "CMDOSFRQ", "CMSTDTC", "CMENDTC"]
    frame = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names, "str") | {"CMDOSE": "Float64"})
    plain = {"USUBJID": "01", "CMDOSU": "mg", "CMROUTE": "ORAL", "CMINDC": "SLE", "CMCLAS": "GLUCOCORTICOID"} | more
    frame = frame.assign(**plain).astype(dict.fromkeys(plain, "str"))
    frame = frame.assign(
        BEGUNDT=pd.Series([None] * len(frame), dtype="datetime64[s]"),
        WEIGHTBL=pd.Series([60] * len(frame), dtype="Float64"),
    )
    frame = derive_var_drug_name(frame, ["CMDECOD"], "ADRUG", NAMES, SALTS)
    frame = derive_vars_scheduled_dose(
        frame, "CMDOSE", "CMDOSU", "CMDOSFRQ", "ADOSDY", "ADOSDYLO", "ADOSDYHI", "ADOSDYU"
    )
    frame = derive_vars_course_number(
        frame, ["USUBJID"], "ADRUG", "ADOSDY", "ADOSDYU", "CMDOSFRQ", "CMROUTE", "CMINDC", "CMSTDTC", "CMENDTC",
        "BEGUNDT", "ACRSNUM", "CRSDUPFL", context=context,
    )  # fmt: skip
    return derive_vars_prednisone(
        frame, "ADRUG", "CMROUTE", "CMDOSE", "CMDOSU", "CMDOSFRQ", "WEIGHTBL", where('CMCLAS EQ "GLUCOCORTICOID"'),
        where("CMCLAS NOT MISSING"), EQUAL, "PREDEQ", "PREDEQLO", "PREDEQHI", "SYSGCFL", context=context,
    )  # fmt: skip


def rules(context) -> list[str]:
    return [f.rule for f in context.findings]


OLD = ("PREDNISONE", 5, "QD", "2026-01-01", None)


def test_overlapping_records_that_say_the_same_are_one_course(context, where) -> None:
    made = courses(context, where, OLD, ("PREDNISON ACETATE", 5, "QD", "2026-03-01", "2026-04-01"))
    assert made["ACRSNUM"].tolist() == [1, 1]
    assert made["CRSDUPFL"].isna().tolist() == [True, False]
    assert rules(context) == ["adam.course.repeated"]


@pytest.mark.parametrize(
    ("second", "numbers"),
    [
        (("PREDNISONE", 5, "QD", "2026-03-01", None), [1, 1]),
        (("PREDNISONE", 6, "QD", "2026-02-01", None), [1, 2]),
        (("PREDNISONE", 5, "BID", "2026-02-01", None), [1, 2]),
        (("PREDNISONE", None, "QD", "2026-02-01", None), [1, 2]),
    ],
    ids=["renewed on the day of the change", "another dose", "another frequency", "dose missing"],
)
def test_records_that_do_not_repeat(context, where, second: Row, numbers: list[int]) -> None:
    made = courses(context, where, ("PREDNISONE", 5, "QD", "2026-01-01", "2026-03-01"), second)
    assert made["ACRSNUM"].tolist() == numbers
    assert rules(context) == []


def test_a_dose_a_kilogram_is_multiplied_by_the_weight(context, where) -> None:
    made = courses(context, where, ("METHYLPREDNISOLONE", 1, "QD", "2026-01-01", None), CMDOSU="mg/kg")
    assert made["PREDEQ"].tolist() == [75]
    assert made["ADOSDYU"].tolist() == ["mg/kg"]


def test_a_glucocorticoid_without_an_equivalent_is_told_and_has_no_dose(context, where) -> None:
    made = courses(context, where, ("CLOPREDNOL", 5, "QD", "2026-01-01", None))
    assert made[["PREDEQ", "PREDEQHI"]].isna().all(axis=None)
    assert made["SYSGCFL"].tolist() == ["Y"]
    assert rules(context) == ["adam.drug.equivalent"]


@pytest.mark.parametrize("drug", ["FLUDROCORTISONE", "ASPIRIN"])
def test_what_is_no_glucocorticoid_does_not_count(context, where, drug: str) -> None:
    kind = "GLUCOCORTICOID" if drug == "FLUDROCORTISONE" else "ANALGESIC"
    made = courses(context, where, (drug, 5, "QD", "2026-01-01", None), CMCLAS=kind)
    assert made["SYSGCFL"].tolist() == ["N"]
    assert made["PREDEQLO"].isna().tolist() == [True]
    assert rules(context) == []
