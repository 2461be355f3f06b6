"""Conditions over frames: three-valued, typed, never Python."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.engine.filter import mask
from datacut.errors import SpecError
from datacut.spec.where import Compound, parse_where

FRAME = pd.DataFrame(
    {
        "SEV": pd.Series(["MILD", "SEVERE", None], dtype="str"),
        "AVAL": pd.Series([1.0, 5.0, None], dtype="Float64"),
        "BASE": pd.Series([1, 2, 3], dtype="Int64"),
        "ADT": pd.to_datetime(pd.Series(["2026-01-01", "2026-01-02", None])).astype("datetime64[s]"),
        "TYPED": pd.Series(["1.0", "10", "xx"], dtype="str"),
        "DTC": pd.Series(["2026-01", "2026-02", "2026-03-01T10:00"], dtype="str"),
        "EMPTY": pd.Series([None] * 3, dtype="object"),
    }
)
SETTINGS = {"cut": 5, "word": "MILD", "words": ("MILD", "SEVERE"), "numbers": (1, 5.0)}
Y, N = True, False


def holds(text):
    return mask(FRAME, parse_where(text), SETTINGS).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AVAL EQ 5", [N, Y, N]),
        ("AVAL NE 5", [Y, N, N]),
        ("AVAL LT 5", [Y, N, N]),
        ("AVAL LE 5", [Y, Y, N]),
        ("AVAL GT 1", [N, Y, N]),
        ("AVAL GE 1", [Y, Y, N]),
        ("AVAL IN (1, 7)", [Y, N, N]),
        ("AVAL NOTIN (1, 7)", [N, Y, N]),
        ("AVAL MISSING", [N, N, Y]),
        ("AVAL NOT MISSING", [Y, Y, N]),
        ('SEV EQ "MILD"', [Y, N, N]),
        ('SEV NE "MILD"', [N, Y, N]),
        ("TYPED GT 5", [N, Y, N]),
        ("TYPED LE AVAL", [Y, N, N]),
        ("TYPED NOTIN (1)", [N, Y, N]),
        ('DTC LT "2026-02-15"', [Y, N, N]),
        ('NOT DTC LT "2026-02-15"', [N, N, Y]),
        ('DTC LE "2026-02-28"', [Y, Y, N]),
        ('DTC LE "2026-03-01"', [Y, Y, Y]),
        ('SEV EQ "mild"', [N, N, N]),
        ('SEV IN ("MILD", "SEVERE")', [Y, Y, N]),
        ("AVAL EQ BASE", [Y, N, N]),
        ("AVAL GT BASE", [N, Y, N]),
        ("AVAL EQ $cut", [N, Y, N]),
        ("SEV EQ $word", [Y, N, N]),
        ("SEV IN ($words)", [Y, Y, N]),
        ("AVAL IN ($numbers, 7)", [Y, Y, N]),
        ('ADT GE "2026-01-02"', [N, Y, N]),
        ('ADT IN ("2026-01-01")', [Y, N, N]),
    ],
)
def test_every_comparator_and_operand(text, expected):
    assert holds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NOT AVAL EQ 5", [Y, N, N]),
        ("NOT NOT AVAL EQ 5", [N, Y, N]),
        ("AVAL EQ 5 OR NOT AVAL EQ 5", [Y, Y, N]),
        ("AVAL EQ 5 OR BASE EQ 3", [N, Y, Y]),
        ("NOT (AVAL EQ 5 AND BASE EQ 3)", [Y, Y, N]),
        ("NOT (AVAL EQ 5 AND BASE EQ 1)", [Y, Y, Y]),
        ("NOT AVAL MISSING", [Y, Y, N]),
        ("NOT AVAL NOTIN (1)", [Y, N, N]),
    ],
)
def test_a_comparison_with_a_missing_value_is_neither_true_nor_false(text, expected):
    assert holds(text) == expected


def test_no_condition_is_all_rows_and_the_index_stays():
    turned = FRAME.iloc[::-1]
    assert mask(turned, None, {}).to_dict() == {2: True, 1: True, 0: True}
    assert mask(turned, parse_where("BASE EQ 3"), {}).to_dict() == {2: True, 1: False, 0: False}
    assert mask(FRAME.iloc[:0], parse_where('SEV EQ "MILD"'), {}).tolist() == []


@pytest.mark.parametrize("text", ["EMPTY EQ 1", 'EMPTY NE "x"', "EMPTY IN (1)", "EMPTY LT BASE", "NOT EMPTY GT 1"])
def test_a_column_without_values_compares_with_anything_and_is_never_true(text):
    assert holds(text) == [N, N, N]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("AVALL EQ 1", "AVALL EQ 1: no column AVALL"),
        ("SEV EQ 1", "SEV EQ 1: the column holds text"),
        ('AVAL EQ "1"', 'AVAL EQ "1": the column holds numbers'),
        ("ADT EQ 1", "ADT EQ 1: the column holds dates"),
        ('ADT EQ "soon"', 'ADT EQ "soon": soon is not a date'),
        ('SEV GT "MILD"', 'SEV GT "MILD": MILD is no date in ISO 8601, and other texts have no order'),
        ("SEV LT AVAL", "SEV LT AVAL: one column holds text, the other numbers"),
        ("SEV EQ $words", "SEV EQ $words: $words is a list"),
        ("SEV IN ($words, 1)", "SEV IN ($words, 1): the column holds text"),
    ],
)
def test_what_cannot_be_compared_is_refused(text, fault):
    with pytest.raises(SpecError) as raised:
        holds(text)
    assert [f.what for f in raised.value.findings] == [fault]


simple = st.sampled_from(["AVAL EQ 5", "AVAL LT BASE", 'SEV IN ("MILD")', "SEV MISSING", "BASE NE 2"]).map(parse_where)
conditions = st.recursive(
    simple,
    lambda inner: (
        st.builds(Compound, st.sampled_from(["AND", "OR"]), st.tuples(inner, inner))
        | st.builds(Compound, st.just("NOT"), st.tuples(inner))
    ),
    max_leaves=5,
)


def by_hand(where, row):
    """The same logic for one row, written as Kleene's tables."""
    match where:
        case Compound("NOT", (part,)):
            inner = by_hand(part, row)
            return None if inner is None else not inner
        case Compound(operator, parts):
            found = [by_hand(p, row) for p in parts]
            decides = operator == "OR"
            return decides if decides in found else None if None in found else not decides
    values = {
        "AVAL EQ 5": None if row["AVAL"] is None else row["AVAL"] == 5,
        "AVAL LT BASE": None if row["AVAL"] is None else row["AVAL"] < row["BASE"],
        'SEV IN ("MILD")': None if row["SEV"] is None else row["SEV"] == "MILD",
        "SEV MISSING": row["SEV"] is None,
        "BASE NE 2": row["BASE"] != 2,
    }
    return values[str(where)]


@given(conditions)
def test_logic_is_kleenes(where):
    rows = FRAME.astype("object").where(FRAME.notna(), None).to_dict("records")
    assert mask(FRAME, where, {}).tolist() == [by_hand(where, row) is True for row in rows]
