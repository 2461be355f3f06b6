"""SLE-DAS, the continuous disease activity score of lupus, and its categories.

Source: Jesus D et al. Ann Rheum Dis 2019;78:365-71 (formula); 2021;80:1568-74 (categories). Items [V]; coefficients and
cut-offs from one secondary source [V2]: compare with the paper's figure 1 before regulatory use. No rule for a missing
item is published: it makes the score missing [P].
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from datacut.compute.rounding import round_half_away
from datacut.compute.sle.items import require_items

INTERCEPT: Final = 0.366
BINARY: Final[Mapping[str, float]] = MappingProxyType(
    {
        "mucocutaneous_vasculitis": 4.408,
        "localized_rash": 3.138,
        "generalized_rash": 3.887,
        "alopecia": 0.973,
        "mucosal_ulcers": 2.769,
        "hypocomplementaemia": 0.754,
        "anti_dsdna": 0.956,
        "neuropsychiatric": 18.0,
        "systemic_vasculitis": 18.0,
        "cardiac_pulmonary": 18.0,
        "myositis": 9.0,
        "serositis": 6.0,
        "haemolytic_anaemia": 9.0,
    }
)
ARTHRITIS: Final = 3.132
PER_SWOLLEN_JOINT: Final = 0.454
# amount: attribution column, constant, factor of the natural log, scored above (+1) or below (-1) the limit, limit
LOGARITHMIC: Final[Mapping[str, tuple[str, float, float, int, float]]] = MappingProxyType(
    {
        "protein_mg": ("protein_sle", -17.584, 3.811, 1, 500.0),
        "platelets": ("platelets_sle", 26.105, -5.577, -1, 100.0),
        "leukocytes": ("leukocytes_sle", 6.118, -5.058, -1, 3.0),
    }
)
REMISSION_UP_TO: Final = 2.08
MILD_UP_TO: Final = 7.64


def compute_sledas(items: pd.DataFrame) -> pd.Series[Any]:
    """SLE-DAS, Float64, unrounded, from 0.366 up without a fixed maximum; missing if anything is missing.

    items: 0/1 columns of `BINARY`; `sjc28` (0-28); `protein_mg` (uPCR mg/g or mg/24 h), `platelets`, `leukocytes`
    (10^9/L); and optional 0/1 columns `protein_sle`, `platelets_sle`, `leukocytes_sle`: is a value beyond its limit
    due to lupus (no column: yes). Generalised rash hides localised. A value out of range counts as missing.
    Raises ValueError if a column is absent.
    """
    require_items(items, [*BINARY, "sjc28", *LOGARITHMIC], "SLE-DAS")
    joints = items["sjc28"].astype("Float64")
    joints = joints.where(joints.between(0, 28))
    score = INTERCEPT + ARTHRITIS * (joints > 0).astype("Float64") + PER_SWOLLEN_JOINT * joints
    for key, weight in BINARY.items():
        flag = items[key].astype("Float64")
        flag = flag.where(flag.isin([0, 1]))
        if key == "localized_rash":
            flag = flag.mask(items["generalized_rash"].eq(1).fillna(False).astype(bool), 0)
        score = score + weight * flag
    for key, (attribution, constant, factor, side, limit) in LOGARITHMIC.items():
        amount = items[key].astype("Float64")
        amount = amount.where(amount >= 0 if key == "protein_mg" else amount > 0)
        beyond = amount > limit if side > 0 else amount < limit
        log = np.log(amount.where(beyond.fillna(False).astype(bool), 1.0).astype("float64"))
        term = pd.Series(constant + factor * log, index=items.index, dtype="Float64").where(beyond, 0.0)
        if attribution in items.columns:
            ours = items[attribution].astype("Float64")
            term = (term * ours).where(beyond, 0.0)
        score = score + term.mask(amount.isna())
    return score.astype("Float64")


def compute_sledas_category(score: pd.Series[Any]) -> pd.Series[Any]:
    """`remission` up to 2.08, `mild` up to 7.64, else `moderate/severe`: text, compared at 2 decimals, missing kept."""
    rounded = score.map(lambda x: round_half_away(float(x), 2), na_action="ignore").astype("Float64")
    text = pd.Series("moderate/severe", index=score.index, dtype="object")
    text = text.mask((rounded <= MILD_UP_TO).fillna(False).astype(bool), "mild")
    text = text.mask((rounded <= REMISSION_UP_TO).fillna(False).astype(bool), "remission")
    return text.where(rounded.notna(), None).astype("str")
