"""Flares by the SELENA flare index, in its classic form.

Source: Petri M et al. N Engl J Med 2005;353:2550-8 and Buyon JP et al. Ann Intern Med 2005;142:953-62; the criteria as
later reviews print them [R]; the rise of the physician assessment [V]. What changes from visit to visit in
manifestations and treatment is the investigator's to say; the rest follows from scores. Missing parts follow
three-valued logic [P].
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from datacut.compute.boundaries import above, at_least, is_out_of_range
from datacut.compute.threeway import any_of, name_missing, name_where, sure

PGA_RISE: Final = 1.0
PGA_SEVERE: Final = 2.5
SLEDAI_RISE: Final = 3
SLEDAI_SEVERE: Final = 12
PREDNISONE_SEVERE: Final = 0.5  # mg/kg/day


def compute_flare(
    *,
    sledai_previous: pd.Series[Any],
    sledai: pd.Series[Any],
    pga_previous: pd.Series[Any],
    pga: pd.Series[Any],
    prednisone_previous: pd.Series[Any],
    prednisone: pd.Series[Any],
    weight: pd.Series[Any],
    mild_signs: pd.Series[Any],
    severe_signs: pd.Series[Any],
    mild_treatment: pd.Series[Any],
    severe_treatment: pd.Series[Any],
) -> pd.DataFrame:
    """Flare since the previous visit: columns `severity` (`none`, `mild/moderate`, `severe`, missing) and `reason`.

    sledai: SELENA-SLEDAI; pga: 0-3; prednisone: equivalent in mg a day for lupus; weight: kg. mild_signs (rash, ulcers,
    serositis, arthritis, fever of lupus, new or worse), severe_signs (CNS, vasculitis, nephritis, myositis, platelets
    below 60, haemolysis, that need more treatment), mild_treatment (an NSAID or hydroxychloroquine added),
    severe_treatment (cyclophosphamide, azathioprine, methotrexate or mycophenolate started, or hospital, for lupus):
    nullable booleans.
    Severe: SLEDAI risen to more than 12, PGA risen to more than 2.5, prednisone raised to more than 0.5 mg/kg a day,
    severe signs or treatment. Mild/moderate: not severe, and SLEDAI risen by 3 or more, PGA by 1.0 or more, prednisone
    raised, mild signs or treatment. Unknown where a missing part could decide. Source: [R]; missing [P].
    """
    before, now = (s.astype("Float64").mask(is_out_of_range(s, 0, 3)) for s in (pga_previous, pga))
    raised = above(prednisone, prednisone_previous)
    load = prednisone.astype("Float64") / weight.astype("Float64").where(weight > 0)
    severe = {
        "SLEDAI risen above 12": above(sledai, sledai_previous) & above(sledai, SLEDAI_SEVERE),
        "PGA risen above 2.5": above(now, before) & above(now, PGA_SEVERE),
        "prednisone raised above 0.5 mg/kg": raised & above(load, PREDNISONE_SEVERE),
        "severe signs": severe_signs.astype("boolean"),
        "severe treatment": severe_treatment.astype("boolean"),
    }
    mild = {
        "SLEDAI risen by 3": at_least(sledai.astype("Float64") - sledai_previous.astype("Float64"), SLEDAI_RISE),
        "PGA risen by 1.0": at_least(now - before, PGA_RISE),
        "prednisone raised": raised,
        "mild signs": mild_signs.astype("boolean"),
        "mild treatment": mild_treatment.astype("boolean"),
    }
    is_severe, is_mild = any_of(list(severe.values())), any_of(list(mild.values()))
    flare = pd.Series("none", index=sledai.index, dtype="str")
    flare = flare.mask(sure(is_mild), "mild/moderate").mask(is_mild.isna())
    flare = flare.mask(is_severe.isna()).mask(sure(is_severe), "severe")
    met_severe, met_mild = (name_where(pd.DataFrame(parts).fillna(False).astype(bool)) for parts in (severe, mild))
    reason = met_severe.where(flare.eq("severe"), met_mild.where(flare.eq("mild/moderate")))
    unknown = name_missing(pd.DataFrame({**severe, **mild}), "unknown: ")
    return pd.DataFrame({"severity": flare, "reason": reason.where(flare.notna(), unknown).astype("str")})
