"""Responses and flares by the parts of their definitions.

Each function takes one row per visit with columns on two levels: AVAL, BASE, PREVAL, ... by part, which `params` of the
call gives a parameter (items of SLEDAI-2K and systems of BILAG-2004 under their own names), and OWN by column.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import pandas as pd

from datacut.compute.sle.bilag import BILAG_SYSTEMS, compute_bilag_new, is_bilag_active
from datacut.compute.sle.doris import compute_doris
from datacut.compute.sle.drugfree import compute_drug_free_response
from datacut.compute.sle.flare import compute_flare
from datacut.compute.sle.lldas import NewFeature, compute_lldas
from datacut.compute.sle.sledai import SLEDAI_ITEMS
from datacut.compute.sle.sri import compute_sri4
from datacut.compute.threeway import any_of, from_yn
from datacut.spec.registry import verb


@verb("function")
def sri4(visits: pd.DataFrame, sri_reduction: str, pga_worse: str) -> pd.DataFrame:
    """SRI-4 by `sledai`, `pga` and grades of BILAG-2004 against baseline; no excluding event (EXCLFL) by the visit."""
    made = compute_sri4(
        sledai_baseline=_number(visits, "BASE", "sledai"),
        sledai=_number(visits, "AVAL", "sledai"),
        bilag_baseline=_texts(visits, "BASEC", BILAG_SYSTEMS),
        bilag=_texts(visits, "AVALC", BILAG_SYSTEMS),
        pga_baseline=_number(visits, "BASE", "pga"),
        pga=_number(visits, "AVAL", "pga"),
        excluded=_yes(visits, "EXCLFL"),
        sri_reduction=float(sri_reduction),
        pga_worse=float(pga_worse),
    )
    return made.drop(columns="reachable")


@verb("function")
def lldas(
    visits: pd.DataFrame,
    lldas_new_feature: str,
    lldas_bilag: str,
    lldas_sledai: str,
    lldas_pga: str,
    lldas_pred_mg: str,
) -> pd.DataFrame:
    """LLDAS by the SLEDAI-2K items (AVAL, PREVAL), `pga`, `haemolytic_anaemia` and the grades of BILAG-2004.

    OWN: prednisone equivalent (PREDEQLO, PREDEQHI), maintenance (MAINTFL), flare since the previous visit (FLAREFL).
    """
    now, before = (_numbers(visits, level, SLEDAI_ITEMS) for level in ("AVAL", "PREVAL"))
    haemolysis = _number(visits, "AVAL", "haemolytic_anaemia").eq(1)
    gut = is_bilag_active(_text(visits, "AVALC", "gastrointestinal"))
    grades, earlier = (_texts(visits, level, BILAG_SYSTEMS) for level in ("AVALC", "PREVALC"))
    worse = any_of([compute_bilag_new(earlier, grades, grade) > 0 for grade in ("A", "B")])
    return compute_lldas(
        items=now,
        previous=before,
        haemolysis_or_gi=any_of([haemolysis, gut]),
        pga=_number(visits, "AVAL", "pga"),
        prednisone=_own(visits, "PREDEQLO").astype("Float64"),
        prednisone_high=_own(visits, "PREDEQHI").astype("Float64"),
        maintenance=_yes(visits, "MAINTFL"),
        flare=_yes(visits, "FLAREFL"),
        bilag_worse=worse if lldas_bilag == "Y" else None,
        lldas_new_feature=cast(NewFeature, lldas_new_feature),
        lldas_sledai=float(lldas_sledai),
        lldas_pga=float(lldas_pga),
        lldas_pred_mg=float(lldas_pred_mg),
    )


@verb("function")
def doris(visits: pd.DataFrame, doris_pga: str, doris_pred_mg: str) -> pd.DataFrame:
    """DORIS 2021 by `clinical` (SLEDAI-2K without serology) and `pga`; OWN: PREDEQLO, PREDEQHI, STABLEFL."""
    return compute_doris(
        clinical=_number(visits, "AVAL", "clinical"),
        pga=_number(visits, "AVAL", "pga"),
        prednisone=_own(visits, "PREDEQLO").astype("Float64"),
        prednisone_high=_own(visits, "PREDEQHI").astype("Float64"),
        stable=_yes(visits, "STABLEFL"),
        doris_pga=float(doris_pga),
        doris_pred_mg=float(doris_pred_mg),
    )


@verb("function")
def drug_free_response(visits: pd.DataFrame) -> pd.DataFrame:
    """Response without other therapy: of the two OWN columns, the response and the drug-free state, both Y."""
    response, free = (visits[c] for c in visits.columns if c[0] == "OWN")
    return compute_drug_free_response(response, free)


@verb("function")
def selena_flare(visits: pd.DataFrame) -> pd.DataFrame:
    """SELENA flare index by `selena`, `pga` and the answers; AVAL against PREVAL; OWN: prednisone for lupus, weight.

    Answers: `mild_signs`, `severe_signs`, `mild_treatment`, `severe_treatment`.
    """
    names = ("mild_signs", "severe_signs", "mild_treatment", "severe_treatment")
    answers = {name: _number(visits, "AVAL", name).eq(1) for name in names}
    made = compute_flare(
        sledai_previous=_number(visits, "PREVAL", "selena"),
        sledai=_number(visits, "AVAL", "selena"),
        pga_previous=_number(visits, "PREVAL", "pga"),
        pga=_number(visits, "AVAL", "pga"),
        prednisone_previous=_own(visits, "PREDPREV").astype("Float64"),
        prednisone=_own(visits, "PREDSLE").astype("Float64"),
        weight=_own(visits, "WEIGHTBL").astype("Float64"),
        **answers,
    )
    return made.rename(columns={"severity": "observed"})


@verb("function")
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


def _numbers(visits: pd.DataFrame, level: str, parts: Iterable[str]) -> pd.DataFrame:
    return pd.DataFrame({p: _number(visits, level, p).astype("Int64") for p in parts}, index=visits.index)


def _texts(visits: pd.DataFrame, level: str, parts: Iterable[str]) -> pd.DataFrame:
    return pd.DataFrame({p: _text(visits, level, p) for p in parts}, index=visits.index)
