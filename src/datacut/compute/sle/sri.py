"""SRI-4, the SLE responder index with a fall of 4 points.

Source: Furie RA et al. Arthritis Rheum 2009;61:1143-51; Navarra SV et al. Lancet 2011;377:721-31; Furie R et al.
Arthritis Rheum 2011;63:3918-30; components [V]. Published with SELENA-SLEDAI; whichever SLEDAI is passed must be named
in the label. Baseline is the caller's [P]; the criterion that no excluding event came first is an intercurrent event,
and `datacut.compute.estimands` says what becomes of it.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from datacut.compute.between import Between
from datacut.compute.sle.bilag import compute_bilag_stable
from datacut.compute.sle.pga import compute_pga_worsening
from datacut.compute.threeway import combine_criteria, sure, to_yn

FALL: Final = "SLEDAI fall"
NO_NEW: Final = "no new BILAG A, at most one new B"
NOT_WORSE: Final = "PGA not worse"


def compute_sri4(
    *,
    sledai_baseline: Between,
    sledai: Between,
    bilag_baseline: pd.DataFrame,
    bilag: pd.DataFrame,
    pga_baseline: pd.Series[Any],
    pga: pd.Series[Any],
    sri_reduction: float = 4,
    pga_worse: float = 0.3,
) -> pd.DataFrame:
    """SRI-4 per visit as assessed: columns of `combine_criteria` for `FALL`, `NO_NEW`, `NOT_WORSE`, and `reachable`.

    All on one index, baseline values repeated on each visit's row. sledai: lowest and highest total that the items not
    done allow; bilag: frames of nine grades A-E; pga: 0-3. sri_reduction: the fall needed, itself included; pga_worse:
    the rise that is worsening, itself included. A baseline SLEDAI below the fall needed is N whatever follows,
    `reachable` N. A criterion is Y or N where every completion of what is missing says so, else unknown. Source: Furie
    2009 [V]; missing parts [P].
    """
    reachable = sledai_baseline.at_least(sri_reduction)
    result = combine_criteria(
        {
            FALL: reachable & sledai_baseline.minus(sledai).at_least(sri_reduction),
            NO_NEW: compute_bilag_stable(bilag_baseline, bilag),
            NOT_WORSE: ~compute_pga_worsening(pga_baseline, pga, pga_worse),
        }
    )
    result["reachable"] = to_yn(reachable)
    words = result["reason"] + f" (not reachable: baseline below {sri_reduction:g})"
    result["reason"] = result["reason"].mask(sure(~reachable), words)
    return result
