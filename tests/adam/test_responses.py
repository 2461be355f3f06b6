"""Which parameter is which part of a flare, a drug-free response, and the date of a visit."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from datacut.compute.sle.sledai import SLEDAI_ITEMS

PATH = Path(__file__).parents[2] / "adam" / "responses.py"
_spec = importlib.util.spec_from_file_location("study_responses", PATH)
assert _spec is not None
assert _spec.loader is not None
responses = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(responses)

# arthritis at both visits
QUIET = {
    **{(level, item): int(item == "arthritis") for level in ("AVAL", "PREVAL") for item in SLEDAI_ITEMS},
    ("AVAL", "proteinuria_new"): 0,
    ("PREVAL", "proteinuria_new"): 0,
    ("AVAL", "pga"): 1.0,
    ("PREVAL", "pga"): 1.0,
    ("AVAL", "mild_signs"): 0,
    ("AVAL", "severe_signs"): 0,
    ("AVAL", "mild_treatment"): 0,
    ("AVAL", "severe_treatment"): 0,
    ("OWN", "PREDSLE"): 5,
    ("OWN", "PREDPREV"): 5,
    ("OWN", "WEIGHTBL"): 60,
}


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        ({}, "none"),
        ({("AVAL", "rash"): 1}, "none"),
        ({("AVAL", "rash"): 1, ("AVAL", "fever"): 1}, "mild/moderate"),
        ({("AVAL", "rash"): 1, ("AVAL", "fever"): None}, None),
        ({("AVAL", "proteinuria"): 1}, "none"),
        ({("AVAL", "proteinuria"): 1, ("AVAL", "proteinuria_new"): 1}, "mild/moderate"),
        ({("AVAL", "pga"): 2.0}, "mild/moderate"),
        ({("AVAL", "seizure"): 1, ("AVAL", "fever"): 1}, "severe"),
        ({("OWN", "PREDSLE"): 30}, "mild/moderate"),
        ({("OWN", "PREDSLE"): 31}, "severe"),
        ({("AVAL", "mild_signs"): 1}, "mild/moderate"),
        ({("AVAL", "severe_treatment"): 1}, "severe"),
        ({("AVAL", "severe_signs"): None}, None),
    ],
)
def test_selena_flare(change: dict[tuple[str, str], float | None], severity: str | None) -> None:
    visits = pd.DataFrame([{**QUIET, **change}]).astype("Float64")
    visits.columns = pd.MultiIndex.from_tuples(list(QUIET))
    out = responses.selena_flare(visits, "missing", "new_or_rise")["observed"][0]
    assert pd.isna(out) if severity is None else out == severity


def test_an_item_not_done_may_count_as_absent_where_others_were_done() -> None:
    visits = pd.DataFrame([{**QUIET, ("AVAL", "rash"): 1, ("AVAL", "fever"): None}]).astype("Float64")
    visits.columns = pd.MultiIndex.from_tuples(list(QUIET))
    assert responses.selena_flare(visits, "zero", "new_or_rise")["flared"].tolist() == ["N"]
    nothing = visits.copy()
    nothing[[("AVAL", item) for item in SLEDAI_ITEMS]] = pd.NA
    assert responses.selena_flare(nothing, "zero", "new_or_rise")["flared"].isna().tolist() == [True]


def test_drug_free_response_is_of_both() -> None:
    own = {("OWN", "R"): ["Y", "Y", "N", "Y"], ("OWN", "FREE"): ["Y", "N", None, None]}
    made = responses.drug_free_response(pd.DataFrame(own).astype("str"))["observed"]
    assert [None if pd.isna(v) else v for v in made] == ["Y", "N", "N", None]


def test_visit_date_without_assessments_is_the_target_day() -> None:
    columns = pd.DataFrame(
        {
            "ADT": pd.to_datetime(["2026-02-02", None]),
            "TRTSDT": pd.to_datetime(["2026-01-01", "2026-01-01"]),
            "AWTARGET": pd.array([29, 29], dtype="Int64"),
        }
    )
    assert responses.visit_date(columns).astype("str").tolist() == ["2026-02-02", "2026-01-29"]
