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

from datacut.compute.boundaries import above, at_most, below
from datacut.compute.sle.items import ScoreMissing, compute_attributed, convert_flags, require_items
from datacut.compute.threeway import any_of

type Proteinuria = Literal["new_or_rise", "any"]


@dataclass(frozen=True, slots=True)
class SledaiItem:
    """One of the 24 items; `above` or `below` is the strict limit of an item that a measured value decides."""

    label: str
    weight: int
    group: str
    above: float | None = None
    below: float | None = None


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
        "haematuria": SledaiItem("Haematuria", 4, "renal", above=5),  # red cells/hpf
        "proteinuria": SledaiItem("Proteinuria", 4, "renal", above=0.5),  # g/24 h or g/g
        "pyuria": SledaiItem("Pyuria", 4, "renal", above=5),  # white cells/hpf
        "rash": SledaiItem("Rash", 2, "skin"),
        "alopecia": SledaiItem("Alopecia", 2, "skin"),
        "mucosal_ulcers": SledaiItem("Mucosal ulcers", 2, "skin"),
        "pleurisy": SledaiItem("Pleurisy", 2, "cardiopulmonary"),
        "pericarditis": SledaiItem("Pericarditis", 2, "cardiopulmonary"),
        "low_complement": SledaiItem("Low complement", 2, "serology"),
        "increased_dna_binding": SledaiItem("Increased DNA binding", 2, "serology"),
        "fever": SledaiItem("Fever", 1, "constitutional", above=38),  # degrees C
        "thrombocytopenia": SledaiItem("Thrombocytopenia", 1, "haematology", below=100),  # 10^9/L
        "leukopenia": SledaiItem("Leukopenia", 1, "haematology", below=3),  # 10^9/L
    }
)
SEROLOGY: Final = "serology"
CLINICAL_ITEMS: Final = tuple(key for key, item in SLEDAI_ITEMS.items() if item.group != SEROLOGY)
RISE_OF_PROTEINURIA: Final = 0.5  # g/24 h, strict


def compute_sledai_item(key: str, value: pd.Series[Any]) -> pd.Series[Any]:
    """The 0/1/missing item that a measured value decides, in the unit noted in `SLEDAI_ITEMS`; limits are strict.

    Raises ValueError for an item that no single value decides. Attribution is the caller's. Source: [V].
    """
    item = SLEDAI_ITEMS[key]
    if item.above is not None:
        return above(value, item.above).astype("Int64")
    if item.below is not None:
        return below(value, item.below).astype("Int64")
    raise ValueError(f"No measured value alone decides the SLEDAI item {key}.")


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


def compute_proteinuria_new(current: pd.Series[Any], previous: pd.Series[Any]) -> pd.Series[Any]:
    """Whether proteinuria is new or has risen, 0/1/missing (Int64), from two amounts in g/24 h (or g/g).

    New: above 0.5 now, not before. Risen: by more than 0.5. Now not above 0.5 is 0 whatever went before; else a
    missing amount leaves it unknown. Source: SELENA rule, Petri 2005 [R].
    """
    now, first = above(current, RISE_OF_PROTEINURIA), at_most(previous, RISE_OF_PROTEINURIA)
    risen = above(current.astype("Float64") - previous.astype("Float64"), RISE_OF_PROTEINURIA)
    return (now & any_of([first, risen])).astype("Int64")


def compute_selena_total(
    items: pd.DataFrame,
    proteinuria_new: pd.Series[Any],
    score_missing: ScoreMissing = "missing",
    selena_proteinuria: Proteinuria = "new_or_rise",
) -> pd.Series[Any]:
    """SELENA-SLEDAI total, Int64, 0 to 105: the items and weights of SLEDAI-2K [R].

    proteinuria_new: 0/1/missing, new onset or recent rise of more than 0.5 g/24 h; looked at only where the item is
    present. selena_proteinuria [P]: proteinuria scores only when it is so (`new_or_rise`), or whenever present (`any`,
    the hybrid with the 2K rule). score_missing: as for the total. Other differences lie in how the site answers.
    """
    if selena_proteinuria == "any":
        return compute_sledai_total(items, score_missing)
    if selena_proteinuria != "new_or_rise":
        raise ValueError(f"Proteinuria scores when 'new_or_rise' or 'any', not {selena_proteinuria!r}.")
    require_items(items, ["proteinuria"], "SELENA-SLEDAI")
    counted = compute_attributed(items[["proteinuria"]], proteinuria_new.to_frame("proteinuria"))
    return compute_sledai_total(items.assign(proteinuria=counted["proteinuria"]), score_missing)


def compute_sledai_group(items: pd.DataFrame, groups: Collection[str]) -> pd.Series[Any]:
    """Whether any item of the groups is present: nullable boolean, unknown if none is present and one is missing."""
    keys = [key for key, item in SLEDAI_ITEMS.items() if item.group in groups]
    flags = convert_flags(items, keys, "SLEDAI group")
    return any_of([flags[key] == 1 for key in keys])


def sledai_at_most(items: pd.DataFrame, limit: float) -> pd.Series[Any]:
    """Whether the SLEDAI-2K total is at most `limit`: nullable boolean.

    Items known to be present may exceed the limit although others are missing (False); otherwise a missing item
    leaves it unknown.
    """
    reached = (compute_sledai_total(items, "zero") <= limit).astype("boolean")
    return reached.mask(reached & compute_sledai_total(items).isna())
