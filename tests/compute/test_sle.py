from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import pytest

from datacut.compute.sle import (
    BILAG_SYSTEMS,
    SLEDAI_ITEMS,
    compute_attributed,
    compute_bilag_new,
    compute_bilag_numeric,
    compute_pga_worsening,
    compute_selena_total,
    compute_sledai_clinical,
    compute_sledai_group,
    compute_sledai_item,
    compute_sledai_total,
    is_out_of_range,
    pga_from_mm,
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


VECTORS = visits(
    (["arthritis", "rash", "low_complement"], []),
    (["proteinuria", "haematuria", "increased_dna_binding", "low_complement", "fever"], []),
    (["increased_dna_binding"], []),
    (["seizure", "vasculitis", "thrombocytopenia"], []),
    (["arthritis", "alopecia"], ["increased_dna_binding"]),
    (["arthritis"], ["fever"]),
)


def test_items_and_weights() -> None:
    weights = [item.weight for item in SLEDAI_ITEMS.values()]
    assert sorted(weights) == [1] * 3 + [2] * 7 + [4] * 6 + [8] * 8
    assert sum(weights) == 105


def test_total_vectors() -> None:
    total = compute_sledai_total(VECTORS)
    assert total.dtype == "Int64"
    assert known(total) == [8, 13, 2, 17, None, None]


def test_clinical_vectors() -> None:
    assert known(compute_sledai_clinical(VECTORS)) == [6, 9, 0, 17, 6, None]


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
        compute_sledai_total(VECTORS.drop(columns="fever"))


def test_selena_counts_only_new_or_risen_proteinuria() -> None:
    items = visits(*[(["proteinuria"], [])] * 3, ([], []), ([], ["proteinuria"]))
    new = pd.Series([0, 1, None, None, 1], dtype="Int64")
    assert known(compute_sledai_total(items)) == [4, 4, 4, 0, None]
    assert known(compute_selena_total(items, new)) == [0, 4, None, 0, None]


def test_measured_items_have_strict_limits() -> None:
    assert known(compute_sledai_item("thrombocytopenia", numbers(100, 99, None))) == [0, 1, None]
    assert known(compute_sledai_item("leukopenia", numbers(3.0, 2.9))) == [0, 1]
    assert known(compute_sledai_item("proteinuria", numbers(0.5, 0.51))) == [0, 1]
    assert known(compute_sledai_item("haematuria", numbers(5, 6))) == [0, 1]
    assert known(compute_sledai_item("pyuria", numbers(5, 6))) == [0, 1]
    assert known(compute_sledai_item("fever", numbers(38.0, 38.1))) == [0, 1]
    with pytest.raises(ValueError, match="No measured value"):
        compute_sledai_item("rash", numbers(1))


def test_present_but_not_lupus_scores_zero_and_is_not_missing() -> None:
    present = pd.DataFrame({"fever": pd.array([0, 1, 1, 1, None, 0], dtype="Int64")})
    lupus = pd.DataFrame({"fever": pd.array([None, 1, 0, None, 1, 1], dtype="Int64")})
    assert known(compute_attributed(present, lupus)["fever"]) == [0, 1, 0, None, None, 0]


def test_group_is_three_valued() -> None:
    items = visits((["haematuria"], ["pyuria"]), ([], ["pyuria"]), ([], []), (["rash"], []))
    assert known(compute_sledai_group(items, ["renal"])) == [True, None, False, False]


def test_pga_worsening_vectors() -> None:
    baseline = numbers(1.0, 1.0, 2.0, 2.5, None, 0.5, 1.0)
    visit = numbers(1.29, 1.3, 2.3, 0.4, 1.0, 0.8, None)
    assert known(compute_pga_worsening(baseline, visit)) == [False, True, True, False, None, True, None]


def test_strictly_greater_rise() -> None:
    assert known(compute_pga_worsening(numbers(0.5, 2.0), numbers(0.8, 2.31), strictly=True)) == [False, True]


def test_pga_outside_the_scale_is_unknown() -> None:
    assert known(compute_pga_worsening(numbers(1.0), numbers(3.1))) == [None]
    assert is_out_of_range(numbers(0, 3, 3.1, -0.1, None), 0, 3).tolist() == [False, False, True, True, False]


def test_pga_from_mm() -> None:
    assert known(pga_from_mm(numbers(45, 10, 0, 100, None, 101))) == [1.35, 0.3, 0, 3, None, None]


def grades(*rows: dict[str, str | None], rest: str = "E") -> pd.DataFrame:
    return pd.DataFrame([{s: row.get(s, rest) for s in BILAG_SYSTEMS} for row in rows], dtype="str")


def test_bilag_numeric_vectors() -> None:
    score = compute_bilag_numeric(
        grades(
            {"renal": "A", "musculoskeletal": "B", "mucocutaneous": "B", "constitutional": "C"},
            {"renal": "D", "ophthalmic": "D"},
            dict.fromkeys(BILAG_SYSTEMS, "A"),
            dict.fromkeys(BILAG_SYSTEMS, "B"),
            dict.fromkeys(BILAG_SYSTEMS, "C"),
            {"renal": None},
            {"renal": "X"},
        )
    )
    assert score.dtype == "Int64"
    assert known(score) == [29, 0, 108, 72, 9, None, None]


def test_bilag_new_a_and_b() -> None:
    baseline = grades(
        {"musculoskeletal": "A", "renal": "C"}, {"renal": "D"}, {"renal": "D"}, {"renal": "B"}, {"renal": None}
    )
    visit = grades(
        {"musculoskeletal": "B", "renal": "C"},
        {"renal": "B"},
        {"renal": "B", "haematological": "B"},
        {"renal": "A"},
        {"renal": "A"},
    )
    assert known(compute_bilag_new(baseline, visit, "A")) == [0, 0, 0, 1, None]
    assert known(compute_bilag_new(baseline, visit, "B")) == [0, 1, 2, 0, None]
