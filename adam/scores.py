"""Disease activity scores from the items of ADQS: which PARAMCD is which item of the instrument, and nothing else."""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.compute.sle.haq import compute_haq_aided, compute_haq_di
from datacut.compute.sle.sledai import (
    SLEDAI_ITEMS,
    compute_selena_total,
    compute_sledai_clinical,
    compute_sledai_total,
)
from datacut.spec.registry import verb

# SLED01 ... SLED24 stand in the order of the instrument, which is that of SLEDAI_ITEMS.
SLEDAI = {f"SLED{number:02d}": key for number, key in enumerate(SLEDAI_ITEMS, start=1)}
HAQ_ITEMS = {
    "HAQ0201": "dress",
    "HAQ0202": "shampoo",
    "HAQ0203": "stand",
    "HAQ0204": "bed",
    "HAQ0205": "cut_meat",
    "HAQ0206": "lift_cup",
    "HAQ0207": "open_carton",
    "HAQ0208": "walk_flat",
    "HAQ0209": "steps",
    "HAQ0223": "wash",
    "HAQ0224": "bath",
    "HAQ0225": "toilet",
    "HAQ0226": "overhead",
    "HAQ0227": "bend",
    "HAQ0228": "car_door",
    "HAQ0229": "jars",
    "HAQ0230": "taps",
    "HAQ0231": "errands",
    "HAQ0232": "car",
    "HAQ0233": "chores",
}
HAQ_AIDS = {
    "HAQ0210": "cane",
    "HAQ0211": "walker",
    "HAQ0212": "crutches",
    "HAQ0213": "wheelchair",
    "HAQ0214": "dressing_devices",
    "HAQ0215": "special_utensils",
    "HAQ0216": "special_chair",
    "HAQ0219": "dressing",
    "HAQ0220": "arising",
    "HAQ0221": "eating",
    "HAQ0222": "walking",
    "HAQ0234": "raised_toilet_seat",
    "HAQ0235": "bath_seat",
    "HAQ0236": "jar_opener",
    "HAQ0237": "bath_bar",
    "HAQ0238": "long_handled_reach",
    "HAQ0239": "long_handled_bathroom",
    "HAQ0242": "hygiene",
    "HAQ0243": "reach",
    "HAQ0244": "grip",
    "HAQ0245": "activities",
}


@verb("function")
def sledai_2k(items: pd.DataFrame) -> pd.Series[Any]:
    """SLEDAI-2K total of SLED01 to SLED24 (0, 1); missing if one item is."""
    return compute_sledai_total(_named(items, SLEDAI))


@verb("function")
def sledai_clinical(items: pd.DataFrame) -> pd.Series[Any]:
    """SLEDAI-2K without the two serology items (SLED20, SLED21), which may be missing."""
    return compute_sledai_clinical(_named(items, SLEDAI))


@verb("function")
def selena_sledai(items: pd.DataFrame) -> pd.Series[Any]:
    """SELENA-SLEDAI total of SLED01 to SLED24; proteinuria counts only if new or risen (SLEDPRN is 1)."""
    return compute_selena_total(_named(items, SLEDAI), _whole(items["SLEDPRN"]))


@verb("function")
def haq_di(items: pd.DataFrame) -> pd.Series[Any]:
    """HAQ-DI: a category with a ticked aid or help scores at least 2; missing below six answered categories."""
    ticks = _named(items, {code: key for code, key in HAQ_AIDS.items() if code in items})
    return compute_haq_di(_named(items, HAQ_ITEMS), compute_haq_aided(ticks))


@verb("function")
def haq_di_alternative(items: pd.DataFrame) -> pd.Series[Any]:
    """Alternative HAQ-DI: aids and help do not count."""
    return compute_haq_di(_named(items, HAQ_ITEMS))


@verb("function")
def body_mass_index(measures: pd.DataFrame) -> pd.Series[Any]:
    """Weight (kg, first column) divided by the square of height (cm, second column) in m; missing if either is."""
    weight, height = (measures[c].astype("Float64") for c in measures)
    return weight / (height.where(height > 0) / 100) ** 2


def _named(items: pd.DataFrame, keys: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame({key: _whole(items[code]) for code, key in keys.items()}, index=items.index)


def _whole(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.astype("Float64").astype("Int64")
