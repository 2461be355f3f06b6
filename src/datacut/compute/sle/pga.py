"""Physician global assessment of lupus, 0 (none) to 3 (severe), decimals allowed.

Source: SELENA-SLEDAI physician global assessment; Furie RA et al. Arthritis Rheum 2009;61:1143-51 [V]; Piga M et al.
Lancet Rheumatol 2022;4:e441-9 [R]. A value outside 0 to 3 counts as missing; list it with `is_out_of_range`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.compute.boundaries import above, at_least, is_out_of_range


def pga_from_mm(mm: pd.Series[Any]) -> pd.Series[Any]:
    """Assessment 0-3 from a mark on a 0-100 mm line, Float64; 45 mm is 1.35. Outside the line is missing."""
    known = mm.astype("Float64")
    return (known * 3 / 100).round(9).mask(is_out_of_range(known, 0, 100))


def compute_pga_worsening(
    baseline: pd.Series[Any], visit: pd.Series[Any], pga_worse: float = 0.3, *, strictly: bool = False
) -> pd.Series[Any]:
    """Whether the assessment rose by at least `pga_worse`: nullable boolean, unknown if either value is missing.

    Compared in decimal: 2.0 to 2.3 is a rise of exactly 0.3, and worse. strictly: only a greater rise counts.
    Source: SRI, Furie 2009 [V]. A flare compares with the previous visit and needs a rise of 1.0.
    """
    before, now = (s.astype("Float64").mask(is_out_of_range(s, 0, 3)) for s in (baseline, visit))
    return above(now - before, pga_worse) if strictly else at_least(now - before, pga_worse)
