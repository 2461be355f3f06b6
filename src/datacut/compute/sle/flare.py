"""Flares by the SELENA flare index, in its classic form.

Source: Petri M et al. N Engl J Med 2005;353:2550-8 and Buyon JP et al. Ann Intern Med 2005;142:953-62; the criteria as
later reviews print them [R]; the rise of the physician assessment [V]. What changes from visit to visit in
manifestations and treatment is the investigator's to say; the rest follows from scores. Missing parts follow
three-valued logic [P].
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from datacut.compute.between import Between
from datacut.compute.sle.pga import pga_between
from datacut.compute.threeway import any_of, name_missing, name_where, sure, to_yn

PGA_RISE: Final = 1.0
PGA_SEVERE: Final = 2.5
SLEDAI_RISE: Final = 3
SLEDAI_SEVERE: Final = 12
PREDNISONE_SEVERE: Final = 0.5  # mg/kg/day


def compute_flare(
    *,
    sledai_previous: Between,
    sledai: Between,
    pga_previous: pd.Series[Any],
    pga: pd.Series[Any],
    prednisone_previous: Between,
    prednisone: Between,
    weight: pd.Series[Any],
    mild_signs: pd.Series[Any],
    severe_signs: pd.Series[Any],
    mild_treatment: pd.Series[Any],
    severe_treatment: pd.Series[Any],
) -> pd.DataFrame:
    """Flare since the previous visit: `flared` (Y, N, missing), `severity` (none, mild/moderate, severe), `reason`.

    sledai: lowest and highest SELENA-SLEDAI that the items not done allow; pga: 0-3; prednisone: lowest and highest
    equivalent it can be, in mg a day for lupus; weight: kg. mild_signs (rash, ulcers, serositis, arthritis, fever of
    lupus, new or worse), severe_signs (CNS, vasculitis, nephritis, myositis, platelets below 60, haemolysis, that need
    more treatment), mild_treatment (an NSAID or hydroxychloroquine added), severe_treatment (cyclophosphamide,
    azathioprine, methotrexate or mycophenolate started, or hospital, for lupus): nullable booleans. Severe: SLEDAI
    risen to more than 12, PGA risen to more than 2.5, prednisone raised to more than 0.5 mg/kg a day, severe signs or
    treatment. Mild/moderate: not severe, and SLEDAI risen by 3 or more, PGA by 1.0 or more, prednisone raised, mild
    signs or treatment. Missing where a missing part could decide: a flare may be known and its severity not. Source:
    [R]; missing [P].
    """
    sledai_rise = sledai.minus(sledai_previous)
    pga_now = pga_between(pga)
    pga_rise = pga_now.minus(pga_between(pga_previous))
    raised = prednisone.minus(prednisone_previous).above(0)
    kilograms = weight.astype("Float64").where(weight > 0)
    load = Between(prednisone.low / kilograms, prednisone.high / kilograms)
    severe = {
        "SLEDAI risen above 12": sledai_rise.above(0) & sledai.above(SLEDAI_SEVERE),
        "PGA risen above 2.5": pga_rise.above(0) & pga_now.above(PGA_SEVERE),
        "prednisone raised above 0.5 mg/kg": raised & load.above(PREDNISONE_SEVERE),
        "severe signs": severe_signs.astype("boolean"),
        "severe treatment": severe_treatment.astype("boolean"),
    }
    mild = {
        "SLEDAI risen by 3": sledai_rise.at_least(SLEDAI_RISE),
        "PGA risen by 1.0": pga_rise.at_least(PGA_RISE),
        "prednisone raised": raised,
        "mild signs": mild_signs.astype("boolean"),
        "mild treatment": mild_treatment.astype("boolean"),
    }
    is_severe, is_mild = any_of(list(severe.values())), any_of(list(mild.values()))
    severity = pd.Series("none", index=weight.index, dtype="str")
    severity = severity.mask(sure(is_mild), "mild/moderate").mask(is_mild.isna())
    severity = severity.mask(is_severe.isna()).mask(sure(is_severe), "severe")
    met_severe, met_mild = (name_where(pd.DataFrame(parts).fillna(False).astype(bool)) for parts in (severe, mild))
    reason = met_severe.where(severity.eq("severe"), met_mild.where(severity.eq("mild/moderate")))
    unknown = name_missing(pd.DataFrame({**severe, **mild}), "unknown: ")
    return pd.DataFrame(
        {
            "flared": to_yn(any_of([is_severe, is_mild])),
            "severity": severity,
            "reason": reason.where(severity.notna(), unknown).astype("str"),
        }
    )
