from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.between import known_between
from datacut.compute.sle.bilag import BILAG_SYSTEMS
from datacut.compute.sle.sri import FALL, NO_NEW, NOT_WORSE, compute_sri4


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def numbers(value: float | None) -> pd.Series:
    return pd.Series([value], dtype="Float64")


def grades(changed: dict[str, str | None]) -> pd.DataFrame:
    return pd.DataFrame([{s: changed.get(s, "E") for s in BILAG_SYSTEMS}], dtype="str")


type Pair = tuple[float | None, float | None]
type Changes = dict[str, tuple[str | None, str | None]]


def sri4(sledai: Pair, bilag: Changes, pga: Pair, **settings: float) -> pd.DataFrame:
    return compute_sri4(
        sledai_baseline=known_between(numbers(sledai[0]), 0, 105),
        sledai=known_between(numbers(sledai[1]), 0, 105),
        bilag_baseline=grades({s: pair[0] for s, pair in bilag.items()}),
        bilag=grades({s: pair[1] for s, pair in bilag.items()}),
        pga_baseline=numbers(pga[0]),
        pga=numbers(pga[1]),
        **settings,
    )


NO_GRADES: Changes = dict.fromkeys(BILAG_SYSTEMS, ("E", None))
DOWN = (2.0, 1.0)


@pytest.mark.parametrize(
    ("sledai", "bilag", "pga", "observed", "nri"),
    [
        pytest.param(
            (10, 6), {"musculoskeletal": ("A", "B"), "renal": ("C", "C")}, (1.8, 0.9), "Y", "Y", id="6-vector-1"
        ),
        pytest.param((10, 7), {}, (1.8, 0.9), "N", "N", id="6-vector-2"),
        pytest.param((14, 4), {"renal": ("D", "B")}, (2.0, 2.29), "Y", "Y", id="6-vector-3"),
        pytest.param((14, 4), {"renal": ("D", "B"), "haematological": ("E", "B")}, DOWN, "N", "N", id="6-vector-4"),
        pytest.param((14, 4), {"renal": ("B", "A")}, DOWN, "N", "N", id="6-vector-5"),
        pytest.param((14, 4), NO_GRADES, DOWN, None, "N", id="6-vector-6"),
        pytest.param((2, 0), {}, (0.5, 0), "N", "N", id="6-vector-7"),
        pytest.param((14, 4), {}, (2.0, 2.3), "N", "N", id="pga-rise-of-exactly-0.3"),
        pytest.param((4, 0), {}, DOWN, "Y", "Y", id="just-reachable"),
        pytest.param((14, None), {}, DOWN, None, "N", id="visit-score-missing"),
        pytest.param((None, 4), {}, DOWN, None, "N", id="baseline-score-missing"),
        pytest.param((14, None), {}, (2.0, 2.5), "N", "N", id="missing-but-another-fails"),
        pytest.param((2, None), {}, DOWN, "N", "N", id="not-reachable-whatever-follows"),
        pytest.param((None, None), NO_GRADES, (None, None), None, "N", id="visit-missing"),
        pytest.param((14, 4), {"renal": ("B", None)}, DOWN, None, "N", id="one-grade-missing"),
        pytest.param((14, 4), {"renal": ("A", None)}, DOWN, "Y", "Y", id="a-missing-grade-that-cannot-be-new"),
        pytest.param(
            (14, 4),
            {"renal": ("C", None), "ophthalmic": ("D", "A")},
            DOWN,
            "N",
            "N",
            id="new-A-beside-a-missing-grade",
        ),
        pytest.param((106, 4), {}, DOWN, None, "N", id="score-out-of-range"),
    ],
)
def test_response(sledai: Pair, bilag: Changes, pga: Pair, observed: str | None, nri: str) -> None:
    found = sri4(sledai, bilag, pga)
    assert (known(found["observed"])[0], known(found["nri"])[0]) == (observed, nri)


def test_components_and_reasons_are_kept() -> None:
    found = sri4((14, 12), {"renal": ("B", "A")}, DOWN).iloc[0]
    assert found[[FALL, NO_NEW, NOT_WORSE, "reachable"]].tolist() == ["N", "N", "Y", "Y"]
    assert found["reason"] == "not met: SLEDAI fall; no new BILAG A, at most one new B"
    assert sri4((14, 4), NO_GRADES, DOWN)["reason"].iloc[0] == "unknown: no new BILAG A, at most one new B"


def test_not_reachable_says_so() -> None:
    found = sri4((3, 0), {}, DOWN)
    assert found["reachable"].tolist() == ["N"]
    assert found["reason"].iloc[0] == "not met: SLEDAI fall (not reachable: baseline below 4)"
    assert sri4((None, 0), {}, DOWN)["reachable"].isna().all()


def test_settings() -> None:
    assert known(sri4((14, 9), {}, DOWN, sri_reduction=5)["observed"]) == ["Y"]
    assert known(sri4((14, 10), {}, DOWN, sri_reduction=5)["observed"]) == ["N"]
    assert known(sri4((14, 4), {}, (1.0, 1.4), pga_worse=0.5)["observed"]) == ["Y"]
