"""Treatment around a visit: worked vectors through the verbs, boundaries first."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.adam.test_derive_courses import Row, courses, rules

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
