"""A response observed, imputed and by treatment policy, by a table of strategies."""

from __future__ import annotations

import pandas as pd
import pytest

from datacut.adam.derive_estimands import derive_param_estimands
from datacut.errors import SpecError

VISITS = """
USUBJID ADT        _R _WHY          DEADFL RESCFL
01      2026-05-02 Y  .             N      N
02      2026-05-02 Y  .             N      Y
03      2026-05-02 Y  .             N      .
04      2026-05-02 N  not~met:~fall N      N
05      2026-05-02 .  unknown:~fall N      N
06      .          .  unknown:~fall Y      N
07      .          .  unknown:~fall N      N
"""
EVENTS = ["DEATH", "RESCUE"]
COMPOSITE, POLICY, NONE = "composite", "treatment policy", "not evaluable"
STRATEGIES = pd.DataFrame(
    [
        ("R", "DEATH", COMPOSITE, COMPOSITE, COMPOSITE),
        ("R", "RESCUE", COMPOSITE, COMPOSITE, POLICY),
        ("R", "NOT SEEN", NONE, COMPOSITE, COMPOSITE),
        ("R", "UNKNOWN", NONE, COMPOSITE, COMPOSITE),
    ],
    columns=["response", "event", "observed", "nri", "policy"],
    dtype="str",
)


def made(table, context, strategies: pd.DataFrame = STRATEGIES) -> pd.DataFrame:
    new = derive_param_estimands(
        table(VISITS), ["USUBJID"], ["R"], ["_R"], ["_WHY"], strategies, EVENTS, ["DEADFL", "RESCFL"], ["DEATH"], "ADT",
        {"observed": "OBSERVED", "nri": "NRI", "policy": "TRTPOL"}, "WHY", "NOT SEEN", "UNKNOWN", "NOT MET",
        context=context,
    )  # fmt: skip
    return new.rows.astype(object).where(new.rows.notna(), None)


def view(rows: pd.DataFrame, dtype: str | None, column: str = "AVALC") -> list[object]:
    return rows.loc[rows["DTYPE"].isna() if dtype is None else rows["DTYPE"].eq(dtype), column].tolist()


def changed(event: str, column: str, strategy: str) -> pd.DataFrame:
    out = STRATEGIES.copy()
    out.loc[out["event"] == event, column] = strategy
    return out


def test_each_view_by_its_strategies(table, context) -> None:
    rows = made(table, context)
    assert view(rows, None) == ["Y", "N", None, "N", None, None, None]
    assert view(rows, "NRI") == ["Y", "N", "N", "N", "N", "N", "N"]
    assert view(rows, "TRTPOL") == ["Y", "Y", "Y", "N", "N", "N", "N"]
    assert view(rows, "NRI", "WHY") == [None, "RESCUE", "UNKNOWN", "NOT MET", "UNKNOWN", "DEATH", "NOT SEEN"]
    assert view(rows, None, "AVALRSN")[2:] == [
        "unknown: rescue", "not met: fall", "unknown: fall", "visit not assessed", "visit not assessed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "column", "strategy", "dtype", "expected"),
    [
        ("RESCUE", "observed", POLICY, None, ["Y", "Y", "Y", "N", None, None, None]),
        ("RESCUE", "observed", "while on treatment", None, ["Y", None, None, "N", None, None, None]),
        ("RESCUE", "nri", POLICY, "NRI", ["Y", "Y", "Y", "N", "N", "N", "N"]),
        ("DEATH", "nri", POLICY, "NRI", ["Y", "N", "N", "N", "N", None, "N"]),
        ("NOT SEEN", "nri", NONE, "NRI", ["Y", "N", "N", "N", "N", None, None]),
        ("NOT SEEN", "observed", COMPOSITE, None, ["Y", "N", None, "N", None, "N", "N"]),
        ("UNKNOWN", "nri", NONE, "NRI", ["Y", "N", None, "N", None, "N", "N"]),
        ("RESCUE", "policy", COMPOSITE, "TRTPOL", ["Y", "N", "N", "N", "N", "N", "N"]),
    ],
)
def test_another_strategy_is_another_result(
    table, context, event: str, column: str, strategy: str, dtype: str | None, expected: list[object]
) -> None:
    assert view(made(table, context, changed(event, column, strategy)), dtype) == expected


def test_a_view_without_strategies_has_no_records(table, context) -> None:
    rows = made(table, context, STRATEGIES.assign(policy=pd.Series(None, index=STRATEGIES.index, dtype="str")))
    assert set(rows["DTYPE"]) == {None, "NRI"}


@pytest.mark.parametrize(
    ("strategies", "what"),
    [
        (STRATEGIES.iloc[1:], "no row.*R / DEATH"),
        (pd.concat([STRATEGIES, STRATEGIES.iloc[:1]]), "twice"),
        (changed("RESCUE", "nri", "tratment policy"), "'tratment policy'"),
        (changed("UNKNOWN", "nri", POLICY), "composite, not evaluable"),
    ],
)
def test_a_table_that_does_not_say_it_all_is_refused(table, context, strategies: pd.DataFrame, what: str) -> None:
    with pytest.raises(SpecError, match=what):
        made(table, context, strategies)
