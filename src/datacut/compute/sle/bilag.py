"""BILAG-2004 from the nine system grades A to E as collected: numeric score, new A or B, contradictions over time.

A severe, B moderate, C mild or stable, D not active now but involved before, E never involved. A missing or other
letter is unknown. Sources: Yee CS et al. Rheumatology 2010;49:1665-9 (numeric score) [V]; Furie RA et al. Arthritis
Rheum 2009;61:1143-51 (new A and B) [V].
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from datacut.compute.between import Between
from datacut.compute.sle.items import require_items
from datacut.compute.threeway import all_of

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


def _grades(frame: pd.DataFrame) -> pd.DataFrame:
    require_items(frame, BILAG_SYSTEMS, "BILAG-2004")
    grades = frame[list(BILAG_SYSTEMS)]
    return grades.where(grades.isin(list(BILAG_POINTS)))


def compute_bilag_numeric(grades: pd.DataFrame) -> pd.Series[Any]:
    """BILAG-2004 numeric score, Int64, 0 to 108: A 12, B 8, C 1, D and E 0 over nine systems [V].

    grades: one column per system of `BILAG_SYSTEMS`; an unknown grade makes the score missing [P]. ValueError if a
    column is absent. Not the classic BILAG (9/3/1/0 on eight systems).
    """
    return compute_bilag_points(grades).sum(axis=1, skipna=False).astype("Int64")


def compute_bilag_points(grades: pd.DataFrame) -> pd.DataFrame:
    """The points of each system that `compute_bilag_numeric` adds, Int64; missing where the grade is unknown."""
    require_items(grades, BILAG_SYSTEMS, "BILAG-2004")
    return pd.DataFrame({system: grades[system].map(dict(BILAG_POINTS)).astype("Int64") for system in BILAG_SYSTEMS})


def compute_bilag_new(baseline: pd.DataFrame, visit: pd.DataFrame, grade: Literal["A", "B"]) -> Between:
    """How many systems have a new A, or a new B, versus baseline: the fewest and the most that missing grades allow.

    New A: A now, not at baseline. New B: B now, C, D or E at baseline (A to B is an improvement, and a new A is not
    also a new B). A missing grade can be any. Source: Furie 2009 [V].
    """
    before, now = _grades(baseline), _grades(visit)
    better = ["B", "C", "D", "E"] if grade == "A" else ["C", "D", "E"]
    sure = now.isin([grade]) & before.isin(better)
    possible = (now.isin([grade]) | now.isna()) & (before.isin(better) | before.isna())
    fewest, most = (marks.sum(axis=1).astype("Float64") for marks in (sure, possible))
    return Between(fewest, most)


def compute_bilag_stable(baseline: pd.DataFrame, visit: pd.DataFrame, new_a: int = 0, new_b: int = 1) -> pd.Series[Any]:
    """Whether there are at most `new_a` new A and at most `new_b` new B: nullable boolean.

    True or False where every completion of the missing grades says so. Source: SRI, Furie 2009 [V].
    """
    limits: list[tuple[Literal["A", "B"], int]] = [("A", new_a), ("B", new_b)]
    return all_of([compute_bilag_new(baseline, visit, grade).at_most(most) for grade, most in limits])


def is_bilag_active(grade: pd.Series[Any]) -> pd.Series[Any]:
    """Whether a system is active now: nullable boolean, True for A to C, False for D and E, else unknown.

    Of the gastrointestinal system it answers a question of LLDAS that no SLEDAI item asks.
    """
    known = grade.where(grade.isin(list(BILAG_POINTS)))
    return known.isin(["A", "B", "C"]).astype("boolean").mask(known.isna())


def bilag_never_after_involvement(grade: pd.Series[Any], subject: pd.Series[Any]) -> pd.Series[Any]:
    """Where a system is graded E (never involved) after an A, B, C or D of the same subject: plain boolean.

    grade: one system, rows in order of time within each subject. Such a pair of records contradicts itself [R].
    """
    involved = pd.Series(grade.isin(["A", "B", "C", "D"]).to_numpy(), dtype="boolean")
    people = pd.Series(subject.to_numpy())
    ever = involved.groupby(people, sort=False).cummax().to_numpy(dtype=bool)
    return pd.Series(np.asarray(grade.isin(["E"])) & ever, index=grade.index)
