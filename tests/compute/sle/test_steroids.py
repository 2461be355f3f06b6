from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacut.compute.courses import course_bounds
from datacut.compute.schedules import compute_scheduled_dose
from datacut.compute.sle.steroids import (
    compute_mean_daily_dose,
    compute_prednisone_equivalent,
    is_systemic_glucocorticoid,
)
from datacut.spec.load import load_specs

TABLE = load_specs(Path(__file__).parents[3]).study.tables["prednisone_equivalents"]
EQUAL_TO_5_MG = {row["DRUG"]: float(row["MG"]) if row.get("MG") else None for row in TABLE.rows}


def texts(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def numbers(*values: float | None) -> pd.Series:
    return pd.Series(list(values), dtype="Float64")


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


@pytest.mark.parametrize(
    ("drug", "mg", "expected"),
    [
        pytest.param("methylprednisolone", 8, 10, id="7-vector-1"),
        pytest.param("Methylprednisolone", 16, 20, id="7-vector-2"),
        pytest.param("DEXAMETHASONE", 0.75, 5, id="7-vector-3"),
        pytest.param("prednisolone", 7.5, 7.5, id="7-vector-4"),
        pytest.param("hydrocortisone", 30, 7.5, id="7-vector-5"),
        pytest.param("prednisone", 2.5, 2.5, id="prednisone"),
        pytest.param("triamcinolone", 4, 5, id="triamcinolone"),
        pytest.param("betamethasone", 0.6, 5, id="betamethasone"),
        pytest.param("cortisone", 25, 5, id="cortisone"),
        pytest.param("deflazacort", 6, 5, id="deflazacort"),
        pytest.param("dexamethasone", 1.5, 10, id="8-vector-6-dose"),
        pytest.param("prednisone", 0, 0, id="zero"),
        pytest.param("prednisone", None, None, id="dose-missing"),
        pytest.param("prednisone", -5, None, id="dose-negative"),
        pytest.param("fludrocortisone", 0.1, None, id="mineralocorticoid"),
        pytest.param(None, 5, None, id="drug-missing"),
    ],
)
def test_equivalent(drug: str | None, mg: float | None, expected: float | None) -> None:
    name = None if drug is None else drug.upper()
    assert known(compute_prednisone_equivalent(texts(name), numbers(mg), EQUAL_TO_5_MG)) == [expected]


def test_tables_differ() -> None:
    """Betamethasone and deflazacort: other tables print 0.75 and 7.5 mg."""
    other = compute_prednisone_equivalent(
        texts("BETAMETHASONE", "DEFLAZACORT"), numbers(0.75, 7.5), {"BETAMETHASONE": 0.75, "DEFLAZACORT": 7.5}
    )
    assert known(other) == [5, 5]


def test_factors_of_the_table() -> None:
    """Section 7, third column."""
    factors = {
        "PREDNISONE": 1,
        "PREDNISOLONE": 1,
        "METHYLPREDNISOLONE": 1.25,
        "TRIAMCINOLONE": 1.25,
        "DEXAMETHASONE": 6.6667,
        "BETAMETHASONE": 8.3333,
        "HYDROCORTISONE": 0.25,
        "CORTISONE": 0.2,
        "DEFLAZACORT": 0.8333,
    }
    drugs = [name for name, mg in EQUAL_TO_5_MG.items() if mg is not None]
    found = compute_prednisone_equivalent(texts(*drugs), numbers(*[1] * len(drugs)), EQUAL_TO_5_MG)
    assert dict(zip(drugs, found, strict=True)) == pytest.approx(factors, abs=5e-5)


@pytest.mark.parametrize(
    ("drug", "route", "of_class", "expected"),
    [
        ("PREDNISONE", "ORAL", True, True),
        ("DEXAMETHASONE", "intravenous", None, True),
        ("PREDNISONE", "TOPICAL", True, False),
        ("TRIAMCINOLONE", "INTRA-ARTICULAR", True, False),
        ("PREDNISONE", None, True, None),
        ("PREDNISONE", "UNKNOWN", True, None),
        ("CLOPREDNOL", "ORAL", True, True),
        ("CLOPREDNOL", "ORAL", None, None),
        ("CLOPREDNOL", "TOPICAL", None, False),
        ("FLUDROCORTISONE", "ORAL", True, False),
        ("ASPIRIN", None, False, False),
        (None, "ORAL", None, None),
    ],
)
def test_systemic_or_not(drug: str | None, route: str | None, of_class: bool | None, expected: bool | None) -> None:
    flag = pd.Series([of_class], dtype="boolean")
    assert known(is_systemic_glucocorticoid(texts(drug), texts(route), flag, EQUAL_TO_5_MG)) == [expected]


VISIT = "2026-03-10"  # the window of 7 days is 4 to 10 March


def mean(*rows: tuple[str, str | None, float | None], once: bool = False, window: int = 7) -> tuple[object, object]:
    """Courses of subject 1 as (start, end, mg a day)."""
    single = pd.Series([once] * len(rows), dtype="boolean")
    frame = course_bounds(texts(*(r[0] for r in rows)), texts(*(r[1] for r in rows)), once=single)
    mg = numbers(*(r[2] for r in rows))
    frame = frame.assign(subject=texts(*["1"] * len(rows)), drug="PREDNISONE", group=None, low=mg, high=mg)
    frame = frame.assign(sure=True, once=once)
    found = compute_mean_daily_dose(texts("1"), pd.Series([VISIT], dtype="datetime64[s]"), frame, window)
    return known(found["dose"])[0], known(found["reason"])[0]


def test_alternate_days_count_by_schedule() -> None:
    """Section 7, last vector: 10 mg every other day is 5 mg a day, not 5.71 or 4.29 by days in the window."""
    daily = known(compute_scheduled_dose(numbers(10), texts("QOD"))["low"])[0]
    assert mean(("2026-01-01", None, daily)) == (5, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([], 0, id="nothing-given"),
        pytest.param([("2026-01-01", None, 10)], 10, id="ongoing"),
        pytest.param([("2026-01-01", "2026-03-03", 10)], 0, id="stopped-the-day-before-the-window"),
        pytest.param([("2026-01-01", "2026-03-04", 7)], 1, id="stopped-on-its-first-day"),
        pytest.param([("2026-03-10", None, 7)], 1, id="started-on-the-visit"),
        pytest.param([("2026-03-11", None, 7)], 0, id="started-the-day-after"),
        pytest.param([("2026-01-01", "2026-03-06", 10), ("2026-03-07", None, 3)], 6, id="taper-within-the-window"),
        pytest.param([("2026-01-01", None, 5), ("2026-03-05", "2026-03-05", 1250)], 5 + 1250 / 7, id="pulse"),
        pytest.param([("2026", "2026-02", 10)], 0, id="uncertain-but-over"),
        pytest.param([("2026-02", None, 10)], 10, id="uncertain-start-before-the-window"),
        pytest.param([("2026-01-01", "2026-03-01", None)], 0, id="unknown-dose-before-the-window"),
        pytest.param([("2026-03", "2026-03", 0)], 0, id="zero-on-unknown-days"),
    ],
)
def test_mean_of_the_window(rows: list[tuple[str, str | None, float | None]], expected: float) -> None:
    dose, reason = mean(*rows)
    assert dose == pytest.approx(expected)
    assert reason is None


