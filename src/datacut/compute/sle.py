"""Lupus activity: SLEDAI-2K, clinical and SELENA-SLEDAI, physician global assessment, BILAG-2004 numeric.

Labels are our own short names, not the forms' wording. A frame of items has one column per key, 0 absent, 1 present
and attributed to lupus, missing not done. A value outside its true range is taken as missing; list such values
first with `is_out_of_range`. A missing item makes a score missing (project convention).
Sources: Gladman DD et al. J Rheumatol 2002;29:288-91 (SLEDAI-2K); Petri M et al. N Engl J Med 2005;353:2550-8
(SELENA); Furie RA et al. Arthritis Rheum 2009;61:1143-51 (PGA); Yee CS et al. Rheumatology 2010;49:1665-9 (BILAG).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

import pandas as pd


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
BILAG_SYSTEMS: Final = (
    "constitutional",
    "mucocutaneous",
    "neuropsychiatric",
    "musculoskeletal",
    "cardiorespiratory",
    "gastrointestinal",
    "ophthalmic",
    "renal",
    "haematological",
)
BILAG_POINTS: Final[Mapping[str, int]] = MappingProxyType({"A": 12, "B": 8, "C": 1, "D": 0, "E": 0})


def is_out_of_range(values: pd.Series[Any], low: float, high: float) -> pd.Series[Any]:
    """Where a value is known and outside low to high (both allowed): plain boolean series."""
    number = values.astype("Float64")
    return ((number < low) | (number > high)).fillna(False).astype(bool)


def _require_columns(frame: pd.DataFrame, needed: Collection[str], what: str) -> None:
    absent = [key for key in needed if key not in frame.columns]
    if absent:
        raise ValueError(f"{what} needs a column for each item; absent: {', '.join(absent)}.")


def _flags(items: pd.DataFrame, keys: Collection[str], what: str) -> pd.DataFrame:
    _require_columns(items, keys, what)
    known = items[list(keys)].astype("Int64")
    return known.where(known.isin([0, 1]))


def compute_attributed(present: pd.DataFrame, attributed: pd.DataFrame) -> pd.DataFrame:
    """Items counted only when attributed to lupus: 0/1/missing Int64, shape of `present`.

    present, attributed: 0/1/missing, same columns and index. Absent is 0 whatever the attribution; present without
    a known attribution is missing.
    """
    there, ours = present.astype("Int64"), attributed[list(present.columns)].astype("Int64")
    return ours.where(there == 1, there).where(there.notna())


def compute_sledai_item(key: str, value: pd.Series[Any]) -> pd.Series[Any]:
    """The 0/1/missing item that a measured value decides, in the unit noted in `SLEDAI_ITEMS`; limits are strict.

    Raises ValueError for an item that no single value decides. Attribution is the caller's.
    """
    item = SLEDAI_ITEMS[key]
    number = value.astype("Float64")
    if item.above is not None:
        return (number > item.above).astype("Int64")
    if item.below is not None:
        return (number < item.below).astype("Int64")
    raise ValueError(f"No measured value alone decides the SLEDAI item {key}.")


def _weighted(items: pd.DataFrame, keys: Collection[str], what: str) -> pd.Series[Any]:
    flags = _flags(items, keys, what)
    weights = pd.Series({key: SLEDAI_ITEMS[key].weight for key in keys}, dtype="Int64")
    total = (flags.fillna(0) * weights).sum(axis=1).astype("Int64")
    return total.mask(flags.isna().any(axis=1))


def compute_sledai_total(items: pd.DataFrame) -> pd.Series[Any]:
    """SLEDAI-2K total, Int64, 0 to 105; missing if any of the 24 items is. ValueError if a column is absent."""
    return _weighted(items, list(SLEDAI_ITEMS), "SLEDAI-2K")


def compute_sledai_clinical(items: pd.DataFrame) -> pd.Series[Any]:
    """SLEDAI-2K without the two serology items, Int64, 0 to 101; missing serology does not matter."""
    clinical = [key for key, item in SLEDAI_ITEMS.items() if item.group != "serology"]
    return _weighted(items, clinical, "Clinical SLEDAI")


def compute_selena_total(items: pd.DataFrame, proteinuria_new: pd.Series[Any]) -> pd.Series[Any]:
    """SELENA-SLEDAI total, Int64, 0 to 105: as SLEDAI-2K, but proteinuria counts only when new or risen.

    proteinuria_new: 0/1/missing, new onset or recent rise of more than 0.5 g/24 h; looked at only where the item is
    present. Other differences lie in how the site answers.
    """
    _require_columns(items, ["proteinuria"], "SELENA-SLEDAI")
    present = items[["proteinuria"]]
    counted = compute_attributed(present, proteinuria_new.to_frame("proteinuria"))
    return compute_sledai_total(items.assign(proteinuria=counted["proteinuria"]))


def compute_sledai_group(items: pd.DataFrame, groups: Collection[str]) -> pd.Series[Any]:
    """Whether any item of the groups is present: nullable boolean, unknown if none is present and one is missing."""
    keys = [key for key, item in SLEDAI_ITEMS.items() if item.group in groups]
    flags = _flags(items, keys, "SLEDAI group")
    return (flags == 1).any(axis=1).astype("boolean").mask(~(flags == 1).any(axis=1) & flags.isna().any(axis=1))


def pga_from_mm(mm: pd.Series[Any]) -> pd.Series[Any]:
    """Physician global assessment 0-3 from a 0-100 mm line, Float64; 45 mm is 1.35."""
    known = mm.astype("Float64")
    return (known * 3 / 100).round(9).mask(is_out_of_range(known, 0, 100))


def compute_pga_worsening(
    baseline: pd.Series[Any], visit: pd.Series[Any], by: float = 0.3, *, strictly: bool = False
) -> pd.Series[Any]:
    """Whether the assessment rose by at least `by`: nullable boolean, unknown if either value is missing.

    Compared in decimal: 2.0 to 2.3 is a rise of exactly 0.3. strictly: only a greater rise counts.
    """
    values = [s.astype("Float64").mask(is_out_of_range(s, 0, 3)) for s in (baseline, visit)]
    rise = (values[1] - values[0] - by).round(6)
    worse: pd.Series[Any] = (rise > 0 if strictly else rise >= 0).astype("boolean")
    return worse


def compute_bilag_numeric(grades: pd.DataFrame) -> pd.Series[Any]:
    """BILAG-2004 numeric score, Int64, 0 to 108: A 12, B 8, C 1, D and E 0 over nine systems.

    grades: one column per system, letters A-E; missing or another letter makes the score missing.
    """
    _require_columns(grades, BILAG_SYSTEMS, "BILAG-2004")
    points = pd.DataFrame({system: grades[system].map(dict(BILAG_POINTS)).astype("Int64") for system in BILAG_SYSTEMS})
    return points.sum(axis=1, skipna=False).astype("Int64")


def compute_bilag_new(baseline: pd.DataFrame, visit: pd.DataFrame, grade: Literal["A", "B"]) -> pd.Series[Any]:
    """How many systems have a new A, or a new B, versus baseline, Int64; missing if any grade of either is.

    New A: A now, not at baseline. New B: B now, C, D or E at baseline (A to B is an improvement).
    Source: SRI, Furie RA et al. 2009.
    """
    for frame in (baseline, visit):
        _require_columns(frame, BILAG_SYSTEMS, "BILAG-2004")
    systems = list(BILAG_SYSTEMS)
    before = baseline[systems].where(baseline[systems].isin(list(BILAG_POINTS)))
    now = visit[systems].where(visit[systems].isin(list(BILAG_POINTS)))
    worse = ["B", "C", "D", "E"] if grade == "A" else ["C", "D", "E"]
    count = (now.isin([grade]) & before.isin(worse)).sum(axis=1).astype("Int64")
    return count.mask(before.isna().any(axis=1) | now.isna().any(axis=1))
