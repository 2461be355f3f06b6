from __future__ import annotations

import pandas as pd

from datacut.adam.derive_dose_review import derive_var_increment, derive_vars_boin


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def test_increment(table) -> None:
    frame = table("MEETNO LEVEL N\n3 1 6\n1 1 3\n2 2 3\n4 1 .")
    assert values(derive_var_increment(frame, ["LEVEL"], ["MEETNO"], "N", "NEW")["NEW"]) == [3, 3, 3, None]


def boin(frame: pd.DataFrame, context, levels: tuple[float, ...] = (3.0, 4.5, 6.0)) -> pd.DataFrame:
    return derive_vars_boin(
        frame if "OPEN" in frame.columns else frame.assign(OPEN=0),
        ["MEETNO"],
        "LEVEL",
        "N",
        "DLT",
        "OPEN",
        "ACTION",
        "GONE",
        list(levels),
        0.30,
        0.18,
        0.42,
        escalate="UP",
        deescalate="DOWN",
        eliminate="OUT",
        context=context,
    )


def test_actions_and_bounds_of_the_decision_table(table, context) -> None:
    """The decision table and its escalation vectors."""
    out = boin(
        table(
            """
            MEETNO LEVEL N  DLT
            1      1     3  0
            2      2     3  1
            3      2     6  2
            4      2     6  3
            5      3     3  0
            6      1     3  2
            7      2     0  0
            8      2     .  0
            """
        ),
        context,
    )
    assert values(out["ACTION"]) == ["E", "S", "S", "D", "S", "S", None, None]
    assert values(out["UP"]) == [0, 0, 1, 1, 0, 0, None, None]
    assert values(out["DOWN"]) == [2, 2, 3, 3, 2, 2, None, None]
    assert values(out["OUT"]) == [3, 3, 4, 4, 3, 3, None, None]


def test_nobody_escalates_into_an_eliminated_level(table, context) -> None:
    out = boin(table("MEETNO LEVEL N DLT\n1 2 3 3\n2 1 3 0"), context)
    assert values(out["ACTION"]) == ["DU", "S"]
    before = boin(table("MEETNO LEVEL N DLT\n2 2 3 3\n1 1 3 0"), context)
    assert values(before["ACTION"]) == ["DU", "E"]


def test_an_eliminated_level_never_comes_back(table, context) -> None:
    """3 of 3 eliminates level 2 with level 3; what is counted there later changes nothing. With the third toxicity
    corrected away, 2 of 3 only de-escalates, and every later action follows from the new counts."""
    reviews = "MEETNO LEVEL N DLT\n1 1 3 0\n2 2 3 {}\n3 3 3 0\n4 2 6 {}\n5 1 6 1"
    out = boin(table(reviews.format(3, 2)), context)
    assert values(out["ACTION"]) == ["E", "DU", "DU", "DU", "S"]
    assert values(out["GONE"]) == ["N", "Y", "Y", "Y", "N"]
    assert values(boin(table(reviews.format(2, 1)), context)["ACTION"]) == ["E", "D", "S", "E", "E"]


def test_an_action_that_a_pending_event_would_change_is_missing(table, context) -> None:
    """0 of 3 escalates and 1 of 3 stays; 2 of 3 and 3 of 4 with one more de-escalate or eliminate."""
    out = boin(table("MEETNO LEVEL N DLT OPEN\n1 2 3 0 1\n2 2 6 0 1\n3 2 3 1 0"), context)
    assert values(out["ACTION"]) == [None, "E", "S"]


def test_neighbours_are_those_by_dose(table, context) -> None:
    """Level 4 is 5.2, between 4.5 and 6.0: 0 of 3 escalates from it and not from 6.0, and its DU takes 6.0 along."""
    doses = (3.0, 4.5, 6.0, 5.2)
    out = boin(table("MEETNO LEVEL N DLT\n1 2 3 0\n2 4 3 0\n3 3 3 0\n4 4 6 4\n5 2 6 0\n6 3 6 0"), context, doses)
    assert values(out["ACTION"]) == ["E", "E", "S", "DU", "S", "DU"]
    boin(table("MEETNO LEVEL N DLT\n1 4 3 0"), context)
    assert [f.rule for f in context.findings] == ["adam.boin.level"]


def test_impossible_counts_are_a_finding(table, context) -> None:
    out = boin(table("MEETNO LEVEL N DLT\n1 1 1 2"), context)
    assert values(out["ACTION"]) == [None]
    assert [f.rule for f in context.findings] == ["adam.boin.counts"]


def test_elimination_waits_for_its_participants(table, context) -> None:
    """3 of 3 eliminates with three participants needed; with four it de-escalates, at the lowest level it stays."""
    frame = table("MEETNO LEVEL N DLT\n1 2 3 3\n2 1 3 3")
    actions = [
        values(
            derive_vars_boin(
                frame.assign(OPEN=0),
                ["MEETNO"],
                "LEVEL",
                "N",
                "DLT",
                "OPEN",
                "ACTION",
                "GONE",
                [3.0, 4.5],
                0.30,
                0.18,
                0.42,
                min_n=least,
                context=context,
            )["ACTION"]
        )
        for least in (3, 4)
    ]
    assert actions == [["DU", "DU"], ["D", "S"]]
