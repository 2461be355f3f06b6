"""Kaplan-Meier against scipy, the 6-MP remission times of Freireich (Blood 1963;21:699), and by hand."""

import math
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from datacut.compute.survival import interval, kaplan_meier

# weeks in remission under 6-mercaptopurine: relapse, and still in remission
RELAPSED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
IN_REMISSION = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)


def freireich() -> tuple[list[float], list[bool]]:
    times = [float(t) for t in (*RELAPSED, *IN_REMISSION)]
    return times, [True] * len(RELAPSED) + [False] * len(IN_REMISSION)


def test_published_survival_and_median() -> None:
    curve = kaplan_meier(*freireich())
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert {t: round(step.survival, 3) for t in published if (step := curve.at(t))} == published
    assert [curve.at_risk(t) for t in (6, 7, 10, 13, 16, 22, 23)] == [21, 17, 15, 12, 11, 7, 6]
    assert curve.quantile(0.5) == 23
    assert math.isnan(curve.quantile(0.75))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=2, max_size=15))
def test_survival_and_limits_agree_with_scipy(rows: list[tuple[int, bool]]) -> None:
    if not any(event for _, event in rows):
        return
    curve = kaplan_meier([t for t, _ in rows], [e for _, e in rows])
    data = stats.CensoredData([t for t, e in rows if e], right=[t for t, e in rows if not e])
    theirs = stats.ecdf(data).sf
    with warnings.catch_warnings():  # scipy warns of limits that are not defined
        warnings.simplefilter("ignore")
        limits = theirs.confidence_interval(0.95, method="log-log")
    for step in curve.steps:
        assert step.survival == pytest.approx(float(theirs.evaluate(step.time)), abs=1e-12)
        if 0 < step.survival < 1:
            found = interval(step)
            assert found.lower == pytest.approx(float(limits.low.evaluate(step.time)), rel=1e-9)
            assert found.upper == pytest.approx(float(limits.high.evaluate(step.time)), rel=1e-9)


def test_limits_of_the_median_invert_those_of_survival() -> None:
    # at 13 weeks the limits of survival hold one half for the first time; no upper limit falls below it
    curve = kaplan_meier(*freireich())
    at_13 = curve.at(13)
    assert at_13 is not None
    assert [round(v, 3) for v in interval(at_13)] == [0.432, 0.849]
    lower, upper = curve.quantile_interval(0.5)
    assert lower == 13
    assert math.isnan(upper)


def test_a_quantile_on_a_flat_part_is_its_middle() -> None:
    assert kaplan_meier([1, 2, 3, 4], [True] * 4).quantile(0.5) == 2.5
    assert kaplan_meier([1, 2, 9, 9], [True, True, False, False]).quantile(0.5) == 2  # no later event


def test_nobody_and_one() -> None:
    nobody = kaplan_meier([], [])
    assert nobody.steps == ()
    assert math.isnan(nobody.quantile(0.5))
    assert not nobody.known_at(0)
    one = kaplan_meier([5], [True])
    assert one.quantile(0.5) == 5
    assert one.known_at(99)  # nobody is left to have the event
    assert not kaplan_meier([5], [False]).known_at(6)


def test_a_subject_censored_at_an_event_was_at_risk_of_it() -> None:
    step = kaplan_meier([5, 5], [True, False]).at(5)
    assert step is not None
    assert (step.at_risk, step.survival) == (2, 0.5)


@pytest.mark.parametrize("times", [[-1.0], [math.nan]])
def test_times_that_are_none(times: list[float]) -> None:
    with pytest.raises(ValueError, match="not below 0"):
        kaplan_meier(times, [True])
