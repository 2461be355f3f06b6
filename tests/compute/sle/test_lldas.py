from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.between import known_between
from datacut.compute.sle.lldas import compute_lldas, compute_no_new_feature
from datacut.compute.sle.sledai import SLEDAI_ITEMS
from datacut.compute.sle.steroids import compute_prednisone_equivalent


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def numbers(*values: float | None) -> pd.Series:
    return pd.Series(list(values), dtype="Float64")


def texts(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def states(*values: bool | None) -> pd.Series:
    return pd.Series(list(values), dtype="boolean")


def visit(present: str = "", missing: str = "") -> pd.DataFrame:
    """Names of present and of missing items, all others absent; missing "all": no assessment."""
    row = {
        key: pd.NA if missing == "all" or key in missing.split() else int(key in present.split())
        for key in SLEDAI_ITEMS
    }
    return pd.DataFrame([row], dtype="Int64")


def lldas(
    now: pd.DataFrame,
    previous: pd.DataFrame,
    pga: float | None = 0.5,
    prednisone: float | None = 0,
    haemolysis_or_gi: bool | None = False,
    maintenance: bool | None = True,
    **more: object,
) -> pd.Series:
    return compute_lldas(
        items=now,
        previous=previous,
        haemolysis_or_gi=states(haemolysis_or_gi),
        pga=numbers(pga),
        prednisone=known_between(numbers(prednisone), 0),
        maintenance=states(maintenance),
        **more,  # type: ignore[arg-type]
    ).iloc[0]


DEXAMETHASONE = compute_prednisone_equivalent(texts("DEXAMETHASONE"), numbers(1.5), {"DEXAMETHASONE": 0.75}).iloc[0]


@pytest.mark.parametrize(
    ("now", "previous", "pga", "mg", "expected"),
    [
        pytest.param("arthritis", "arthritis", 1.0, 7.5, "Y", id="8-vector-1"),
        pytest.param("rash alopecia", "rash alopecia", 0.8, 5, "Y", id="8-vector-2"),
        pytest.param("haematuria", "haematuria", 0.5, 5, "N", id="8-vector-3"),
        pytest.param("mucosal_ulcers", "", 0.5, 0, "N", id="8-vector-4"),
        pytest.param("", "", 1.01, 0, "N", id="8-vector-5"),
        pytest.param("", "", 0.5, DEXAMETHASONE, "N", id="8-vector-6"),
        pytest.param("", "", 0.5, 7.51, "N", id="dose-just-above"),
        pytest.param("arthritis fever", "arthritis fever", 0.5, 0, "N", id="total-of-5"),
        pytest.param("fever", "fever", 0.5, 0, "N", id="fever-is-major"),
        pytest.param("pleurisy", "pleurisy", 0.5, 0, "N", id="cardiopulmonary"),
        pytest.param("myositis", "myositis", 0.5, 0, "Y", id="myositis-is-not-in-the-list"),
        pytest.param(
            "low_complement increased_dna_binding", "low_complement increased_dna_binding", 0.5, 0, "Y", id="serology"
        ),
        pytest.param("", "arthritis", 0.5, 0, "Y", id="a-feature-gone"),
        pytest.param("", "", None, 0, None, id="pga-missing"),
        pytest.param("", "", 3.5, 0, None, id="pga-out-of-range"),
        pytest.param("", "", 0.5, None, None, id="dose-unknown"),
    ],
)
def test_state(now: str, previous: str, pga: float | None, mg: float | None, expected: str | None) -> None:
    found = lldas(visit(now), visit(previous), pga, mg)
    assert known(found[["observed", "nri"]]) == [expected, "Y" if expected == "Y" else "N"]


def test_without_a_previous_assessment_it_is_unknown() -> None:
    found = lldas(visit("rash"), visit(missing="all"))
    assert known(found[["observed", "nri", "reason"]]) == [None, "N", "unknown: no new feature"]
    assert lldas(visit("haematuria"), visit(missing="all"))["observed"] == "N"


def test_missing_items() -> None:
    assert pd.isna(lldas(visit("", "rash"), visit())["observed"])
    # rash now is 2 of 4 points, absent now it is no feature: with or without it
    assert lldas(visit("", "rash"), visit("rash"))["observed"] == "Y"
    assert lldas(visit("arthritis alopecia", "rash"), visit("arthritis alopecia"))["observed"] == "N"
    assert lldas(visit("haematuria", "rash"), visit("haematuria"))["observed"] == "N"


def test_activity_outside_the_items_and_background_therapy() -> None:
    assert lldas(visit(), visit(), haemolysis_or_gi=True)["observed"] == "N"
    assert pd.isna(lldas(visit(), visit(), haemolysis_or_gi=None)["observed"])
    assert lldas(visit(), visit(), maintenance=False)["reason"] == "not met: standard maintenance"
    assert pd.isna(lldas(visit(), visit(), maintenance=None)["observed"])


def test_forms_of_the_second_criterion() -> None:
    serology = visit("low_complement"), visit()
    assert lldas(*serology)["observed"] == "N"
    assert lldas(*serology, lldas_new_feature="clinical_items")["observed"] == "Y"
    assert lldas(*serology, lldas_new_feature="flare_index", flare=states(False))["observed"] == "Y"
    assert lldas(*serology, lldas_new_feature="flare_index", flare=states(True))["observed"] == "N"
    assert pd.isna(lldas(*serology, lldas_new_feature="flare_index", flare=states(None))["observed"])
    assert lldas(visit(), visit(), bilag_worse=states(True))["observed"] == "N"
    assert pd.isna(lldas(visit(), visit(), bilag_worse=states(None))["observed"])
    with pytest.raises(ValueError, match="needs the flares"):
        lldas(*serology, lldas_new_feature="flare_index")
    with pytest.raises(ValueError, match="'none'"):
        lldas(*serology, lldas_new_feature="none")


def test_limits_are_settings() -> None:
    five = visit("arthritis leukopenia"), visit("arthritis leukopenia")
    assert lldas(*five)["observed"] == "N"
    assert lldas(*five, lldas_sledai=5)["observed"] == "Y"
    assert lldas(visit(), visit(), 0.9, 6, lldas_pga=0.8)["observed"] == "N"
    assert lldas(visit(), visit(), 0.5, 6, lldas_pred_mg=5)["observed"] == "N"


def test_a_known_new_feature_decides_beside_missing_items() -> None:
    assert known(compute_no_new_feature(visit("rash", "fever"), visit())) == [False]
    assert known(compute_no_new_feature(visit("", "fever"), visit("fever"))) == [True]
    assert known(compute_no_new_feature(visit(), visit("", "fever"))) == [True]
    assert known(compute_no_new_feature(visit("rash"), visit("", "rash"))) == [None]
    assert known(compute_no_new_feature(visit("", "low_complement"), visit(), clinical=True)) == [True]
