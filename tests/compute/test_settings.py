"""Settings of the study are parameters of the algorithms under the same name, with the study's value as default."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datacut.compute.cart.astct import compute_crs_daily
from datacut.compute.cart.bcell import bcell_course
from datacut.compute.cart.dlt import (
    compute_dlt_evaluable,
    compute_sentinel_gap,
    dlt_in_window,
    dose_adequate,
    parse_dlt_rule,
)
from datacut.compute.interval_designs import i3plus3_action, mtpi2_action
from datacut.compute.nca import nca_profile
from datacut.compute.persistence import transgene_persistence
from datacut.compute.sle.doris import compute_doris
from datacut.compute.sle.drugfree import compute_drug_free
from datacut.compute.sle.haq import compute_haq_di
from datacut.compute.sle.lldas import compute_lldas
from datacut.compute.sle.pga import compute_pga_worsening
from datacut.compute.sle.sledai import compute_selena_total
from datacut.compute.sle.sri import compute_sri4
from datacut.compute.sle.stable import compute_stable_therapy
from datacut.compute.sle.steroids import compute_mean_daily_dose
from datacut.spec.load import load_specs

SETTINGS = load_specs(Path(__file__).parents[2]).settings

USED: list[tuple[Callable[..., Any], tuple[str, ...]]] = [
    (compute_selena_total, ("score_missing", "selena_proteinuria")),
    (compute_pga_worsening, ("pga_worse",)),
    (compute_haq_di, ("haq_min_categories",)),
    (compute_mean_daily_dose, ("pred_window_days",)),
    (compute_sri4, ("sri_reduction", "pga_worse")),
    (compute_lldas, ("lldas_new_feature", "lldas_sledai", "lldas_pga", "lldas_pred_mg")),
    (compute_doris, ("doris_pga", "doris_pred_mg")),
    (compute_stable_therapy, ("doris_stable_days",)),
    (compute_drug_free, ("drug_free_days", "drug_free_replacement")),
    (compute_crs_daily, ("episode_gap_days",)),
    (dlt_in_window, ("dlt_window_days",)),
    (dose_adequate, ("dlt_min_dose_fraction",)),
    (compute_dlt_evaluable, ("dlt_early_policy",)),
    (compute_sentinel_gap, ("sentinel_days",)),
    (bcell_course, ("bcell_threshold", "bcell_confirm")),
    (nca_profile, ("lambda_min_points", "lambda_min_r2", "auc_extrapolate")),
    (transgene_persistence, ("persist_rule",)),
    (i3plus3_action, ("equivalence_low", "equivalence_high")),
    (mtpi2_action, ("equivalence_low", "equivalence_high")),
]


@pytest.mark.parametrize(
    ("function", "name"), [pytest.param(f, name, id=f"{f.__name__}-{name}") for f, names in USED for name in names]
)
def test_default_is_the_value_of_the_study(function: Callable[..., Any], name: str) -> None:
    default, value = inspect.signature(function).parameters[name].default, SETTINGS[name]
    if isinstance(default, bool):
        assert value in ("Y", "N")
        assert default == (value == "Y")
    elif isinstance(default, str):
        assert default == value
    else:
        assert default == float(str(value))


def test_the_rules_of_the_study_can_be_read() -> None:
    rules = [parse_dlt_rule(str(text)) for text in SETTINGS["dlt_rules"]]  # type: ignore[union-attr]
    assert {rule.rule for rule in rules} == {f"DLT0{n}" for n in range(1, 7)}
    assert {rule.kind for rule in rules} == {"ANY", "CRS", "ICANS", "OTHER", "IECHS", "GVHD"}
