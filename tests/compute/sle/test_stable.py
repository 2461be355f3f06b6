from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.courses import course_bounds
from datacut.compute.sle.stable import compute_stable_therapy


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def numbers(*values: float | None) -> pd.Series:
    return pd.Series(list(values), dtype="Float64")


def texts(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


# Visit on 31 March: the 30 days before it are 1 to 30 March.
@pytest.mark.parametrize(
    ("courses", "expected"),
    [
        pytest.param([], True, id="no-drug"),
        pytest.param([("mtx", "2026-01-01", None, 15)], True, id="unchanged"),
        pytest.param([("mtx", "2026-02-28", None, 15)], True, id="started-31-days-before"),
        pytest.param([("mtx", "2026-03-01", None, 15)], False, id="started-30-days-before"),
        pytest.param([("mtx", "2026-03-30", None, 15)], False, id="started-the-day-before"),
        pytest.param([("mtx", "2026-03-31", None, 15)], True, id="started-on-the-visit"),
        pytest.param([("mtx", "2026-01-01", "2026-03-10", 15)], True, id="stopped"),
        pytest.param([("mtx", "2026-01-01", "2026-03-10", 15), ("mtx", "2026-03-11", None, 10)], True, id="lowered"),
        pytest.param([("mtx", "2026-01-01", "2026-03-10", 15), ("mtx", "2026-03-11", None, 15)], True, id="renewed"),
        pytest.param([("mtx", "2026-01-01", "2026-03-10", 15), ("mtx", "2026-03-11", None, 20)], False, id="raised"),
        pytest.param(
            [("mtx", "2026-01-01", "2026-03-10", 15), ("mtx", "2026-03-12", None, 15)],
            False,
            id="restarted-after-a-day",
        ),
        pytest.param([("mtx", "2026-01-01", None, 15), ("mtx", "2026-03-11", None, 5)], False, id="added-on-top"),
        pytest.param([("aza", "2026-01-01", None, 100), ("mtx", "2026-03-11", None, 5)], False, id="another-drug"),
        pytest.param(
            [("mtx", "2026-01-01", "2026-03-10", None), ("mtx", "2026-03-11", None, 5)], None, id="amount-unknown"
        ),
        pytest.param([("mtx", "2026-03-11", None, None)], False, id="start-of-an-unknown-amount"),
        pytest.param([("mtx", "2026-03", None, 15)], None, id="day-of-start-unknown"),
        pytest.param([("mtx", "2026-02", None, 15)], True, id="day-of-start-unknown-but-before"),
        pytest.param(
            [("mtx", "2026-01-01", "2026-03", 15), ("mtx", "2026-03-11", None, 15)], None, id="day-of-stop-unknown"
        ),
        pytest.param([(None, "2026-03-11", None, 15)], None, id="drug-unknown"),
        pytest.param([("mtx", "2026-03", None, 15), ("aza", "2026-03-11", None, 15)], False, id="one-start-is-sure"),
    ],
)
def test_stable(courses: list[tuple[str | None, str, str | None, float | None]], expected: bool | None) -> None:
    frame = course_bounds(texts(*(c[1] for c in courses)), texts(*(c[2] for c in courses))).assign(
        subject=texts(*["1"] * len(courses)),
        drug=texts(*(c[0] for c in courses)),
        low=numbers(*(c[3] for c in courses)),
        high=numbers(*(c[3] for c in courses)),
        group=None,
        sure=True,
        once=False,
    )
    date = pd.Series(["2026-03-31", None, "2026-03-31"], dtype="datetime64[s]")
    assert known(compute_stable_therapy(texts("1", "1", "2"), date, frame)) == [expected, None, True]


def test_days_of_stability_are_a_setting() -> None:
    frame = course_bounds(texts("2026-03-01"), texts(None)).assign(
        subject=texts("1"), drug=texts("mtx"), low=numbers(15), high=numbers(15), group=None, sure=True, once=False
    )
    date = pd.Series(["2026-03-31"], dtype="datetime64[s]")
    assert known(compute_stable_therapy(texts("1"), date, frame, 29)) == [True]
