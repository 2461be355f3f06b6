from __future__ import annotations

import math

import pandas as pd
import pytest

from datacut.compute.cart.dlt import (
    BCellCourse,
    bcell_course,
    compute_dlt_evaluable,
    compute_sentinel_gap,
    dlt_in_window,
    dlt_observed,
    dose_adequate,
)


def days(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="datetime64[s]")


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


INFUSION = "2026-02-01"


def test_window_is_day_0_to_28_inclusive() -> None:
    onset = days("2026-01-31", "2026-02-01", "2026-03-01", "2026-03-02", None, "2026-02-06")
    infusion = days(*[INFUSION] * 5, None)
    assert known(dlt_in_window(onset, infusion)) == [False, True, True, False, None, None]
    assert known(dlt_in_window(onset, infusion, 29)) == [False, True, True, True, None, None]


def test_window_counts_days_not_hours() -> None:
    onset = pd.Series(["2026-03-01 23:59", "2026-02-01 00:00"], dtype="datetime64[s]")
    infusion = pd.Series(["2026-02-01 08:00"] * 2, dtype="datetime64[s]")
    assert known(dlt_in_window(onset, infusion)) == [True, True]


def test_observed_reaches_day_28() -> None:
    assert known(dlt_observed(days("2026-02-28", "2026-03-01", None), days(*[INFUSION] * 3))) == [False, True, None]


def test_eighty_percent_exactly_is_adequate() -> None:
    actual = pd.Series([2.4e8, 2.39e8, 0.24, None, 1], dtype="Float64")
    planned = pd.Series([3e8, 3e8, 0.3, 3e8, 0], dtype="Float64")
    assert known(dose_adequate(actual, planned)) == [True, False, True, None, None]


DEFAULTS = {
    "infused": True,
    "dlt": False,
    "dose_adequate": True,
    "observed": True,
    "withdrew": False,
    "no_expansion": False,
    "unrelated": False,
    "pending": False,
}


def evaluable(policy: str = "registry", **given: bool | None) -> tuple[object, str]:
    state = {name: pd.Series([value], dtype="boolean") for name, value in {**DEFAULTS, **given}.items()}
    result = compute_dlt_evaluable(**state, policy=policy)  # type: ignore[arg-type]
    return known(result["flag"])[0], result["reason"].iloc[0]


EARLY: dict[str, bool | None] = {"observed": False, "withdrew": True, "no_expansion": True, "unrelated": True}


@pytest.mark.parametrize(
    ("given", "registry", "conservative"),
    [
        ({}, "Y", "Y"),  # onset on 2 Mar: no DLT in the window, observed
        ({"dlt": True}, "Y", "Y"),  # onset on 1 Mar
        ({"observed": False}, "N", "N"),  # lost 20 Feb without DLT
        (EARLY, "Y", "N"),  # withdrew 16 Feb for progression, no expansion, unrelated
        ({**EARLY, "no_expansion": False}, "N", "N"),  # expansion seen
        ({"dlt": True, "observed": False}, "Y", "Y"),  # DLT 6 Feb, died 7 Feb
        ({"dlt": True, "dose_adequate": False, "observed": False}, "Y", "Y"),
        ({**EARLY, "pending": True}, "N", "N"),
        ({"dose_adequate": False}, "N", "N"),
        ({"infused": False, "dlt": True}, "N", "N"),
        ({"dlt": None}, "Y", "Y"),  # observed with the planned dose: evaluable either way
        ({"dlt": None, "observed": False}, None, None),
        ({"observed": None}, None, None),
        ({"observed": None, "dlt": True}, "Y", "Y"),
        ({"infused": None}, None, None),
        ({**EARLY, "no_expansion": None}, None, "N"),
        ({**EARLY, "pending": None}, None, "N"),
    ],
)
def test_evaluable_vectors(given: dict[str, bool | None], registry: str | None, conservative: str | None) -> None:
    assert evaluable("registry", **given)[0] == registry
    assert evaluable("conservative", **given)[0] == conservative


