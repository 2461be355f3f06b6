"""What the source of the engine may not hold, and what each piece of it must have."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import datacut
import datacut.compute
from datacut.pipeline.verbs import make_registry
from datacut.spec.load import load_specs

PACKAGE = Path(datacut.__file__).parent
ROOT = Path(__file__).parents[2]
MODULES = {p.relative_to(PACKAGE).as_posix(): p for p in sorted(PACKAGE.rglob("*.py"))}

INSTRUMENTS = {m for m in MODULES if m.startswith(("compute/sle/", "compute/cart/"))}
"""Published instruments and grading schemes: their names are what these modules compute."""

STUDY_WORDS = ("sledai", "bilag", "haq", "lldas", "doris", "lupus", "icans", "ct1195")

GENERIC = {
    "Baseline": "the ADaM name of the baseline visit, default of derive_vars_window",
    "inf": "Python's spelling of infinity",
    "episode": "a stretch of graded days, a column of summarise_episodes",
}
"""Names of this study that mean something else in the engine, with the reason."""

OUTSIDE = {"conformance/engine_driver.py": "run by CORE's Python; its unpickler refuses every class and function"}
"""Modules that no other module imports and that run in another environment, with the reason."""

LONG: dict[str, str] = {}
"""Modules of more than 400 lines, with the reason."""


def tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def docstrings(module: ast.Module) -> set[int]:
    """Ids of the string nodes that stand as statements: docstrings and descriptions of constants."""
    return {id(n.value) for n in ast.walk(module) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}


def literals(name: str) -> Iterator[tuple[int, str]]:
    """Line and text of every string of a module that is not a docstring."""
    module = tree(name)
    told = docstrings(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def names_of_this_study() -> set[str]:
    """Forms as sources, visits, and the levels of groupings (stages, dose labels)."""
    specs = load_specs(ROOT)
    found = set(specs.forms) | {f"raw.{form}" for form in specs.forms}
    found |= {text for key, visit in specs.study.visits.items() for text in (key, visit.visit)}
    for grouping in specs.study.groupings.values():
        found |= {text for level in grouping.levels for text in (level.value, level.label)}
    return found - set(GENERIC)


def test_the_engine_knows_no_name_of_the_study() -> None:
    names = names_of_this_study()
    assert len(names) > 40
    found = [f"{m}:{line}: {text}" for m in MODULES for line, text in literals(m) if text in names]
    assert found == []


def test_the_engine_speaks_of_no_visit_and_no_dose() -> None:
    phrases = [n for n in names_of_this_study() if " " in n]
    assert phrases
    found = [
        f"{path.name}: {phrase}"
        for path in PACKAGE.rglob("*")
        if path.suffix in (".py", ".j2")
        for phrase in phrases
        if phrase in path.read_text(encoding="utf-8")
    ]
    assert found == []


@pytest.mark.parametrize("word", STUDY_WORDS)
def test_the_disease_is_known_to_its_instruments_only(word: str) -> None:
    places = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*")
        if path.suffix in (".py", ".j2") and word in path.read_text(encoding="utf-8").lower()
    ]
    assert set(places) <= INSTRUMENTS


@pytest.mark.parametrize("name", MODULES)
def test_nothing_is_evaluated_unpickled_or_swallowed(name: str) -> None:
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            assert called not in ("eval", "exec", "query", "read_sas", "read_pickle", "to_pickle"), node.lineno
        if isinstance(node, ast.Import | ast.ImportFrom) and name not in OUTSIDE:
            imported = {alias.name.split(".")[0] for alias in node.names} | {getattr(node, "module", "") or ""}
            assert not imported & {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal"}, node.lineno
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, node.lineno


@pytest.mark.parametrize("name", sorted(set(MODULES) - set(OUTSIDE)))
def test_what_runs_outside_is_not_imported(name: str) -> None:
    outside = {Path(m).stem for m in OUTSIDE} | {"cdisc_rules_engine"}
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            parts = [(getattr(node, "module", "") or "").split("."), *(alias.name.split(".") for alias in node.names)]
            assert not outside & {word for part in parts for word in part}, node.lineno


def test_modules_stay_short() -> None:
    lengths = {m: len(p.read_text(encoding="utf-8").splitlines()) for m, p in MODULES.items()}
    assert {m for m, n in lengths.items() if n > 400} == set(LONG)


def test_every_module_says_what_it_is_for() -> None:
    assert [m for m in MODULES if not ast.get_docstring(tree(m))] == []


def test_no_room_is_a_drawer() -> None:
    words = {"utils", "util", "helpers", "helper", "common", "misc", "core", "base", "lib", "tools"}
    assert [m for m in MODULES if words & {part.strip("_") for part in re.split(r"[/.]", m)}] == []


def test_every_document_that_is_named_is_in_the_repository() -> None:
    folders = ("src", "specs", "docs", "tests", "sdtm", "adam", "tlf", "bench")
    files = [p for folder in folders for p in (ROOT / folder).rglob("*") if p.suffix in (".py", ".yml", ".md", ".j2")]
    known = {p.name for p in [*files, *ROOT.glob("*.md")] if p.suffix == ".md"}
    named = {(p.name, n) for p in files for n in re.findall(r"[\w-]+\.md\b", p.read_text(encoding="utf-8"))}
    assert {(place, name) for place, name in named if name not in known} == set()


VERBS = make_registry(ROOT).verbs
TESTS = [p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("test_*.py")]


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_says_what_it_does_and_is_tested(name: str) -> None:
    assert VERBS[name].summary, "no docstring"
    word = re.compile(rf"\b{re.escape(name.rpartition('.')[2])}\b")
    assert any(word.search(text) for text in TESTS), "no test mentions it"


def test_every_public_function_of_compute_says_what_it_does() -> None:
    silent = []
    for info in pkgutil.walk_packages(datacut.compute.__path__, "datacut.compute."):
        module = importlib.import_module(info.name)
        for name, found in inspect.getmembers(module, inspect.isfunction):
            if found.__module__ == module.__name__ and not name.startswith("_") and not found.__doc__:
                silent.append(f"{info.name}.{name}")
    assert silent == []
