"""DORIS remission (2021).

Source: van Vollenhoven RF et al. Lupus Sci Med 2021;8:e000538 [V]. PGA is below 0.5 (older papers: at most), prednisone
at most 5 mg (one table prints "<"). "Stable" is not defined in numbers; `stable.py` has the rule.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from datacut.compute.between import Between
from datacut.compute.sle.pga import pga_between
from datacut.compute.threeway import combine_criteria

QUIET: Final = "clinical SLEDAI 0"
PGA_LOW: Final = "PGA low"
DOSE_LOW: Final = "prednisone low"
STABLE: Final = "therapy stable"


def compute_doris(
    *,
    clinical: Between,
    pga: pd.Series[Any],
    prednisone: Between,
    stable: pd.Series[Any],
    doris_pga: float = 0.5,
    doris_pred_mg: float = 5,
) -> pd.DataFrame:
    """DORIS 2021 remission per visit: columns of `combine_criteria` for `QUIET`, `PGA_LOW`, `DOSE_LOW`, `STABLE`.

    clinical: lowest and highest clinical SLEDAI that the items not done allow (serology does not matter); pga: 0-3,
    must lie below `doris_pga`; prednisone: lowest and highest equivalent it can be, mg a day, at most `doris_pred_mg`;
    stable: nullable boolean of `compute_stable_therapy`. A criterion is Y or N where every completion of what is
    missing says so. Source: [V].
    """
    return combine_criteria(
        {
            QUIET: clinical.at_most(0),
            PGA_LOW: pga_between(pga).below(doris_pga),
            DOSE_LOW: prednisone.at_most(doris_pred_mg),
            STABLE: stable.astype("boolean"),
        }
    )
