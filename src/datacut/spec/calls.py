"""The one call grammar: `verb(COLUMN, name="text", other=[A, B], map={NEW: OLD}, limit=$setting)`.

A bare word is a column, dataset or verb, by what the parameter expects; a quoted one is text. A call is data: it names a
registered verb, and only `spec.registry` can bind it.
"""

from __future__ import annotations

from dataclasses import dataclass

from datacut.spec.tokens import Cursor
from datacut.spec.where import SettingRef


@dataclass(frozen=True, slots=True)
class Word:
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Text:
    text: str

    def __str__(self) -> str:
        return f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Number:
    value: int | float

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class ListValue:
    items: tuple[Value, ...]

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True, slots=True)
class MapValue:
    items: tuple[tuple[str, Value], ...]

    def __str__(self) -> str:
        return "{" + ", ".join(f"{k}: {v}" for k, v in self.items) + "}"


type Value = Word | Text | Number | ListValue | MapValue | SettingRef


@dataclass(frozen=True, slots=True)
class Call:
    """A verb with positional and named values, as written."""

    verb: str
    args: tuple[Value, ...] = ()
    named: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        inner = [str(a) for a in self.args] + [f"{k}={v}" for k, v in self.named]
        return f"{self.verb}({', '.join(inner)})"


def parse_call(source: str) -> Call:
    """Read one call; a verb without arguments may leave the brackets out. Raises GrammarError."""
    cursor = Cursor(source)
    if cursor.here.kind != "word":
        raise cursor.fault("a verb is expected")
    verb = cursor.take().text
    args: list[Value] = []
    named: list[tuple[str, Value]] = []
    if cursor.at_mark("("):
        cursor.take()
        while not cursor.at_mark(")"):
            if cursor.here.kind == "word" and cursor.peek(1).kind == "mark" and cursor.peek(1).text == "=":
                name = cursor.take().text
                cursor.take()
                if name in dict(named):
                    raise cursor.fault(f"{name} is given twice")
                named.append((name, _value(cursor)))
            elif named:
                raise cursor.fault("a named value is expected after the first named one")
            else:
                args.append(_value(cursor))
            if not cursor.at_mark(")"):
                cursor.expect_mark(",")
        cursor.take()
    if not cursor.at_end:
        raise cursor.fault("the end is expected")
    return Call(verb, tuple(args), tuple(named))


def _value(cursor: Cursor) -> Value:
    token = cursor.here
    if token.kind == "text":
        return Text(cursor.take().text)
    if token.kind == "number":
        text = cursor.take().text
        return Number(float(text) if "." in text else int(text))
    if token.kind == "setting":
        return SettingRef(cursor.take().text)
    if token.kind == "word":
        return Word(cursor.take().text)
    if cursor.at_mark("["):
        cursor.take()
        items: list[Value] = []
        while not cursor.at_mark("]"):
            items.append(_value(cursor))
            if not cursor.at_mark("]"):
                cursor.expect_mark(",")
        cursor.take()
        return ListValue(tuple(items))
    if cursor.at_mark("{"):
        cursor.take()
        pairs: list[tuple[str, Value]] = []
        while not cursor.at_mark("}"):
            if cursor.here.kind not in ("word", "text", "number"):
                raise cursor.fault("a name is expected")
            key = cursor.take().text
            cursor.expect_mark(":")
            pairs.append((key, _value(cursor)))
            if not cursor.at_mark("}"):
                cursor.expect_mark(",")
        cursor.take()
        return MapValue(tuple(pairs))
    raise cursor.fault("a value is expected")
