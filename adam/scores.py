"""Disease activity scores from the items of ADQS.

Each function takes one row per assessment and one column per part of the instrument, under the part's name: which
parameter plays which part is said by `params` of the call.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.compute.sle.bilag import bilag_never_after_involvement, compute_bilag_numeric, compute_bilag_points
from datacut.compute.sle.haq import (
    HAQ_CATEGORIES,
    HAQ_DEVICES,
    compute_haq_aided,
    compute_haq_di,
    haq_aid_without_answer,
)
from datacut.compute.sle.items import ScoreMissing
from datacut.compute.sle.sledai import (
    Proteinuria,
    compute_selena_total,
    compute_sledai_clinical,
    compute_sledai_total,
)
from datacut.compute.sle.sledas import compute_sledas, compute_sledas_category
from datacut.compute.threeway import name_where
from datacut.spec.registry import verb

# The item that says whether an amount scores, and an amount that does not.
SLEDAS_AMOUNTS = {
    "protein_mg": ("protein_sle", 0),
    "platelets": ("platelets_sle", 100),
    "leukocytes": ("leukocytes_sle", 3),
}


_WEIGHTS = (
    "8 for seizure, psychosis, organic_brain_syndrome, visual_disturbance, cranial_nerve_disorder, "
    "lupus_headache, cva and vasculitis, 4 for arthritis, myositis, urinary_casts, haematuria, "
    "proteinuria and pyuria, 2 for rash, alopecia, mucosal_ulcers, pleurisy, pericarditis, "
    "low_complement and increased_dna_binding, 1 for fever, thrombocytopenia and leukopenia; "
    "{score_missing?zero=an item not done counts as 0|missing if an item is}"
)
"""The weights of the items of SLEDAI-2K, in words."""


@verb(
    "function",
    says="the sum of the weights of the items that are 1: " + _WEIGHTS,
)
def sledai_2k(items: pd.DataFrame, score_missing: ScoreMissing = "missing") -> pd.Series[Any]:
    """SLEDAI-2K total of its 24 items (0, 1); missing if one item is, or that item counts as `zero`."""
    return compute_sledai_total(_whole(items), score_missing)


@verb(
    "function",
    says="the sum of the weights of the items that are 1, without low_complement and increased_dna_binding: "
    + _WEIGHTS,
)
def sledai_clinical(items: pd.DataFrame, score_missing: ScoreMissing = "missing") -> pd.Series[Any]:
    """SLEDAI-2K without the two serology items, which may be missing."""
    return compute_sledai_clinical(_whole(items), score_missing)


@verb(
    "function",
    says=(
        "the sum of the weights of the items that are 1{selena_proteinuria?any=|, of which proteinuria counts only "
        "where it is new or risen (proteinuria_new is 1)}: " + _WEIGHTS
    ),
)
def selena_sledai(
    items: pd.DataFrame, score_missing: ScoreMissing = "missing", selena_proteinuria: Proteinuria = "new_or_rise"
) -> pd.Series[Any]:
    """SELENA-SLEDAI total; proteinuria counts only if new or risen (`proteinuria_new` is 1), or `any`."""
    whole = _whole(items)
    return compute_selena_total(whole, whole["proteinuria_new"], score_missing, selena_proteinuria)


@verb(
    "function",
    says="1 where each is known, 0 where one is not, missing where none is",
)
def assessment_complete(parts: pd.DataFrame) -> pd.Series[Any]:
    """1 where every part of the assessment is known, 0 where one is not, missing where none is."""
    known = parts.notna()
    complete: pd.Series[Any] = known.all(axis=1).astype("Int64").where(known.any(axis=1))
    return complete


@verb(
    "function",
    says=(
        "in each of eight categories the highest answered item (0 to 3), at least 2 where an aid or help "
        "is ticked for an answered category, and of these scores the mean; missing with fewer than "
        "{haq_min_categories} answered categories"
    ),
)
def haq_di(items: pd.DataFrame, haq_min_categories: str = "6") -> pd.Series[Any]:
    """HAQ-DI: a category with a ticked aid or help scores at least 2; missing below the fewest answered categories."""
    return compute_haq_di(_whole(items), _aided(items), int(haq_min_categories))


@verb(
    "function",
    says=(
        "in each of eight categories the highest answered item (0 to 3) (aids and help do not count), "
        "and of these scores the mean; missing with fewer than {haq_min_categories} answered categories"
    ),
)
def haq_di_alternative(items: pd.DataFrame, haq_min_categories: str = "6") -> pd.Series[Any]:
    """Alternative HAQ-DI: aids and help do not count."""
    return compute_haq_di(_whole(items), haq_min_categories=int(haq_min_categories))


@verb(
    "function",
    says="the categories with an aid and no answered item",
)
def haq_contradiction(items: pd.DataFrame) -> pd.Series[Any]:
    """The categories in which an aid or help was ticked and no item answered, in words; missing if there is none."""
    return name_where(haq_aid_without_answer(_whole(items), _aided(items)), "aid ticked, no item answered: ")


@verb(
    "function",
    says=(
        "0.366 + 3.132 if swollen joints are above 0 + 0.454 x swollen joints (28) + for items that are "
        "1: mucocutaneous vasculitis 4.408, localised rash 3.138 (not beside generalised), generalised "
        "rash 3.887, alopecia 0.973, mucosal ulcers 2.769, low complement 0.754, anti-dsDNA 0.956, "
        "neuropsychiatric 18, systemic vasculitis 18, cardiac or pulmonary 18, myositis 9, serositis 6, "
        "haemolytic anaemia 9; and, where attributed to lupus, 3.811 x ln(protein) - 17.584 above 500, "
        "26.105 - 5.577 x ln(platelets) below 100, 6.118 - 5.058 x ln(leukocytes) below 3; missing if a "
        "part is"
    ),
)
def sle_das(items: pd.DataFrame) -> pd.Series[Any]:
    """SLE-DAS of its items and of the amounts of protein, platelets and leukocytes.

    An amount counts only where the item of its name is 1, so where that is 0 the amount may be missing.
    """
    named = items.copy()
    for amount, (item, neutral) in SLEDAS_AMOUNTS.items():
        named[amount] = named[amount].astype("Float64").mask(named[item].eq(0).fillna(False), neutral)
    return compute_sledas(named)


@verb(
    "function",
    says="the items that are 1 while their amount is missing",
)
def sle_das_contradiction(items: pd.DataFrame) -> pd.Series[Any]:
    """The items of SLE-DAS that are 1 while their amount is missing, in words; missing if there is none."""
    marks = {
        f"{item} = 1, {amount} missing": items[item].eq(1).fillna(False).astype(bool) & items[amount].isna()
        for amount, (item, _) in SLEDAS_AMOUNTS.items()
    }
    return name_where(pd.DataFrame(marks, index=items.index))


@verb(
    "function",
    says=('"remission" up to 2.08, "mild" up to 7.64, else "moderate/severe", compared at 2 decimals'),
)
def sle_das_category(score: pd.DataFrame) -> pd.Series[Any]:
    """Category of the SLE-DAS in the one column given: remission, mild, moderate/severe."""
    return compute_sledas_category(score.iloc[:, 0])


@verb(
    "function",
    says=("the sum over the nine systems of 12 for A, 8 for B, 1 for C, 0 for D and E; missing if a grade is"),
)
def bilag_numeric(grades: pd.DataFrame) -> pd.Series[Any]:
    """BILAG-2004 numeric score of the grades of its nine systems; missing if one is."""
    return compute_bilag_numeric(grades)


@verb("function", says="the points of the grade of {system} in the BILAG-2004 numeric score")
def bilag_points(grades: pd.DataFrame, system: str) -> pd.Series[Any]:
    """What the grade of one system adds to the BILAG-2004 numeric score; missing where there is no score."""
    return compute_bilag_points(grades)[system].where(compute_bilag_numeric(grades).notna())


@verb(
    "function",
    says=(
        '"E (never involved) after" and the worst earlier grade, where a system of a participant is E '
        "after A, B, C or D"
    ),
)
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


@verb(
    "function",
    says="{1} divided by the square of {2}/100; missing if either is",
)
def body_mass_index(measures: pd.DataFrame) -> pd.Series[Any]:
    """Weight (kg, first column) divided by the square of height (cm, second column) in m; missing if either is."""
    weight, height = (measures[c].astype("Float64") for c in measures)
    return weight / (height.where(height > 0) / 100) ** 2


def _aided(items: pd.DataFrame) -> pd.DataFrame:
    return compute_haq_aided(_whole(items[[c for c in items if c in HAQ_DEVICES or c in HAQ_CATEGORIES]]))


def _whole(items: pd.DataFrame) -> pd.DataFrame:
    return items.astype("Float64").astype("Int64")
