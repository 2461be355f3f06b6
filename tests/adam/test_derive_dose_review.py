from __future__ import annotations

import pandas as pd

from datacut.adam.derive_dose_review import derive_var_increment, derive_vars_boin


def values(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def test_increment(table) -> None:
    frame = table("MEETNO LEVEL N\n3 1 6\n1 1 3\n2 2 3\n4 1 .")
    assert values(derive_var_increment(frame, ["LEVEL"], ["MEETNO"], "N", "NEW")["NEW"]) == [3, 3, 3, None]


def boin(frame: pd.DataFrame, context) -> pd.DataFrame:
    return derive_vars_boin(
        frame,
        ["MEETNO"],
        "LEVEL",
        "N",
        "DLT",
        "ACTION",
        [3.0, 4.5, 6.0],
        0.30,
        0.18,
        0.42,
        escalate="UP",
        deescalate="DOWN",
        eliminate="OUT",
        context=context,
    )


def test_actions_and_bounds_of_the_decision_table(table, context) -> None:
    """instruments.md 13.2 and its escalation vectors."""
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
                frame,
                ["MEETNO"],
                "LEVEL",
                "N",
                "DLT",
                "ACTION",
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
