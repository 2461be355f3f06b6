"""The one condition grammar: `PARAMCD IN ("A", "B") AND (AVAL NOT MISSING OR NOT ANL01FL EQ "Y")`.

Comparators are CDISC's (EQ NE LT LE GT GE IN NOTIN) plus MISSING and NOT MISSING. A bare word is a column, a quoted one
text, `$name` a setting. Logic is three-valued: a comparison with a missing value is neither true nor false, so missing
satisfies only MISSING. A condition is data; it is never evaluated as Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from datacut.spec.tokens import Cursor, number_of, written_name, written_number, written_text

COMPARATORS = ("EQ", "NE", "LT", "LE", "GT", "GE", "IN", "NOTIN")
KEYWORDS = (*COMPARATORS, "AND", "OR", "NOT", "MISSING")
_JOINT = re.compile(r"""[()]|"[^"]*"|'[^']*'|`[^`]*`|(?<![\w.$])(?:AND|OR)(?![\w.])""")


@dataclass(frozen=True, slots=True)
class ColumnRef:
    name: str

    def __str__(self) -> str:
        return _column_name(self.name)


@dataclass(frozen=True, slots=True)
class SettingRef:
    name: str

    def __str__(self) -> str:
        return f"${self.name}"


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | float

    def __str__(self) -> str:
        return written_text(self.value) if isinstance(self.value, str) else written_number(self.value)


type Operand = ColumnRef | SettingRef | Literal


@dataclass(frozen=True, slots=True)
class Comparison:
    """`column comparator operand(s)`; IN and NOTIN hold texts, numbers and settings, the others one operand."""

    column: str
    comparator: str
    operands: tuple[Operand, ...]

    def __str__(self) -> str:
        column = _column_name(self.column)
        if self.comparator in ("IN", "NOTIN"):
            return f"{column} {self.comparator} ({', '.join(map(str, self.operands))})"
        return f"{column} {self.comparator} {self.operands[0]}"


@dataclass(frozen=True, slots=True)
class Missing:
    column: str
    negated: bool

    def __str__(self) -> str:
        return f"{_column_name(self.column)} {'NOT ' if self.negated else ''}MISSING"


@dataclass(frozen=True, slots=True)
class Compound:
    """AND or OR of two or more conditions, or NOT of one."""

    operator: str
    parts: tuple[Where, ...]

    def __str__(self) -> str:
        if self.operator == "NOT":
            return f"NOT ({self.parts[0]})"
        return f" {self.operator} ".join(f"({p})" if isinstance(p, Compound) else str(p) for p in self.parts)


type Where = Comparison | Missing | Compound

type Predicate = tuple[Where, ...]
"""Conditions that must all hold, none of them a conjunction; without any, everything is selected."""


@cache
def parse_where(source: str) -> Where:
    """Read one condition; raises GrammarError naming the column of the text where it stops making sense."""
    cursor = Cursor(source)
    condition = _or(cursor)
    if not cursor.at_end:
        raise cursor.fault("AND, OR or the end is expected")
    return condition


def columns_of(where: Where) -> Iterator[str]:
    """Every column a condition reads, in reading order."""
    match where:
        case Comparison(column, _, operands):
            yield column
            yield from (o.name for o in operands if isinstance(o, ColumnRef))
        case Missing(column):
            yield column
        case Compound(_, parts):
            for part in parts:
                yield from columns_of(part)


def literals_of(where: Where) -> Iterator[str | int | float]:
    """The texts and numbers that a condition compares with, in order."""
    match where:
        case Comparison(_, _, operands):
            yield from (o.value for o in operands if isinstance(o, Literal))
        case Compound(_, parts):
            for part in parts:
                yield from literals_of(part)


def settings_of(where: Where) -> Iterator[str]:
    """Every setting a condition reads."""
    match where:
        case Comparison(_, _, operands):
            yield from (o.name for o in operands if isinstance(o, SettingRef))
        case Compound(_, parts):
            for part in parts:
                yield from settings_of(part)
        case _:
            return


def and_(*parts: Where | None) -> Where | None:
    """The conjunction of the conditions that are there; None if none is."""
    present = tuple(p for p in parts if p is not None)
    if len(present) < 2:
        return present[0] if present else None
    return Compound("AND", present)


