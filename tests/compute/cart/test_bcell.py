from __future__ import annotations

import math

import pytest

from datacut.compute.cart.bcell import BCellCourse, bcell_course


def course(*samples: tuple[float, float | None], **options: object) -> BCellCourse:
    """None is BLQ, NaN is not assessed."""
    return bcell_course(
        [d for d, _ in samples],
        [math.nan if c is None else c for _, c in samples],
        [c is None for _, c in samples],
        **options,  # type: ignore[arg-type]
    )


def test_reconstitution() -> None:
    """Section 15, vector 1."""
    got = course((7, 2), (30, 0), (60, 4), (90, 12), (120, 80))
    assert got == BCellCourse(depleted=True, onset=7, last_aplastic=60, reconstitution=90, duration=83, censored=False)


def test_still_aplastic_is_censored_at_the_last_assessment() -> None:
    """Section 15, vector 2."""
    got = course((7, 2), (30, 0), (90, 0), (120, math.nan))
    assert (got.censored, got.censored_at, got.duration, got.reconstitution) == (True, 90, 83, None)
    assert got.last_aplastic == 90


def test_not_depleted() -> None:
    """Section 15, vectors 3 and 4."""
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
    """Section 15, vector 5."""
    samples = [(7, 3), (60, 11), (90, 8), (120, 30)]
    assert course(*samples).reconstitution == 60
    assert course(*samples).last_aplastic == 7
    assert course(*samples, bcell_confirm=True).reconstitution is None
    assert course(*samples, bcell_confirm=True).censored_at == 120
    assert course(*samples, (150, 10), bcell_confirm=True).reconstitution == 120


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


def test_both_times_are_interval_censored() -> None:
    got = course((4, 40), (7, 30), (14, 2), (30, 0), (60, 4), (90, 12))
    assert (got.last_before, got.onset, got.last_aplastic, got.reconstitution) == (7, 14, 60, 90)
    assert course((7, 2), (30, 0)).last_before is None


def test_threshold_is_a_setting() -> None:
    assert course((7, 8), (30, 60), bcell_threshold=50).reconstitution == 30
    assert course((7, 8), (30, 40), bcell_threshold=50).censored is True


def test_confirmation_after_new_therapy_does_not_count() -> None:
    got = course((7, 3), (60, 14), (120, 30), censor_day=100, bcell_confirm=True)
    assert (got.reconstitution, got.censored_at) == (None, 100)
