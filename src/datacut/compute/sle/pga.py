"""Physician global assessment of lupus, 0 (none) to 3 (severe), decimals allowed.

Source: SELENA-SLEDAI physician global assessment; Furie RA et al. Arthritis Rheum 2009;61:1143-51 [V]; Piga M et al.
Lancet Rheumatol 2022;4:e441-9 [R]. A value outside 0 to 3 counts as missing.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from datacut.compute.between import Between, known_between


def pga_between(values: pd.Series[Any]) -> Between:
    """Assessments as they are; a missing one, or one out of range, lies anywhere from 0 to 3."""
    return known_between(values, 0, 3)


def compute_pga_worsening(baseline: pd.Series[Any], visit: pd.Series[Any], pga_worse: float = 0.3) -> pd.Series[Any]:
    """Whether the assessment rose by at least `pga_worse`: nullable boolean.

    Compared in decimal: 2.0 to 2.3 is a rise of exactly 0.3, and worse. A missing value may be any from 0 to 3: it
    decides nothing unless every such value does (a visit at 0.2 is no rise of 0.3 from any baseline). Source: SRI,
    Furie 2009 [V]. A flare compares with the previous visit and needs a rise of 1.0.
    """
    return pga_between(visit).minus(pga_between(baseline)).at_least(pga_worse)
