from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacut.compute.courses import course_bounds
from datacut.compute.sle.steroids import (
    EQUAL_TO_5_MG,
    compute_daily_dose,
    compute_mean_daily_dose,
    compute_prednisone_equivalent,
    is_systemic_glucocorticoid,
)


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
    assert known(compute_prednisone_equivalent(texts(drug), numbers(mg), texts("mg"))) == [expected]


def test_units_and_tables() -> None:
    drug, unit = texts("prednisone", "prednisone", "prednisone", "prednisone"), texts("g", "ug", "mL", None)
    assert known(compute_prednisone_equivalent(drug, numbers(0.25, 500, 5, 5), unit)) == [250, 0.5, None, None]
    other = compute_prednisone_equivalent(
        texts("betamethasone", "deflazacort"),
        numbers(0.75, 7.5),
        texts("mg", "mg"),
        betamethasone_mg=0.75,
        deflazacort_mg=7.5,
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
    drugs = list(EQUAL_TO_5_MG)
    found = compute_prednisone_equivalent(texts(*drugs), numbers(*[1] * len(drugs)), texts(*["mg"] * len(drugs)))
    assert dict(zip(drugs, found, strict=True)) == pytest.approx(factors, abs=5e-5)


def test_systemic_or_not() -> None:
    drug = texts(
        "prednisone", "Dexamethasone", "prednisone", "triamcinolone", "prednisone", "aspirin", None, "prednisone"
    )
    route = texts("ORAL", "intravenous", "TOPICAL", "INTRA-ARTICULAR", None, None, "ORAL", "UNKNOWN")
    assert known(is_systemic_glucocorticoid(drug, route)) == [True, True, False, False, None, False, None, None]


def test_schedules() -> None:
    frequency = texts("QD", "BID", "TID", "QID", "QOD", "EVERY WEEK", "3 TIMES PER WEEK", "ONCE", "PRN", None)
    found = known(compute_daily_dose(numbers(*[10] * 8, 10, 10), frequency))
    assert found == pytest.approx([10, 20, 30, 40, 5, 10 / 7, 30 / 7, 10, None, None])
    assert known(compute_daily_dose(numbers(None, 0), texts("QD", "QOD"))) == [None, 0]


VISIT = "2026-03-10"  # the window of 7 days is 4 to 10 March


def mean(*rows: tuple[str, str | None, float | None], once: bool = False, window: int = 7) -> tuple[object, object]:
    """Courses of subject 1 as (start, end, mg a day)."""
    single = pd.Series([once] * len(rows), dtype="boolean")
    frame = course_bounds(texts(*(r[0] for r in rows)), texts(*(r[1] for r in rows)), once=single)
    frame = frame.assign(subject=texts(*["1"] * len(rows)), daily=numbers(*(r[2] for r in rows)))
    found = compute_mean_daily_dose(texts("1"), pd.Series([VISIT], dtype="datetime64[s]"), frame, window)
    return known(found["dose"])[0], known(found["reason"])[0]


def test_alternate_days_count_by_schedule() -> None:
    """Section 7, last vector: 10 mg every other day is 5 mg a day, not 5.71 or 4.29 by days in the window."""
    daily = known(compute_daily_dose(numbers(10), texts("QOD")))[0]
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
    frame = course_bounds(texts("2026-01-01"), texts(None)).assign(subject=texts("2"), daily=numbers(10))
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
    ).assign(subject=texts(*["1"] * len(rows)), daily=numbers(*(mg for _, _, mg in rows)))
    date = pd.Series([f"2026-03-{visit:02d}"], dtype="datetime64[s]")
    found = known(compute_mean_daily_dose(texts("1"), date, frame, window)["dose"])
    assert found == [pytest.approx(given_ / window)]
