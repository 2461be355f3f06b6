"""Low lupus disease activity state (LLDAS).

Source: Franklyn K et al. Ann Rheum Dis 2016;75:1615-21 [V]; forms of the second criterion [V], the choice among them
[P].
"""

from __future__ import annotations

from typing import Any, Final, Literal

import pandas as pd

from datacut.compute.between import Between
from datacut.compute.sle.items import convert_flags
from datacut.compute.sle.pga import pga_between
from datacut.compute.sle.sledai import CLINICAL_ITEMS, SLEDAI_ITEMS, compute_sledai_between, compute_sledai_group
from datacut.compute.threeway import all_of, any_of, combine_criteria

type NewFeature = Literal["all_items", "clinical_items", "flare_index"]

LOW: Final = "SLEDAI-2K low, no major organ"
NO_NEW: Final = "no new feature"
PGA_LOW: Final = "PGA low"
DOSE_LOW: Final = "prednisone low"
MAINTENANCE: Final = "standard maintenance"
MAJOR_ORGANS: Final = ("renal", "CNS", "cardiopulmonary", "vasculitis", "constitutional")
"""SLEDAI-2K groups; the only constitutional item is fever. Myositis is not in the published list."""


def compute_no_new_feature(items: pd.DataFrame, previous: pd.DataFrame, *, clinical: bool = False) -> pd.Series[Any]:
    """Whether no SLEDAI-2K item is present now that was absent at the previous assessment: nullable boolean.

    items, previous: 0/1/missing columns of all 24 items. clinical: serology is not looked at. One new feature that is
    known decides (False). An item absent now, or present then, is none whatever the other is; any other missing item
    leaves it unknown, and so does no previous assessment where an item is present.
    """
    keys = CLINICAL_ITEMS if clinical else tuple(SLEDAI_ITEMS)
    now, before = (convert_flags(frame, keys, "LLDAS") for frame in (items, previous))
    return ~any_of([(now[key] == 1) & (before[key] == 0) for key in keys])


def compute_lldas(
    *,
    items: pd.DataFrame,
    previous: pd.DataFrame,
    haemolysis_or_gi: pd.Series[Any],
    pga: pd.Series[Any],
    prednisone: Between,
    maintenance: pd.Series[Any],
    flare: pd.Series[Any] | None = None,
    bilag_worse: pd.Series[Any] | None = None,
    lldas_new_feature: NewFeature = "all_items",
    lldas_sledai: float = 4,
    lldas_pga: float = 1.0,
    lldas_pred_mg: float = 7.5,
) -> pd.DataFrame:
    """LLDAS per visit: the columns of `combine_criteria` for `LOW`, `NO_NEW`, `PGA_LOW`, `DOSE_LOW`, `MAINTENANCE`.

    items, previous: 0/1/missing SLEDAI-2K items now and at the previous assessment. haemolysis_or_gi: nullable boolean,
    haemolytic anaemia or gastrointestinal activity (not SLEDAI items). pga: 0-3. prednisone: lowest and highest
    equivalent it can be, mg a day. maintenance: nullable boolean, only standard doses and no investigational drug but
    the study's own; no such drug is True. lldas_new_feature: `all_items`, `clinical_items` (serology aside), or
    `flare_index` (needs `flare`: nullable boolean, any flare since the previous visit). bilag_worse: optional, a system
    that worsened to A or B is a new feature too. Limits are inclusive. A criterion is Y or N where every completion of
    what is missing says so. Raises ValueError for another form of the second criterion, or one without flare.
    """
    if lldas_new_feature == "flare_index":
        if flare is None:
            raise ValueError("The flare index as second criterion of LLDAS needs the flares.")
        quiet = ~flare.astype("boolean")
    elif lldas_new_feature in ("all_items", "clinical_items"):
        quiet = compute_no_new_feature(items, previous, clinical=lldas_new_feature == "clinical_items")
    else:
        raise ValueError(
            f"LLDAS asks for no new 'all_items', no new 'clinical_items' or a 'flare_index', not {lldas_new_feature!r}."
        )
    low, organs = compute_sledai_between(items).at_most(lldas_sledai), compute_sledai_group(items, MAJOR_ORGANS)
    return combine_criteria(
        {
            LOW: all_of([low, ~organs, ~haemolysis_or_gi.astype("boolean")]),
            NO_NEW: quiet if bilag_worse is None else all_of([quiet, ~bilag_worse.astype("boolean")]),
            PGA_LOW: pga_between(pga).at_most(lldas_pga),
            DOSE_LOW: prednisone.at_most(lldas_pred_mg),
            MAINTENANCE: maintenance.astype("boolean"),
        }
    )
