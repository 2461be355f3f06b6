from __future__ import annotations

import pandas as pd

from datacut.compute.cart.episodes import compute_episode, summarise_episodes


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def series(rows: list[tuple[str, int, int | None]]) -> tuple[pd.Series, pd.Series, pd.Series]:
    index = range(20, 20 + len(rows))
    return (
        pd.Series([r[0] for r in rows], dtype="str", index=index),
        pd.Series([r[1] for r in rows], dtype="Int64", index=index),
        pd.Series([r[2] for r in rows], dtype="Int64", index=index),
    )


ROWS = [
    ("1", 1, 1),
    ("1", 2, 2),
    ("1", 3, 0),
    ("1", 4, 2),
    ("1", 5, 0),
    ("1", 6, None),
    ("1", 7, 1),
    ("1", 8, 0),
    ("2", 3, 1),
]


def test_a_gap_of_one_day_is_joined_and_two_are_not() -> None:
    found = compute_episode(*series(ROWS))
    assert found.index.tolist() == list(range(20, 29))
    assert known(found) == [1, 1, None, 1, None, None, 2, None, 1]
    assert known(compute_episode(*series(ROWS), 0)) == [1, 1, None, 2, None, None, 3, None, 1]
    assert known(compute_episode(*series(ROWS), 2)) == [1, 1, None, 1, None, None, 1, None, 1]


def test_rows_in_any_order() -> None:
    assert known(compute_episode(*series(ROWS[::-1]))) == [1, None, 2, None, None, 1, None, 1, 1]


def summary(rows: list[tuple[str, int, int, int]]) -> list[list[object]]:
    """Subject, day, lowest and highest possible grade; the rows of the summary."""
    subject, day, low = series([r[:3] for r in rows])
    high = pd.Series([r[3] for r in rows], dtype="Int64", index=low.index)
    found = summarise_episodes(subject, day, low, high)
    return [[None if pd.isna(v) else v for v in row] for row in found.itertuples(index=False)]


SURE = [(*row[:2], row[2] or 0, 4 if row[2] is None else row[2]) for row in ROWS]


def test_summary() -> None:
    assert summary(SURE) == [
        ["1", 1, 1, 4, 4, 2, 2, 2, False],
        ["1", 2, 7, 7, 1, 1, 1, 7, False],
        ["2", 1, 3, 3, 1, 1, 1, 3, True],
    ]


def test_an_episode_with_a_day_that_may_be_worse_has_a_lower_bound() -> None:
    """Day 2 is 1 to 4: the highest is at least 2; where day 1 is 4 nothing can be worse."""
    assert summary([("1", 1, 2, 2), ("1", 2, 1, 4), ("1", 3, 0, 0)]) == [["1", 1, 1, 2, 2, None, 2, 1, False]]
    assert summary([("1", 1, 4, 4), ("1", 2, 1, 4), ("1", 3, 0, 0)]) == [["1", 1, 1, 2, 2, 4, 4, 1, False]]
    assert summary([("1", 1, 1, 1), ("1", 2, 0, 3), ("1", 3, 1, 1)]) == [["1", 1, 1, 3, 3, None, 1, 1, True]]


def test_no_episode() -> None:
    assert summary([("1", 1, 0, 0), ("1", 2, 0, 4)]) == []
    assert summary([]) == []
