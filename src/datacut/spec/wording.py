"""Resolved calls in plain English: one place that turns a call into a sentence, for Define-XML, `explain` and guides.

The words of a verb stand beside its registration, `@verb("column", says="{source} times {factor}")`, one text, or one
for each parameter whose column it writes. In them

{name}              is the value of a parameter: columns, conditions and settings as they are in this call;
{name:or}           a list with `or`; `{name:first}` the first of it that is not missing; `{name:plain}` a text without
                    quotes; `{name:own}` of a list as long as `params` the one at the place of the parameter spoken of,
                    and of a function its words for the criterion that the column spoken of holds;
{name?a=x|b=y|z}    is x where the value is a, y where it is b, else z;
[ of {name}]        is left out unless every parameter named in it has a value.

The words of a function of the study stand beside it in the same way; there `{1}` is the first of the `inputs` of the
call that names it (without inputs, of its `params`), and `{limit}` one of its `options`. Where they have several texts,
`{value:criterion2}` is that.

A setting is its value. A working column `_X`, which no reader of a dataset can see, is `[X]`: who uses a sentence says
what that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from datacut.spec.bound import BoundCall
from datacut.spec.calls import (
    Call,
    CasesValue,
    Given,
    ListValue,
    MapValue,
    Number,
    Text,
    Value,
    Word,
    codes_in,
    names_in,
)
from datacut.spec.study import Setting
from datacut.spec.tokens import written_number, written_text
from datacut.spec.where import ColumnRef, Comparison, Compound, Literal, Missing, Operand, SettingRef, Where, columns_of

_SIGNS = {"EQ": "=", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "IN": "in", "NOTIN": "not in"}
_KEYED = re.compile(r"(?P<key>[\w.]*)=(?P<words>.*)", re.DOTALL)
_OF_SOURCE = ("SourceColumn", "SourceColumns", "SourceCondition", "ColumnMap")
_COLUMNS = ("Column", "Columns", "Keys", "NewColumn", "SourceColumn", "SourceColumns")
_CONDITIONS = ("Condition", "SourceCondition")
_NO_VALUE = (Comparison, Missing, Compound, CasesValue)


def all_hold(*criteria: str, also: str = "") -> Mapping[str, str]:
    """Words of a function that judges several criteria: of the whole, of each, `criterion1`, ..., and of `reason`."""
    listed = "; ".join(f"({number}) {c}" for number, c in enumerate(criteria, start=1))
    whole = f'"Y" where all hold: {listed}. "N" where one does not, missing where what is missing leaves it open{also}'
    reason = f"the criteria that are not met, or where none is surely not met, those that are not known, of: {listed}"
    return {"": whole, "reason": reason} | {f"criterion{number}": c for number, c in enumerate(criteria, start=1)}


def shown(column: str, source: str | None = None) -> str:
    """A column as a sentence names it: `[X]` for the working column `_X`, `[AE.X]` for that of a source."""
    return f"[{source}.{column[1:]}]" if source and _is_working(column) else _own(column)


def _own(column: str) -> str:
    return f"[{column[1:]}]" if _is_working(column) else column


def _is_working(column: str) -> bool:
    return column.startswith("_")


def source_name(source: str) -> str:
    """What a reader knows a source as: a form of the CRF, the study, a dataset."""
    kind, _, name = source.partition(".")
    return {"raw": f"the form {name}", "study": f"the {name or 'facts'} of the study"}.get(kind, source)


@dataclass(frozen=True)
class Wording:
    """Sentences with the settings of one study."""

    settings: Mapping[str, Setting]

    def condition(self, where: Where, source: str | None = None) -> str:
        """A condition, on the records of a source if it is of one."""
        match where:
            case Missing(column, negated):
                return f"{shown(column, source)} is {'not ' if negated else ''}missing"
            case Comparison(column, comparator, operands):
                values = [self._operand(o, source) for operand in operands for o in self._resolved(operand)]
                right = f"({', '.join(values)})" if comparator in ("IN", "NOTIN") else values[0]
                return f"{shown(column, source)} {_SIGNS[comparator]} {right}"
            case Compound("NOT", (part,)):
                return f"not ({self.condition(part, source)})"
            case Compound(operator, parts):
                texts = (self.condition(p, source) for p in parts)
                joined = (f"({t})" if isinstance(p, Compound) else t for p, t in zip(parts, texts, strict=True))
                return f" {operator.lower()} ".join(joined)

    def sentence(self, bound: BoundCall, new: str) -> str | None:
        """What the call makes of `new`; None where its verb has no words for that column."""
        says = bound.verb.says
        template = says if isinstance(says, str) else says.get(_written_by(bound, new), says.get(""))
        return None if template is None else _Sentence(self, bound, new).expand(template).strip()

    def says_of_all(self, bound: BoundCall, column: str) -> bool:
        """Whether the verb has words for a column of all records that it adds."""
        return not isinstance(bound.verb.says, str) and column in bound.verb.says

    def expression(self, bound: BoundCall, where: Where | None = None) -> str | None:
        """The call in the language of the spec with its settings resolved; None if it holds what no reader can see."""
        takes = {p.name: p.takes for p in bound.verb.parameters}
        names = (p.name for p in bound.verb.parameters)
        args = tuple(self._value(n, takes, v, bound) for n, v in zip(names, bound.call.args, strict=False))
        named = tuple((n, self._value(n, takes, v, bound)) for n, v in bound.call.named)
        text = str(Call(bound.call.verb, args, named))
        if where is not None:
            text = f"{text} where {self._filled(where)}"
        hidden = any(word.startswith(("_", "study.")) for word in _names_of(bound, where))
        return None if hidden else text

    def resolved(self, value: Value) -> Value:
        """A value with every setting in it as what it is."""
        match value:
            case SettingRef(name):
                known = self.settings[name].value
                items = tuple(_typed(v) for v in known) if isinstance(known, tuple) else (_typed(known),)
                return ListValue(items) if isinstance(known, tuple) else items[0]
            case ListValue(items):
                return ListValue(tuple(self.resolved(i) for i in items))
            case MapValue(items):
                return MapValue(tuple((k, self.resolved(v)) for k, v in items))
            case _:
                return value

    def _value(self, name: str, takes: Mapping[str, str], value: Value, bound: BoundCall) -> Value:
        given = bound.values.get(name)
        if isinstance(given, CasesValue):
            return MapValue(tuple((str(self._filled(when)), self.resolved(then)) for when, then in given.items))
        if takes[name] in _CONDITIONS and isinstance(given, Comparison | Missing | Compound):
            return Text(str(self._filled(given)))
        return self.resolved(value)

    def _filled(self, where: Where) -> Where:
        match where:
            case Comparison(_, _, operands):
                return replace(where, operands=tuple(r for o in operands for r in self._resolved(o)))
            case Compound(_, parts):
                return replace(where, parts=tuple(self._filled(p) for p in parts))
            case _:
                return where

    def _resolved(self, operand: Operand) -> list[Operand]:
        if not isinstance(operand, SettingRef):
            return [operand]
        known = self.resolved(operand)
        items = known.items if isinstance(known, ListValue) else (known,)
        return [Literal(i.value if isinstance(i, Number) else str(getattr(i, "text", ""))) for i in items]

    def _operand(self, operand: Operand, source: str | None) -> str:
        match operand:
            case ColumnRef(name):
                return shown(name, source)
            case Literal(value):
                return f'"{value}"' if isinstance(value, str) else written_number(value)
            case _:
                return str(operand)


@dataclass(frozen=True)
class _Sentence:
    """One template filled in for one call. new: the column that is spoken of."""

    wording: Wording
    bound: BoundCall
    new: str

    def expand(self, template: str) -> str:
        out, rest = "", template
        while rest:
            mark = min((i for c in "{[" if (i := rest.find(c)) >= 0), default=len(rest))
            out, rest = out + rest[:mark], rest[mark:]
            if rest:
                (kind, inner), rest = _inside(rest)
                out += self._part(kind, inner)
        return out

    def _part(self, kind: str, inner: str) -> str:
        if kind == "[":
            return self.expand(inner) if all(self._value(n)[1] is not None for n in _fields(inner)) else ""
        name, asks, choices = inner.partition("?")
        if asks:
            return self._chosen(name, choices)
        name, _, form = inner.partition(":")
        takes, value = self._value(name)
        return "" if value is None else self._words(takes, value, form)

    def _chosen(self, name: str, choices: str) -> str:
        _, value = self._value(name)
        text = "" if value is None or isinstance(value, _NO_VALUE) else _plain(value)
        for choice in _split(choices):
            keyed = _KEYED.fullmatch(choice)
            if keyed is None or keyed["key"] == text:
                return self.expand(choice if keyed is None else keyed["words"])
        return ""

    def _value(self, name: str) -> tuple[str, Given | None]:
        """What a field of a template takes, and its value in this call: a parameter, an input or an option."""
        parameter = next((p for p in self.bound.verb.parameters if p.name == name), None)
        if parameter is None:
            return self._of_function(name)
        given = self.bound.values.get(name)
        if given is None and parameter.default not in (None, ""):
            default = parameter.default
            given = Number(default) if isinstance(default, int | float) and not isinstance(default, bool) else None
            given = given or Word(str(default).lower() if isinstance(default, bool) else str(default))
        if given is None or isinstance(given, _NO_VALUE):
            return parameter.takes, given
        return parameter.takes, self.wording.resolved(given)

    def _of_function(self, name: str) -> tuple[str, Given | None]:
        values = self.bound.values
        part = (values.get("inputs") or values.get("params")) if name.isdigit() else values.get("options")
        match part:
            case MapValue(items) if name.isdigit():
                return "Code", items[int(name) - 1][1]
            case ListValue(items) if name.isdigit():
                return "Column", items[int(name) - 1]
            case Word() if name.isdigit():
                return "Column", part
            case MapValue(items):
                option = dict(items).get(name)
                return "str", None if option is None else self.wording.resolved(option)
            case _:
                return "str", None

    def _words(self, takes: str, value: Given, form: str) -> str:
        source = self.bound.source if takes in _OF_SOURCE else None
        if isinstance(value, CasesValue):
            resolved = ((self.wording.resolved(then), self.wording.condition(when)) for when, then in value.items)
            return "; else ".join(f"{_quoted(then)} where {when}" for then, when in resolved)
        if isinstance(value, Comparison | Missing | Compound):
            return self.wording.condition(value, source)
        if form == "plain":
            return _plain(value)
        if form == "own":
            return self._own(takes, value)
        match takes, value:
            case "Source", Word(text):
                return source_name(text)
            case "Function", Word(text):
                says = self.bound.rules.get(text, "")
                return self.expand(says if isinstance(says, str) else says.get(form) or says.get("", ""))
            case "ColumnMap", MapValue(items):
                old = dict(items).get(self.new)
                return ", ".join(shown(_plain(v), source) for v in ([old] if old else [v for _, v in items]))
            case takes, _ if takes in _COLUMNS:
                return _joined([shown(w, source) for w in _texts(value)], form)
            case takes, MapValue(items) if "Code" in takes:
                return _joined([_plain(v) if _plain(v) == k else f"{_plain(v)} ({k})" for k, v in items])
            case takes, _ if "Code" in takes or takes == "Table":
                return _joined(_texts(value), form)
            case _, MapValue(items):
                return _joined([f"{k}: {_quoted(v)}" for k, v in items])
            case _, ListValue(items):
                return _joined([_quoted(i) for i in items], form)
            case _:
                return _quoted(value)

    def _given(self, name: str) -> list[str]:
        return _columns(self.bound.values.get(name))

    def _own(self, takes: str, value: Value) -> str:
        """Of a list, or a map of parts to codes, what belongs to the parameter that is spoken of; else all of it."""
        if takes == "Function":
            columns = [c for p in self.bound.verb.parameters if p.takes == "NewColumns" for c in self._given(p.name)]
            return self._words(takes, value, f"criterion{columns.index(self.new) + 1}")
        if isinstance(value, MapValue):
            part = next((k for k, v in value.items if _plain(v) == self.new), None)
            return part or self._words(takes, value, "")
        _, params = self._value("params")
        codes = _texts(params) if isinstance(params, ListValue | Word) else []
        if isinstance(value, ListValue) and self.new in codes:
            value = value.items[codes.index(self.new)]
        return self._words(takes, value, "")


@cache
def _inside(text: str) -> tuple[tuple[str, str], str]:
    """What stands in the bracket that a text begins with, with its kind, and the rest."""
    closing = {"{": "}", "[": "]"}[text[0]]
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == text[0]) - (letter == closing)
        if depth == 0:
            return (text[0], text[1:place]), text[place + 1 :]
    raise ValueError(f"a bracket of a sentence is open: {text}")


@cache
def _fields(template: str) -> tuple[str, ...]:
    """Parameters that a part of a template names outside parts of its own."""
    found, rest = [], template
    while (mark := min((i for c in "{[" if (i := rest.find(c)) >= 0), default=-1)) >= 0:
        (kind, inner), rest = _inside(rest[mark:])
        if kind == "{":
            found.append(inner.partition("?")[0].partition(":")[0])
    return tuple(found)


@cache
def _split(choices: str) -> tuple[str, ...]:
    """Choices between bars; a bar in braces belongs to a choice."""
    parts, depth = [""], 0
    for letter in choices:
        depth += (letter == "{") - (letter == "}")
        if letter == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return tuple(parts)


def _written_by(bound: BoundCall, new: str) -> str:
    """The parameter whose column `new` is, else its own name."""
    for parameter in bound.verb.parameters:
        value = bound.values.get(parameter.name)
        if parameter.takes == "NewColumn" and value == Word(new):
            return parameter.name
        if parameter.takes == "NewColumns" and new in _columns(value):
            return parameter.name
    return new


def _columns(value: Given | None) -> list[str]:
    return (codes_in(value) or []) if value is not None else []


def _names_of(bound: BoundCall, where: Where | None) -> Iterator[str]:
    yield from names_in(bound.call)  # a case that begins with a working column is among them, and hides the call too
    yield bound.call.verb
    for condition in (*bound.conditions("Condition"), *bound.conditions("SourceCondition"), where):
        if condition is not None:
            yield from columns_of(condition)


def _typed(value: str | float) -> Value:
    return Text(value) if isinstance(value, str) else Number(value)


def _texts(value: Value) -> list[str]:
    return [_plain(i) for i in value.items] if isinstance(value, ListValue) else [_plain(value)]


def _plain(value: Value) -> str:
    match value:
        case Word(text) | Text(text):
            return text
        case Number(number):
            return written_number(number)
        case ListValue(items):
            return _joined([_plain(i) for i in items])
        case _:
            return str(value)


def _quoted(value: Value) -> str:
    match value:
        case Text(text) | Word(text):
            return written_text(text)
        case ListValue(items):
            return _joined([_quoted(i) for i in items])
        case MapValue(items):
            return _joined([f"{k}: {_quoted(v)}" for k, v in items])
        case _:
            return _plain(value)


def _joined(words: list[str], form: str = "") -> str:
    if form == "first":
        return words[0] if len(words) == 1 else f"the first of {_joined(words)} that is not missing"
    last = " or " if form == "or" else " and "
    return last.join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
