from __future__ import annotations

import math

import pytest

from datacut.compute.persistence import Persistence, transgene_persistence


def course(rule: str, *samples: tuple[float, float | None]) -> Persistence:
    """None is below the limit, NaN not taken."""
    return transgene_persistence(
        [d for d, _ in samples],
        [math.nan if c is None else c for _, c in samples],
        [c is None for _, c in samples],
        rule,  # type: ignore[arg-type]
    )


SAMPLES = [(0, None), (4, None), (7, 100.0), (14, None), (21, 80.0), (28, None), (60, None), (90, 60.0), (180, None)]


@pytest.mark.parametrize(
    ("rule", "last_before", "lost"),
    [("two_consecutive_blq", 21, 28), ("first_blq", 7, 14), ("last_quantifiable", 90, 90)],
)
def test_three_rules(rule: str, last_before: float, lost: float) -> None:
    assert course(rule, *SAMPLES) == Persistence(detected=True, first=7, last_before=last_before, lost=lost)


@pytest.mark.parametrize("rule", ["two_consecutive_blq", "first_blq", "last_quantifiable"])
def test_still_there_is_censored_at_the_last_sample(rule: str) -> None:
    assert course(rule, (7, 100), (28, 50), (60, math.nan)) == Persistence(detected=True, first=7, censored_at=28)


def test_one_blq_at_the_end_is_not_two() -> None:
    assert course("two_consecutive_blq", (7, 100), (28, None)) == Persistence(detected=True, first=7, censored_at=28)
    assert course("two_consecutive_blq", (7, 100), (28, None), (60, math.nan), (90, None)).lost == 28


def test_never_detected_and_never_sampled() -> None:
    assert course("first_blq", (0, 5), (7, None)) == Persistence(detected=False)
    assert course("first_blq", (0, 5), (7, math.nan)) == Persistence(detected=None)


def test_faulty_input_is_refused() -> None:
    with pytest.raises(ValueError, match="same day"):
        course("first_blq", (7, 1), (7, 2))
    with pytest.raises(ValueError, match="equally many"):
        transgene_persistence([1], [], [])
    with pytest.raises(ValueError, match="'never'"):
        course("never", (7, 1))