def conjuncts_of(where: Where) -> tuple[Where, ...]:
    """The conditions that must all hold: those of a conjunction and of conjunctions inside it, else the condition."""
    if isinstance(where, Compound) and where.operator == "AND":
        return tuple(c for part in where.parts for c in conjuncts_of(part))
    return (where,)


def predicate_of(*parts: Where | None) -> Predicate:
    """The conditions that a conjunction of conditions joins."""
    return tuple(c for part in parts if part is not None for c in conjuncts_of(part))


def predicate_text(predicate: Predicate) -> str:
    """A predicate as one condition, without brackets around conjunctions inside it; blank without any condition."""
    if len(predicate) == 1:
        return str(predicate[0])
    return " AND ".join(f"({c})" if isinstance(c, Compound) else str(c) for c in predicate)


def parse_predicate(source: str) -> Predicate:
    """What `predicate_text` has written.

    Each different part is read once: the predicates of results are many, and made of few parts.
    """
    return tuple(c for part in _parts_of(source) for c in _read_part(part)) if source else ()


def _parts_of(source: str) -> list[str]:
    """The texts between the outermost ANDs; the whole if they stand in an OR."""
    parts = []
    start = depth = 0
    for found in _JOINT.finditer(source):
        match found[0]:
            case "(":
                depth += 1
            case ")":
                depth -= 1
            case "OR" if depth == 0:
                return [source]
            case "AND" if depth == 0:
                parts.append(source[start : found.start()].strip())
                start = found.end()
    return [*parts, source[start:].strip()]


@cache
def _read_part(source: str) -> Predicate:
    return conjuncts_of(parse_where(source))


def _or(cursor: Cursor) -> Where:
    parts = [_and(cursor)]
    while cursor.at_word("OR"):
        cursor.take()
        parts.append(_and(cursor))
    return parts[0] if len(parts) == 1 else Compound("OR", tuple(parts))


def _and(cursor: Cursor) -> Where:
    parts = [_not(cursor)]
    while cursor.at_word("AND"):
        cursor.take()
        parts.append(_not(cursor))
    return parts[0] if len(parts) == 1 else Compound("AND", tuple(parts))


def _not(cursor: Cursor) -> Where:
    if cursor.at_word("NOT"):
        cursor.take()
        return Compound("NOT", (_not(cursor),))
    if cursor.at_mark("("):
        cursor.take()
        inner = _or(cursor)
        cursor.expect_mark(")")
        return inner
    return _comparison(cursor)


def _comparison(cursor: Cursor) -> Where:
    if cursor.here.kind != "word" or cursor.at_word(*KEYWORDS):
        raise cursor.fault("a column is expected")
    column = cursor.take().text
    if cursor.at_word("MISSING"):
        cursor.take()
        return Missing(column, negated=False)
    if cursor.at_word("NOT"):
        cursor.take()
        if not cursor.at_word("MISSING"):
            raise cursor.fault("MISSING is expected")
        cursor.take()
        return Missing(column, negated=True)
    if not cursor.at_word(*COMPARATORS):
        raise cursor.fault("EQ NE LT LE GT GE IN NOTIN, MISSING or NOT MISSING is expected")
    comparator = cursor.take().text
    if comparator not in ("IN", "NOTIN"):
        return Comparison(column, comparator, (_operand(cursor),))
    cursor.expect_mark("(")
    operands = [_operand(cursor, in_list=True)]
    while cursor.at_mark(","):
        cursor.take()
        operands.append(_operand(cursor, in_list=True))
    cursor.expect_mark(")")
    return Comparison(column, comparator, tuple(operands))


def _operand(cursor: Cursor, *, in_list: bool = False) -> Operand:
    kind = cursor.here.kind
    if kind == "text":
        return Literal(cursor.take().text)
    if kind == "number":
        return Literal(number_of(cursor.take().text))
    if kind == "setting":
        return SettingRef(cursor.take().text)
    if in_list:
        raise cursor.fault("a quoted text, a number or a $setting is expected")
    if kind == "word" and not cursor.at_word(*KEYWORDS):
        return ColumnRef(cursor.take().text)
    raise cursor.fault("a quoted text, a number, a $setting or a column is expected")


def _column_name(name: str) -> str:
    return f"`{name}`" if name in KEYWORDS else written_name(name)
