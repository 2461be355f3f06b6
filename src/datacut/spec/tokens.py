"""The one tokeniser under the condition grammar and the call grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

type Kind = Literal["word", "text", "number", "setting", "mark", "end"]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"[^"]*"|'[^']*')
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    | \$(?P<setting>[A-Za-z_]\w*)
    | `(?P<quoted>[^`]+)`
    | (?P<word>[^\W\d][\w.]*|_\w+)
    | (?P<mark>[()\[\]{},=:])
    )""",
    re.VERBOSE,
)


class GrammarError(ValueError):
    """A condition or call that cannot be read; the message names the place in the text."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    at: int


def tokenise(source: str) -> list[Token]:
    """Split `source` into tokens, closed by one of kind `end`; raises GrammarError at the first stray character."""
    tokens: list[Token] = []
    at = 0
    while source[at:].strip():
        match = _TOKEN.match(source, at)
        if match is None:
            rest = source[at:].lstrip()
            raise GrammarError(f"cannot read {rest[:12]!r} at column {len(source) - len(rest) + 1}")
        group = match.lastgroup
        text = match.group(str(group))
        start = match.start(str(group))
        if group == "text":
            tokens.append(Token("text", text[1:-1], start))
        elif group == "quoted":
            tokens.append(Token("word", text, start))
        elif group == "number":
            tokens.append(Token("number", text, start))
        elif group == "setting":
            tokens.append(Token("setting", text, start))
        elif group == "word":
            tokens.append(Token("word", text, start))
        else:
            tokens.append(Token("mark", text, start))
        at = match.end()
    tokens.append(Token("end", "", len(source)))
    return tokens


class Cursor:
    """Reads a token list from left to right."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._tokens = tokenise(source)
        self._next = 0

    @property
    def here(self) -> Token:
        return self._tokens[self._next]

    @property
    def at_end(self) -> bool:
        return self.here.kind == "end"

    def peek(self, ahead: int) -> Token:
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def take(self) -> Token:
        token = self.here
        if token.kind != "end":
            self._next += 1
        return token

    def at_mark(self, mark: str) -> bool:
        return self.here.kind == "mark" and self.here.text == mark

    def at_word(self, *words: str) -> bool:
        return self.here.kind == "word" and self.here.text in words

    def expect_mark(self, mark: str) -> None:
        if not self.at_mark(mark):
            raise self.fault(f"{mark!r} is expected")
        self.take()

    def fault(self, what: str) -> GrammarError:
        found = repr(self.here.text) if self.here.kind != "end" else "the end"
        return GrammarError(f"{what}, found {found} at column {self.here.at + 1}")
