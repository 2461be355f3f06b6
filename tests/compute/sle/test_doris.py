from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.courses import course_bounds
from datacut.compute.sle.doris import compute_doris, compute_stable_therapy, doris_without_lldas
from datacut.compute.sle.steroids import compute_prednisone_equivalent


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def numbers(*values: float | None) -> pd.Series:
    return pd.Series(list(values), dtype="Float64")


def texts(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def doris(
    clinical: float | None, pga: float | None, mg: float | None, stable: bool | None, **limits: float
) -> pd.Series:
    return compute_doris(
        clinical=numbers(clinical),
        pga=numbers(pga),
        prednisone=numbers(mg),
        stable=pd.Series([stable], dtype="boolean"),
        **limits,
    ).iloc[0]


METHYLPREDNISOLONE = compute_prednisone_equivalent(
    texts("METHYLPREDNISOLONE"), numbers(4), {"METHYLPREDNISOLONE": 4}
).iloc[0]


@pytest.mark.parametrize(
    ("clinical", "pga", "mg", "stable", "expected"),
    [
        pytest.param(0, 0.4, 5, True, "Y", id="9-vector-1-serology-ignored"),
        pytest.param(0, 0.5, 0, True, "N", id="9-vector-2"),
        pytest.param(1, 0.1, 0, True, "N", id="9-vector-3"),
        pytest.param(0, 0.2, METHYLPREDNISOLONE, True, "Y", id="9-vector-4"),
        pytest.param(0, 0.2, 5.1, True, "N", id="9-vector-5"),
        pytest.param(0, None, 0, True, None, id="9-vector-6"),
        pytest.param(0, 0.49, 5, True, "Y", id="pga-just-below"),
        pytest.param(0, 0.8 - 0.3, 0, True, "N", id="pga-0.5-in-binary-dust"),
        pytest.param(0, 0.2, 0, False, "N", id="not-stable"),
        pytest.param(0, 0.2, 0, None, None, id="stability-unknown"),
        pytest.param(None, 0.2, 0, True, None, id="score-missing"),
        pytest.param(None, 0.6, 0, True, "N", id="missing-but-another-fails"),
        pytest.param(0, 0.2, None, True, None, id="dose-unknown"),
        pytest.param(0, -0.1, 0, True, None, id="pga-out-of-range"),
    ],
)
def test_remission(
    clinical: float | None, pga: float | None, mg: float | None, stable: bool | None, expected: str | None
) -> None:
    found = doris(clinical, pga, mg, stable)
    assert known(found[["observed", "nri"]]) == [expected, "Y" if expected == "Y" else "N"]


def test_limits_are_settings() -> None:
    assert doris(0, 0.5, 0, True, doris_pga=0.6)["observed"] == "Y"
    assert doris(0, 0.2, 7.5, True, doris_pred_mg=7.5)["observed"] == "Y"


def test_remission_without_low_activity_is_a_question() -> None:
    doris, lldas = texts("Y", "Y", "N", "Y", None), texts("N", "Y", "N", None, "N")
    assert doris_without_lldas(doris, lldas).tolist() == [True, False, False, False, False]


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
