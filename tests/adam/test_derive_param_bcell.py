"""Worked vectors with the threshold 10, days since the infusion."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_param_bcell import derive_param_bcell, derive_var_reconstitution_day
from datacut.errors import SpecError

PARAMS = {
    "depleted": "DEPL",
    "last_before": "BEFORE",
    "onset": "ONSET",
    "last_aplastic": "LAST",
    "reconstitution": "BACK",
    "duration": "DUR",
}


def frame(counts: dict[int, float | None], new_therapy: int | None = None) -> pd.DataFrame:
    days = list(counts)
    return pd.DataFrame(
        {
            "USUBJID": pd.Series(["01"] * len(days), dtype="str"),
            "DAY": pd.array(days, dtype="Int64"),
            "ADT": (pd.Timestamp("2026-02-01") + pd.to_timedelta(days, unit="D")).astype("datetime64[s]"),
            "AVAL": pd.array(list(counts.values()), dtype="Float64"),
            "BLQFL": pd.Series(["Y" if c is None else None for c in counts.values()], dtype="str"),
            "NEWDAY": pd.array([new_therapy] * len(days), dtype="Int64"),
            "_rid": pd.array(range(1, len(days) + 1), dtype="Int64"),
        }
    )


def course(data: pd.DataFrame, context, confirm: str = "N"):
    made = derive_param_bcell(
        data,
        ["USUBJID"],
        "DAY",
        "ADT",
        "AVAL",
        "BLQFL",
        10.0,
        confirm,
        PARAMS,
        "WHY",
        "ONGOFL",
        censor_day="NEWDAY",
        context=context,
    )
    rows = made.rows.set_index("PARAMCD")
    return rows, {n: None if pd.isna(v) else float(v) for n, v in rows["AVAL"].items() if n != "DEPL"}


def test_depleted_and_back(context) -> None:
    rows, found = course(frame({7: 2, 30: 0, 60: 4, 90: 12, 120: 80}), context)
    assert found == {"BEFORE": None, "ONSET": 7, "LAST": 60, "BACK": 90, "DUR": 83}
    assert rows.loc["DEPL", "AVALC"] == "Y"
    assert str(rows.loc["BACK", "ADT"].date()) == "2026-05-02"
    assert pd.isna(rows.loc["DUR", "ONGOFL"]) and rows.loc["BEFORE", "WHY"] == "depleted at the first assessment"


def test_not_back(context) -> None:
    rows, found = course(frame({7: 2, 30: None, 90: 0}), context)
    assert found == {"BEFORE": None, "ONSET": 7, "LAST": 90, "BACK": None, "DUR": 83}
    assert rows.loc["DUR", "ONGOFL"] == "Y"
    assert rows.loc["BACK", "WHY"] == "not reconstituted by day 90"


@pytest.mark.parametrize("counts", [{7: 15, 30: 14}, {7: 10, 30: 10}])
def test_not_depleted_and_a_count_equal_to_the_threshold(context, counts) -> None:
    rows, found = course(frame(counts), context)
    assert found == {"BEFORE": None, "ONSET": None, "LAST": None, "BACK": None, "DUR": 0}
    assert rows.loc["DEPL", "AVALC"] == "N" and rows.loc["ONSET", "WHY"] == "not depleted"


@pytest.mark.parametrize(
    ("confirm", "counts", "back"),
    [
        ("N", {7: 3, 60: 11, 90: 8, 120: 30}, 60),
        ("Y", {7: 3, 60: 11, 90: 8, 120: 30}, None),
        ("Y", {7: 3, 60: 11, 90: 8, 120: 30, 150: 10}, 120),
    ],
)
def test_confirmed_return(context, confirm, counts, back) -> None:
    assert course(frame(counts), context, confirm)[1]["BACK"] == back
    out = derive_var_reconstitution_day(
        frame(counts), ["USUBJID"], "DAY", "AVAL", "BLQFL", 10.0, confirm, "NEW", context=context
    )
    assert [None if pd.isna(v) else v for v in out["NEW"].unique()] == [back]


def test_counts_after_a_new_therapy_are_not_used(context) -> None:
    rows, found = course(frame({7: 2, 30: 0, 90: 40}, new_therapy=45), context)
    assert (found["BACK"], found["DUR"]) == (None, 38)
    assert rows.loc["DUR", "ONGOFL"] == "Y"


def test_only_before_the_infusion(context) -> None:
    rows, found = course(frame({-6: 150, 0: 3}), context)
    assert set(found.values()) == {None}
    assert set(rows["WHY"]) == {"not assessed after the infusion"}


def test_two_counts_of_a_day_are_told(context) -> None:
    data = pd.concat([frame({7: 2, 30: 1}), frame({7: 3})], ignore_index=True)
    rows, _ = course(data, context)
    assert rows["AVAL"].isna().all()
    assert [f.rule for f in context.findings] == ["adam.bcell"]


def test_an_unknown_measure_is_told(context) -> None:
    with pytest.raises(SpecError):
        derive_param_bcell(
            frame({7: 2}),
            ["USUBJID"],
            "DAY",
            "ADT",
            "AVAL",
            "BLQFL",
            10.0,
            "N",
            {"start": "X"},
            "WHY",
            "ONGOFL",
            context=context,
        )
