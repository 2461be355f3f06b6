from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.cart.dlt import (
    DltRule,
    compute_dlt,
    compute_dlt_candidate,
    compute_dlt_evaluable,
    compute_sentinel_gap,
    compute_sentinel_kept,
    dlt_in_window,
    dlt_observed,
    dose_adequate,
    parse_dlt_rule,
)


def days(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="datetime64[s]")


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


INFUSION = "2026-02-01"


def test_window_is_day_0_to_28_inclusive() -> None:
    onset = days("2026-01-31", "2026-02-01", "2026-03-01", "2026-03-02", None, "2026-02-06")
    infusion = days(*[INFUSION] * 5, None)
    assert known(dlt_in_window(onset, infusion)) == [False, True, True, False, None, None]
    assert known(dlt_in_window(onset, infusion, 29)) == [False, True, True, True, None, None]


def test_window_counts_days_not_hours() -> None:
    onset = pd.Series(["2026-03-01 23:59", "2026-02-01 00:00"], dtype="datetime64[s]")
    infusion = pd.Series(["2026-02-01 08:00"] * 2, dtype="datetime64[s]")
    assert known(dlt_in_window(onset, infusion)) == [True, True]


def test_observed_reaches_day_28() -> None:
    assert known(dlt_observed(days("2026-02-28", "2026-03-01", None), days(*[INFUSION] * 3))) == [False, True, None]


def test_eighty_percent_exactly_is_adequate() -> None:
    actual = pd.Series([2.4e8, 2.39e8, 0.24, None, 1], dtype="Float64")
    planned = pd.Series([3e8, 3e8, 0.3, 3e8, 0], dtype="Float64")
    assert known(dose_adequate(actual, planned)) == [True, False, True, None, None]


DEFAULTS = {
    "infused": True,
    "dlt": False,
    "dose_adequate": True,
    "observed": True,
    "withdrew": False,
    "no_expansion": False,
    "unrelated": False,
    "pending": False,
}


def evaluable(policy: str = "registry", **given: bool | None) -> tuple[object, str]:
    state = {name: pd.Series([value], dtype="boolean") for name, value in {**DEFAULTS, **given}.items()}
    result = compute_dlt_evaluable(**state, dlt_early_policy=policy)  # type: ignore[arg-type]
    return known(result["flag"])[0], result["reason"].iloc[0]


EARLY: dict[str, bool | None] = {"observed": False, "withdrew": True, "no_expansion": True, "unrelated": True}


@pytest.mark.parametrize(
    ("given", "registry", "conservative"),
    [
        pytest.param({}, "Y", "Y", id="12-vector-2-onset-2-Mar"),
        pytest.param({"dlt": True}, "Y", "Y", id="12-vector-1-onset-1-Mar"),
        pytest.param({"observed": False}, "N", "N", id="12-vector-3-lost"),
        pytest.param(EARLY, "Y", "N", id="12-vector-4-early"),
        pytest.param({**EARLY, "no_expansion": False}, "N", "N", id="12-vector-5-expansion-seen"),
        pytest.param({"dlt": True, "observed": False}, "Y", "Y", id="12-vector-6-died"),
        ({"dlt": True, "dose_adequate": False, "observed": False}, "Y", "Y"),
        ({**EARLY, "pending": True}, "N", "N"),
        ({"dose_adequate": False}, "N", "N"),
        ({"infused": False, "dlt": True}, "N", "N"),
        ({"dlt": None}, "Y", "Y"),  # observed with the planned dose: evaluable either way
        ({"dlt": None, "observed": False}, None, None),
        ({"observed": None}, None, None),
        ({"observed": None, "dlt": True}, "Y", "Y"),
        ({"infused": None}, None, None),
        ({**EARLY, "no_expansion": None}, None, "N"),
        ({**EARLY, "pending": None}, None, "N"),
    ],
)
def test_evaluable_vectors(given: dict[str, bool | None], registry: str | None, conservative: str | None) -> None:
    assert evaluable("registry", **given)[0] == registry
    assert evaluable("conservative", **given)[0] == conservative


@pytest.mark.parametrize(
    ("policy", "given", "reason"),
    [
        ("registry", {"infused": False}, "not infused"),
        ("registry", {"dlt": True}, "DLT in the window"),
        ("registry", {}, "dose received and observed to the end of the window"),
        ("registry", EARLY, "early completion: withdrawn, no expansion, events not related"),
        ("conservative", EARLY, "early completion not accepted"),
        ("registry", {**EARLY, "pending": True}, "related event pending"),
        ("registry", {"dose_adequate": False}, "dose below the planned dose"),
        ("registry", {"observed": False}, "not observed to the end of the window"),
        ("registry", {"observed": None}, "not yet known"),
    ],
)
def test_evaluable_says_why(policy: str, given: dict[str, bool | None], reason: str) -> None:
    assert evaluable(policy, **given)[1] == reason


def test_another_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="policy"):
        evaluable("lenient")


