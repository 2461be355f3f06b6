"""The one call grammar: `verb(COLUMN, name="text", other=[A, B], map={NEW: OLD}, limit=$setting)`.

A bare word is a column, dataset or verb, by what the parameter expects; a quoted one is text. A call is data: it names
a registered verb, and only `spec.registry` can bind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from datacut.spec.tokens import Cursor, GrammarError, number_of, written_name, written_number, written_text
from datacut.spec.where import SettingRef, Where, literals_of, parse_where


@dataclass(frozen=True, slots=True)
class Word:
    text: str

    def __str__(self) -> str:
        return written_name(self.text)


@dataclass(frozen=True, slots=True)
class Text:
    text: str

    def __str__(self) -> str:
        return written_text(self.text)


@dataclass(frozen=True, slots=True)
class Number:
    value: int | float

    def __str__(self) -> str:
        return written_number(self.value)


@dataclass(frozen=True, slots=True)
class ListValue:
    items: tuple[Value, ...]

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True, slots=True)
class MapValue:
    items: tuple[tuple[str, Value], ...]

    def __str__(self) -> str:
        return "{" + ", ".join(f"{_key(k)}: {v}" for k, v in self.items) + "}"


@dataclass(frozen=True, slots=True)
class CasesValue:
    """A map whose keys are conditions, as a bound call has it: conditions in order, each with its value."""

    items: tuple[tuple[Where, Value], ...]


type Value = Word | Text | Number | ListValue | MapValue | SettingRef
type Given = Value | Where | CasesValue
"""What a bound call has for a parameter."""


@dataclass(frozen=True, slots=True)
class Call:
    """A verb with positional and named values, as written."""

    verb: str
    args: tuple[Value, ...] = ()
    named: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        inner = [str(a) for a in self.args] + [f"{written_name(k)}={v}" for k, v in self.named]
        return f"{written_name(self.verb)}({', '.join(inner)})"


@cache
def parse_call(source: str) -> Call:
    """Read one call; a verb without arguments may leave the brackets out. Raises GrammarError."""
    cursor = Cursor(source)
    if cursor.here.kind != "word":
        raise cursor.fault("a verb is expected")
    verb = cursor.take().text
    args: list[Value] = []
    named: dict[str, Value] = {}
    if cursor.at_mark("("):
        for _ in _items(cursor, ")"):
            if cursor.here.kind == "word" and cursor.peek(1).kind == "mark" and cursor.peek(1).text == "=":
                if cursor.here.text in named:
                    raise cursor.fault("a name is given twice")
                name = cursor.take().text
                cursor.take()
                named[name] = _value(cursor)
            elif named:
                raise cursor.fault("a named value is expected after the first named one")
            else:
                args.append(_value(cursor))
    if not cursor.at_end:
        raise cursor.fault("the end is expected")
    return Call(verb, tuple(args), tuple(named.items()))


def names_in(call: Call) -> Iterator[str]:
    """Every bare word and every name of a map in a call."""
    todo: list[Value] = [*call.args, *(v for _, v in call.named)]
    while todo:
        match todo.pop():
            case Word(text):
                yield text
            case ListValue(items):
                todo += items
            case MapValue(pairs):
                yield from (k for k, _ in pairs)
                todo += (v for _, v in pairs)


def codes_in(value: Given) -> list[str] | None:
    """The codes of a value that a parameter of codes takes, `{part: CODE}`, a list or one; None if it holds others."""
    match value:
        case MapValue(pairs):
            items: tuple[Given, ...] = tuple(v for _, v in pairs)
        case ListValue(items):
            pass
        case _:
            items = (value,)
    codes = [i.text for i in items if isinstance(i, Word | Text)]
    return codes if len(codes) == len(items) else None


def fixed_in(call: Call) -> dict[str, list[str | int | float]]:
    """Texts and numbers that stand in a call, by the name of the argument (blank for those without), in order.

    Those of a condition are the values it compares with.
    """
    found: dict[str, list[str | int | float]] = {}
    for name, value in (*(("", a) for a in call.args), *call.named):
        found.setdefault(name, []).extend(_fixed(value))
    return found


def _fixed(value: Value) -> Iterator[str | int | float]:
    match value:
        case Number(number):
            yield number
        case Text(text):
            try:
                yield from literals_of(parse_where(text))
            except GrammarError:
                yield text
        case ListValue(items):
            for item in items:
                yield from _fixed(item)
        case MapValue(pairs):
            for key, item in pairs:
                yield from (v for v in _fixed(Text(key)) if v != key)
                yield from _fixed(item)


def _value(cursor: Cursor) -> Value:
    token = cursor.here
    match token.kind:
        case "text":
            return Text(cursor.take().text)
        case "number":
            return Number(number_of(cursor.take().text))
        case "setting":
            return SettingRef(cursor.take().text)
        case "word":
            return Word(cursor.take().text)
    if cursor.at_mark("["):
        return ListValue(tuple(_value(cursor) for _ in _items(cursor, "]")))
    if cursor.at_mark("{"):
        pairs: dict[str, Value] = {}
        for _ in _items(cursor, "}"):
            if cursor.here.kind not in ("word", "text", "number"):
                raise cursor.fault("a name is expected")
            if cursor.here.text in pairs:
                raise cursor.fault("a name is given twice")
            key = cursor.take().text
            cursor.expect_mark(":")
            pairs[key] = _value(cursor)
        return MapValue(tuple(pairs.items()))
    raise cursor.fault("a value is expected")


def _items(cursor: Cursor, closing: str) -> Iterator[None]:
    """Step from one item of a bracket to the next; the caller reads the item."""
    cursor.take()
    while not cursor.at_mark(closing):
        yield
        if not cursor.at_mark(closing):
            cursor.expect_mark(",")
    cursor.take()


def _key(key: str) -> str:
    shown = written_name(key)
    return key if shown == key else written_text(key)
