"""PROC COMPARE's criteria, with the examples of its documentation.

Base SAS 9.2 and 9.4 Procedures Guide, The COMPARE Procedure: "The Equality Criterion"; Overview and Example 1 (data
sets ONE and TWO), Example 3.
"""

import numpy as np
import pandas as pd
import pytest

from datacut.compare.columns import side_of_frame
from datacut.compare.criteria import Criterion, Method, parse_criterion, parse_variable
from datacut.compare.datasets import compare_sides
from datacut.errors import InputError


def judged(criterion, x, y):
    return criterion.unequal(np.array([x], np.float64), np.array([y], np.float64))[0]


@pytest.mark.parametrize(
    ("x", "y", "method", "bound", "expected"),
    [
        # |y - x| = 0.5
        (10.0, 10.5, "absolute", 0.5, False),
        (10.0, 10.5, "absolute", 0.49, True),
        # 2 / ((100 + 102) / 2) = 0.01980198
        (100.0, 102.0, "relative", 0.0198, True),
        (100.0, 102.0, "relative", 0.0199, False),
        (102.0, 100.0, "relative", 0.0199, False),
        # 100 * 2 / 100 = 2 percent of ours, 1.96 the other way round
        (100.0, 102.0, "percent", 2.0, False),
        (100.0, 102.0, "percent", 1.99, True),
        (102.0, 100.0, "percent", 1.97, False),
        (-100.0, -102.0, "percent", 2.0, False),
        # nothing is near zero but zero
        (0.0, 0.0, "relative", 0.00001, False),
        (0.0, 1e-300, "relative", 0.00001, True),
        (0.0, 1e-300, "relative", 2.0, False),
        (0.0, 0.0, "percent", 5.0, False),
        (0.0, 1e-300, "percent", 5.0, True),
        (1e-300, 0.0, "percent", 99.0, True),
        (1e-300, 0.0, "percent", 100.0, False),
        (0.0, -0.0, "exact", None, False),
        (0.1 + 0.2, 0.3, "exact", None, True),
        (0.1 + 0.2, 0.3, "relative", None, False),
    ],
)
def test_two_numbers(x, y, method, bound, expected):
    assert judged(parse_criterion(method, bound), x, y) == expected


def test_delta_is_added_to_the_denominator():
    # 0.001 / (0.0005 + 1) = 0.0009995
    assert not judged(parse_criterion("relative(1)", 0.001), 0.0, 0.001)
    assert judged(parse_criterion("relative(1)", 0.0009), 0.0, 0.001)
    assert judged(parse_criterion("relative", 0.001), 0.0, 0.001)


def test_the_defaults_are_those_of_sas():
    assert parse_criterion(None, None) == Criterion(Method.EXACT)
    assert parse_criterion(None, 0.01) == Criterion(Method.RELATIVE, 0.01)
    assert parse_criterion("relative", None).bound == 0.00001
    assert parse_criterion("ABSOLUTE", None).bound == 0.00001


def test_a_negative_criterion_counts_in_epsilons():
    assert not judged(parse_criterion("relative", -1000), 0.1 + 0.2, 0.3)
    assert judged(parse_criterion("relative", -1000), 0.3, 0.3000001)


@pytest.mark.parametrize("method", ["exact", "absolute", "relative", "percent"])
def test_what_is_infinite_is_equal_to_itself_alone(method):
    criterion = parse_criterion(method, None)
    assert not judged(criterion, np.inf, np.inf)
    assert judged(criterion, np.inf, -np.inf)
    assert judged(criterion, np.inf, 1.0)
    assert judged(criterion, 1.0, np.inf)


@pytest.mark.parametrize("method", ["close", "absolute(1)", "relative(", "relative(2)", "relative(x)", ""])
def test_no_method(method):
    with pytest.raises(InputError):
        parse_criterion(method, None)


def test_exact_has_no_criterion():
    with pytest.raises(InputError, match="no criterion"):
        parse_criterion("exact", 0.1)
    with pytest.raises(InputError, match="not a number"):
        parse_criterion("absolute", float("nan"))


