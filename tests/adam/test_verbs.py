"""What every verb of the room promises by its name and signature."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import datacut.adam
from datacut.spec.registry import Registry

FILLABLE = {
    "Cases", "Column", "Columns", "Keys", "NewColumn", "NewColumns", "Source", "SourceColumn",
    "SourceColumns", "ColumnMap", "Condition",
    "SourceCondition", "Parameters", "Table", "Function", "Code", "Codes", "CodeMap", "SourceCodeMap", "NewCodes",
    "NewCodeMap", "str", "int", "float", "str | float", "bool", "list[str]",
    "list[float]", "dict[str, str]", "dict[str, float]",
}  # fmt: skip
MODULES = [m.name for m in pkgutil.iter_modules(datacut.adam.__path__)]


def verbs() -> Registry:
    registry = Registry()
    for name in MODULES:
        registry.add_module(importlib.import_module(f"datacut.adam.{name}"))
    return registry


@pytest.mark.parametrize("verb", verbs().verbs.values(), ids=lambda v: v.name)
def test_signature(verb) -> None:
    assert {p.takes for p in verb.parameters} <= FILLABLE
    assert verb.summary, "the first line of the docstring is what `explain` prints"
    adds_rows = verb.name.startswith("derive_param_") or verb.name.endswith("_records")
    in_blocks = verb.name.startswith("assign_")
    assert verb.kind == ("records" if adds_rows else "mapping" if in_blocks else "column")
    assert next(iter(inspect.signature(verb.function).parameters)) == "dataset"


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("derive_")])
def test_every_family_has_its_test_file(module: str) -> None:
    assert (Path(__file__).parent / f"test_{module}.py").exists()
