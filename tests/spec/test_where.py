"""The condition grammar: what it reads, how it writes it back, and what it says of what it cannot read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.spec.tokens import GrammarError
from datacut.spec.where import (
    COMPARATORS,
    ColumnRef,
    Comparison,
    Compound,
    Literal,
    Missing,
    SettingRef,
    and_,
    columns_of,
    conjuncts_of,
    parse_predicate,
    parse_where,
    predicate_text,
    settings_of,
)


def eq(column, value=1):
    return Comparison(column, "EQ", (Literal(value),))


@pytest.mark.parametrize("comparator", [c for c in COMPARATORS if c not in ("IN", "NOTIN")])
def test_every_comparator(comparator):
    assert parse_where(f"AVAL {comparator} 5") == Comparison("AVAL", comparator, (Literal(5),))


@pytest.mark.parametrize(
    ("text", "operand"),
    [
        ('AESEV EQ "MILD"', Literal("MILD")),
        ("AESEV EQ 'it is \"mild\"'", Literal('it is "mild"')),
        ("AVAL EQ -5", Literal(-5)),
        ("AVAL EQ 5.0", Literal(5.0)),
        ("AVAL EQ $lloq_copies", SettingRef("lloq_copies")),
        ("AVAL EQ BASE", ColumnRef("BASE")),
        ("AVAL EQ IT.AGE", ColumnRef("IT.AGE")),
        ("AVAL EQ `Visit name`", ColumnRef("Visit name")),
    ],
)
def test_every_operand(text, operand):
    column = text.split()[0]
    assert parse_where(text) == Comparison(column, "EQ", (operand,))


def test_a_number_keeps_its_kind():
    assert isinstance(parse_where("A EQ 5").operands[0].value, int)
    assert isinstance(parse_where("A EQ 5.0").operands[0].value, float)


def test_lists_missing_and_columns_named_like_keywords():
    assert parse_where('PARAMCD IN ("SYSBP", "DIABP")') == Comparison(
        "PARAMCD", "IN", (Literal("SYSBP"), Literal("DIABP"))
    )
    assert parse_where("DOSE NOTIN ($levels, 3)") == Comparison("DOSE", "NOTIN", (SettingRef("levels"), Literal(3)))
    assert parse_where("AVAL MISSING") == Missing("AVAL", negated=False)
    assert parse_where("AVAL NOT MISSING") == Missing("AVAL", negated=True)
    assert parse_where("`NOT` EQ 1") == eq("NOT")


def test_not_binds_before_and_and_before_or():
    assert parse_where("NOT A EQ 1 AND B EQ 1 OR C EQ 1") == Compound(
        "OR", (Compound("AND", (Compound("NOT", (eq("A"),)), eq("B"))), eq("C"))
    )


def test_brackets_change_the_order():
    assert parse_where("NOT (A EQ 1 AND (B EQ 1 OR C EQ 1))") == Compound(
        "NOT", (Compound("AND", (eq("A"), Compound("OR", (eq("B"), eq("C"))))),)
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "a column is expected, found the end at column 1"),
        ('AESEV EQ "MILD', "cannot read '\"MILD' at column 10"),
        ("AESEV = 1", "EQ NE LT LE GT GE IN NOTIN, MISSING or NOT MISSING is expected, found '=' at column 7"),
        ("AVAL EQ", "a quoted text, a number, a $setting or a column is expected, found the end at column 8"),
        ("AVAL EQ AND", "a quoted text, a number, a $setting or a column is expected, found 'AND' at column 9"),
        ("AVAL GT 1 and BASE GT 1", "AND, OR or the end is expected, found 'and' at column 11"),
        ("AVAL IN 1", "'(' is expected, found '1' at column 9"),
        ("AVAL IN ()", "a quoted text, a number or a $setting is expected, found ')' at column 10"),
        ("AVAL IN (BASE)", "a quoted text, a number or a $setting is expected, found 'BASE' at column 10"),
        ('AVAL NOT "MISSING"', "MISSING is expected, found 'MISSING' at column 10"),
        ("$x EQ 1", "a column is expected, found 'x' at column 1"),
        ("(A EQ 1", "')' is expected, found the end at column 8"),
        ("A EQ 1 ; B EQ 2", "cannot read '; B EQ 2' at column 8"),
        ("A EQ 5mg", "cannot read '5mg' at column 6"),
    ],
)
def test_a_fault_names_its_column(text, fault):
    with pytest.raises(GrammarError) as raised:
        parse_where(text)
    assert str(raised.value) == fault


def test_what_a_condition_reads():
    where = parse_where("A EQ B AND (C IN ($x, 1) OR NOT D MISSING) AND A LT $y")
    assert list(columns_of(where)) == ["A", "B", "C", "D", "A"]
    assert list(settings_of(where)) == ["x", "y"]


def test_conjunction_of_what_is_there():
    assert and_() is None
    assert and_(None, eq("A")) == eq("A")
    assert and_(eq("A"), None, eq("B")) == Compound("AND", (eq("A"), eq("B")))


names = st.one_of(
    st.from_regex(r"[A-Z_][A-Z0-9_.]{0,7}", fullmatch=True),
    st.sampled_from(["AND", "OR", "NOT", "IN", "MISSING", "Visit name", "姓名", "5th", "a-b"]),
)
texts = st.text(max_size=12).filter(lambda t: not ('"' in t and "'" in t))
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
settings = st.from_regex(r"[a-z_][a-z0-9_]{0,7}", fullmatch=True).map(SettingRef)
values = st.one_of(texts.map(Literal), numbers.map(Literal), settings)
single = st.builds(
    Comparison,
    names,
    st.sampled_from([c for c in COMPARATORS if c not in ("IN", "NOTIN")]),
    st.tuples(values | names.map(ColumnRef)),
)
several = st.builds(
    Comparison, names, st.sampled_from(["IN", "NOTIN"]), st.lists(values, min_size=1, max_size=3).map(tuple)
)
leaves = st.one_of(single, several, st.builds(Missing, names, st.booleans()))
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Compound, st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Compound, st.just("NOT"), st.tuples(inner)),
    ),
    max_leaves=6,
)


@given(conditions)
def test_a_condition_written_out_reads_back_as_itself(where):
    assert parse_where(str(where)) == where


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("A EQ 1", ["A EQ 1"]),
        ("A EQ 1 AND (B EQ 2 AND C EQ 3)", ["A EQ 1", "B EQ 2", "C EQ 3"]),
        ("A EQ 1 AND (B EQ 2 OR C EQ 3)", ["A EQ 1", "B EQ 2 OR C EQ 3"]),
        ("A EQ 1 AND B EQ 2 OR C EQ 3", ["(A EQ 1 AND B EQ 2) OR C EQ 3"]),
        ("NOT A EQ 1 AND NOT (B EQ 2 AND C EQ 3)", ["NOT (A EQ 1)", "NOT (B EQ 2 AND C EQ 3)"]),
        ('A EQ "x AND (y" AND B EQ \'" OR "\'', ['A EQ "x AND (y"', "B EQ '\" OR \"'"]),
        ("`AND` EQ $AND AND B.OR EQ 1", ["`AND` EQ $AND", "B.OR EQ 1"]),
        ("A EQ 1\n  AND  B EQ 2\nAND A EQ 1", ["A EQ 1", "B EQ 2", "A EQ 1"]),
    ],
)
def test_the_conditions_that_a_condition_joins_by_their_text(source, parts):
    found = parse_predicate(source)
    assert [str(where) for where in found] == parts
    assert parse_predicate(predicate_text(found)) == found


@given(conditions)
def test_conjuncts_of_a_text_are_those_of_its_condition(where):
    assert parse_predicate(str(where)) == conjuncts_of(where)


@pytest.mark.parametrize("source", ["A EQ 1 AND", "A EQ (1 AND B EQ 2", "AND A EQ 1", "A EQ 1) AND (B EQ 2"])
def test_no_condition_has_no_conjuncts(source):
    with pytest.raises(GrammarError):
        parse_predicate(source)
