"""SRI-4, the SLE responder index with a fall of 4 points.

Source: Furie RA et al. Arthritis Rheum 2009;61:1143-51; Navarra SV et al. Lancet 2011;377:721-31; Furie R et al.
Arthritis Rheum 2011;63:3918-30; components [V]. Published with SELENA-SLEDAI; whichever SLEDAI is passed must be named
in the label. Baseline, excluding events and what counts as one are the caller's [P].
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from datacut.compute.boundaries import at_least, below
from datacut.compute.courses import day_number
from datacut.compute.sle.bilag import compute_bilag_stable
from datacut.compute.sle.pga import compute_pga_worsening
from datacut.compute.threeway import combine_criteria, to_yn

FALL: Final = "SLEDAI fall"
NO_NEW: Final = "no new BILAG A, at most one new B"
NOT_WORSE: Final = "PGA not worse"
NO_EVENT: Final = "no excluding event"


def compute_excluded(first_event: pd.Series[Any], visit: pd.Series[Any]) -> pd.Series[Any]:
    """Whether the first excluding event happened on or before the visit: nullable boolean.

    first_event: date of rescue or prohibited therapy, treatment failure, withdrawal or death; missing: none.
    visit: date; unknown only where there is an event. Source: [P].
    """
    known = (day_number(first_event) <= day_number(visit)).astype("boolean")
    return known.mask(first_event.isna(), False)


def compute_sri4(
    *,
    sledai_baseline: pd.Series[Any],
    sledai: pd.Series[Any],
    bilag_baseline: pd.DataFrame,
    bilag: pd.DataFrame,
    pga_baseline: pd.Series[Any],
    pga: pd.Series[Any],
    excluded: pd.Series[Any],
    sri_reduction: float = 4,
    pga_worse: float = 0.3,
) -> pd.DataFrame:
    """SRI-4 per visit: columns of `combine_criteria` for `FALL`, `NO_NEW`, `NOT_WORSE`, `NO_EVENT`, and `reachable`.

    All on one index, baseline values repeated on each visit's row; a visit that did not take place has missing values.
    sledai: totals 0-105; bilag: frames of nine grades A-E; pga: 0-3; excluded: nullable boolean, an excluding event on
    or before the visit. sri_reduction: the fall needed, itself included; pga_worse: the rise that is worsening, itself
    included. A baseline SLEDAI below the fall needed is N whatever follows, `reachable` N. A missing component leaves
    the observed result missing unless another component fails. Source: Furie 2009 [V]; missing and events [P].
    """
    before, now = (s.astype("Float64").where(s.between(0, 105).fillna(False)) for s in (sledai_baseline, sledai))
    reachable = at_least(before, sri_reduction)
    criteria = {
        FALL: reachable & at_least(before - now, sri_reduction),
        NO_NEW: compute_bilag_stable(bilag_baseline, bilag),
        NOT_WORSE: ~compute_pga_worsening(pga_baseline, pga, pga_worse),
        NO_EVENT: ~excluded.astype("boolean"),
    }
    result = combine_criteria(criteria)
    result["reachable"] = to_yn(reachable)
    never = below(before, sri_reduction).fillna(False).astype(bool)
    result["reason"] = result["reason"].mask(
        never, result["reason"] + f" (not reachable: baseline below {sri_reduction:g})"
    )
    return result
