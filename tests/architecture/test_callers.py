"""Every public function and class has a caller that is no test: code that nothing reaches is wired or goes."""

from __future__ import annotations

import ast
import re
from collections import deque
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = [p for folder in ("src", "adam", "sdtm", "tlf", "bench") for p in sorted((ROOT / folder).rglob("*.py"))]
WORD = re.compile(r"[^\W\d]\w*")

type Definition = ast.FunctionDef | ast.ClassDef


def words(node: ast.AST) -> set[str]:
    """Every name that a piece of code says, quoted annotations included."""
    found: set[str] = set()
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found.add(name)
            case ast.alias(name=name, asname=str()):
                found.add(name)
            case ast.Constant(value=str(text)) if len(text) < 80:
                found.update(WORD.findall(text))
    return found


def uncalled() -> list[str]:
    """Public definitions that neither code of a module nor a registered function reaches."""
    bodies: dict[str, list[set[str]]] = {}
    public: dict[str, str] = {}
    said: set[str] = set()
    for path in FILES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not _registered(node):
                bodies.setdefault(node.name, []).append(words(node) - {node.name})
                if not node.name.startswith("_"):
                    public[f"{path.relative_to(ROOT).as_posix()}: {node.name}"] = node.name
            elif not isinstance(node, ast.Expr) and not _exports(node):
                said |= words(node)
    todo, reached = deque(said), set(said)
    while todo:
        for body in bodies.get(todo.popleft(), []):
            todo.extend(body - reached)
            reached |= body
    return [place for place, name in public.items() if name not in reached]


def _registered(node: Definition) -> bool:
    """Whether a decorator hands it to someone who calls it by name: a verb, a rule, a command."""
    return isinstance(node, ast.FunctionDef) and bool(node.decorator_list) and "cache" not in words_of(node)


def words_of(node: ast.FunctionDef) -> set[str]:
    return {w for d in node.decorator_list for w in words(d)}


def _exports(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)


def test_every_function_has_a_caller_that_is_no_test() -> None:
    assert uncalled() == []
