import datetime

import pandas as pd
import pytest
from tests.oracle.compare import compare, compare_summary

from datacut.errors import InputError


def frame(**columns):
    return pd.DataFrame(columns)


def lines(ours, theirs, keys=("K",), tolerance=0):
    return compare(ours, theirs, list(keys), tolerance).fillna("").to_numpy().tolist()


def test_equal_frames_of_other_dtypes_and_order():
    ours = pd.DataFrame(
        {
            "K": pd.Series([1, 2], dtype="Int64"),
            "T": pd.Series(["a", None], dtype="str"),
            "D": pd.Series(["2024-01-01", None], dtype="datetime64[s]"),
        }
    )
    theirs = frame(T=["", "a  "], K=[2.0, 1.0], D=[None, datetime.date(2024, 1, 1)])
    assert lines(ours, theirs) == []
    assert list(compare(ours, theirs, ["K"]).columns) == ["K", "variable", "ours", "theirs", "kind"]


def test_values():
    ours = frame(K=["a", "b", "c"], N=[1.0, None, 3.0], T=["x", "y", "Z"])
    theirs = frame(K=["c", "b", "a"], N=[3.0, 2.0, None], T=["z", "y", "x"])
    assert lines(ours, theirs) == [
        ["a", "N", "1", "", "value"],
        ["b", "N", "", "2", "value"],
        ["c", "T", "Z", "z", "value"],
    ]


def test_rows_and_columns_keep_their_case():
    ours = frame(K=["a", "b"], AVAL=[1, 2], X=[1, 2])
    theirs = frame(K=["b", "c"], aval=[1, 2], X=["1", "2"])
    assert lines(ours, theirs) == [
        ["", "aval", "", "", "missing column"],
        ["", "AVAL", "", "", "extra column"],
        ["", "X", "number", "text", "type"],
        ["c", "", "", "", "missing row"],
        ["a", "", "", "", "extra row"],
    ]


def test_duplicate_keys_are_not_paired():
    ours = frame(K=["a", "a", "b"], N=[1, 2, 3])
    theirs = frame(K=["a", "b"], N=[9, 3])
    assert lines(ours, theirs) == [["a", "", "2", "1", "duplicate key"]]
    assert compare_summary(ours, theirs, ["K"]).values.tolist() == [["N", 1, 1, 0]]


def test_missing_keys_pair_with_missing_keys():
    ours = frame(K=["a", None], L=[1, None], N=[1, 2])
    theirs = frame(K=["", "a"], L=[None, 1], N=[3, 1])
    assert lines(ours, theirs, ("K", "L")) == [["", "", "N", "2", "3", "value"]]


@pytest.mark.parametrize(("tolerance", "n"), [(0, 1), (0.05, 1), (0.125, 0), (1, 0)])
def test_tolerance_includes_its_edge(tolerance, n):
    assert len(lines(frame(K=[1], N=[1.0]), frame(K=[1], N=[1.125]), tolerance=tolerance)) == n


def test_summary():
    ours = frame(K=[1, 2, 3], N=[1.0, None, 3.0], T=["a", "b", "c"])
    theirs = frame(K=[1, 2, 4], N=[1.0, None, 9.0], T=["a", "x", "c"])
    assert compare_summary(ours, theirs, ["K"]).values.tolist() == [["N", 2, 2, 0], ["T", 2, 1, 1]]


def test_no_rows():
    empty = frame(K=pd.Series([], dtype="str"), N=pd.Series([], dtype="Float64"))
    assert lines(empty, empty) == []
    assert lines(empty, frame(K=["a"], N=[1])) == [["a", "", "", "", "missing row"]]
    assert compare_summary(empty, empty, ["K"]).values.tolist() == [["N", 0, 0, 0]]


def test_unknown_key_and_unlike_keys():
    with pytest.raises(InputError, match="key KEY is not a column of theirs"):
        compare(frame(KEY=[1]), frame(KEYS=[1]), ["KEY"])
    with pytest.raises(InputError, match="number in ours and text in theirs"):
        compare(frame(K=[1]), frame(K=["1"]), ["K"])
