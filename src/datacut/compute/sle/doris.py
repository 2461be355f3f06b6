"""DORIS remission (2021).

Source: van Vollenhoven RF et al. Lupus Sci Med 2021;8:e000538 [V]. PGA is below 0.5 (older papers: at most), prednisone
at most 5 mg (one table prints "<"). "Stable" is not defined in numbers; `stable.py` has the rule.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from datacut.compute.boundaries import below, is_out_of_range, surely_at_most
from datacut.compute.threeway import combine_criteria, from_yn, sure

QUIET: Final = "clinical SLEDAI 0"
PGA_LOW: Final = "PGA low"
DOSE_LOW: Final = "prednisone low"
STABLE: Final = "therapy stable"


def compute_doris(
    *,
    clinical: pd.Series[Any],
    pga: pd.Series[Any],
    prednisone: pd.Series[Any],
    stable: pd.Series[Any],
    prednisone_high: pd.Series[Any] | None = None,
    doris_pga: float = 0.5,
    doris_pred_mg: float = 5,
) -> pd.DataFrame:
    """DORIS 2021 remission per visit: columns of `combine_criteria` for `QUIET`, `PGA_LOW`, `DOSE_LOW`, `STABLE`.

    clinical: clinical SLEDAI, 0-101 (serology does not matter); pga: 0-3, must lie below `doris_pga`; prednisone:
    equivalent in mg a day, at most `doris_pred_mg`, the lowest possible where prednisone_high gives the highest
    (missing: no bound); stable: nullable boolean of `compute_stable_therapy`. Source: [V].
    """
    score = clinical.astype("Float64").mask(is_out_of_range(clinical, 0, 101))
    return combine_criteria(
        {
            QUIET: (score == 0).astype("boolean"),
            PGA_LOW: below(pga.astype("Float64").mask(is_out_of_range(pga, 0, 3)), doris_pga),
            DOSE_LOW: surely_at_most(prednisone, prednisone_high, doris_pred_mg),
            STABLE: stable.astype("boolean"),
        }
    )


def doris_without_lldas(doris: pd.Series[Any], lldas: pd.Series[Any]) -> pd.Series[Any]:
    """Where DORIS is Y and LLDAS N at the same visit: plain boolean, a warning and not an error.

    A clinical score of 0 is a low total too; LLDAS may still fail by a new feature, haemolysis, gastrointestinal
    activity or maintenance therapy. doris, lldas: observed `Y`, `N` or missing.
    """
    return sure(from_yn(doris) & ~from_yn(lldas))
