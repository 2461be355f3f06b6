"""The call grammar: what it reads, how it writes it back, and what it says of what it cannot read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.spec.calls import Call, ListValue, MapValue, Number, Text, Word, parse_call
from datacut.spec.tokens import GrammarError
from datacut.spec.where import SettingRef


def test_a_call_with_everything():
    text = 'derive(A, "b c", by=[X, "y", 1], new_vars={NEW: OLD, "a b": 2.5}, limit=$lloq, where=\'A EQ "x"\')'
    assert parse_call(text) == Call(
        "derive",
        (Word("A"), Text("b c")),
        (
            ("by", ListValue((Word("X"), Text("y"), Number(1)))),
            ("new_vars", MapValue((("NEW", Word("OLD")), ("a b", Number(2.5))))),
            ("limit", SettingRef("lloq")),
            ("where", Text('A EQ "x"')),
        ),
    )
    assert str(parse_call(text)) == text


def test_brackets_may_be_left_out_or_empty_and_a_comma_may_trail():
    assert parse_call("assign_missing") == parse_call(" assign_missing ( ) ") == Call("assign_missing")
    assert parse_call("f([], {}, A,)") == Call("f", (ListValue(()), MapValue(()), Word("A")))


def test_a_study_verb_and_a_column_in_backticks():
    assert parse_call("study.dlt_status(`Visit name`)") == Call("study.dlt_status", (Word("Visit name"),))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "a verb is expected, found the end at column 1"),
        ('"assign"', "a verb is expected, found 'assign' at column 1"),
        ("assign(AETERM", "',' is expected, found the end at column 14"),
        ("assign(AETERM))", "the end is expected, found ')' at column 15"),
        ("assign(AE TERM)", "',' is expected, found 'TERM' at column 11"),
        ("assign(, AETERM)", "a value is expected, found ',' at column 8"),
        ("f(a=1, B)", "a named value is expected after the first named one, found 'B' at column 8"),
        ("f(a=1, a=2)", "a name is given twice, found 'a' at column 8"),
        ("f({A: 1, A: 2})", "a name is given twice, found 'A' at column 10"),
        ("f({A})", "':' is expected, found '}' at column 5"),
        ("f({[A]: 1})", "a name is expected, found '[' at column 4"),
        ("f(a == 1)", "a value is expected, found '=' at column 6"),
        ("f(1 + 1)", "cannot read '+ 1)' at column 5"),
        ("import os; os.system()", "cannot read '; os.system(' at column 10"),
    ],
)
def test_a_fault_names_its_column(text, fault):
    with pytest.raises(GrammarError) as raised:
        parse_call(text)
    assert str(raised.value) == fault


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.]{0,7}", fullmatch=True) | st.sampled_from(["Visit name", "姓名", "5th"])
texts = st.text(max_size=12).filter(lambda t: not ('"' in t and "'" in t))
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
settings = st.from_regex(r"[a-z_][a-z0-9_]{0,7}", fullmatch=True).map(SettingRef)
simple = st.one_of(names.map(Word), texts.map(Text), numbers.map(Number), settings)


def pairs(keys, inner):
    return st.dictionaries(keys, inner, max_size=3).map(lambda d: tuple(d.items()))


values = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda v: ListValue(tuple(v))),
        pairs(names | texts, inner).map(MapValue),
    ),
    max_leaves=6,
)
calls = st.builds(Call, names, st.lists(values, max_size=3).map(tuple), pairs(names, values))


@given(calls)
def test_a_call_written_out_reads_back_as_itself(call):
    assert parse_call(str(call)) == call
