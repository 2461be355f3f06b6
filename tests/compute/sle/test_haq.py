from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacut.compute.sle.haq import (
    HAQ_CATEGORIES,
    compute_haq_aided,
    compute_haq_categories,
    compute_haq_di,
    haq_aid_without_answer,
)

ITEMS = [key for keys in HAQ_CATEGORIES.values() for key in keys]


def answers(**category_scores: int) -> pd.DataFrame:
    """One row; the first item of each named category has the score, all else is unanswered."""
    row = {keys[0]: category_scores.get(category) for category, keys in HAQ_CATEGORIES.items()}
    return pd.DataFrame([{key: row.get(key) for key in ITEMS}], dtype="Int64")


def aided(*ticks: str) -> pd.DataFrame:
    return compute_haq_aided(pd.DataFrame([dict.fromkeys(ticks, 1)], dtype="Int64", index=[0]))


def value(series: pd.Series) -> float | None:
    (only,) = series
    return None if pd.isna(only) else float(only)


ALL_ZERO = dict.fromkeys(HAQ_CATEGORIES, 0)
FIRST = answers(dressing=1, arising=2, eating=1, walking=2, hygiene=0, reach=1, grip=0, activities=1)


def test_twenty_items_in_eight_categories() -> None:
    assert len(ITEMS) == len(set(ITEMS)) == 20
    assert len(HAQ_CATEGORIES) == 8


@pytest.mark.parametrize(
    ("items", "ticks", "standard", "alternative"),
    [
        pytest.param(FIRST, [], 1.0, 1.0, id="5-vector-1"),
        pytest.param(FIRST, ["cane", "jar_opener"], 1.25, 1.0, id="5-vector-2"),
        pytest.param(answers(**ALL_ZERO), ["eating"], 0.25, 0.0, id="5-vector-3"),
        pytest.param(
            answers(dressing=2, arising=2, eating=1, walking=2, hygiene=1, reach=1), [], 1.5, 1.5, id="5-vector-4"
        ),
        pytest.param(answers(dressing=2, arising=2, eating=1, walking=2, hygiene=1), [], None, None, id="5-vector-5"),
        pytest.param(answers(**{**ALL_ZERO, "walking": 3}), ["wheelchair"], 0.375, 0.375, id="5-vector-6"),
        pytest.param(answers(), [], None, None, id="nothing-answered"),
    ],
)
def test_vectors(items: pd.DataFrame, ticks: list[str], standard: float | None, alternative: float | None) -> None:
    assert value(compute_haq_di(items, aided(*ticks))) == standard
    assert value(compute_haq_di(items)) == alternative


def test_an_aid_does_not_make_a_score() -> None:
    items = answers(dressing=2, arising=2, eating=1, walking=2, hygiene=1)
    assert value(compute_haq_di(items, aided("grip"))) is None


def test_seven_categories_are_divided_by_seven() -> None:
    scores = {**ALL_ZERO, "walking": 3}
    del scores["grip"]
    assert value(compute_haq_di(answers(**scores))) == pytest.approx(3 / 7)


def test_category_is_the_highest_answered_item() -> None:
    items = pd.DataFrame([dict.fromkeys(ITEMS)], dtype="Int64")
    items.loc[0, ["wash", "bath"]] = [1, 3]
    items.loc[0, ["car_door", "jars"]] = [1, 7]  # 7 is no answer
    scores = compute_haq_categories(items)
    assert scores.loc[0, "hygiene"] == 3
    assert scores.loc[0, "grip"] == 1
    assert scores.loc[0].notna().sum() == 2


def test_missing_tick_is_no_tick_and_unknown_columns_are_named() -> None:
    ticks = pd.DataFrame({"cane": pd.array([None, 1, 0], dtype="Int64")})
    assert compute_haq_aided(ticks)["walking"].tolist() == [0, 1, 0]
    with pytest.raises(ValueError, match="stilts"):
        compute_haq_aided(pd.DataFrame({"stilts": [1]}))
    with pytest.raises(ValueError, match="absent: taps"):
        compute_haq_di(FIRST.drop(columns="taps"))


def test_the_fewest_categories_is_a_setting() -> None:
    five = answers(dressing=2, arising=2, eating=1, walking=2, hygiene=1)
    assert value(compute_haq_di(five, haq_min_categories=5)) == 1.6
    assert value(compute_haq_di(answers(), haq_min_categories=1)) is None
    with pytest.raises(ValueError, match="8 categories"):
        compute_haq_di(five, haq_min_categories=9)


def test_an_aid_without_an_answer_is_a_question() -> None:
    found = haq_aid_without_answer(answers(walking=1), aided("cane", "grip"))
    assert found.columns[found.iloc[0]].tolist() == ["grip"]


@settings(max_examples=20)
@given(
    st.lists(st.sampled_from([0, 1, 2, 3, None]), min_size=20, max_size=20),
    st.sets(st.sampled_from(list(HAQ_CATEGORIES))),
)
def test_index_stays_on_the_scale_and_aids_never_lower_it(scores: list[int | None], ticks: set[str]) -> None:
    items = pd.DataFrame([scores], columns=ITEMS, dtype="Int64")
    standard, alternative = value(compute_haq_di(items, aided(*sorted(ticks)))), value(compute_haq_di(items))
    assert (standard is None) == (alternative is None)
    assert standard is None or 0 <= alternative <= standard <= 3  # type: ignore[operator]
