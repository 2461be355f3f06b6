"""Sentences that copy a setting where they should print it: its value with its unit, a quoted value, or its name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import Final

from datacut.errors import Finding, Severity
from datacut.spec.document import Loc, Tree
from datacut.spec.load import Specs
from datacut.spec.scalars import is_number
from datacut.spec.sentences import OWN, PRINTED
from datacut.spec.study import Setting

SENTENCES: Final = frozenset({"title", "label", "text", "note", "decode", "comment", "footnotes", "levels"})
"""Keys whose texts people read; what stands below them is read too."""
CALLS: Final = frozenset({"call", "derive"})
"""Keys of calls, of which people read the quoted texts; a text without a number may be a code there."""
_QUOTED: Final = re.compile(r'"([^"]*)"')
PARTS: Final = "part"
"""The unit of a setting that is a part of one and is written as a percentage too (0.8, 80%)."""


def check_sentences(specs: Specs) -> Iterator[Finding]:
    """One warning, with file and line, for each copy of a setting in a sentence as it was typed.

    A number is a copy if the setting's `unit` stands beside it (`180 days`, `to day 180`, `20%`), and it is no name of
    a visit; a text if it is quoted and one of the setting's alternatives; a name if it holds an underscore. 0 and 1 are
    words of the language and stand for no setting.
    """
    settings = specs.study.settings
    visits = {v.visit for v in specs.study.visits.values()}
    visits |= {w.avisit for windows in specs.study.windows.values() for w in windows}
    for document in specs.documents.values():
        for loc, text in _sentences(document.data):
            sentence = OWN.sub(" ", PRINTED.sub(" ", text))
            told = copies(sentence, settings, visits)
            if loc[-1] in CALLS:
                numbers = {n: s for n, s in settings.items() if s.unit}
                told = copies("; ".join(_QUOTED.findall(sentence)), numbers, visits)
            for copy, copied in told.items():
                remedy = f"Print {{${copied[0]}}}" + "".join(f" or {{${name}}}" for name in copied[1:])
                what = "a sentence copies a setting"
                yield Finding(Severity.WARNING, "spec.sentence", document.where(loc), what, copy, f"{remedy}.")


def copies(sentence: str, settings: Mapping[str, Setting], visits: Set[str]) -> dict[str, list[str]]:
    """The words of a sentence that copy settings, each with the settings that they may be."""
    found: dict[str, list[str]] = {}
    plain = _without(sentence, visits)
    for name, setting in settings.items():
        values = setting.value if isinstance(setting.value, tuple) else (setting.value,)
        places = [*re.finditer(rf"\b{name}\b", sentence)] if "_" in name else []
        for value in map(str, values):
            pattern = _number(value, setting.unit) if is_number(value) else _quoted(value, setting)
            places += re.finditer(pattern, plain) if pattern else ()
        for copy in dict.fromkeys(place[0] for place in places):
            found.setdefault(copy, []).append(name)
    return found


def _quoted(value: str, setting: Setting) -> str:
    return rf"[\"'`]{re.escape(value)}[\"'`]" if setting.alternatives else ""


def _number(value: str, unit: str) -> str:
    """How a sentence writes a number with its unit: after it or before it, alone or as an end of a range."""
    if not unit or float(value) in {0, 1}:
        return ""
    digits = re.escape(value.removesuffix(".0")) + (r"(?:\.0)?" if float(value).is_integer() else "")
    if unit == PARTS:
        percent = f"{float(value) * 100:g}"
        return rf"(?<![\w.]){digits}(?![\w.%])|(?<![\w.]){percent}(?:%| percent)"
    one = unit.removesuffix("s")
    word = re.escape(one) + ("s?" if one != unit else "")
    after = rf"(?<![\w.]){digits}(?: |-)?{word}(?!\w)"
    before = rf"\b(?i:{word}) (?:\d+(?:-| to ))?{digits}(?![\w.])|\b(?i:{word}) {digits}(?:-| to )\d"
    return f"{after}|{before}" if one != unit else after


def _without(sentence: str, names: Set[str]) -> str:
    """The sentence without the names of visits, whose numbers are theirs."""
    for name in sorted(names, key=len, reverse=True):
        sentence = re.sub(rf"\b{re.escape(name)}(?![\w-])", " ", sentence, flags=re.IGNORECASE)
    return sentence


def _sentences(tree: Tree, loc: Loc = (), *, inside: bool = False) -> Iterator[tuple[Loc, str]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _sentences(value, (*loc, key), inside=inside or key in SENTENCES or key in CALLS)
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            yield from _sentences(value, (*loc, number), inside=inside)
    elif isinstance(tree, str) and inside:
        yield loc, tree
