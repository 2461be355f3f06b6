"""SLEDAI-2K, clinical SLEDAI and SELENA-SLEDAI from their 24 items.

Labels are our own short names, not the forms' wording. Items: 0 absent, 1 present and attributed to lupus, missing
not done; another value counts as missing. No rule for a missing item is published: by default it makes the score
missing [P]. The recall window (10 or 30 days) is the form's.
Sources: Gladman DD et al. J Rheumatol 2002;29:288-91 (SLEDAI-2K); Touma Z et al. Lupus 2010;19:49-51 (30 days); items
and weights [V]. Petri M et al. N Engl J Med 2005;353:2550-8 (SELENA) [R].
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

import pandas as pd

from datacut.compute.between import Between
from datacut.compute.sle.items import ScoreMissing, compute_attributed, convert_flags, require_items
from datacut.compute.threeway import any_of

type Proteinuria = Literal["new_or_rise", "any"]


@dataclass(frozen=True, slots=True)
class SledaiItem:
    """One of the 24 items."""

    label: str
    weight: int
    group: str


SLEDAI_ITEMS: Final[Mapping[str, SledaiItem]] = MappingProxyType(
    {
        "seizure": SledaiItem("Seizure", 8, "CNS"),
        "psychosis": SledaiItem("Psychosis", 8, "CNS"),
        "organic_brain_syndrome": SledaiItem("Organic brain syndrome", 8, "CNS"),
        "visual_disturbance": SledaiItem("Visual disturbance", 8, "CNS"),
        "cranial_nerve_disorder": SledaiItem("Cranial nerve disorder", 8, "CNS"),
        "lupus_headache": SledaiItem("Lupus headache", 8, "CNS"),
        "cva": SledaiItem("Cerebrovascular accident", 8, "CNS"),
        "vasculitis": SledaiItem("Vasculitis", 8, "vasculitis"),
        "arthritis": SledaiItem("Arthritis", 4, "musculoskeletal"),
        "myositis": SledaiItem("Myositis", 4, "musculoskeletal"),
        "urinary_casts": SledaiItem("Urinary casts", 4, "renal"),
        "haematuria": SledaiItem("Haematuria", 4, "renal"),
        "proteinuria": SledaiItem("Proteinuria", 4, "renal"),
        "pyuria": SledaiItem("Pyuria", 4, "renal"),
        "rash": SledaiItem("Rash", 2, "skin"),
        "alopecia": SledaiItem("Alopecia", 2, "skin"),
        "mucosal_ulcers": SledaiItem("Mucosal ulcers", 2, "skin"),
        "pleurisy": SledaiItem("Pleurisy", 2, "cardiopulmonary"),
        "pericarditis": SledaiItem("Pericarditis", 2, "cardiopulmonary"),
        "low_complement": SledaiItem("Low complement", 2, "serology"),
        "increased_dna_binding": SledaiItem("Increased DNA binding", 2, "serology"),
        "fever": SledaiItem("Fever", 1, "constitutional"),
        "thrombocytopenia": SledaiItem("Thrombocytopenia", 1, "haematology"),
        "leukopenia": SledaiItem("Leukopenia", 1, "haematology"),
    }
)
SEROLOGY: Final = "serology"
CLINICAL_ITEMS: Final = tuple(key for key, item in SLEDAI_ITEMS.items() if item.group != SEROLOGY)


def _weighted(
    items: pd.DataFrame, keys: Collection[str], what: str, score_missing: ScoreMissing = "missing"
) -> pd.Series[Any]:
    if score_missing not in ("missing", "zero"):
        raise ValueError(f"An item not done makes the score 'missing' or counts as 'zero', not {score_missing!r}.")
    flags = convert_flags(items, keys, what)
    weights = pd.Series({key: SLEDAI_ITEMS[key].weight for key in keys}, dtype="Int64")
    total = (flags.fillna(0) * weights).sum(axis=1).astype("Int64")
    return total if score_missing == "zero" else total.mask(flags.isna().any(axis=1))


def compute_sledai_total(items: pd.DataFrame, score_missing: ScoreMissing = "missing") -> pd.Series[Any]:
    """SLEDAI-2K total, Int64, 0 to 105 [V]. ValueError if a column is absent.

    score_missing [P]: a missing item makes the total `missing`, or counts as `zero`.
    """
    return _weighted(items, list(SLEDAI_ITEMS), "SLEDAI-2K", score_missing)


def compute_sledai_clinical(items: pd.DataFrame, score_missing: ScoreMissing = "missing") -> pd.Series[Any]:
    """SLEDAI-2K without the two serology items, Int64, 0 to 101 [V]; missing serology does not matter.

    score_missing [P]: as for the total. ValueError if a clinical column is absent.
    """
    return _weighted(items, CLINICAL_ITEMS, "Clinical SLEDAI", score_missing)


def count_proteinuria(
    items: pd.DataFrame, proteinuria_new: pd.Series[Any], selena_proteinuria: Proteinuria = "new_or_rise"
) -> pd.DataFrame:
    """The items of SLEDAI-2K as SELENA-SLEDAI counts them: same items and weights, another rule for proteinuria [R].

    proteinuria_new: 0/1/missing, new onset or recent rise of more than 0.5 g/24 h; looked at only where the item is
    present. selena_proteinuria [P]: proteinuria scores only when it is so (`new_or_rise`), or whenever present (`any`,
    the hybrid with the 2K rule). Other differences lie in how the site answers.
    """
    if selena_proteinuria == "any":
        return items
    if selena_proteinuria != "new_or_rise":
        raise ValueError(f"Proteinuria scores when 'new_or_rise' or 'any', not {selena_proteinuria!r}.")
    require_items(items, ["proteinuria"], "SELENA-SLEDAI")
    counted = compute_attributed(items[["proteinuria"]], proteinuria_new.to_frame("proteinuria"))
    return items.assign(proteinuria=counted["proteinuria"])


def compute_selena_total(
    items: pd.DataFrame,
    proteinuria_new: pd.Series[Any],
    score_missing: ScoreMissing = "missing",
    selena_proteinuria: Proteinuria = "new_or_rise",
) -> pd.Series[Any]:
    """SELENA-SLEDAI total, Int64, 0 to 105: SLEDAI-2K of the items of `count_proteinuria`."""
    return compute_sledai_total(count_proteinuria(items, proteinuria_new, selena_proteinuria), score_missing)


def compute_sledai_group(items: pd.DataFrame, groups: Collection[str]) -> pd.Series[Any]:
    """Whether any item of the groups is present: nullable boolean, unknown if none is present and one is missing."""
    keys = [key for key, item in SLEDAI_ITEMS.items() if item.group in groups]
    flags = convert_flags(items, keys, "SLEDAI group")
    return any_of([flags[key] == 1 for key in keys])


def compute_sledai_between(items: pd.DataFrame, keys: Collection[str] = tuple(SLEDAI_ITEMS)) -> Between:
    """The lowest and the highest score of these items: those not done are absent in one, present in the other.

    items: 0/1/missing; another value is missing. ValueError if a column is absent.
    """
    flags = convert_flags(items, keys, "SLEDAI")
    weights = pd.Series({key: SLEDAI_ITEMS[key].weight for key in keys}, dtype="Int64")
    low, high = ((flags.fillna(filled) * weights).sum(axis=1).astype("Float64") for filled in (0, 1))
    return Between(low, high)
