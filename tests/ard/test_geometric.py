"""Geometric summaries: limits of quantification and values that have no logarithm."""

from collections.abc import Callable

import pandas as pd
import pytest

from datacut.ard.geometric import geometric_stats

type Texts = Callable[..., dict[str, dict[str, str]]]


def values(aval: list[float | None], flag: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({"USUBJID": ["1", "2", "3"], "AVAL": aval, "BLQFL": flag}).astype(
        {"AVAL": "Float64", "BLQFL": "str"}
    )


CALL = 'ard_geometric(AVAL, below="BLQFL EQ \'Y\'", lloq=50, blq="{blq}")'


@pytest.mark.parametrize(
    ("blq", "shown"),
    [
        # logs of 100, 400 and 25: mean 4.6052, SD 1.3863; CV 100 * sqrt(exp(1.9218) - 1)
        ("half", ["3", "2", "100", "241.5"]),
        # 100 and 400 alone: sqrt(40000) = 200; s2 = 0.96091; CV 127.0
        ("exclude", ["2", "2", "200", "127.0"]),
        ("zero", ["3", "2", "NC", "NC"]),
    ],
)
def test_values_below_the_limit(texts: Texts, adsl: pd.DataFrame, blq: str, shown: list[str]) -> None:
    frame = values([100, 400, None], [None, None, "Y"])
    found = texts({"ADSL": adsl, "ADPC": frame}, CALL.replace("{blq}", blq), dataset="ADPC")
    assert [row["low"] for row in found.values()] == shown


def test_values_below_the_limit_that_are_imputed_already(texts: Texts, adsl: pd.DataFrame) -> None:
    # the same logs as half the limit of 50, with the 25 in the data
    frame = values([100, 400, 25], [None, None, "Y"])
    found = texts({"ADSL": adsl, "ADPC": frame}, "ard_geometric(AVAL, below=\"BLQFL EQ 'Y'\")", dataset="ADPC")
    assert [row["low"] for row in found.values()] == ["3", "2", "100", "241.5"]


def test_all_below_the_limit_is_blq(texts: Texts, adsl: pd.DataFrame) -> None:
    frame = values([None, None, None], ["Y", "Y", "Y"])
    found = texts({"ADSL": adsl, "ADPC": frame}, CALL.replace("{blq}", "half"), dataset="ADPC")
    assert [row["low"] for row in found.values()] == ["3", "0", "BLQ", "-"]
    assert [row["high"] for row in found.values()] == ["0", "", "", ""]


def test_a_zero_or_one_value(texts: Texts, adsl: pd.DataFrame) -> None:
    zero = texts({"ADSL": adsl, "ADPC": values([1, 0, 4], [None] * 3)}, "ard_geometric(AVAL)", dataset="ADPC")
    assert zero["Row | Geometric mean"]["low"] == "NC"
    one = texts({"ADSL": adsl, "ADPC": values([5, None, None], [None] * 3)}, "ard_geometric(AVAL)", dataset="ADPC")
    assert [row["low"] for row in one.values()] == ["1", "1", "5.00", "-"]


def test_geometric_mean_and_standard_deviation() -> None:
    # logs of 1 and 100: 0 and 4.6052, mean 2.3026, SD 3.2563; exp(3.2563) = 25.9546
    stats = geometric_stats([1.0, 100.0], 2)
    assert [round(stats[n].value or 0, 3) for n in ("glow", "gmean", "ghigh")] == [0.385, 10.0, 259.546]