def test_unknown_is_never_zero() -> None:
    assert mean(("2026-01-01", None, None)) == (None, "a dose or its schedule is unknown")
    assert mean(("2026-01-01", None, 5), ("2026-01-01", "2026-03", 10)) == (None, "the dates of a dose are unknown")
    assert mean(("2026-03-09", "2026-03-05", 10)) == (None, "the dates of a dose are unknown")


def test_a_single_dose_counts_once_whatever_its_end() -> None:
    assert mean(("2026-03-04", None, 70), once=True) == (10, None)
    assert mean(("2026-03-03", None, 70), once=True) == (0, None)
    assert mean(("2026-03", None, 70), once=True) == (None, "the dates of a dose are unknown")


def test_another_subject_and_a_visit_without_date() -> None:
    frame = course_bounds(texts("2026-01-01"), texts(None)).assign(
        subject=texts("2"), drug="PREDNISONE", group=None, low=numbers(10), high=numbers(10), sure=True, once=False
    )
    dates = pd.Series([VISIT, VISIT, None], dtype="datetime64[s]", index=[5, 5, 9])
    subject = pd.Series(["1", "2", "2"], dtype="str", index=dates.index)
    found = compute_mean_daily_dose(subject, dates, frame)
    assert found.index.tolist() == [5, 5, 9]
    assert known(found["dose"]) == [0, 10, None]
    assert known(found["reason"]) == [None, None, "no date of the visit"]


MARCH = st.integers(1, 31)


@settings(max_examples=20)
@given(st.lists(st.tuples(MARCH, MARCH, st.integers(0, 40)), max_size=4), MARCH, st.integers(1, 10))
def test_mean_equals_the_sum_of_days(rows: list[tuple[int, int, int]], visit: int, window: int) -> None:
    """Day by day: what was given on each day of the window, added up and divided."""
    rows = [(min(a, b), max(a, b), mg) for a, b, mg in rows]
    given_ = sum(mg for day in range(visit - window + 1, visit + 1) for a, b, mg in rows if a <= day <= b)
    frame = course_bounds(
        texts(*(f"2026-03-{a:02d}" for a, _, _ in rows)), texts(*(f"2026-03-{b:02d}" for _, b, _ in rows))
    ).assign(subject=texts(*["1"] * len(rows)), group=None, sure=True, once=False)
    mg = numbers(*(mg for _, _, mg in rows))
    frame = frame.assign(drug=texts(*(f"drug {n}" for n in range(len(rows)))), low=mg, high=mg)
    date = pd.Series([f"2026-03-{visit:02d}"], dtype="datetime64[s]")
    found = known(compute_mean_daily_dose(texts("1"), date, frame, window)["dose"])
    assert found == [pytest.approx(given_ / window)]
