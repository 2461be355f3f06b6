"""What trace answers: a tree of nodes, printed line by line or handed on as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Node:
    """One step of an answer.

    kind: output, cell, result, condition, record, value, group, raw, note; text: what a person reads; facts: the same
    for programs; below: what it comes from, or what comes from it.
    """

    kind: str
    text: str
    facts: dict[str, Any] = field(default_factory=dict)
    below: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """The node and all below it."""
        yield self
        for node in self.below:
            yield from node.walk()

    def as_json(self) -> dict[str, Any]:
        """The tree for programs; `below` only where there is something."""
        told: dict[str, Any] = {"kind": self.kind, "text": self.text, **self.facts}
        return told | ({"below": [n.as_json() for n in self.below]} if self.below else {})


def json_text(nodes: Iterable[Node]) -> str:
    """The trees as JSON, a line at the end."""
    return json.dumps([n.as_json() for n in nodes], ensure_ascii=False, indent=1, default=str) + "\n"


def printed(nodes: Iterable[Node]) -> str:
    """The trees as lines of a terminal."""
    return "".join(f"{line}\n" for node in nodes for line in _lines(node, "", ""))


def _lines(node: Node, first: str, rest: str) -> Iterator[str]:
    head, *others = node.text.split("\n")
    yield first + head
    yield from (f"{rest}{'│  ' if node.below else '   '}{line}" for line in others)
    for place, inner in enumerate(node.below, 1):
        last = place == len(node.below)
        yield from _lines(inner, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))
