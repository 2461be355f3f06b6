"""Treatment around a visit: vectors of instruments.md sections 7 to 10 through the verbs, boundaries first."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_courses import (
    derive_var_maintenance,
    derive_var_stable_therapy,
    derive_vars_drug_free,
    derive_vars_next_course,
    derive_vars_prednisone,
)
from datacut.compute.sle.doris import compute_stable_therapy
from datacut.compute.sle.lldas import is_standard_maintenance
from datacut.errors import Severity

VISIT = """
USUBJID ADT
01      2026-05-02
"""


def courses(*rows: tuple[str, float | None, str, str, str | None]) -> pd.DataFrame:
    """Drug, dose in mg, frequency, start, end of participant 01, by mouth."""
    names = ["CMDECOD", "CMDOSE", "CMDOSFRQ", "CMSTDTC", "CMENDTC"]
    frame = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names, "str") | {"CMDOSE": "Float64"})
    made = frame.assign(USUBJID="01", CMDOSU="mg", CMROUTE="ORAL")
    return made.astype({"USUBJID": "str", "CMDOSU": "str", "CMROUTE": "str"})


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], 0),
        ([("METHYLPREDNISOLONE", 8, "QD", "2026-01-01", None)], 10),
        ([("DEXAMETHASONE", 0.75, "QD", "2026-01-01", None)], 5),
        ([("PREDNISONE", 10, "QOD", "2026-01-01", None)], 5),
        ([("PREDNISONE", 7, "QD", "2026-01-01", "2026-04-26")], 1),
        ([("PREDNISONE", 7, "QD", "2026-01-01", "2026-04-25")], 0),
        ([("PREDNISONE", 70, "ONCE", "2026-05-02", None)], 10),
        ([("PREDNISONE", None, "QD", "2026-01-01", None)], None),
        ([("PREDNISONE", 5, "QD", "2026-01-01", "2026-04")], None),
    ],
    ids=["none", "methyl", "dexa", "alternate", "first day of the window", "day before", "pulse", "no dose", "no day"],
)
def test_prednisone_of_the_week(table, context, rows, expected: float | None) -> None:
    out = derive_vars_prednisone(
        table(VISIT), ["USUBJID"], "ADT", courses(*rows), "AVAL", "WHY", 7, 0.6, 6, context=context
    )
    assert pd.isna(out["AVAL"][0]) if expected is None else out["AVAL"][0] == expected
    assert out["WHY"].notna()[0] == (expected is None)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "Y"),
        ([("HYDROXYCHLOROQUINE", 200, "BID", "2025", None)], "Y"),
        ([("HYDROXYCHLOROQUINE", 201, "BID", "2025", None)], "N"),
        ([("METHOTREXATE", 30, "EVERY WEEK", "2025", None)], "Y"),
        ([("TACROLIMUS", 1, "BID", "2025", None)], None),
        ([("HYDROXYCHLOROQUINE", 600, "QD", "2025", "2026-05-01")], "Y"),
    ],
)
def test_standard_maintenance(table, context, rows, expected: str | None) -> None:
    given = courses(*rows)
    out = derive_var_maintenance(
        table(VISIT), ["USUBJID"], "ADT", given, is_standard_maintenance, "FL", context=context
    )["FL"]
    assert pd.isna(out[0]) if expected is None else out[0] == expected


@pytest.mark.parametrize(("end", "expected"), [("2026-04-05", "N"), ("2026-04-04", "Y"), ("2026-04", None)])
def test_window_of_28_days_ends_on_the_visit(table, where, context, end: str, expected: str | None) -> None:
    given = courses(("PREDNISONE", 5, "QD", "2026-01-01", end))
    out = derive_vars_drug_free(
        table(VISIT), ["USUBJID"], "ADT", given, "FL", 28, where("CMDECOD NOT MISSING"), context=context
    )["FL"]
    assert pd.isna(out[0]) if expected is None else out[0] == expected


@pytest.mark.parametrize(
    ("start", "expected", "told"),
    [
        ("2026-05-02", None, 0),
        ("2026-05-03", "2026-05-03", 0),
        ("2026-06", "2026-06-30", 0),
        ("2026-05", None, 1),
    ],
    ids=["same day", "next day", "later month", "same month"],
)
def test_first_course_after_a_date(table, context, start: str, expected: str | None, told: int) -> None:
    given = courses(("AZATHIOPRINE", 100, "QD", "2026-01-01", None), ("AZATHIOPRINE", 100, "QD", start, None))
    out = derive_vars_next_course(table(VISIT), ["USUBJID"], "ADT", given, "DT", "DRUG", context=context)
    assert (None if pd.isna(out["DT"][0]) else str(out["DT"][0].date())) == expected
    assert [f.severity for f in context.findings] == [Severity.WARNING] * told


@pytest.mark.parametrize(("start", "expected"), [("2026-04-01", "Y"), ("2026-04-02", "N"), ("2026-05-02", "Y")])
def test_stable_over_the_30_days_before_the_visit(table, context, start: str, expected: str) -> None:
    given = courses(("AZATHIOPRINE", 100, "QD", start, None))
    out = derive_var_stable_therapy(
        table(VISIT), ["USUBJID"], "ADT", given, compute_stable_therapy, "FL", 30, context=context
    )
    assert out["FL"].tolist() == [expected]
