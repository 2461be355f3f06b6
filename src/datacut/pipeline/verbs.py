"""The registry of one study: every verb of the engine, and the study's own functions as `study.<name>`."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from pathlib import Path
from types import ModuleType

import datacut.adam
import datacut.ard
import datacut.sdtm
from datacut.errors import InputError
from datacut.spec.registry import Registry

ROOMS = (datacut.sdtm, datacut.adam, datacut.ard)
STUDY_FOLDERS = ("sdtm", "adam", "tlf")


def make_registry(root: Path) -> Registry:
    """Register the verbs of the rooms, then those of `root/sdtm`, `root/adam` and `root/tlf`, loaded by path."""
    registry = Registry()
    for room in ROOMS:
        for info in sorted(pkgutil.iter_modules(room.__path__), key=lambda m: m.name):
            registry.add_module(importlib.import_module(f"{room.__name__}.{info.name}"))
    for path in study_code(root):
        registry.add_module(_load(path), prefix="study.")
    return registry


def study_code(root: Path) -> list[Path]:
    """The study's own Python files, in a fixed order."""
    return [p for folder in STUDY_FOLDERS for p in sorted((root / folder).glob("*.py"))]


def _load(path: Path) -> ModuleType:
    name = f"study_{path.parent.name}_{path.stem}"
    found = importlib.util.spec_from_file_location(name, path)
    if found is None or found.loader is None:
        raise InputError(f"{path}: not a Python file that can be loaded")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module
