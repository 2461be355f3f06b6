"""The one tokeniser under the condition grammar and the call grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

type Kind = Literal["word", "text", "number", "setting", "mark", "end"]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"[^"]*"|'[^']*')
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    | \$(?P<setting>[A-Za-z_]\w*)
    | `(?P<quoted>[^`]+)`
    | (?P<word>[^\W\d][\w.]*)
    | (?P<mark>[()\[\]{},=:])
    )""",
    re.VERBOSE,
)

_WORD = re.compile(r"[^\W\d][\w.]*")


class GrammarError(ValueError):
    """A condition or call that cannot be read; the message names the place in the text."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: text is without its quotes or `$`, at its 0-based place; plain: a word not in backticks."""

    kind: Kind
    text: str
    at: int
    plain: bool = True


def tokenise(source: str) -> list[Token]:
    """Split `source` into tokens, closed by one of kind `end`; raises GrammarError at the first stray character."""
    tokens: list[Token] = []
    at = 0
    end = len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None:
            start = len(source) - len(source[at:].lstrip())
            raise GrammarError(f"cannot read {source[start : start + 12]!r} at column {start + 1}")
        group = str(match.lastgroup)
        text = match.group(group)
        start = match.start(group) - (group in ("setting", "quoted"))  # those begin with their mark
        match group:
            case "text":
                tokens.append(Token("text", text[1:-1], start))
            case "quoted":
                tokens.append(Token("word", text, start, plain=False))
            case "number" | "setting" | "word" | "mark":
                tokens.append(Token(group, text, start))
        at = match.end()
    tokens.append(Token("end", "", len(source)))
    return tokens


def written_name(name: str) -> str:
    """A name as it is written: in backticks where it is not a plain word."""
    return name if _WORD.fullmatch(name) else f"`{name}`"


def written_text(text: str) -> str:
    """A text in the quotes it does not hold."""
    return f"'{text}'" if '"' in text else f'"{text}"'


def written_number(value: float) -> str:
    """A number without exponent, which the grammar does not know."""
    if isinstance(value, int):
        return str(value)
    plain = f"{Decimal(repr(value)):f}"
    return plain if "." in plain else f"{plain}.0"


def number_of(text: str) -> int | float:
    """The number a token of kind `number` holds."""
    return float(text) if "." in text else int(text)


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
        """Whether one of these keywords stands here; a word in backticks is none."""
        return self.here.kind == "word" and self.here.plain and self.here.text in words

    def expect_mark(self, mark: str) -> None:
        if not self.at_mark(mark):
            raise self.fault(f"{mark!r} is expected")
        self.take()

    def fault(self, what: str) -> GrammarError:
        found = repr(self.here.text) if self.here.kind != "end" else "the end"
        return GrammarError(f"{what}, found {found} at column {self.here.at + 1}")
