"""Disease activity scores from the items of ADQS: which PARAMCD is which item of the instrument, and nothing else."""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.compute.sle.bilag import BILAG_SYSTEMS, bilag_never_after_involvement, compute_bilag_numeric
from datacut.compute.sle.haq import compute_haq_aided, compute_haq_di, haq_aid_without_answer
from datacut.compute.sle.items import ScoreMissing
from datacut.compute.sle.sledai import (
    SLEDAI_ITEMS,
    Proteinuria,
    compute_selena_total,
    compute_sledai_clinical,
    compute_sledai_total,
)
from datacut.compute.sle.sledas import compute_sledas, compute_sledas_category
from datacut.compute.threeway import name_where
from datacut.spec.registry import verb

# SLED01 ... SLED24 stand in the order of the instrument, which is that of SLEDAI_ITEMS.
SLEDAI = {f"SLED{number:02d}": key for number, key in enumerate(SLEDAI_ITEMS, start=1)}
# BILAG01 ... BILAG09 stand in the order of BILAG_SYSTEMS.
BILAG = {f"BILAG{number:02d}": key for number, key in enumerate(BILAG_SYSTEMS, start=1)}
SLEDAS = {
    "SDAS01": "neuropsychiatric",
    "SDAS02": "systemic_vasculitis",
    "SDAS03": "cardiac_pulmonary",
    "SDAS04": "mucocutaneous_vasculitis",
    "SDAS05": "sjc28",
    "SDAS06": "localized_rash",
    "SDAS07": "generalized_rash",
    "SDAS08": "alopecia",
    "SDAS09": "mucosal_ulcers",
    "SDAS10": "myositis",
    "SDAS11": "serositis",
    "SDAS12": "haemolytic_anaemia",
    "SDAS13": "hypocomplementaemia",
    "SDAS14": "anti_dsdna",
    "SDAS15": "protein_sle",
    "SDAS16": "platelets_sle",
    "SDAS17": "leukocytes_sle",
    "SDAS15A": "protein_mg",
    "SDAS16A": "platelets",
    "SDAS17A": "leukocytes",
}
# The item that says whether an amount scores, and an amount that does not.
SLEDAS_AMOUNTS = {
    "protein_mg": ("protein_sle", 0),
    "platelets": ("platelets_sle", 100),
    "leukocytes": ("leukocytes_sle", 3),
}
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
def sledai_2k(items: pd.DataFrame, score_missing: ScoreMissing = "missing") -> pd.Series[Any]:
    """SLEDAI-2K total of SLED01 to SLED24 (0, 1); missing if one item is, or that item counts as `zero`."""
    return compute_sledai_total(_named(items, SLEDAI), score_missing)


@verb("function")
def sledai_clinical(items: pd.DataFrame, score_missing: ScoreMissing = "missing") -> pd.Series[Any]:
    """SLEDAI-2K without the two serology items (SLED20, SLED21), which may be missing."""
    return compute_sledai_clinical(_named(items, SLEDAI), score_missing)


@verb("function")
def selena_sledai(
    items: pd.DataFrame, score_missing: ScoreMissing = "missing", selena_proteinuria: Proteinuria = "new_or_rise"
) -> pd.Series[Any]:
    """SELENA-SLEDAI total of SLED01 to SLED24; proteinuria counts only if new or risen (SLEDPRN is 1), or `any`."""
    return compute_selena_total(_named(items, SLEDAI), _whole(items["SLEDPRN"]), score_missing, selena_proteinuria)


@verb("function")
def haq_di(items: pd.DataFrame, haq_min_categories: str = "6") -> pd.Series[Any]:
    """HAQ-DI: a category with a ticked aid or help scores at least 2; missing below the fewest answered categories."""
    return compute_haq_di(_named(items, HAQ_ITEMS), _aided(items), int(haq_min_categories))


@verb("function")
def haq_di_alternative(items: pd.DataFrame, haq_min_categories: str = "6") -> pd.Series[Any]:
    """Alternative HAQ-DI: aids and help do not count."""
    return compute_haq_di(_named(items, HAQ_ITEMS), haq_min_categories=int(haq_min_categories))


@verb("function")
def haq_contradiction(items: pd.DataFrame) -> pd.Series[Any]:
    """The categories in which an aid or help was ticked and no item answered, in words; missing if there is none."""
    return name_where(haq_aid_without_answer(_named(items, HAQ_ITEMS), _aided(items)), "aid ticked, no item answered: ")


@verb("function")
def sle_das(items: pd.DataFrame) -> pd.Series[Any]:
    """SLE-DAS of SDAS01 to SDAS17 and the amounts SDAS15A to SDAS17A.

    An amount counts only where the item of its name is 1, so where that is 0 the amount may be missing.
    """
    named = items.rename(columns=SLEDAS)
    for amount, (item, neutral) in SLEDAS_AMOUNTS.items():
        named[amount] = named[amount].astype("Float64").mask(named[item].eq(0).fillna(False), neutral)
    return compute_sledas(named)


@verb("function")
def sle_das_contradiction(items: pd.DataFrame) -> pd.Series[Any]:
    """The items of SLE-DAS that are 1 while their amount is missing, in words; missing if there is none."""
    named = items.rename(columns=SLEDAS)
    marks = {
        f"{item} = 1, {amount} missing": named[item].eq(1).fillna(False).astype(bool) & named[amount].isna()
        for amount, (item, _) in SLEDAS_AMOUNTS.items()
    }
    return name_where(pd.DataFrame(marks, index=items.index))


@verb("function")
def sle_das_category(score: pd.DataFrame) -> pd.Series[Any]:
    """Category of the SLE-DAS in the one column given: remission, mild, moderate/severe."""
    return compute_sledas_category(score.iloc[:, 0])


@verb("function")
def bilag_numeric(grades: pd.DataFrame) -> pd.Series[Any]:
    """BILAG-2004 numeric score of the grades BILAG01 to BILAG09; missing if one is."""
    return compute_bilag_numeric(grades.rename(columns=BILAG))


@verb("function")
def bilag_contradiction(records: pd.DataFrame) -> pd.Series[Any]:
    """In words where a system is graded E (never involved) after an A, B, C or D of the same participant.

    Columns in this order: participant, system, date, grade; rows in any order.
    """
    person, system, date, grade = (records[c] for c in records.columns)
    ordered = records.sort_values(list(records.columns[:3]), kind="stable").index
    who = person.astype(object).astype("str") + "|" + system.astype(object).astype("str")
    wrong = bilag_never_after_involvement(grade.loc[ordered], who.loc[ordered]).reindex(records.index)
    worst = grade.where(grade.ne("E")).groupby(who).transform("min")
    words = "E (never involved) after " + worst.astype(object).astype("str")
    return words.where(wrong & date.notna()).astype("str")


@verb("function")
def body_mass_index(measures: pd.DataFrame) -> pd.Series[Any]:
    """Weight (kg, first column) divided by the square of height (cm, second column) in m; missing if either is."""
    weight, height = (measures[c].astype("Float64") for c in measures)
    return weight / (height.where(height > 0) / 100) ** 2


def _named(items: pd.DataFrame, keys: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame({key: _whole(items[code]) for code, key in keys.items()}, index=items.index)


def _aided(items: pd.DataFrame) -> pd.DataFrame:
    return compute_haq_aided(_named(items, {code: key for code, key in HAQ_AIDS.items() if code in items}))


def _whole(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.astype("Float64").astype("Int64")
