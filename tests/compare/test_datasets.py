"""Two datasets: variables, types, records, texts, missing values, dates."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.compare.columns import About, Column, Kind, Side, side_of_frame
from datacut.compare.criteria import Criterion, Method
from datacut.compare.datasets import compare_sides
from datacut.datasets.model import Variable
from datacut.errors import InputError


def side(place="ours", variables=(), **columns):
    frame = pd.DataFrame({n: pd.Series(v, dtype=_dtype(v)) for n, v in columns.items()})
    return side_of_frame(frame, place, name="AE", variables=variables)


def _dtype(values):
    if any(isinstance(v, str) for v in values):
        return "str"
    return "datetime64[s]" if any(isinstance(v, np.datetime64) for v in values) else "Float64"


def made(name, kind, values, codes=None, *, sas=True, typed=True):
    """A side of one variable, as a reader of a file makes it."""
    texts = (
        pa.chunked_array([pa.array(values, pa.large_string())]) if kind is Kind.TEXT else np.array(values, np.float64)
    )
    column = Column(kind, texts, None if codes is None else np.array(codes, np.uint8), sas, typed)
    return Side("made", "AE", len(values), {name: About(name, kind, order=1, sas=sas, typed=typed)}, lambda _: column)


def told(found):
    return [(d.key, d.variable, d.ours, d.theirs) for d in found.differences(99)]


def test_records_are_paired_by_key_in_any_order():
    ours = side(USUBJID=["01", "02", "03"], AVAL=[1.0, 2.0, 3.0])
    theirs = side("theirs", USUBJID=["03", "04", "02"], AVAL=[3.0, 9.0, 2.5])
    found = compare_sides(ours, theirs, ["USUBJID"])
    assert told(found) == [("02", "AVAL", "2", "2.5")]
    assert found.key_texts(found.pairs.only_ours, theirs=False) == ["01"]
    assert found.key_texts(found.pairs.only_theirs, theirs=True) == ["04"]
    assert not found.equal


def test_without_keys_records_are_compared_in_order():
    found = compare_sides(side(A=[1.0, 2.0, 3.0]), side("theirs", A=[1.0, 3.0]))
    assert told(found) == [("record 2", "A", "2", "3")]
    assert found.pairs.only_ours.tolist() == [2]
    assert found.pairs.only_theirs.tolist() == []


def test_blanks_at_the_end_do_not_count_and_others_do():
    ours = side(T=["rash ", "rash", "", None, "a", None])
    theirs = side("theirs", T=["rash", " rash", None, "  ", "A", "b"])
    assert told(compare_sides(ours, theirs)) == [
        ("record 2", "T", "rash", " rash"),
        ("record 5", "T", "a", "A"),
        ("record 6", "T", "", "b"),
    ]


def test_a_missing_number_is_equal_to_missing_alone():
    found = compare_sides(side(A=[None, None, 0.0]), side("theirs", A=[None, 0.0, None]))
    assert told(found) == [("record 2", "A", ".", "0"), ("record 3", "A", "0", ".")]
    assert found.by_variable()[0].missing_one == 2
    assert found.by_variable()[0].largest is None


def test_a_special_missing_is_equal_to_the_same_alone():
    nan = float("nan")
    a, z, underscore = (ord(c) for c in "AZ_")
    ours = made("A", Kind.NUMBER, [nan, nan, nan, nan, 1], [a, a, 0, underscore, 0])
    theirs = made("A", Kind.NUMBER, [nan, nan, nan, nan, 1], [a, z, a, 0, 0])
    wide = Criterion(Method.ABSOLUTE, 1e9)
    for criterion in (Criterion(), wide):
        assert told(compare_sides(ours, theirs, criterion=criterion)) == [
            ("record 2", "A", ".A", ".Z"),
            ("record 3", "A", ".", ".A"),
            ("record 4", "A", "._", "."),
        ]
    plain = made("A", Kind.NUMBER, [nan, nan, nan, nan, 1])
    assert [d[0] for d in told(compare_sides(ours, plain))] == ["record 1", "record 2", "record 4"]


def test_sas_dates_against_ours():
    """22646 days after 1960-01-01 is 2022-01-01, since 62 years hold 16 leap days: 62 * 365 + 16."""
    day = np.datetime64("2022-01-01", "s")
    ours = side(variables=[Variable("ADT", "Date", "date")], ADT=[day, day])
    theirs = made("ADT", Kind.DATE, [22646, 22647])
    found = compare_sides(ours, theirs)
    assert told(found) == [("record 2", "ADT", "2022-01-01", "2022-01-02")]


def test_iso_text_against_sas_dates_is_told():
    ours = made("ADT", Kind.TEXT, ["2022-01-01", "2022-01", "", "2022-13-01"])
    theirs = made("ADT", Kind.DATE, [22646, 22646, float("nan"), float("nan")])
    found = compare_sides(ours, theirs)
    assert told(found) == [
        ("record 2", "ADT", "2022-01", "2022-01-01"),
        ("record 4", "ADT", "2022-13-01", "."),
    ]
    assert found.notes == ("ADT: ISO 8601 text compared with SAS date values",)


def test_iso_text_against_sas_datetimes_and_times():
    moment = 22646 * 86400 + 3600
    found = compare_sides(
        made("ADTM", Kind.TEXT, ["2022-01-01T01:00", "2022-01-01T01:00:00", "2022-01-01"]),
        made("ADTM", Kind.DATETIME, [moment, moment, moment - 3600]),
    )
    assert told(found) == [("record 3", "ADTM", "2022-01-01", "2022-01-01T00:00:00")]
    found = compare_sides(made("ATM", Kind.TEXT, ["01:00", "01:00:01"]), made("ATM", Kind.TIME, [3600, 3600]))
    assert told(found) == [("record 2", "ATM", "01:00:01", "01:00:00")]


def test_a_number_that_no_format_calls_a_date_is_none():
    day = np.datetime64("2022-01-01", "s")
    ours = side(variables=[Variable("ADT", "Date", "date")], ADT=[day])
    found = compare_sides(ours, made("ADT", Kind.NUMBER, [22646]))
    assert found.conflicts == {"ADT": (Kind.DATE, Kind.NUMBER)}
    assert not found.equal


def test_a_text_file_may_hold_numbers():
    ours = made("A", Kind.TEXT, ["1.50", " 2", "x", "", "nan"], typed=False)
    found = compare_sides(ours, made("A", Kind.NUMBER, [1.5, 2, 3, float("nan"), float("nan")]))
    assert told(found) == [("record 3", "A", "x", "3"), ("record 5", "A", "nan", ".")]


def test_text_and_number_conflict():
    found = compare_sides(side(A=["1"], B=[1.0]), side("theirs", A=[1.0], B=[1.0]))
    assert found.conflicts == {"A": (Kind.TEXT, Kind.NUMBER)}
    assert not found.equal


def test_attributes_that_both_know():
    ours = side(
        variables=[Variable("A", "Age", "float", format="8.1"), Variable("T", "Term", "text", 20)],
        A=[1.0],
        T=["x"],
        X=["y"],
    )
    theirs = side(
        "theirs",
        variables=[Variable("A", "Age (y)", "float"), Variable("T", "Term", "text", 40)],
        T=["x"],
        A=[1.0],
        Y=["y"],
    )
    found = compare_sides(ours, theirs)
    assert [(a.variable, a.attribute, a.ours, a.theirs) for a in found.attributes] == [
        ("A", "label", "Age", "Age (y)"),
        ("A", "order", "1", "2"),
        ("T", "length", "20", "40"),
        ("T", "order", "2", "1"),
    ]
    assert (found.only_ours, found.only_theirs, found.unequal, found.equal) == (("X",), ("Y",), 0, False)


def test_by_subject():
    ours = side(
        USUBJID=["01", "01", "02", "03"], SEQ=[1.0, 2.0, 1.0, 1.0], A=[1.0, 1.0, 1.0, 1.0], B=[1.0, 1.0, 1.0, 1.0]
    )
    theirs = side(
        "theirs",
        USUBJID=["01", "01", "02", "04"],
        SEQ=[1.0, 2.0, 1.0, 1.0],
        A=[2.0, 2.0, 1.0, 1.0],
        B=[2.0, 1.0, 2.0, 1.0],
    )
    found = compare_sides(ours, theirs, ["USUBJID", "SEQ"])
    assert [(s.subject, s.values, s.records, s.only_ours, s.only_theirs) for s in found.by_subject()] == [
        ("01", 3, 2, 0, 0),
        ("02", 1, 1, 0, 0),
        ("03", 0, 0, 1, 0),
        ("04", 0, 0, 0, 1),
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "keys", "told"),
    [
        (side(A=[1.0], B=[1.0]), side("theirs", A=[1.0]), ["B"], "theirs: the key B is not there, only in ours"),
        (side(A=[1.0]), side("theirs", A=["1"]), ["A"], "the key A is numeric in ours and character in theirs"),
        (side(A=[1.0]), side("theirs", B=[1.0]), None, "no variable in common"),
        (side(A=[1.0]), side("theirs", A=[1.0]), [], "no key is named"),
    ],
)
def test_what_cannot_be_compared_is_said(ours, theirs, keys, told):
    with pytest.raises(InputError, match=told):
        compare_sides(ours, theirs, keys)


def test_a_name_that_stands_twice_is_said():
    frame = pd.DataFrame([[1.0, 2.0]], columns=["Age", "AGE"])
    with pytest.raises(InputError, match="AGE is there twice"):
        side_of_frame(frame, "ours")


def test_the_criterion_of_a_variable_that_is_no_number_is_said():
    with pytest.raises(InputError, match="--variable T: not compared as a number"):
        compare_sides(side(T=["x"], A=[1.0]), side("theirs", T=["x"], A=[1.0]), criteria={"T": Criterion()})


def test_a_key_of_many_values_may_be_missing():
    values = [float(i) for i in range(400)]
    ours = side(K=[*values, None], A=[*values, 1.0])
    theirs = side("theirs", K=[None, *values], A=[2.0, *values])
    assert told(compare_sides(ours, theirs, ["K"])) == [(".", "A", "1", "2")]


def test_no_records_at_all():
    assert compare_sides(side(A=[]), side("theirs", A=[])).equal
    found = compare_sides(side(A=[], K=[]), side("theirs", A=[1.0], K=[1.0]), ["K"])
    assert (found.pairs.amount, found.pairs.only_theirs.tolist()) == (0, [0])


RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["01", "02", "03", ""]),
        st.sampled_from([1.0, 2.0, None]),
        st.sampled_from([0.0, 1.5, -1e9, None]),
        st.sampled_from(["a", "b ", "", None]),
    ),
    min_size=1,
    max_size=12,
)


def records(rows, place="ours"):
    frame = pd.DataFrame(
        {
            "USUBJID": pd.Series([r[0] for r in rows], dtype="str"),
            "VISIT": pd.Series([r[1] for r in rows], dtype="Float64"),
            "AVAL": pd.Series([r[2] for r in rows], dtype="Float64"),
            "AVALC": pd.Series([r[3] for r in rows], dtype="str"),
        }
    )
    return side_of_frame(frame, place)


@given(RECORDS, st.randoms(use_true_random=False))
def test_a_dataset_equals_itself_in_any_order(rows, random):
    shuffled = random.sample(rows, len(rows))
    assert compare_sides(records(rows), records(rows)).equal
    assert compare_sides(records(rows), records(shuffled), ["USUBJID", "VISIT"]).equal


@given(RECORDS, st.data())
def test_one_altered_value_is_found_and_nothing_else(rows, data):
    at = data.draw(st.integers(0, len(rows) - 1))
    other = list(rows)
    other[at] = (*rows[at][:2], 77.0, rows[at][3])
    shuffled = data.draw(st.permutations(other))
    found = compare_sides(records(rows), records(shuffled), ["USUBJID", "VISIT"])
    assert len(found.pairs.only_ours) == len(found.pairs.only_theirs) == 0
    assert [(d.variable, d.theirs) for d in found.differences(99)] == [("AVAL", "77")]


def test_what_a_reader_must_know_is_noted():
    ours = made("A", Kind.TEXT, ["1"], typed=False)
    found = compare_sides(ours, made("A", Kind.TEXT, ["1.0"], typed=False), criterion=Criterion(Method.ABSOLUTE, 1))
    assert found.notes == ("text files have no types: all values are compared as texts",)
    assert found.unequal == 1
    other = side_of_frame(pd.DataFrame({"A": pd.Series([1.0])}), "theirs", name="ADX")
    assert "the datasets have other names: AE and ADX" in compare_sides(side(A=[1.0]), other).notes
