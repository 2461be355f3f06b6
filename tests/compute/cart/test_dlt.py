from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.cart.dlt import (
    DltRule,
    compute_dlt,
    compute_dlt_candidate,
    compute_dlt_evaluable,
    compute_sentinel_gap,
    dlt_in_window,
    dose_adequate,
    parse_dlt_rule,
    reaches_day,
)


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


INFUSION = "2026-02-01"


def texts(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def within(onset: str | None, infusion: str | None = INFUSION, end: str | None = None, days: int = 28) -> object:
    (state,) = known(dlt_in_window(texts(onset), texts(end), texts(infusion), days))
    return None if state is None else bool(state)


def test_window_is_day_0_to_28_inclusive() -> None:
    days = ["2026-01-31", "2026-02-01", "2026-03-01", "2026-03-02"]
    assert [within(d) for d in days] == [False, True, True, False]
    assert [within(d, days=29) for d in days] == [False, True, True, True]
    assert (within("2026-03-01T23:59", "2026-02-01T08:00"), within("2026-02-06", None)) == (True, None)


def test_onset_by_the_clock_before_the_infusion_on_day_0_is_before_it() -> None:
    assert within("2026-02-01T09:59", "2026-02-01T10:00") is False
    assert within("2026-02-01T10:00", "2026-02-01T10:00") is True
    assert within("2026-02-01", "2026-02-01T10:00") is True
    assert within("2026-02-01T09:59", "2026-02-01") is True


def test_a_partial_onset_is_in_the_window_where_every_possible_day_is() -> None:
    assert (within("2026-02"), within("2026-03"), within("2026-04"), within("2026")) == (True, None, False, None)
    assert (within(None), within(None, end="2026-01-30"), within("2026", end="2026-01")) == (None, False, False)
    assert (within("2026-02-28", "2026-02"), within("2026-03-10", "2026-02"), within("2026-04", "2026-02")) == (
        True,
        None,
        False,
    )


def test_a_day_is_reached_where_every_possible_date_says_so() -> None:
    dates = texts("2026-02-28", "2026-03-01", "2026-03", "2026-02", None)
    assert known(reaches_day(dates, texts(*[INFUSION] * 5), 28)) == [False, True, True, False, None]
    assert known(reaches_day(texts("2026-03-28", "2026-03-10"), texts(*["2026-02"] * 2), 28)) == [True, None]


def test_eighty_percent_exactly_is_adequate() -> None:
    actual = pd.Series([2.4e8, 2.39e8, 0.24, None, 1], dtype="Float64")
    planned = pd.Series([3e8, 3e8, 0.3, 3e8, 0], dtype="Float64")
    assert known(dose_adequate(actual, planned)) == [True, False, True, None, None]


DEFAULTS = {
    "infused": True,
    "dlt": False,
    "dose_adequate": True,
    "observed": True,
    "off": False,
    "left_before": False,
    "lost": False,
    "no_expansion": False,
    "unrelated": False,
    "pending": False,
    "over": True,
}


def evaluable(policy: str = "registry", **given: bool | None) -> tuple[object, str]:
    state = {name: pd.Series([value], dtype="boolean") for name, value in {**DEFAULTS, **given}.items()}
    result = compute_dlt_evaluable(**state, dlt_early_policy=policy)  # type: ignore[arg-type]
    return known(result["flag"])[0], result["reason"].iloc[0]


GONE: dict[str, bool | None] = {"observed": False, "off": True, "left_before": True}
EARLY: dict[str, bool | None] = {**GONE, "no_expansion": True, "unrelated": True}


@pytest.mark.parametrize(
    ("given", "registry", "conservative"),
    [
        pytest.param({}, "Y", "Y", id="12-vector-2-onset-2-Mar"),
        pytest.param({"dlt": True}, "Y", "Y", id="12-vector-1-onset-1-Mar"),
        pytest.param({**EARLY, "lost": True}, "N", "N", id="12-vector-3-lost"),
        pytest.param(EARLY, "Y", "N", id="12-vector-4-early"),
        pytest.param({**EARLY, "no_expansion": False}, "N", "N", id="12-vector-5-expansion-seen"),
        pytest.param({**GONE, "dlt": True, "lost": True}, "Y", "Y", id="12-vector-6-died"),
        ({"observed": False}, None, None),  # on study: not seen yet
        ({"observed": False, "off": True}, "N", "N"),
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
        ("registry", {"infused": False}, "NOT INFUSED"),
        ("registry", {"dlt": True}, "DLT IN THE WINDOW"),
        ("registry", {}, "WINDOW COMPLETED"),
        ("registry", EARLY, "EARLY COMPLETION"),
        ("conservative", EARLY, "EARLY COMPLETION"),
        ("registry", {**EARLY, "pending": True}, "RELATED EVENT PENDING"),
        ("registry", {"dose_adequate": False}, "DOSE BELOW MINIMUM"),
        ("registry", GONE, "LEFT BEFORE END OF WINDOW"),
        ("registry", {**GONE, "dose_adequate": None}, "LEFT BEFORE END OF WINDOW"),
        ("registry", {"observed": False, "off": True}, "NO SAFETY CONTACT AT END OF WINDOW"),
        ("registry", {"observed": False}, "NO SAFETY CONTACT AT END OF WINDOW"),
        ("registry", {"observed": False, "over": False}, "WINDOW NOT OVER AT CUT-OFF"),
        ("registry", {"observed": None}, "NOT KNOWN: CONTACT AT THE END OF THE WINDOW"),
        ("registry", {"dose_adequate": None}, "NOT KNOWN: DOSE"),
        ("registry", {**EARLY, "no_expansion": None}, "NOT KNOWN: EXPANSION"),
        ("registry", {**GONE, "dlt": None, "no_expansion": False, "dose_adequate": None}, "NOT KNOWN: TOXICITY"),
    ],
)
def test_evaluable_says_why(policy: str, given: dict[str, bool | None], reason: str) -> None:
    assert evaluable(policy, **given)[1] == reason


def test_another_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="policy"):
        evaluable("lenient")


