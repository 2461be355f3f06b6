"""Sentences that print settings: `{$name}` in any text of a spec is the value in force, never a copy of it.

Filled in as a spec is read, in keys that are labels too, so that titles, labels, methods, footnotes and Define-XML say
one thing. `{$name:%}` is a part as a percentage (0.8 is `80%`), `{$name:list}` and `{$name:or}` several values (`a, b
and c`, `a, b or c`), `{$name:words}` what the setting's `words` say of its value, `{$name:+1}` a number so much on (the
day after). `{=7}` is a number of the sentence's own that a setting happens to have too; `{=criterion}` is the text or
number that the argument `criterion` of the entry's own call holds, `{=where:2}` the second of several.
`{@table.column: other=value}` are the cells of a column in the rows of a table of study.yml in which another has a
value (`spec.table_words`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from datacut.errors import Finding, Location, Severity, SpecError, nearest
from datacut.spec.calls import fixed_in, parse_call
from datacut.spec.document import Document, Loc, Tree
from datacut.spec.scalars import is_number
from datacut.spec.study import Setting, Study, StudyTable
from datacut.spec.table_words import rows_said
from datacut.spec.tokens import GrammarError

LATER: Final = ("cut_date",)
"""What a page knows of its cut, filled in when it is made."""
PRINTED: Final = re.compile(r"\{\$(?P<name>\w+)(?::(?P<form>[^{}]*))?\}")
"""A setting in a sentence."""


_STEP: Final = re.compile(r"[+-]\d+")
ROWS: Final = re.compile(r"\{@(?P<table>\w+)\.(?P<told>\w+): (?P<by>\w+)=(?P<value>[^{}]*)\}")
"""Rows of a table in a sentence."""
OWN: Final = re.compile(r"\{=([^{}]*)\}")
"""A number of a sentence's own, or what an argument of its call holds."""
_ARGUMENT: Final = re.compile(r"([a-z]\w*)(?::(\d+))?")
CALLS: Final = ("derive", "call")
"""Keys of calls."""


def printable(study: Study) -> dict[str, Setting]:
    """What a sentence may print: settings, and the versions of standards and dictionaries."""
    versions = {n: Setting(value=v, source="", text="") for n, v in study.standards if isinstance(v, str)}
    return versions | study.settings


def with_values(
    document: Document, values: Mapping[str, Setting], tables: Mapping[str, StudyTable] | None = None
) -> Document:
    """The document with every `{$name}` and `{@table...}` filled in.

    Raises SpecError with file and line of each that cannot be.
    """
    findings: list[Finding] = []

    def filled(tree: Tree, loc: Loc, call: str | None = None) -> Tree:
        if isinstance(tree, dict):
            own = call_of(tree)
            return {
                text_of(key, loc) if "{" in key else key: value
                if isinstance(value, str) and "{" not in value
                else filled(value, (*loc, key), own)
                for key, value in tree.items()
            }
        if isinstance(tree, list):
            return [filled(value, (*loc, number)) for number, value in enumerate(tree)]
        return text_of(tree, loc, call)

    def text_of(text: str, loc: Loc, call: str | None = None) -> str:
        text = PRINTED.sub(lambda found: said(found, loc), text) if "{$" in text else text
        text = ROWS.sub(lambda found: rows(found, loc), text) if "{@" in text else text
        return OWN.sub(lambda found: held(found, loc, call or text), text) if "{=" in text else text

    def held(found: re.Match[str], loc: Loc, call: str) -> str:
        argument = _ARGUMENT.fullmatch(found[1])
        if argument is None:
            return found[1]
        values = _held(call).get(argument[1], [])
        place = int(argument[2]) if argument[2] else 1
        if place > len(values) or (argument[2] is None and len(values) > 1):
            what, remedy = "the call beside the sentence holds no such value", "Name an argument of it, {=where:2}."
            findings.append(_fault(document.where(loc), what, found[0], remedy))
            return ""
        return str(values[place - 1])

    def rows(found: re.Match[str], loc: Loc) -> str:
        table = (tables or {}).get(found["table"])
        words = table and rows_said(table, found["told"], found["by"], found["value"])
        if not words:
            remedy = (
                nearest(found["table"], tables or ()) if table is None else "Name two columns and a value of a row."
            )
            findings.append(_fault(document.where(loc), "a table has no such rows", found[0], remedy))
        return words or ""

    def said(found: re.Match[str], loc: Loc) -> str:
        name, form = found["name"], found["form"]
        if name in LATER:
            return found[0]
        if name not in values:
            remedy = nearest(name, [*values, *LATER])
            findings.append(_fault(document.where(loc), "a sentence prints an unknown setting", name, remedy))
            return ""
        words = printed(values[name], form or "")
        if words is None:
            remedy = (
                "Write {$name}, or {$name:...} with % or +1 of a number, list, or, or words of a setting that has them."
            )
            findings.append(_fault(document.where(loc), f"{name} cannot be printed so", found[0], remedy))
        return words or ""

    data = filled(document.data, ())
    if findings:
        raise SpecError(findings)
    return replace(document, data=data)


def call_of(tree: Mapping[str, Tree]) -> str | None:
    """The call that stands in an entry of a spec."""
    return next((c for key in CALLS if isinstance(c := tree.get(key), str)), None)


def _held(call: str) -> dict[str, list[str | int | float]]:
    try:
        return fixed_in(parse_call(call))
    except GrammarError:
        return {}


def printed(setting: Setting, form: str = "") -> str | None:
    """The value of a setting as a sentence has it; None if `form` does not fit it."""
    value = setting.value
    words = [str(v) for v in value] if isinstance(value, tuple) else [str(value)]
    match form:
        case "":
            return ", ".join(words)
        case "list" | "or":
            last = " or " if form == "or" else " and "
            return last.join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
        case "%" if all(map(is_number, words)):
            return ", ".join(f"{(Decimal(w) * 100).normalize():f}%" for w in words)
        case _ if _STEP.fullmatch(form) and len(words) == 1 and is_number(words[0]):
            return f"{(Decimal(words[0]) + Decimal(form)).normalize():f}"
        case "words" if all(w in setting.words for w in words):
            return ", ".join(setting.words[w] for w in words)
        case _:
            return None


def _fault(where: Location, what: str, value: str, remedy: str) -> Finding:
    return Finding(Severity.ERROR, "spec.sentence", where, what, value, remedy)
