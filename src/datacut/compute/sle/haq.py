"""HAQ disability index, standard and alternative.

Items 0 (no difficulty) to 3 (unable) in eight categories. Keys and groupings only, not the form's wording.
Source: Fries JF et al. Arthritis Rheum 1980;23:137-45; Bruce B, Fries JF. Health Qual Life Outcomes 2003;1:20. Item
list [V]; aids and the fewest categories [R]. A free-text aid counts once coding has assigned it to a category [P].
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from datacut.compute.sle.items import require_items

HAQ_CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "dressing": ("dress", "shampoo"),
        "arising": ("stand", "bed"),
        "eating": ("cut_meat", "lift_cup", "open_carton"),
        "walking": ("walk_flat", "steps"),
        "hygiene": ("wash", "bath", "toilet"),
        "reach": ("overhead", "bend"),
        "grip": ("car_door", "jars", "taps"),
        "activities": ("errands", "car", "chores"),
    }
)
HAQ_DEVICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dressing_devices": "dressing",
        "special_chair": "arising",
        "special_utensils": "eating",
        "cane": "walking",
        "walker": "walking",
        "crutches": "walking",
        "wheelchair": "walking",
        "raised_toilet_seat": "hygiene",
        "bath_seat": "hygiene",
        "bath_bar": "hygiene",
        "long_handled_bathroom": "hygiene",
        "long_handled_reach": "reach",
        "jar_opener": "grip",
    }
)


def compute_haq_categories(items: pd.DataFrame, aided: pd.DataFrame | None = None) -> pd.DataFrame:
    """The eight category scores 0-3, Int64: the highest answered item, missing if none is answered.

    items: one column per item key, 0-3 or missing; another value counts as missing.
    aided: for the standard index, 0/1 per category, an aid or another person's help is ticked (no column or missing:
    not ticked); a category of 0 or 1 then scores 2. Raises ValueError if an item column is absent.
    """
    require_items(items, [key for keys in HAQ_CATEGORIES.values() for key in keys], "HAQ-DI")
    scores = pd.DataFrame(index=items.index)
    for category, keys in HAQ_CATEGORIES.items():
        answers = items[list(keys)].astype("Int64")
        score = answers.where(answers.isin([0, 1, 2, 3])).max(axis=1).astype("Int64")
        if aided is not None and category in aided.columns:
            ticked = aided[category].astype("Int64").eq(1).fillna(False)
            score = score.mask(ticked & (score < 2).fillna(False), 2)
        scores[category] = score
    return scores


def compute_haq_aided(ticks: pd.DataFrame) -> pd.DataFrame:
    """0/1 per category from ticked boxes: columns are device keys of `HAQ_DEVICES` or categories (help for it).

    A missing tick is no tick. Raises ValueError for a column that is neither.
    """
    aided = pd.DataFrame(0, index=ticks.index, columns=list(HAQ_CATEGORIES), dtype="Int64")
    for name in ticks.columns:
        category = HAQ_DEVICES.get(name, name)
        if category not in HAQ_CATEGORIES:
            raise ValueError(f"{name} is neither a HAQ device nor a HAQ category.")
        aided[category] = aided[category].mask(ticks[name].astype("Int64").eq(1).fillna(False), 1)
    return aided


def haq_aid_without_answer(items: pd.DataFrame, aided: pd.DataFrame) -> pd.DataFrame:
    """Where an aid is ticked in a category without an answered item: plain boolean, one column per category.

    Such a tick makes no score; it is a question for the site.
    """
    scores = compute_haq_categories(items)
    ticked = aided.reindex(columns=list(HAQ_CATEGORIES)).astype("Int64").eq(1).fillna(False).astype(bool)
    return scores.isna() & ticked


def compute_haq_di(
    items: pd.DataFrame, aided: pd.DataFrame | None = None, haq_min_categories: int = 6
) -> pd.Series[Any]:
    """HAQ-DI, Float64, 0-3, unrounded: the mean of the answered categories.

    With `aided` the standard index, without it the alternative one. Missing with fewer than `haq_min_categories` of
    eight answered. Raises ValueError for a number outside 1 to 8.
    """
    if not 1 <= haq_min_categories <= len(HAQ_CATEGORIES):
        raise ValueError(f"HAQ-DI has 8 categories; {haq_min_categories} cannot be the fewest answered.")
    scores = compute_haq_categories(items, aided)
    answered = scores.notna().sum(axis=1)
    total = scores.sum(axis=1).astype("Float64")
    return (total / answered.where(answered > 0, 1)).astype("Float64").mask(answered < haq_min_categories)
