from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacut.compute.threeway import all_of, any_of, combine_criteria, from_yn, name_missing, to_yn


def states(*values: bool | None) -> pd.Series:
    return pd.Series(list(values), dtype="boolean")


def known(series: pd.Series) -> list[object]:
    return [None if pd.isna(v) else v for v in series]


def combined(*row: bool | None) -> tuple[object, object, object]:
    result = combine_criteria({f"c{n}": states(value) for n, value in enumerate(row, start=1)})
    return known(result["observed"])[0], known(result["nri"])[0], known(result["reason"])[0]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param((True, True), ("Y", "Y", None), id="0.3-all-met"),
        pytest.param((True, False), ("N", "N", "not met: c2"), id="0.3-one-fails"),
        pytest.param((None, False), ("N", "N", "not met: c2"), id="0.3-a-failure-outweighs-unknown"),
        pytest.param((True, None), (None, "N", "unknown: c2"), id="0.3-unknown"),
        pytest.param((None, None), (None, "N", "unknown: c1; c2"), id="visit-missing"),
        pytest.param((False, False), ("N", "N", "not met: c1; c2"), id="all-fail"),
        pytest.param((True,), ("Y", "Y", None), id="one-criterion"),
    ],
)
def test_composite(row: tuple[bool | None, ...], expected: tuple[object, object, object]) -> None:
    assert combined(*row) == expected


def test_components_are_kept_and_the_index_stays() -> None:
    met = pd.Series([True, None, False], dtype="boolean", index=[7, 7, 3])
    result = combine_criteria({"fall": met})
    assert result.columns.tolist() == ["fall", "observed", "nri", "reason"]
    assert result.index.tolist() == [7, 7, 3]
    assert {str(t) for t in result.dtypes} == {"str"}
    assert known(result["fall"]) == ["Y", None, "N"]
    assert combine_criteria({"fall": met.iloc[:0]}).empty
    with pytest.raises(ValueError, match="at least one"):
        combine_criteria({})


def test_kleene_tables() -> None:
    first = states(True, True, True, False, False, False, None, None, None)
    other = states(True, False, None, True, False, None, True, False, None)
    assert known(all_of([first, other])) == [True, False, None, False, False, False, None, False, None]
    assert known(any_of([first, other])) == [True, True, True, True, False, None, True, None, None]


def test_text_and_state_are_one() -> None:
    assert known(to_yn(states(True, False, None))) == ["Y", "N", None]
    assert known(from_yn(pd.Series(["Y", "N", None], dtype="str"))) == [True, False, None]
    with pytest.raises(ValueError, match="'U'"):
        from_yn(pd.Series(["U"], dtype="str"))


def test_missing_items_are_named() -> None:
    frame = pd.DataFrame({"fever": [1, None, None], "rash": [0, 0, None]}, dtype="Int64")
    assert known(name_missing(frame)) == [None, "not done: fever", "not done: fever; rash"]


@settings(max_examples=40)
@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=6))
def test_nri_is_a_subset_rule(row: list[bool | None]) -> None:
    observed, nri, reason = combined(*row)
    assert nri in ("Y", "N")
    assert observed == "Y" if nri == "Y" else observed != "Y"
    assert (reason is None) == (observed == "Y")
    assert observed != "Y" or None not in row