@pytest.mark.parametrize(
    ("policy", "given", "reason"),
    [
        ("registry", {"infused": False}, "not infused"),
        ("registry", {"dlt": True}, "DLT in the window"),
        ("registry", {}, "dose received and observed to the end of the window"),
        ("registry", EARLY, "early completion: withdrawn, no expansion, events not related"),
        ("conservative", EARLY, "early completion not accepted"),
        ("registry", {**EARLY, "pending": True}, "related event pending"),
        ("registry", {"dose_adequate": False}, "dose below the planned dose"),
        ("registry", {"observed": False}, "not observed to the end of the window"),
        ("registry", {"observed": None}, "not yet known"),
    ],
)
def test_evaluable_says_why(policy: str, given: dict[str, bool | None], reason: str) -> None:
    assert evaluable(policy, **given)[1] == reason


def test_another_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="policy"):
        evaluable("lenient")


def test_sentinel_gap_is_between_first_and_second_of_a_group() -> None:
    start = days("2026-02-15", "2026-02-01", "2026-02-20", "2026-03-01", "2026-03-14", None)
    end = days("2026-02-15", "2026-02-02", "2026-02-20", "2026-03-01", "2026-03-14", None)
    group = pd.Series(["1", "1", "1", "2", "2", "2"], dtype="str", index=[3, 1, 4, 1, 5, 9])
    start.index = end.index = group.index
    gap = compute_sentinel_gap(start, end, group)
    assert gap.index.tolist() == [3, 1, 4, 1, 5, 9]
    assert gap.dtype == "Int64"
    assert known(gap) == [13, None, None, None, 13, None]


def test_sentinel_gap_of_a_group_of_one_and_of_none() -> None:
    assert known(compute_sentinel_gap(days(INFUSION), days(INFUSION), pd.Series(["1"], dtype="str"))) == [None]
    assert known(compute_sentinel_gap(days(), days(), pd.Series([], dtype="str"))) == []


def course(*samples: tuple[float, float | None], **options: object) -> BCellCourse:
    """None is BLQ, NaN is not assessed."""
    return bcell_course(
        [d for d, _ in samples],
        [math.nan if c is None else c for _, c in samples],
        [c is None for _, c in samples],
        **options,  # type: ignore[arg-type]
    )


def test_reconstitution_vector() -> None:
    got = course((7, 2), (30, 0), (60, 4), (90, 12), (120, 80))
    assert got == BCellCourse(depleted=True, onset=7, last_aplastic=60, reconstitution=90, duration=83, censored=False)


def test_still_aplastic_is_censored_at_the_last_assessment() -> None:
    got = course((7, 2), (30, 0), (90, 0), (120, math.nan))
    assert (got.censored, got.censored_at, got.duration, got.reconstitution) == (True, 90, 83, None)
    assert got.last_aplastic == 90


def test_not_depleted() -> None:
    assert course((7, 15), (30, 14)) == BCellCourse(depleted=False, duration=0)
    assert course((7, 10)).depleted is False
    assert course((7, 9.999)).depleted is True


def test_never_assessed_after_infusion() -> None:
    assert course((-7, 3), (0, 5), (7, math.nan)).depleted is None
    assert course().depleted is None


def test_blq_is_aplastic() -> None:
    got = course((7, None), (30, 10))
    assert (got.onset, got.reconstitution) == (7, 30)


def test_confirmed_needs_the_next_assessment() -> None:
    samples = [(7, 3), (60, 11), (90, 8), (120, 30)]
    assert course(*samples).reconstitution == 60
    assert course(*samples).last_aplastic == 7
    assert course(*samples, confirmed=True).reconstitution is None
    assert course(*samples, confirmed=True).censored_at == 120
    assert course(*samples, (150, 10), confirmed=True).reconstitution == 120


def test_new_depleting_therapy_censors() -> None:
    got = course((7, 3), (60, 4), (120, 30), censor_day=100)
    assert (got.censored, got.censored_at, got.duration, got.reconstitution) == (True, 100, 93, None)
    assert course((7, 3), (60, 14), (120, 3), censor_day=100).reconstitution == 60


def test_normalisation_is_a_second_threshold() -> None:
    assert course((7, 3), (60, 14), (90, 99), (120, 100), lower_limit=100).normal == 120
    assert course((7, 3), (60, 14), lower_limit=100).normal is None


def test_faulty_input_is_refused() -> None:
    with pytest.raises(ValueError, match="same day"):
        course((7, 3), (7, 4))
    with pytest.raises(ValueError, match="equally many"):
        bcell_course([1], [], [])
