"""Courses in normal form and treatment around a visit, through the verbs: boundaries and missing first."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_courses import (
    derive_var_drug_name,
    derive_vars_course_number,
    derive_vars_prednisone,
    derive_vars_scheduled_dose,
)
from datacut.adam.derive_therapy import (
    derive_var_maintenance,
    derive_var_stable_therapy,
    derive_vars_daily_dose,
    derive_vars_drug_free,
    derive_vars_increase,
)

VISIT = """
USUBJID ADT        REFDT
01      2026-05-02 2026-01-26
"""
NAMES = pd.DataFrame({"NAME": ["PREDNISON"], "DRUG": ["PREDNISONE"]})
SALTS = pd.DataFrame({"WORD": ["ACETATE", "SULFATE"]})
EQUAL = pd.DataFrame({"DRUG": ["PREDNISONE", "METHYLPREDNISOLONE", "FLUDROCORTISONE"], "MG": [5.0, 4.0, None]})
ALLOWED = pd.DataFrame(
    {
        "DRUG": ["HYDROXYCHLOROQUINE"],
        "ROUTE": [None],
        "AMOUNT": [400.0],
        "UNIT": ["mg"],
        "DAYS": [1.0],
        "COUNTRIES": [None],
    }
)

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
        "BEGUNDT", "ACRSNUM", "REPEATFL", context=context,
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
    assert made["REPEATFL"].isna().tolist() == [True, False]
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


@pytest.mark.parametrize(
    ("row", "days", "peak", "expected"),
    [
        (("PREDNISONE", 7, "QD", "2026-01-01", "2026-04-26"), 7, "N", (1, 1)),
        (("PREDNISONE", 7, "QD", "2026-01-01", "2026-04-25"), 7, "N", (0, 0)),
        (("PREDNISONE", 70, "ONCE", "2026-05-02", None), 7, "N", (10, 10)),
        (("PREDNISONE", 70, "ONCE", "2026-05", None), 7, "N", (0, 10)),
        (("PREDNISONE", 7, "QD", "2026-05-02", None), 1, "N", (7, 7)),
        (("PREDNISONE", 7, "QD", "2026-05-02", None), 7, "Y", (7, 7)),
        (("PREDNISONE", 7, "QD", "2026-05", None), 7, "Y", (0, 7)),
        (("PREDNISONE", 5, "PRN", "2026-01-01", None), 7, "N", (0, None)),
    ],
)
def test_daily_dose_between_its_bounds(table, context, where, row: Row, days: int, peak: str, expected) -> None:
    given = courses(context, where, row)
    out = derive_vars_daily_dose(
        table(VISIT), ["USUBJID"], "ADT", given, "AVAL", "LO", "HI", "WHY", days, "PREDEQLO", "PREDEQHI", peak,
        context=context,
    ).iloc[0]  # fmt: skip
    assert tuple(None if pd.isna(v) else v for v in out[["LO", "HI"]]) == expected
    assert pd.isna(out["AVAL"]) == pd.notna(out["WHY"]) == (expected[0] != expected[1])


def test_an_unknown_dose_is_told_where_it_is_asked_for(table, context, where) -> None:
    given = courses(context, where, ("PREDNISONE", None, "QD", "2026-01-01", None))
    derive_vars_daily_dose(
        table(VISIT), ["USUBJID"], "ADT", given, "AVAL", "LO", "HI", "WHY", 7, "PREDEQLO", "PREDEQHI",
        tell=where('USUBJID EQ "01"'), context=context,
    )  # fmt: skip
    assert rules(context) == ["adam.dose.unknown"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "Y"),
        ([("HYDROXYCHLOROQUINE SULFATE", 200, "BID", "2025", None)], "Y"),
        ([("HYDROXYCHLOROQUINE", 201, "BID", "2025", None)], "N"),
        ([("CYCLOPHOSPHAMIDE", 50, "QD", "2025", None)], None),
        ([("HYDROXYCHLOROQUINE", 600, "QD", "2025", "2026-05-01")], "Y"),
        ([("HYDROXYCHLOROQUINE", 600, "QD", "2025", "2026-05")], None),
    ],
)
def test_standard_maintenance(table, context, where, rows: list[Row], expected: str | None) -> None:
    given = courses(context, where, *rows, CMCLAS="ANTIMALARIAL")
    out = derive_var_maintenance(table(VISIT), ["USUBJID"], "ADT", given, "FL", ALLOWED, "CHN", context=context)["FL"]
    assert pd.isna(out[0]) if expected is None else out[0] == expected


@pytest.mark.parametrize(("start", "expected"), [("2026-04-01", "Y"), ("2026-04-02", "N"), ("2026-05-02", "Y")])
def test_stable_over_the_30_days_before_the_visit(table, context, where, start: str, expected: str) -> None:
    given = courses(context, where, ("AZATHIOPRINE", 100, "QD", start, None), CMCLAS="IMMUNOSUPPRESSANT")
    out = derive_var_stable_therapy(table(VISIT), ["USUBJID"], "ADT", given, "FL", 30, context=context)
    assert out["FL"].tolist() == [expected]


@pytest.mark.parametrize(
    ("start", "expected", "told"),
    [("2026-05-02", "Y", 0), ("2026-05-03", "N", 0), ("2026-06", "N", 0), ("2026-05", None, 1)],
    ids=["same day", "next day", "later month", "same month"],
)
def test_rescue_by_the_visit(table, context, where, start: str, expected: str | None, told: int) -> None:
    given = courses(context, where, ("AZATHIOPRINE", 100, "QD", start, None), CMCLAS="IMMUNOSUPPRESSANT")
    out = derive_vars_increase(
        table(VISIT), ["USUBJID"], "ADT", "REFDT", given, "FL", "DT", "WHY", 0, 0, 1, "ADOSDYLO", "ADOSDYHI", 28,
        context=context,
    )  # fmt: skip
    assert pd.isna(out["FL"][0]) if expected is None else out["FL"][0] == expected
    assert out["WHY"].notna()[0] == (expected is None)
    assert rules(context) == ["adam.course.open"] * told


@pytest.mark.parametrize(("end", "expected"), [("2026-04-05", "N"), ("2026-04-04", "Y"), ("2026-04", None)])
def test_window_of_28_days_ends_on_the_visit(table, where, context, end: str, expected: str | None) -> None:
    given = courses(context, where, ("PREDNISONE", 5, "QD", "2026-01-01", end))
    out = derive_vars_drug_free(
        table(VISIT), ["USUBJID"], "ADT", given, "FL", 28, where("CMDECOD NOT MISSING"), context=context
    )["FL"]
    assert pd.isna(out[0]) if expected is None else out[0] == expected
