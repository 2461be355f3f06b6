"""Responses and flares by the parts of their definitions.

Each function takes one row per visit with columns on two levels: AVAL, BASE, PREVAL, ... by part, which `params` of the
call gives a parameter (items of SLEDAI-2K and systems of BILAG-2004 under their own names), and OWN by column.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import pandas as pd

from datacut.compute.between import Between, known_between
from datacut.compute.sle.bilag import BILAG_SYSTEMS, compute_bilag_new, is_bilag_active
from datacut.compute.sle.doris import compute_doris
from datacut.compute.sle.drugfree import compute_drug_free_response
from datacut.compute.sle.flare import compute_flare
from datacut.compute.sle.items import ScoreMissing
from datacut.compute.sle.lldas import NewFeature, compute_lldas
from datacut.compute.sle.sledai import (
    CLINICAL_ITEMS,
    SLEDAI_ITEMS,
    Proteinuria,
    compute_sledai_between,
    count_proteinuria,
)
from datacut.compute.sle.sri import compute_sri4
from datacut.compute.threeway import any_of, from_yn
from datacut.spec.registry import verb
from datacut.spec.wording import all_hold


@verb(
    "function",
    says=all_hold(
        "SLEDAI-2K (the sum of its items, weighted as in SLEDAI2K of ADQS; with items not done, the least and the most "
        "it can be) is at least {sri_reduction} below that of baseline",
        "of the nine BILAG-2004 systems none has a new A (A now, not at baseline) and at most one a new B (B now, "
        "C, D or E at baseline)",
        "pga is less than {pga_worse} above that of baseline",
        also="{score_missing?zero=; an item not done at an assessment with others counts as 0|}",
    ),
)
def sri4(visits: pd.DataFrame, sri_reduction: str, pga_worse: str, score_missing: ScoreMissing) -> pd.DataFrame:
    """SRI-4 as assessed, by the items of SLEDAI-2K, `pga` and the grades of BILAG-2004 against baseline."""
    made = compute_sri4(
        sledai_baseline=compute_sledai_between(_items(visits, "BASE", score_missing)),
        sledai=compute_sledai_between(_items(visits, "AVAL", score_missing)),
        bilag_baseline=_texts(visits, "BASEC", BILAG_SYSTEMS),
        bilag=_texts(visits, "AVALC", BILAG_SYSTEMS),
        pga_baseline=_number(visits, "BASE", "pga"),
        pga=_number(visits, "AVAL", "pga"),
        sri_reduction=float(sri_reduction),
        pga_worse=float(pga_worse),
    )
    return made.drop(columns="reachable")


@verb(
    "function",
    says=all_hold(
        "SLEDAI-2K (the sum of its items, weighted as in SLEDAI2K of ADQS; with items not done, the least and the most "
        "it can be) is at most {lldas_sledai}; none of seizure to cva, vasculitis, urinary_casts, haematuria, "
        "proteinuria, pyuria, pleurisy, pericarditis and fever is 1; haemolytic_anaemia is not 1; the grade of "
        "gastrointestinal is not A, B or C",
        "{lldas_new_feature?all_items=no item of SLEDAI-2K is 1 that was 0|clinical_items=no item of SLEDAI-2K but "
        "low_complement and increased_dna_binding is 1 that was 0|flare_index=FLAREFL is not Y|} at the "
        "assessment before{lldas_bilag?Y=, and no system has a new A or B since then|}",
        "pga is at most {lldas_pga}",
        "PREDEQLO to PREDEQHI, the prednisone equivalent it can be, is at most {lldas_pred_mg} mg",
        'MAINTFL is "Y"',
        also="{score_missing?zero=; an item not done at an assessment with others counts as 0|}",
    ),
)
def lldas(
    visits: pd.DataFrame,
    lldas_new_feature: str,
    lldas_bilag: str,
    lldas_sledai: str,
    lldas_pga: str,
    lldas_pred_mg: str,
    score_missing: ScoreMissing,
) -> pd.DataFrame:
    """LLDAS by the SLEDAI-2K items (AVAL, PREVAL), `pga`, `haemolytic_anaemia` and the grades of BILAG-2004.

    OWN: prednisone equivalent (PREDEQLO, PREDEQHI), maintenance (MAINTFL), flare since the previous visit (FLAREFL).
    """
    now, before = (_items(visits, level, score_missing) for level in ("AVAL", "PREVAL"))
    haemolysis = _number(visits, "AVAL", "haemolytic_anaemia").eq(1)
    gut = is_bilag_active(_text(visits, "AVALC", "gastrointestinal"))
    grades, earlier = (_texts(visits, level, BILAG_SYSTEMS) for level in ("AVALC", "PREVALC"))
    worse = any_of(
        [compute_bilag_new(earlier, grades, "A").at_least(1), compute_bilag_new(earlier, grades, "B").at_least(1)]
    )
    return compute_lldas(
        items=now,
        previous=before,
        haemolysis_or_gi=any_of([haemolysis, gut]),
        pga=_number(visits, "AVAL", "pga"),
        prednisone=_dose(visits, "PREDEQ"),
        maintenance=_yes(visits, "MAINTFL"),
        flare=_yes(visits, "FLAREFL"),
        bilag_worse=worse if lldas_bilag == "Y" else None,
        lldas_new_feature=cast(NewFeature, lldas_new_feature),
        lldas_sledai=float(lldas_sledai),
        lldas_pga=float(lldas_pga),
        lldas_pred_mg=float(lldas_pred_mg),
    )


@verb(
    "function",
    says=all_hold(
        "no item of SLEDAI-2K but low_complement and increased_dna_binding is 1",
        "pga is below {doris_pga}",
        "PREDEQLO to PREDEQHI, the prednisone equivalent it can be, is at most {doris_pred_mg} mg",
        'STABLEFL is "Y"',
        also="{score_missing?zero=; an item not done at an assessment with others counts as 0|}",
    ),
)
def doris(visits: pd.DataFrame, doris_pga: str, doris_pred_mg: str, score_missing: ScoreMissing) -> pd.DataFrame:
    """DORIS 2021 by the clinical items of SLEDAI-2K and `pga`; OWN: PREDEQLO, PREDEQHI, stable therapy (STABLEFL)."""
    return compute_doris(
        clinical=compute_sledai_between(_items(visits, "AVAL", score_missing), CLINICAL_ITEMS),
        pga=_number(visits, "AVAL", "pga"),
        prednisone=_dose(visits, "PREDEQ"),
        stable=_yes(visits, "STABLEFL"),
        doris_pga=float(doris_pga),
        doris_pred_mg=float(doris_pred_mg),
    )


@verb(
    "function",
    says={
        "": '"Y" where {1} and {2} are both "Y", "N" where one is "N", else missing',
        "reason": "which of {1} and {2} is not met, or where neither is surely not met, not known",
    },
)
def drug_free_response(visits: pd.DataFrame) -> pd.DataFrame:
    """Response without other therapy: of the two OWN columns, the response and the drug-free state, both Y."""
    response, free = (visits[c] for c in visits.columns if c[0] == "OWN")
    return compute_drug_free_response(response, free)


@verb(
    "function",
    says={
        "": (
            'the SELENA flare index against the assessment before: "severe" where SELENA-SLEDAI rose to more '
            "than 12, pga rose to more than 2.5, prednisone ({1}, before {2}) rose to more than 0.5 mg/kg a "
            'day by {3}, or severe signs or treatment are 1; else "mild/moderate" where SELENA-SLEDAI rose '
            "by 3 or more, pga by 1.0 or more, prednisone ({1}, before {2}) rose, or mild or severe signs or "
            'treatment are 1; else "none"; missing where a missing part decides. To rise to more than a limit is to '
            "lie above it and above the value before, which may lie above it too; without a value before, whether one "
            "rose is unknown"
        ),
        "reason": (
            "of a flare, the criteria of its severity that are met, of those that make it severe or of the others; "
            "where the severity is not known, the criteria that are not known"
        ),
        "criterion1": (
            "against the assessment before SELENA-SLEDAI rose by 3 or more, or to more than 12, pga by 1.0 or more, or "
            "to more than 2.5, prednisone ({1}, before {2}) rose, or mild or severe signs or treatment are 1"
        ),
    },
)
def selena_flare(visits: pd.DataFrame, score_missing: ScoreMissing, selena_proteinuria: Proteinuria) -> pd.DataFrame:
    """SELENA flare index by the items of SLEDAI-2K, `proteinuria_new`, `pga` and the answers; AVAL against PREVAL.

    Answers: `mild_signs`, `severe_signs`, `mild_treatment`, `severe_treatment`. OWN: prednisone for lupus now and
    before (PREDSLE, PREDPREV), weight (WEIGHTBL). The one criterion is whether there is a flare of any severity.
    """
    scores = {
        level: compute_sledai_between(
            count_proteinuria(
                _items(visits, level, score_missing),
                _number(visits, level, "proteinuria_new").astype("Int64"),
                selena_proteinuria,
            )
        )
        for level in ("AVAL", "PREVAL")
    }
    made = compute_flare(
        sledai_previous=scores["PREVAL"],
        sledai=scores["AVAL"],
        pga_previous=_number(visits, "PREVAL", "pga"),
        pga=_number(visits, "AVAL", "pga"),
        prednisone_previous=known_between(_own(visits, "PREDPREV"), 0),
        prednisone=known_between(_own(visits, "PREDSLE"), 0),
        weight=_own(visits, "WEIGHTBL").astype("Float64"),
        mild_signs=_number(visits, "AVAL", "mild_signs").eq(1),
        severe_signs=_number(visits, "AVAL", "severe_signs").eq(1),
        mild_treatment=_number(visits, "AVAL", "mild_treatment").eq(1),
        severe_treatment=_number(visits, "AVAL", "severe_treatment").eq(1),
    )
    return made.rename(columns={"severity": "observed"})


@verb(
    "function",
    says="{1}, or where it is missing, {2} plus {3} - 1 days",
)
def visit_date(columns: pd.DataFrame) -> pd.Series[Any]:
    """The day of a visit: that of its assessments (first column), else the infusion plus the target day less one."""
    assessed, infusion, target = (columns[c] for c in columns.columns)
    planned = infusion.dt.normalize() + pd.to_timedelta(target.astype("Float64").astype("float64") - 1, unit="D")
    date: pd.Series[Any] = assessed.fillna(planned).astype("datetime64[s]")
    return date


def _number(visits: pd.DataFrame, level: str, part: str) -> pd.Series[Any]:
    return visits[(level, part)].astype("Float64")


def _text(visits: pd.DataFrame, level: str, part: str) -> pd.Series[Any]:
    return visits[(level, part)].astype("str")


def _own(visits: pd.DataFrame, name: str) -> pd.Series[Any]:
    column: pd.Series[Any] = visits[("OWN", name)]
    return column


def _yes(visits: pd.DataFrame, name: str) -> pd.Series[Any]:
    return from_yn(_own(visits, name))


def _dose(visits: pd.DataFrame, name: str) -> Between:
    """The lowest and the highest dose it can be; a highest one that is missing is not bounded."""
    return Between(_own(visits, f"{name}LO").astype("Float64"), _own(visits, f"{name}HI").astype("Float64"))


def _items(visits: pd.DataFrame, level: str, score_missing: ScoreMissing) -> pd.DataFrame:
    """The items of SLEDAI-2K of an assessment; where some were done, those not done may count as absent (`zero`)."""
    items = pd.DataFrame({p: _number(visits, level, p).astype("Int64") for p in SLEDAI_ITEMS}, index=visits.index)
    return items.mask(items.notna().any(axis=1), items.fillna(0)) if score_missing == "zero" else items


def _texts(visits: pd.DataFrame, level: str, parts: Iterable[str]) -> pd.DataFrame:
    return pd.DataFrame({p: _text(visits, level, p) for p in parts}, index=visits.index)