def sentinel(*infusions: tuple[str, str | None, str | None], days: int = 14) -> list[tuple[object, object]]:
    """Group, start and end of infusions; gap and whether it was kept, by row."""
    group, start, end = (texts(*(row[i] for row in infusions)) for i in range(3))
    index = range(3, 3 + len(infusions))
    found = compute_sentinel_gap(start.set_axis(index), end.set_axis(index), group.set_axis(index), days)
    assert (found.index.tolist(), str(found["gap"].dtype)) == (list(index), "Int64")
    return list(zip(known(found["gap"]), known(found["kept"]), strict=True))


NONE = (None, None)


def test_sentinel_gap_is_between_first_and_second_of_a_group() -> None:
    assert sentinel(
        ("1", "2026-02-15", "2026-02-15"),
        ("1", "2026-02-01", "2026-02-02"),
        ("1", "2026-02-20", "2026-02-20"),
        ("2", "2026-03-01", "2026-03-01"),
        ("2", "2026-03-15", "2026-03-15"),
    ) == [(13, False), NONE, NONE, NONE, (14, True)]
    assert sentinel(("1", INFUSION, INFUSION)) == [NONE]
    assert sentinel() == []


def test_sentinel_gap_of_partial_dates_is_kept_where_every_possible_day_keeps_it() -> None:
    one = ("1", "2026-02-01", "2026-02")  # ended on 1 to 28 February
    assert sentinel(one, ("1", "2026-03-20", None)) == [NONE, (None, True)]
    assert sentinel(one, ("1", "2026-03-01", None)) == [NONE, NONE]
    assert sentinel(one, ("1", "2026-02-10", None)) == [NONE, (None, False)], "9 days at most"
    assert sentinel(("1", INFUSION, INFUSION), ("1", None, None)) == [NONE, NONE]


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
    at_least: int | None = None,
    ongoing: bool = False,
) -> tuple[object, object]:
    found = compute_dlt_candidate(
        kind=pd.Series([kind], dtype="str"),
        grade=pd.Series([grade], dtype="Int64"),
        grade_at_least=pd.Series([at_least], dtype="Int64"),
        ongoing=pd.Series([ongoing], dtype="boolean"),
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


def test_a_lower_bound_of_the_grade_meets_a_rule_from_it_on() -> None:
    assert candidate("OTHER", None, 8, at_least=3) == (True, "DLT04")
    assert candidate("CRS", None, 0, at_least=3) == (None, None), "3 or 4"
    assert candidate("OTHER", None, 8, at_least=2) == (None, None)
    assert candidate("OTHER", 2, 8, at_least=3) == (False, None), "the grade as recorded decides"


def test_an_event_that_goes_on_may_yet_last_longer() -> None:
    assert candidate("OTHER", 3, 5, ongoing=True) == (None, None)
    assert candidate("OTHER", 3, 8, ongoing=True) == (True, "DLT04")
    assert candidate("OTHER", 2, 5, ongoing=True) == (False, None)


def test_the_adjudicated_flag_decides() -> None:
    rule = pd.Series([True, True, True, False, False, False, None, None], dtype="boolean")
    judged = pd.Series([True, False, None, True, False, None, True, None], dtype="boolean")
    yes = pd.Series(True, index=rule.index, dtype="boolean")
    found = compute_dlt(candidate=rule, adjudicated=judged, related=yes, in_window=yes)
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


@pytest.mark.parametrize(
    ("related", "in_window", "dlt", "reason"),
    [
        (True, None, True, "adjudicated a DLT; its onset may lie outside the window"),
        (True, False, False, "adjudicated a DLT but outside the window"),
        (False, True, False, "adjudicated a DLT but not related"),
        (True, True, True, None),
    ],
)
def test_an_adjudicated_event_counts_unless_its_known_parts_lie_outside(
    related: bool, in_window: bool | None, dlt: bool, reason: str | None
) -> None:
    states = {"candidate": True, "adjudicated": True, "related": related, "in_window": in_window}
    found = compute_dlt(**{name: pd.Series([value], dtype="boolean") for name, value in states.items()})
    assert [known(found[c])[0] for c in ("dlt", "reason")] == [dlt, reason]
