from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.compute.nca import (
    CODES,
    NcaProfile,
    auc_between,
    interpolate,
    nca_profile,
    terminal_slope,
)

NAN = math.nan


def profile(*samples: tuple[float, float | None], horizon: float = 28.0, **settings: float) -> NcaProfile:
    """Samples as the document prints them: None is BLQ, NaN is not taken."""
    return nca_profile(
        [t for t, _ in samples],
        [NAN if c is None else c for _, c in samples],
        [c is None for _, c in samples],
        horizon,
        **settings,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("samples", "cmax", "tmax", "tlst", "auclst", "aucint", "persist"),
    [
        (
            [(0, None), (7, 1000), (14, 4000), (21, 2000), (28, 1000), (42, 250)],
            4000, 14, 42, 58870.74, 51296.60, 35,
        ),
        ([(0, None), (7, 800), (14, 200), (21, None), (28, None)], 800, 7, 14, 5829.66, 6529.66, 7),
        ([(0, None), (7, 100), (10, None), (14, 400), (28, 100)], 400, 14, 28, 5129.66, 5129.66, 21),
        ([(0, None), (7, None), (14, None), (28, None)], 0, NAN, NAN, 0, 0, NAN),
        ([(0, None), (7, 1000), (14, 2000), (35, 250)], 2000, 14, 35, 31673.01, 29148.30, 28),
    ],
    ids=[f"14-vector-{n}" for n in range(1, 6)],
)  # fmt: skip
def test_vectors(
    samples: list[tuple[float, float | None]],
    cmax: float, tmax: float, tlst: float, auclst: float, aucint: float, persist: float,
) -> None:  # fmt: skip
    values = profile(*samples).values
    assert tuple(values) == CODES
    found = [values[code] for code in ("CMAX", "TMAX", "TLST", "AUCLST", "AUCINT", "PERSIST")]
    assert found == pytest.approx([cmax, tmax, tlst, auclst, aucint, persist], abs=0.005, nan_ok=True)


def test_half_life_of_vector_1() -> None:
    got = profile((0, None), (7, 1000), (14, 4000), (21, 2000), (28, 1000), (42, 250))
    assert got.values["LAMZHL"] == pytest.approx(7.0)
    assert got.values["LAMZ"] == pytest.approx(math.log(2) / 7)
    assert got.values["LAMZNPT"] == 3
    assert got.values["R2ADJ"] == pytest.approx(1.0)
    assert got.values["CLST"] == 250
    assert got.values["TFIRST"] == 7
    assert got.flags == {"PERSIST": "ongoing: the last sample is quantifiable"}
    assert got.reasons == {}


def test_every_missing_value_has_a_reason() -> None:
    for got in (
        profile((0, None), (7, 800), (14, 200), (21, None)),
        profile((7, None), (14, None)),
        profile((0, None)),
        profile((7, 10), (14, 5)),
        profile((7, 10), (14, NAN)),
    ):
        assert {code for code, value in got.values.items() if math.isnan(value)} == set(got.reasons)


def test_all_blq_has_zero_exposure_and_no_times() -> None:
    got = profile((0, None), (7, None))
    assert got.values["CMAX"] == got.values["AUCLST"] == got.values["AUCINT"] == 0
    assert got.reasons["TMAX"] == got.reasons["LAMZHL"] == "no quantifiable sample"
    assert got.flags == {}


def test_nothing_taken_after_infusion() -> None:
    got = profile((0, None), (7, NAN))
    assert set(got.reasons.values()) == {"no sample after infusion"}


def test_a_sample_not_taken_is_not_blq() -> None:
    with_gap = profile((7, 800), (14, NAN), (21, 200))
    without = profile((7, 800), (21, 200))
    assert with_gap.values == pytest.approx(without.values, nan_ok=True)
    # Last *taken* sample quantifiable, next one not taken: nothing known after day 21.
    assert "AUCINT" in profile((7, 800), (21, 200), (28, NAN)).reasons
    assert "PERSIST" in profile((7, 800), (21, 200), (28, NAN)).flags


def test_blq_before_the_first_quantifiable_is_zero() -> None:
    # 0 at day 7, then a linear rise to 100 at 14: 350, not 700.
    assert profile((0, None), (7, None), (14, 100)).values["AUCLST"] == pytest.approx(350)


def test_first_later_blq_after_the_horizon_is_cut_there() -> None:
    # 0-14 linear 700; 14 -> 42 falls linearly from 100 to 0; at 28 it is 50: area 1050.
    got = profile((14, 100), (42, None))
    assert got.values["AUCLST"] == pytest.approx(700)
    assert got.values["AUCINT"] == pytest.approx(700 + 1050)
    assert got.flags == {}


def test_horizon_inside_a_rising_segment_is_linear() -> None:
    # 0 -> 40 at 40 days: at 28 it is 28, area 28 * 28 / 2.
    assert profile((40, 40)).values["AUCINT"] == pytest.approx(392)
    assert profile((40, 40), horizon=10).values["AUCINT"] == pytest.approx(50)


def test_tmax_is_the_first_of_equal_peaks_and_unordered_samples_are_sorted() -> None:
    got = profile((14, 100), (7, 100), (21, 10))
    assert got.values["TMAX"] == 7
    assert got.values["AUCLST"] == pytest.approx(350 + 700 + 90 * 7 / math.log(10))


def test_one_result_above_the_limit_and_above_all_others_is_the_peak() -> None:
    # day 10 is above 1000 and day 14 is 200: whatever day 10 is, the peak is then
    values = nca_profile([7, 10, 14], [100, 1000, 200], [False] * 3, 28, above=[False, True, False])
    assert (values.values["TMAX"], values.values["CMAX"]) == (10, 1000) and "TMAX" not in values.reasons


