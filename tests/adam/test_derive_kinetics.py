"""Profiles and values of instruments.md section 14, vectors 1, 2 and 4."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_kinetics import derive_param_nca
from datacut.errors import SpecError


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


PROFILES = """
USUBJID ARELTM AVAL  BLQFL
01      0      .     Y
01      7      1000  .
01      14     4000  .
01      21     2000  .
01      28     1000  .
01      42     250   .
02      0      .     Y
02      7      800   .
02      14     200   .
02      21     .     Y
02      28     .     Y
03      0      .     Y
03      7      .     Y
03      14     .     .
"""


def of(table, context, code: str, **more) -> list[object]:
    new = derive_param_nca(
        table(PROFILES),
        ["USUBJID"],
        {"P": code},
        "ARELTM",
        "AVAL",
        "BLQFL",
        reason="AVALRSN",
        note="NOTE",
        context=context,
        **more,
    )
    return [*values(new.rows["AVAL"]), values(new.rows["AVALRSN"]), values(new.rows["NOTE"])]


def test_peak(table, context) -> None:
    assert of(table, context, "CMAX") == [4000, 800, 0, [None] * 3, [None] * 3]
    assert of(table, context, "TMAX") == [14, 7, None, [None, None, "no quantifiable sample"], [None] * 3]


def test_areas(table, context) -> None:
    assert of(table, context, "AUCLST")[:3] == pytest.approx([58870.74, 5829.66, 0], abs=0.005)
    assert of(table, context, "AUCINT")[:3] == pytest.approx([51296.60, 6529.66, 0], abs=0.005)
    late = of(table, context, "AUCINT", horizon=90)
    assert late[0] is None
    assert late[3][0] == "last sample at 42 is quantifiable and before 90"


def test_half_life_with_reason(table, context) -> None:
    out = of(table, context, "LAMZHL")
    assert out[0] == pytest.approx(7.0)
    assert out[3] == [None, "fewer than 3 quantifiable samples after the peak", "no quantifiable sample"]


def test_several_parameters_and_their_parents(table, context) -> None:
    frame = table(PROFILES)
    new = derive_param_nca(
        frame, ["USUBJID"], {"CMAX": "CMAX", "AUC28D": "AUCINT"}, "ARELTM", "AVAL", "BLQFL", context=context
    )
    assert new.rows.columns.tolist() == ["USUBJID", "PARAMCD", "AVAL"]
    assert new.rows["PARAMCD"].tolist() == ["CMAX"] * 3 + ["AUC28D"] * 3
    assert new.rows["USUBJID"].tolist() == ["01", "02", "03"] * 2
    once = [0] * 6 + [1] * 5 + [2] * 3
    assert new.parents["position"].tolist() == [*once, *(n + 3 for n in once)]
    assert new.parents["parent"].tolist() == list(range(1, 15)) * 2


def test_two_samples_at_one_time_are_a_finding(table, context) -> None:
    frame = table("USUBJID ARELTM AVAL BLQFL\n01 7 100 .\n01 7 200 .")
    new = derive_param_nca(frame, ["USUBJID"], {"CMAX": "CMAX"}, "ARELTM", "AVAL", "BLQFL", reason="R", context=context)
    assert values(new.rows["AVAL"]) == [None]
    assert "same time" in new.rows["R"][0]
    assert len(context.findings.errors) == 1


def test_unknown_parameter(table, context) -> None:
    with pytest.raises(SpecError, match="Did you mean CMAX"):
        of(table, context, "CMX")