def test_sentinel_gap_is_between_first_and_second_of_a_group() -> None:
    start = days("2026-02-15", "2026-02-01", "2026-02-20", "2026-03-01", "2026-03-14", None)
    end = days("2026-02-15", "2026-02-02", "2026-02-20", "2026-03-01", "2026-03-14", None)
    group = pd.Series(["1", "1", "1", "2", "2", "2"], dtype="str", index=[3, 1, 4, 1, 5, 9])
    start.index = end.index = group.index
    gap = compute_sentinel_gap(start, end, group)
    assert gap.index.tolist() == [3, 1, 4, 1, 5, 9]
    assert gap.dtype == "Int64"
    assert known(gap) == [13, None, None, None, 13, None]


def test_sentinel_gap_of_a_group_of_one_and_of_none() -> None:
    assert known(compute_sentinel_gap(days(INFUSION), days(INFUSION), pd.Series(["1"], dtype="str"))) == [None]
    assert known(compute_sentinel_gap(days(), days(), pd.Series([], dtype="str"))) == []


def test_dates_of_the_section_12_vectors() -> None:
    """Infusion 1 February 2026: day 28 is 1 March."""
    assert known(dlt_in_window(days("2026-03-01", "2026-03-02", "2026-02-06"), days(*[INFUSION] * 3))) == [
        True,
        False,
        True,
    ]
    assert known(dlt_observed(days("2026-02-20", "2026-02-16", "2026-02-07"), days(*[INFUSION] * 3))) == [False] * 3


def test_fourteen_days_exactly_keep_the_distance() -> None:
    gap = pd.Series([13, 14, 15, None], dtype="Int64")
    assert known(compute_sentinel_kept(gap)) == [False, True, True, None]
    assert known(compute_sentinel_kept(gap, 15)) == [False, False, True, None]


RULES = [
    parse_dlt_rule(text)
    for text in (
        "DLT01 ANY 5",
        "DLT02 CRS 4",
        "DLT02 CRS 3 OVER 3 DAYS",
        "DLT04 OTHER 3 OVER 7 DAYS",
        "DLT07 HAEM 4 PAST DAY 28",
    )
]


def test_rules_are_read_from_text() -> None:
    assert RULES[1] == DltRule("DLT02", "CRS", 4)
    assert RULES[2] == DltRule("DLT02", "CRS", 3, over_days=3)
    assert RULES[4] == DltRule("DLT07", "HAEM", 4, past_day=28)
    for text in ("", "CRS 4", "DLT02 CRS 6", "DLT02 CRS 3 OVER 72 HOURS", "DLT02 CRS"):
        with pytest.raises(ValueError, match="DLT rule reads"):
            parse_dlt_rule(text)


def candidate(
    kind: str | None,
    grade: int | None,
    days_at: float | None = 0,
    last: int | None = 10,
    related: bool | None = True,
    in_window: bool | None = True,
    excluded: bool | None = False,
) -> tuple[object, object]:
    found = compute_dlt_candidate(
        kind=pd.Series([kind], dtype="str"),
        grade=pd.Series([grade], dtype="Int64"),
        days_at_grade=pd.Series([days_at], dtype="Float64"),
        last_day=pd.Series([last], dtype="Int64"),
        related=pd.Series([related], dtype="boolean"),
        in_window=pd.Series([in_window], dtype="boolean"),
        excluded=pd.Series([excluded], dtype="boolean"),
        dlt_rules=RULES,
    ).iloc[0]
    return tuple(None if pd.isna(v) else v for v in found)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (("CRS", 4), (True, "DLT02")),
        (("CRS", 3, 3.0), (False, None)),
        (("CRS", 3, 3.1), (True, "DLT02")),
        (("CRS", 2, 10), (False, None)),
        (("CRS", 5), (True, "DLT01; DLT02")),
        (("OTHER", 3, 7), (False, None)),
        (("OTHER", 3, 8), (True, "DLT04")),
        (("OTHER", 5), (True, "DLT01")),
        (("HAEM", 4, 20, 28), (False, None)),
        (("HAEM", 4, 20, 29), (True, "DLT07")),
        (("HAEM", 3, 40, 40), (False, None)),
        (("CRS", 4, 0, 10, False), (False, None)),
        (("CRS", 4, 0, 10, True, False), (False, None)),
        (("OTHER", 3, 8, 10, True, True, True), (False, None)),
        (("CRS", 3, None), (None, None)),
        (("CRS", None), (None, None)),
        ((None, 4), (None, None)),
        ((None, 5), (True, "DLT01")),
        (("CRS", 4, 0, 10, None), (None, None)),
        (("CRS", 2, 0, 10, None), (False, None)),
        (("CRS", 4, None), (True, "DLT02")),
    ],
)
def test_candidates(event: tuple[object, ...], expected: tuple[bool | None, str | None]) -> None:
    assert candidate(*event) == expected  # type: ignore[arg-type]


def test_the_adjudicated_flag_decides() -> None:
    rule = pd.Series([True, True, True, False, False, False, None, None], dtype="boolean")
    judged = pd.Series([True, False, None, True, False, None, True, None], dtype="boolean")
    found = compute_dlt(rule, judged)
    assert known(found["dlt"]) == [True, False, None, True, False, False, True, None]
    assert known(found["reason"]) == [
        None,
        "a rule is met but adjudicated not a DLT",
        "a rule is met and adjudication is pending",
        "adjudicated a DLT without a rule that is met",
        None,
        None,
        "adjudicated a DLT without a rule that is met",
        "not known whether a rule is met, not adjudicated",
    ]
