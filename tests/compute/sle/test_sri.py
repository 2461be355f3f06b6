from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacut.compute.sle.bilag import BILAG_SYSTEMS
from datacut.compute.sle.sri import FALL, NO_EVENT, NO_NEW, NOT_WORSE, compute_excluded, compute_sri4


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def numbers(value: float | None) -> pd.Series:
    return pd.Series([value], dtype="Float64")


def grades(changed: dict[str, str | None]) -> pd.DataFrame:
    return pd.DataFrame([{s: changed.get(s, "E") for s in BILAG_SYSTEMS}], dtype="str")


type Pair = tuple[float | None, float | None]
type Changes = dict[str, tuple[str | None, str | None]]


def sri4(sledai: Pair, bilag: Changes, pga: Pair, event: bool | None = False, **settings: float) -> pd.DataFrame:
    return compute_sri4(
        sledai_baseline=numbers(sledai[0]),
        sledai=numbers(sledai[1]),
        bilag_baseline=grades({s: pair[0] for s, pair in bilag.items()}),
        bilag=grades({s: pair[1] for s, pair in bilag.items()}),
        pga_baseline=numbers(pga[0]),
        pga=numbers(pga[1]),
        excluded=pd.Series([event], dtype="boolean"),
        **settings,
    )


NO_GRADES: Changes = dict.fromkeys(BILAG_SYSTEMS, ("E", None))
DOWN = (2.0, 1.0)


@pytest.mark.parametrize(
    ("sledai", "bilag", "pga", "event", "observed", "nri"),
    [
        pytest.param(
            (10, 6), {"musculoskeletal": ("A", "B"), "renal": ("C", "C")}, (1.8, 0.9), False, "Y", "Y", id="6-vector-1"
        ),
        pytest.param((10, 7), {}, (1.8, 0.9), False, "N", "N", id="6-vector-2"),
        pytest.param((14, 4), {"renal": ("D", "B")}, (2.0, 2.29), False, "Y", "Y", id="6-vector-3"),
        pytest.param(
            (14, 4), {"renal": ("D", "B"), "haematological": ("E", "B")}, DOWN, False, "N", "N", id="6-vector-4"
        ),
        pytest.param((14, 4), {"renal": ("B", "A")}, DOWN, False, "N", "N", id="6-vector-5"),
        pytest.param((14, 4), NO_GRADES, DOWN, False, None, "N", id="6-vector-6"),
        pytest.param((2, 0), {}, (0.5, 0), False, "N", "N", id="6-vector-7"),
        pytest.param((14, 4), {}, DOWN, True, "N", "N", id="6-vector-8"),
        pytest.param((14, 4), {}, (2.0, 2.3), False, "N", "N", id="pga-rise-of-exactly-0.3"),
        pytest.param((4, 0), {}, DOWN, False, "Y", "Y", id="just-reachable"),
        pytest.param((14, None), {}, DOWN, False, None, "N", id="visit-score-missing"),
        pytest.param((None, 4), {}, DOWN, False, None, "N", id="baseline-score-missing"),
        pytest.param((14, None), {}, (2.0, 2.5), False, "N", "N", id="missing-but-another-fails"),
        pytest.param((2, None), {}, DOWN, False, "N", "N", id="not-reachable-whatever-follows"),
        pytest.param((None, None), NO_GRADES, (None, None), None, None, "N", id="visit-missing"),
        pytest.param((14, None), NO_GRADES, (2.0, None), True, "N", "N", id="visit-missing-after-an-event"),
        pytest.param((14, 4), {"renal": ("A", None)}, DOWN, False, None, "N", id="one-grade-missing"),
        pytest.param(
            (14, 4),
            {"renal": ("C", None), "ophthalmic": ("D", "A")},
            DOWN,
            False,
            "N",
            "N",
            id="new-A-beside-a-missing-grade",
        ),
        pytest.param((14, 4), {}, DOWN, None, None, "N", id="event-unknown"),
        pytest.param((106, 4), {}, DOWN, False, None, "N", id="score-out-of-range"),
    ],
)
def test_response(sledai: Pair, bilag: Changes, pga: Pair, event: bool | None, observed: str | None, nri: str) -> None:
    found = sri4(sledai, bilag, pga, event)
    assert (known(found["observed"])[0], known(found["nri"])[0]) == (observed, nri)


def test_components_and_reasons_are_kept() -> None:
    found = sri4((14, 12), {"renal": ("B", "A")}, DOWN).iloc[0]
    assert found[[FALL, NO_NEW, NOT_WORSE, NO_EVENT, "reachable"]].tolist() == ["N", "N", "Y", "Y", "Y"]
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


def test_event_on_the_day_of_the_visit_excludes_it_and_all_later_ones() -> None:
    event = pd.Series(["2026-05-01", "2026-05-01", "2026-05-01", None, "2026-05-01", None], dtype="datetime64[s]")
    visit = pd.Series(["2026-04-30", "2026-05-01", "2026-05-11", "2026-05-11", None, None], dtype="datetime64[s]")
    assert known(compute_excluded(event, visit)) == [False, True, True, False, None, False]


SCORES = st.none() | st.integers(0, 30)
LETTERS = st.lists(st.sampled_from(["A", "B", "C", "D", "E", None]), min_size=9, max_size=9)


@settings(max_examples=40)
@given(SCORES, SCORES, LETTERS, LETTERS, SCORES, SCORES, st.sampled_from([True, False, None]))
def test_never_a_response_from_a_missing_component(
    base: int | None, now: int | None, before: list[str | None], after: list[str | None],
    pga_base: int | None, pga_now: int | None, event: bool | None,
) -> None:  # fmt: skip
    pga = tuple(None if v is None else v / 10 for v in (pga_base, pga_now))
    bilag = {s: (b, a) for s, b, a in zip(BILAG_SYSTEMS, before, after, strict=True)}
    found = sri4((base, now), bilag, pga, event).iloc[0]  # type: ignore[arg-type]
    if found["nri"] == "Y":
        assert found["observed"] == "Y"
    if found["observed"] == "Y":
        assert None not in (base, now, pga_base, pga_now, event, *before, *after)
        assert base - now >= 4  # type: ignore[operator]