def test_a_result_above_a_lower_limit_than_another_result_leaves_the_peak_open() -> None:
    # day 10 is above 400, day 14 is 500
    values = nca_profile([7, 10, 14], [100, 400, 500], [False] * 3, 28, above=[False, True, False])
    assert math.isnan(values.values["TMAX"]) and values.reasons["TMAX"].endswith("from 10 to 14")


def test_peak_itself_is_not_in_the_half_life() -> None:
    got = profile((7, 1000), (14, 500), (21, 250), (28, None))
    assert math.isnan(got.values["LAMZHL"])
    assert got.reasons["LAMZHL"] == "fewer than 3 quantifiable samples after the peak"


def test_no_falling_slope() -> None:
    got = profile((7, 1000), (14, 10), (21, 10), (28, 10))
    assert got.reasons["LAMZHL"] == "no falling terminal slope"


def test_weak_half_life_is_flagged_not_suppressed() -> None:
    short = profile((7, 1000), (8, 100), (9, 99), (10, 98))
    assert short.values["LAMZHL"] > 1
    assert short.flags["LAMZHL"] == "weak: points span less than two half-lives"
    scattered = profile((7, 1000), (14, 400), (21, 10), (28, 300), (35, 1))
    assert "adjusted R squared below 0.8" in scattered.flags["LAMZHL"]


def test_most_points_win_when_the_fit_is_as_good() -> None:
    fit = terminal_slope([14, 21, 28, 35, 42], [64, 32, 16, 8, 4])
    assert fit is not None
    assert fit.points == 5
    assert fit.rate == pytest.approx(math.log(2) / 7)


def test_a_bend_drops_the_early_points() -> None:
    fit = terminal_slope([14, 21, 28, 35, 42], [5000, 32, 16, 8, 4])
    assert fit is not None
    assert fit.points == 4
    assert fit.span == 21


def test_quantifiable_before_infusion_is_flagged() -> None:
    got = profile((0, 60), (7, 100))
    assert got.values["AUCLST"] == pytest.approx(350)
    assert "PREDOSE" in got.flags


@pytest.mark.parametrize(
    ("time", "conc", "blq", "message"),
    [
        ([1.0, 2.0], [1.0], [False], "equally many"),
        ([7.0, 7.0], [1.0, 2.0], [False, False], "same time"),
        ([7.0], [0.0], [False], "above 0"),
        ([NAN], [5.0], [False], "needs a time"),
    ],
)
def test_faulty_profiles_are_refused(time: list[float], conc: list[float], blq: list[bool], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nca_profile(time, conc, blq)


CURVES = st.lists(st.tuples(st.floats(0.1, 20), st.just(0.0) | st.floats(1, 1e6)), min_size=2, max_size=8)


@given(CURVES, st.floats(0, 1))
def test_areas_add_up(steps: list[tuple[float, float]], share: float) -> None:
    time = [sum(s for s, _ in steps[:i]) for i in range(len(steps))]
    conc = [c for _, c in steps]
    cut = time[-1] * share
    whole = auc_between(time, conc, 0.0, time[-1])
    parts = auc_between(time, conc, 0.0, cut) + auc_between(time, conc, cut, time[-1])
    assert parts == pytest.approx(whole, rel=1e-6, abs=1e-9)


@given(st.floats(1, 1e5), st.floats(1, 1e5), st.floats(0, 1))
def test_interpolation_stays_between_the_samples(c1: float, c2: float, share: float) -> None:
    value = interpolate(0.0, c1, 10.0, c2, 10 * share)
    assert min(c1, c2) * (1 - 1e-9) <= value <= max(c1, c2) * (1 + 1e-9)


def test_area_outside_the_samples_is_unknown() -> None:
    assert math.isnan(auc_between([0, 7], [0, 1], 0, 8))
    assert math.isnan(auc_between([], [], 0, 1))


def test_extrapolation_is_an_option_and_flagged() -> None:
    # After the peak 800, 400, 200 halve every 7 days; 28 to 35 is another half: area (200 - 100) / (ln 2 / 7).
    samples = [(7.0, 1600.0), (14.0, 800.0), (21.0, 400.0), (28.0, 200.0)]
    plain = profile(*samples, horizon=35)
    assert math.isnan(plain.values["AUCINT"])
    got = profile(*samples, horizon=35, auc_extrapolate=True)
    assert got.values["AUCINT"] == pytest.approx(plain.values["AUCLST"] + 100 * 7 / math.log(2))
    assert got.flags["AUCINT"].endswith("extrapolated by the terminal slope")
    assert got.reasons == {}
    few = profile((7, 100), (14, 50), auc_extrapolate=True)
    assert math.isnan(few.values["AUCINT"])
    assert "AUCINT" in few.reasons


def test_fewest_points_and_weak_fit_are_settings() -> None:
    samples = [(7.0, 1600.0), (14.0, 800.0), (21.0, 400.0), (28.0, 200.0)]
    assert profile(*samples).values["LAMZHL"] == pytest.approx(7)
    assert profile(*samples, lambda_min_points=4).reasons["LAMZHL"].startswith("fewer than 4")
    scattered = profile((7, 1000), (14, 400), (21, 10), (28, 300), (35, 1), lambda_min_r2=0.1)
    assert "adjusted" not in scattered.flags.get("LAMZHL", "")
    with pytest.raises(ValueError, match="at least 3"):
        terminal_slope([1, 2], [2, 1], 2)
