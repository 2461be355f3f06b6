"""The registry of one study: every verb of the engine, and the study's own functions as `study.<name>`."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import traceback
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

import datacut.adam
import datacut.ard
import datacut.sdtm
from datacut.engine.failures import STUDY_CODE
from datacut.errors import Finding, InputError, Severity, in_spec
from datacut.spec.registry import Registry

ROOMS = (datacut.sdtm, datacut.adam, datacut.ard)
STUDY_FOLDERS = ("sdtm", "adam", "tlf")


def make_registry(root: Path) -> Registry:
    """Register the verbs of the rooms, then those of `root/sdtm`, `root/adam` and `root/tlf`, loaded by path.

    A file of the study that cannot be loaded is a finding of the registry; its functions are not there.
    """
    registry = Registry()
    for room in ROOMS:
        for info in sorted(pkgutil.iter_modules(room.__path__), key=lambda m: m.name):
            registry.add_module(importlib.import_module(f"{room.__name__}.{info.name}"))
    for path in study_code(root):
        try:
            registry.add_module(_load(path), prefix="study.")
        except Exception as fault:  # noqa: BLE001 - the study's own code, which may raise whatever it likes
            registry.unloaded.append(_unloaded(path, path.relative_to(root).as_posix(), fault))
    return registry


def study_code(root: Path) -> list[Path]:
    """The study's own Python files, in a fixed order."""
    return [p for folder in STUDY_FOLDERS for p in sorted((root / folder).glob("*.py"))]


class _AsWritten(SourceFileLoader):
    """Loads what stands in the file: what Python keeps compiled is told by time and size, which an edit may leave."""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        return self.source_to_code(self.get_data(self.path), self.path)


def _load(path: Path) -> ModuleType:
    name = f"{STUDY_CODE}{path.parent.name}_{path.stem}"
    found = importlib.util.spec_from_file_location(name, path, loader=_AsWritten(name, str(path)))
    if found is None or found.loader is None:
        raise InputError(f"{path}: not a Python file that can be loaded")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _unloaded(path: Path, shown: str, fault: Exception) -> Finding:
    inside = [line for frame, line in traceback.walk_tb(fault.__traceback__) if frame.f_code.co_filename == str(path)]
    line, text = [1, *inside][-1], str(fault)
    if isinstance(fault, SyntaxError) and fault.filename == str(path):
        line, text = fault.lineno or 1, fault.msg
    what, value = "the study's code cannot be loaded", f"{type(fault).__name__}: {text}"
    remedy = "Mend it; what calls its functions cannot be made."
    return Finding(Severity.ERROR, "spec.code", in_spec(shown, line), what, value, remedy)