def test_the_criterion_of_one_variable():
    assert parse_variable("aval=absolute:0.5") == ("AVAL", Criterion(Method.ABSOLUTE, 0.5))
    assert parse_variable("AVAL=percent") == ("AVAL", Criterion(Method.PERCENT, 0.00001))
    for text in ("AVAL", "=exact", "AVAL=", "AVAL=absolute:x", "AVAL=absolute:"):
        with pytest.raises(InputError):
            parse_variable(text)


def students():
    """ONE and TWO of the documentation."""
    one = pd.DataFrame(
        {
            "student": pd.Series([1000, 1042, 1095, 1187], dtype="Int64"),
            "year": pd.Series(["1970", "1971", "1969", "1970"], dtype="str"),
            "state": pd.Series(["NC", "MD", "PA", "MA"], dtype="str"),
            "gr1": pd.Series([85, 92, 78, 87], dtype="Float64"),
            "gr2": pd.Series([87, 92, 72, 94], dtype="Float64"),
        }
    )
    two = pd.DataFrame(
        {
            "student": pd.Series(["1000", "1042", "1095", "1187", "1204"], dtype="str"),
            "year": pd.Series(["1970", "1971", "1969", "1970", "1971"], dtype="str"),
            "state": pd.Series(["NC", "MA", "PA", "MD", "NC"], dtype="str"),
            "gr1": pd.Series([84, 92, 79, 87, 82], dtype="Float64"),
            "gr2": pd.Series([87, 92, 73, 74, 96], dtype="Float64"),
            "major": pd.Series(["Math", "History", "Physics", "Dance", "French"], dtype="str"),
        }
    )
    return side_of_frame(one, "ONE"), side_of_frame(two, "TWO")


def test_the_example_of_the_documentation():
    """Its summary: 5 variables in common, 1 of conflicting type, 1 only in TWO; 4 observations in common, 1 only
    in TWO; 1 variable all equal, 3 not; 6 values unequal; maximum difference 20."""
    found = compare_sides(*students())
    assert found.only_theirs == ("MAJOR",)
    assert [*found.conflicts] == ["STUDENT"]
    assert (found.pairs.amount, len(found.pairs.only_ours), len(found.pairs.only_theirs)) == (4, 0, 1)
    assert found.unequal == 6
    lines = {v.variable: (v.unequal, v.largest) for v in found.by_variable()}
    assert lines == {"YEAR": (0, None), "STATE": (2, None), "GR1": (2, 1.0), "GR2": (2, 20.0)}
    gr1 = [d for d in found.differences(9) if d.variable == "GR1"]
    assert [(d.ours_record, d.ours, d.theirs, d.difference, round(d.percent, 4)) for d in gr1] == [
        (1, "85", "84", -1.0, -1.1765),
        (3, "78", "79", 1.0, 1.2821),
    ]


@pytest.mark.parametrize(
    ("method", "bound", "unequal"),
    [
        ("absolute", 1, {"GR2": 1}),
        ("percent", 1.2, {"GR1": 1, "GR2": 2}),
        ("percent", 1.3, {"GR2": 2}),
        ("relative", 0.24, {}),
    ],
)
def test_the_same_example_by_other_criteria(method, bound, unequal):
    """By hand: GR1 85-84 is 1.1765 %, 78-79 1.2821 %; GR2 72-73 is 1.3889 %, 94-74 21.2766 %, relative 20/84."""
    found = compare_sides(*students(), criterion=parse_criterion(method, bound))
    counts = {v.variable: v.unequal for v in found.by_variable() if v.unequal and v.variable != "STATE"}
    assert counts == unequal


def test_one_variable_with_another_as_in_example_3():
    """Its listing: GR1 85 78 87 with GR2 87 73 74: differences 2, -5, -13; percent 2.3529, -6.4103, -14.94.."""
    one = pd.DataFrame({"gr": pd.Series([85, 92, 78, 87], dtype="Float64")})
    two = pd.DataFrame({"gr": pd.Series([87, 92, 73, 74, 96], dtype="Float64")})
    found = compare_sides(side_of_frame(one, "ONE"), side_of_frame(two, "TWO"))
    told = [(d.ours_record, d.difference, round(d.percent, 4)) for d in found.differences(9)]
    assert told == [(1, 2.0, 2.3529), (3, -5.0, -6.4103), (4, -13.0, -14.9425)]
    assert len(found.pairs.only_theirs) == 1
