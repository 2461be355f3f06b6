"""YAML as text with line numbers: the one door through which every spec enters.

Every scalar stays the text that was typed (`NO`, `007` and `12:30` mean what they say); a model types it later. A key
given twice is refused, since the second would silently win.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from datacut.errors import Finding, Location, Severity, SpecError, in_spec

type Tree = str | list[Tree] | dict[str, Tree]
type Loc = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """One YAML file: its data and the line of every node and key in it."""

    path: str
    data: Tree
    lines: dict[Loc, int]

    def line(self, loc: Loc) -> int:
        """The line of the node at `loc`, or of the nearest node above it."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc, 1)

    def where(self, loc: Loc) -> Location:
        """File and line of the node at `loc`."""
        return in_spec(self.path, self.line(loc))


def read_document(path: Path, shown_as: str) -> Document:
    """Read one YAML file; raises SpecError for unreadable YAML and for duplicate keys, each with its line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        node = yaml.compose(text, Loader=yaml.CBaseLoader)  # which guesses no types
    except UnicodeDecodeError as fault:
        raise SpecError([_fault(in_spec(shown_as, 1), "the file is not UTF-8", str(fault.reason))]) from fault
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line = mark.line + 1 if mark else 1
        raise SpecError([_fault(in_spec(shown_as, line), "the file is not YAML", fault.problem or "")]) from fault
    except yaml.reader.ReaderError as fault:
        line = text.encode()[: fault.position].count(b"\n") + 1
        raise SpecError(
            [_fault(in_spec(shown_as, line), "a character YAML does not allow", str(fault.reason))]
        ) from fault
    if node is None:
        return Document(shown_as, {}, {(): 1})
    lines: dict[Loc, int] = {}
    findings: list[Finding] = []
    try:
        data = _convert(node, (), lines, findings, shown_as)
    except RecursionError as fault:
        raise SpecError([_fault(in_spec(shown_as, 1), "an alias holds itself", "")]) from fault
    if findings:
        raise SpecError(findings)
    return Document(shown_as, data, lines)


def _convert(node: yaml.Node, loc: Loc, lines: dict[Loc, int], findings: list[Finding], path: str) -> Tree:
    lines.setdefault(loc, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                findings.append(
                    _fault(in_spec(path, line), "a key must be text; a value with brackets goes in quotes", "")
                )
                continue
            if key in out:
                findings.append(_fault(in_spec(path, line), "the key is given twice", key))
            below = (*loc, key)
            lines[below] = line
            if isinstance(value_node, yaml.ScalarNode):  # most are; in a large spec the call below is felt
                out[key] = str(value_node.value)
            else:
                out[key] = _convert(value_node, below, lines, findings, path)
        return out
    return [_convert(item, (*loc, i), lines, findings, path) for i, item in enumerate(node.value)]


def _fault(where: Location, what: str, value: str) -> Finding:
    return Finding(Severity.ERROR, "spec.yaml", where, what, value, "Mend the line; nothing was built.")
