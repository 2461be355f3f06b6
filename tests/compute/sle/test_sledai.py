from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacut.compute.sle.items import compute_attributed
from datacut.compute.sle.sledai import (
    SLEDAI_ITEMS,
    compute_selena_total,
    compute_sledai_between,
    compute_sledai_clinical,
    compute_sledai_group,
    compute_sledai_total,
)


def visits(*answers: tuple[Iterable[str], Iterable[str]]) -> pd.DataFrame:
    """One row per visit: (present items, missing items), all others answered absent."""
    rows = [
        {key: pd.NA if key in missing else int(key in present) for key in SLEDAI_ITEMS} for present, missing in answers
    ]
    return pd.DataFrame(rows, columns=list(SLEDAI_ITEMS), dtype="Int64")


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def numbers(*values: float | None) -> pd.Series:
    return pd.Series(list(values), dtype="Float64")


VECTORS = [
    pytest.param(["arthritis", "rash", "low_complement"], [], 8, 6, id="1-vector-1"),
    pytest.param(
        ["proteinuria", "haematuria", "increased_dna_binding", "low_complement", "fever"], [], 13, 9, id="1-vector-2"
    ),
    pytest.param(["increased_dna_binding"], [], 2, 0, id="1-vector-3"),
    pytest.param(["seizure", "vasculitis", "thrombocytopenia"], [], 17, 17, id="1-vector-4"),
    pytest.param(["arthritis", "alopecia"], ["increased_dna_binding"], None, 6, id="1-vector-5"),
    pytest.param(["arthritis"], ["fever"], None, None, id="1-vector-6"),
]


def test_items_and_weights() -> None:
    weights = [item.weight for item in SLEDAI_ITEMS.values()]
    assert sorted(weights) == [1] * 3 + [2] * 7 + [4] * 6 + [8] * 8
    assert sum(weights) == 105


@pytest.mark.parametrize(("present", "missing", "total", "clinical"), VECTORS)
def test_total_and_clinical(present: list[str], missing: list[str], total: int | None, clinical: int | None) -> None:
    items = visits((present, missing))
    assert compute_sledai_total(items).dtype == compute_sledai_clinical(items).dtype == "Int64"
    assert known(compute_sledai_total(items)) == [total]
    assert known(compute_sledai_clinical(items)) == [clinical]


def test_a_missing_item_may_count_as_zero() -> None:
    items = visits((["arthritis", "alopecia"], ["increased_dna_binding"]), (["arthritis"], ["fever"]))
    assert known(compute_sledai_total(items, "zero")) == [6, 4]
    assert known(compute_sledai_clinical(items, "zero")) == [6, 4]
    with pytest.raises(ValueError, match="'zero', not 'mean'"):
        compute_sledai_total(items, "mean")  # type: ignore[arg-type]


def test_everything_and_nothing() -> None:
    both = visits((list(SLEDAI_ITEMS), []), ([], []))
    assert known(compute_sledai_total(both)) == [105, 0]
    assert known(compute_sledai_clinical(both)) == [101, 0]
    assert known(compute_sledai_total(visits())) == []


def test_a_code_that_is_neither_yes_nor_no_is_not_scored() -> None:
    odd = visits((["rash"], []))
    odd["fever"] = pd.array([2], dtype="Int64")
    assert known(compute_sledai_total(odd)) == [None]


def test_an_absent_column_is_named() -> None:
    with pytest.raises(ValueError, match="absent: fever"):
        compute_sledai_total(visits().drop(columns="fever"))


def test_selena_counts_only_new_or_risen_proteinuria() -> None:
    items = visits(*[(["proteinuria"], [])] * 3, ([], []), ([], ["proteinuria"]))
    new = pd.Series([0, 1, None, None, 1], dtype="Int64")
    assert known(compute_sledai_total(items)) == [4, 4, 4, 0, None]
    assert known(compute_selena_total(items, new)) == [0, 4, None, 0, None]


def test_present_but_not_lupus_scores_zero_and_is_not_missing() -> None:
    present = pd.DataFrame({"fever": pd.array([0, 1, 1, 1, None, 0], dtype="Int64")})
    lupus = pd.DataFrame({"fever": pd.array([None, 1, 0, None, 1, 1], dtype="Int64")})
    assert known(compute_attributed(present, lupus)["fever"]) == [0, 1, 0, None, None, 0]


def test_group_is_three_valued() -> None:
    items = visits((["haematuria"], ["pyuria"]), ([], ["pyuria"]), ([], []), (["rash"], []))
    assert known(compute_sledai_group(items, ["renal"])) == [True, None, False, False]


def test_stable_proteinuria_of_a_year_scores_in_2k_only() -> None:
    """Section 1, last line of the vectors: 1.2 g/24 h, unchanged."""
    items = visits((["proteinuria"], []))
    new = numbers(0).astype("Int64")  # neither new nor risen
    assert known(compute_sledai_total(items)) == [4]
    assert known(compute_selena_total(items, new)) == [0]
    assert known(compute_selena_total(items, new, selena_proteinuria="any")) == [4]
    with pytest.raises(ValueError, match="'new_or_rise' or 'any'"):
        compute_selena_total(items, new, selena_proteinuria="2k")  # type: ignore[arg-type]


def test_a_total_known_to_be_high_is_not_low_whatever_is_missing() -> None:
    items = visits((["arthritis", "fever"], ["rash"]), (["arthritis"], ["rash"]), (["arthritis"], []), (["cva"], []))
    assert known(compute_sledai_between(items).at_most(4)) == [False, None, True, False]


@settings(max_examples=20)
@given(st.lists(st.sampled_from([0, 1, None]), min_size=24, max_size=24), st.integers(0, 23))
def test_scores_stay_in_range_and_rise_with_an_item(answers: list[int | None], which: int) -> None:
    items = pd.DataFrame([answers], columns=list(SLEDAI_ITEMS), dtype="Int64")
    total, clinical = known(compute_sledai_total(items))[0], known(compute_sledai_clinical(items))[0]
    assert total is None if None in answers else 0 <= total <= 105
    assert clinical is None or 0 <= clinical <= 101
    assert total is None or 0 <= total - clinical <= 4
    key = list(SLEDAI_ITEMS)[which]
    more = known(compute_sledai_total(items.assign(**{key: 1}), "zero"))[0]
    less = known(compute_sledai_total(items.assign(**{key: 0}), "zero"))[0]
    assert more - less == SLEDAI_ITEMS[key].weight
