from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.between import known_between
from datacut.compute.sle.doris import compute_doris
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
        clinical=known_between(numbers(clinical), 0, 101),
        pga=numbers(pga),
        prednisone=known_between(numbers(mg), 0),
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
