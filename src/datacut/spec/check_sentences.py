"""Sentences that copy a setting, or an argument of their call, where they should print it: a value with its unit, a
quoted value, or a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from typing import Final

from datacut.errors import Finding, Severity
from datacut.spec.calls import fixed_in, parse_call
from datacut.spec.document import Document, Loc, Tree
from datacut.spec.load import Specs
from datacut.spec.scalars import is_number
from datacut.spec.sentences import CALLS, OWN, PRINTED, call_of
from datacut.spec.study import Setting
from datacut.spec.tokens import GrammarError

SENTENCES: Final = frozenset({"title", "label", "text", "note", "decode", "comment", "footnotes", "levels"})
"""Keys whose texts people read; what stands below them is read too."""
_WORD: Final = re.compile(r"\w+")
_QUOTED: Final = re.compile(r'"([^"]*)"')
OF_ENTRY: Final = ("title", "label", "text", "note")
"""Keys of the sentences of an entry that may stand beside a call."""
MEASURES: Final = (
    *("days", "day", "weeks", "week", "months", "month", "years", "hours", "minutes", "ms", "%", "percent", "x ULN"),
    *("or more", "or less", "or higher", "or lower"),
)
"""Words that make a number beside them a quantity, beside the units of the study."""
PARTS: Final = "part"
"""The unit of a setting that is a part of one and is written as a percentage too (0.8, 80%)."""


def check_sentences(specs: Specs) -> Iterator[Finding]:
    """One warning, with file and line, for each copy of a setting in a sentence as it was typed.

    A number is a copy if the setting's `unit` stands beside it (`180 days`, `to day 180`, `20%`), and it is no name of
    a visit; a text if it is quoted and one of the setting's alternatives; a name if it holds an underscore. 0 and 1 are
    words of the language and stand for no setting.
    """
    visits = {v.visit for v in specs.study.visits.values()}
    visits |= {w.avisit for windows in specs.study.windows.values() for w in windows}
    settings = specs.study.settings
    units = {s.unit for s in settings.values()} | {t.standard for t in specs.units.tests.values()}
    every = Copies.of(settings, visits)
    numbers = Copies.of({n: s for n, s in settings.items() if s.unit}, visits)
    for document in specs.documents.values():
        for loc, text in _sentences(document.data):
            sentence = OWN.sub(" ", PRINTED.sub(" ", text))
            told = numbers.found("; ".join(_QUOTED.findall(sentence))) if loc[-1] in CALLS else every.found(sentence)
            for copy, copied in told.items():
                remedy = f"Print {{${copied[0]}}}" + "".join(f" or {{${name}}}" for name in copied[1:])
                what = "a sentence copies a setting"
                yield Finding(Severity.WARNING, "spec.sentence", document.where(loc), what, copy, f"{remedy}.")
        yield from of_own_calls(document, units)


@dataclass(frozen=True)
class _Pattern:
    """One value of a setting as sentences write it: the texts without one of which it cannot stand there, and how."""

    setting: str
    needs: tuple[str, ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Copies:
    """Finds the words of sentences that copy settings: compiled once for all sentences of a study."""

    named: frozenset[str]
    patterns: tuple[_Pattern, ...]
    names_of_visits: re.Pattern[str] | None
    needs: re.Pattern[str] | None
    """Any text that some pattern needs."""

    @classmethod
    def of(cls, settings: Mapping[str, Setting], visits: Set[str]) -> Copies:
        patterns = [
            _Pattern(name, needs, re.compile(pattern))
            for name, setting in settings.items()
            for value in map(str, setting.value if isinstance(setting.value, tuple) else (setting.value,))
            for needs, pattern in (_number(value, setting.unit) if is_number(value) else _quoted(value, setting),)
            if pattern
        ]
        longest = "|".join(re.escape(name) for name in sorted(visits, key=len, reverse=True))
        visited = re.compile(rf"\b(?:{longest})(?![\w-])", re.IGNORECASE) if visits else None
        needs = "|".join(map(re.escape, sorted({need for p in patterns for need in p.needs})))
        named = frozenset(n for n in settings if "_" in n)
        return cls(named, tuple(patterns), visited, re.compile(needs) if needs else None)

    def found(self, sentence: str) -> dict[str, list[str]]:
        """The words of a sentence that copy settings, each with the settings that they may be."""
        copied: dict[str, list[str]] = {}
        for word in _WORD.findall(sentence) if "_" in sentence else ():
            if word in self.named:
                copied[word] = [word]
        if self.needs is None or self.needs.search(sentence) is None:
            return copied
        likely = [p for p in self.patterns if any(need in sentence for need in p.needs)]
        plain = self.names_of_visits.sub(" ", sentence) if likely and self.names_of_visits else sentence
        for one in likely:
            for copy in dict.fromkeys(place[0] for place in one.pattern.finditer(plain)):
                if one.setting not in copied.setdefault(copy, []):
                    copied[copy].append(one.setting)
        return copied


type _Written = tuple[tuple[str, ...], str]


def _quoted(value: str, setting: Setting) -> _Written:
    return (value,), rf"[\"'`]{re.escape(value)}[\"'`]" if setting.alternatives else ""


def _number(value: str, unit: str) -> _Written:
    """How a sentence writes a number with its unit: after it or before it, alone or as an end of a range."""
    if not unit or float(value) in {0, 1}:
        return (), ""
    plain = value.removesuffix(".0")
    digits = re.escape(plain) + (r"(?:\.0)?" if float(value).is_integer() else "")
    if unit == PARTS:
        percent = f"{float(value) * 100:g}"
        return (plain, percent), rf"(?<![\w.]){digits}(?![\w.%])|(?<![\w.]){percent}(?:%| percent)"
    one = unit.removesuffix("s")
    word = re.escape(one) + ("s?" if one != unit else "")
    after = rf"(?<![\w.]){digits}(?: |-)?{word}(?!\w)"
    before = rf"\b(?i:{word}) (?:\d+(?:-| to ))?{digits}(?![\w.])|\b(?i:{word}) {digits}(?:-| to )\d"
    return (plain,), f"{after}|{before}" if one != unit else after


def of_own_calls(document: Document, units: Set[str]) -> Iterator[Finding]:
    """A warning for each sentence that copies a text or number of the call beside it."""
    words = _measures(frozenset(units))
    a_value = re.compile(rf"[\"'`]|\d(?: |-)?(?:{words})(?!\w)")
    for loc, entry in _entries(document.data):
        text = call_of(entry)
        if text is None:
            continue
        said = {key: s for key in OF_ENTRY if isinstance(s := entry.get(key), str)}
        said[""] = "; ".join(_QUOTED.findall(text))
        plains = {key: OWN.sub(" ", PRINTED.sub(" ", sentence)) for key, sentence in said.items()}
        likely = {key: plain for key, plain in plains.items() if a_value.search(plain)}
        try:
            held = fixed_in(parse_call(text)) if likely else {}
        except GrammarError:
            continue
        for key, plain in likely.items():
            for name, values in held.items():
                for value in values:
                    copy = _copy(value, plain, words, inside=not key)
                    if copy is not None:
                        what = "a sentence copies an argument of its call"
                        remedy = f"Print {{={name}}}." if name else "Write the argument with its name, and print that."
                        place = document.where((*loc, key) if key else loc)
                        yield Finding(Severity.WARNING, "spec.sentence", place, what, copy, remedy)


@cache
def _measures(units: frozenset[str]) -> str:
    """The words that make a number a quantity, as a pattern."""
    return "|".join(map(re.escape, sorted({*units, *MEASURES} - {""}, key=len, reverse=True)))


def _copy(value: str | float, sentence: str, units: str, *, inside: bool) -> str | None:
    """Where a sentence says a value: a text in quotes, a number with a unit; inside the call a text is no sentence."""
    if isinstance(value, str):
        found = None if inside else re.search(rf"[\"'`]{re.escape(value)}[\"'`]", sentence)
    elif value in (0, 1) or f"{value:g}" not in sentence:
        found = None
    else:
        found = re.search(rf"(?<![\w.]){re.escape(f'{value:g}')}(?: |-)?(?:{units})(?!\w)", sentence)
    return found[0] if found else None


def _entries(tree: Tree, loc: Loc = ()) -> Iterator[tuple[Loc, dict[str, Tree]]]:
    if isinstance(tree, dict):
        yield loc, tree
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        if not isinstance(value, str):
            yield from _entries(value, (*loc, key))


def _sentences(tree: Tree, loc: Loc = (), *, inside: bool = False) -> Iterator[tuple[Loc, str]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            said = inside or key in SENTENCES or key in CALLS
            if said or not isinstance(value, str):
                yield from _sentences(value, (*loc, key), inside=said)
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            if inside or not isinstance(value, str):
                yield from _sentences(value, (*loc, number), inside=inside)
    elif isinstance(tree, str) and inside:
        yield loc, tree
