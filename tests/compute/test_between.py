from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.between import Between, known_between


def series(*values: float | None) -> pd.Series:
    return pd.Series(list(values), dtype="Float64")


def known(states: pd.Series) -> list[object]:
    return [None if pd.isna(v) else bool(v) for v in states]


@pytest.mark.parametrize(
    ("low", "high", "at_least", "at_most"),
    [
        (4, 4, True, True),
        (4, 9, True, None),
        (1, 4, None, True),
        (1, 3, False, True),
        (5, 9, True, False),
        (None, 9, None, None),
        (5, None, True, False),
        (1, None, None, None),
        (None, None, None, None),
    ],
)
def test_limit_of_4(low: float | None, high: float | None, at_least: bool | None, at_most: bool | None) -> None:
    number = Between(series(low), series(high))
    assert known(number.at_least(4)) == [at_least]
    assert known(number.at_most(4)) == [at_most]
    assert known(number.below(4)) == [None if at_least is None else not at_least]
    assert known(number.above(4)) == [None if at_most is None else not at_most]


def test_a_missing_number_lies_anywhere_in_its_range() -> None:
    pga = known_between(series(2.0, None, 3.1, -0.1), 0, 3)
    assert pga.low.tolist() == [2.0, 0, 0, 0]
    assert pga.high.tolist() == [2.0, 3, 3, 3]
    dose = known_between(series(5.0, None), 0)
    assert dose.low.tolist() == [5.0, 0]
    assert dose.high.isna().tolist() == [False, True]


def test_limits_are_compared_as_decimals() -> None:
    rise = known_between(series(2.3)).minus(known_between(series(2.0)))
    assert known(rise.at_least(0.3)) == [True]
    assert known(rise.above(0.3)) == [False]
