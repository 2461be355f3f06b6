"""Reviews on day 100 (4.5 next), 160 (4.5 again) and 200 (6.0 next), and one that goes back."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.cart.review_order import HeldReview, allowing_review, is_before_review, steps_before_review
from datacut.compute.courses import FAR

REVIEWS = [HeldReview(100, 4.5), HeldReview(160, 4.5), HeldReview(200, 6.0)]


@pytest.mark.parametrize(
    ("step", "dose", "cohort", "before", "review"),
    [
        pytest.param((10, 10), 3.0, 1, False, None, id="lowest-dose-needs-no-review"),
        pytest.param((99, 99), 4.5, 2, True, 0, id="the-day-before"),
        pytest.param((100, 100), 4.5, 2, False, 0, id="on-the-day"),
        pytest.param((120, 120), 4.5, 3, True, 1, id="second-cohort-of-a-level-before-its-review"),
        pytest.param((120, 120), 4.5, None, False, 0, id="cohort-not-known"),
        pytest.param((199, 199), 6.0, 4, True, 2, id="higher-than-the-standing-decision"),
        pytest.param((250, 250), 3.0, 4, False, 2, id="lower-than-it"),
        pytest.param((90, 110), 4.5, 2, None, 0, id="some-days-before-some-after"),
        pytest.param((80, 99), 4.5, 2, True, 0, id="every-day-before"),
        pytest.param((-FAR, FAR), 6.0, 4, None, None, id="day-not-known"),
        pytest.param((250, 250), 7.5, 5, True, None, id="nothing-allows-it"),
    ],
)
def test_one_step(
    step: tuple[int, int], dose: float, cohort: int | None, before: bool | None, review: int | None
) -> None:
    assert is_before_review(step, dose, cohort, REVIEWS, 3.0) is before
    assert allowing_review(step, dose, cohort, REVIEWS, 3.0) == review


def test_a_review_that_goes_back_stands() -> None:
    back = [*REVIEWS, HeldReview(240, 4.5)]
    assert is_before_review((239, 239), 6.0, 4, back, 3.0) is False
    assert is_before_review((240, 240), 6.0, 5, back, 3.0) is True


def test_steps_of_participants() -> None:
    steps = pd.DataFrame(
        {"assigned": [(99, 99), (100, 100), (90, 110), None], "infused": [(105, 105), None, None, None]}, dtype=object
    )
    dose = pd.Series([4.5, None, 4.5, 4.5], dtype="Float64")
    found = steps_before_review(steps, dose, pd.Series([2, 2, 2, 2], dtype="Int64"), REVIEWS, 3.0)
    assert [[None if pd.isna(v) else v for v in row] for row in found.itertuples(index=False)] == [
        ["assigned", True, 0],
        [None, None, None],
        [None, None, 0],
        [None, None, None],
    ]
