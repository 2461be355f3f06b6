from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.toxicity import GradingRule, Limit, grade

NEUTROPHILS = GradingRule("NEUT", "low", "10^9/L", (Limit(1, 1, "lln"), Limit(2, 1.5), Limit(3, 1.0), Limit(4, 0.5)))
PLATELETS = GradingRule("PLAT", "low", "10^9/L", (Limit(1, 1, "lln"), Limit(2, 75), Limit(3, 50), Limit(4, 25)))
ALT = GradingRule(
    "ALT",
    "high",
    "U/L",
    (
        Limit(1, 1, "uln", baseline="normal"),
        Limit(2, 3, "uln", baseline="normal"),
        Limit(3, 5, "uln", baseline="normal"),
        Limit(4, 20, "uln", baseline="normal"),
        Limit(1, 1.5, "baseline", inclusive=True, baseline="abnormal"),
        Limit(2, 3, "baseline", baseline="abnormal"),
        Limit(3, 5, "baseline", baseline="abnormal"),
        Limit(4, 20, "baseline", baseline="abnormal"),
    ),
)
CREATININE = GradingRule(
    "CREAT",
    "high",
    "umol/L",
    (
        Limit(1, 1, "uln"),
        Limit(2, 1.5, "uln"),
        Limit(2, 1.5, "baseline"),
        Limit(3, 3, "uln"),
        Limit(3, 3, "baseline"),
        Limit(4, 6, "uln"),
    ),
)
HAEMOGLOBIN_HIGH = GradingRule(
    "HGB", "high", "g/L", (Limit(1, 1, "uln"), Limit(2, 1, "uln", plus=20), Limit(3, 1, "uln", plus=40))
)


def one(
    rule: GradingRule,
    value: float | None,
    *,
    low: float | None = None,
    high: float | None = None,
    base: float | None = None,
) -> int | None:
    result = grade(*(pd.Series([x], dtype="Float64") for x in (value, low, high, base)), rule)  # type: ignore[arg-type]
    assert result.dtype == "Int64"
    return None if pd.isna(result.iloc[0]) else int(result.iloc[0])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2.0, 0),
        (1.8, 0),
        (1.79, 1),
        (1.5, 1),
        (1.49, 2),
        (1.0, 2),
        (0.99, 3),
        (0.5, 3),
        (0.49, 4),
        (0, 4),
        (None, None),
    ],
)
def test_neutrophils(value: float, expected: int) -> None:
    assert one(NEUTROPHILS, value, low=1.8, high=6.3) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(125, 0), (124, 1), (75, 1), (74, 2), (50, 2), (49, 3), (25, 3), (24, 4)]
)
def test_platelets(value: float, expected: int) -> None:
    assert one(PLATELETS, value, low=125, high=350) == expected


def test_a_missing_range_matters_only_where_it_decides() -> None:
    assert one(NEUTROPHILS, 1.2) == 2
    assert one(NEUTROPHILS, 0.4) == 4
    assert one(NEUTROPHILS, 1.7) is None
    assert one(NEUTROPHILS, None) is None


@pytest.mark.parametrize(
    ("value", "expected"), [(40, 0), (40.1, 1), (120, 1), (121, 2), (200, 2), (201, 3), (800, 3), (801, 4)]
)
def test_alt_with_normal_baseline(value: float, expected: int) -> None:
    assert one(ALT, value, high=40, base=40) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(60, 0), (89.9, 0), (90, 1), (180, 1), (181, 2), (300, 2), (301, 3), (1200, 3), (1201, 4)],
)
def test_alt_with_abnormal_baseline(value: float, expected: int) -> None:
    assert one(ALT, value, high=40, base=60) == expected


def test_alt_without_baseline() -> None:
    assert one(ALT, 35, high=40) == 0
    assert one(ALT, 50, high=40) is None  # grade 1 if the baseline was normal, 0 if it was not
    assert one(ALT, 50, base=30) is None


@pytest.mark.parametrize(
    ("value", "base", "expected"),
    [
        (100, 80, 0),
        (101, 80, 1),
        (150, 100, 1),
        (151, 140, 2),
        (76, 50, 2),  # normal, but more than 1.5 times the baseline
        (75, 50, 0),
        (300, 110, 2),
        (301, 250, 3),
        (241, 80, 3),
        (600, 100, 3),
        (601, 100, 4),
        (90, None, None),
        (700, None, 4),
    ],
)
def test_creatinine(value: float, base: float | None, expected: int | None) -> None:
    assert one(CREATININE, value, high=100, base=base) == expected


def test_multiples_are_compared_as_decimals() -> None:
    # in binary 3 * 1.1 > 3.3 and 1.5 * 0.7 < 1.05
    above = GradingRule("X", "high", "", (Limit(1, 1.5, "uln"),))
    assert one(above, 1.05, high=0.7) == 0
    assert one(above, 1.0500001, high=0.7) == 1
    below = GradingRule("X", "low", "", (Limit(1, 3, "lln"),))
    assert one(below, 3.3, low=1.1) == 0
    inclusive = GradingRule("X", "high", "", (Limit(1, 3, "baseline", inclusive=True),))
    assert one(inclusive, 3.3, base=1.1) == 1


def test_additions_to_the_range() -> None:
    assert [one(HAEMOGLOBIN_HIGH, v, high=170) for v in (170, 171, 190, 191, 210, 211)] == [0, 1, 1, 2, 2, 3]


def test_index_is_kept_and_empty_is_fine() -> None:
    index = [8, 8, 1]
    value, low = pd.Series([1.2, None, 3.0], index=index), pd.Series([2.0, 2.0, 2.0], index=index)
    result = grade(value, low, low * 3, value, NEUTROPHILS)
    assert result.index.tolist() == index
    assert [None if pd.isna(g) else g for g in result] == [2, None, 0]
    none = pd.Series([], dtype="Float64")
    assert grade(none, none, none, none, ALT).tolist() == []


def test_grade_5_is_not_a_laboratory_grade() -> None:
    with pytest.raises(ValueError, match="1 to 4"):
        Limit(5, 1)
