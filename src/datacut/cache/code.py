"""Digests of code: a module with all it imports of this package, and with what its packages hold beside modules."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from datacut.cache.content import digest_of

if TYPE_CHECKING:
    from grimp import ImportGraph

_PACKAGE = "datacut"


@dataclass(frozen=True)
class StudyFile:
    """A Python file of the study: where it is, and its SHA-256."""

    path: Path
    sha256: str


@dataclass
class Code:
    """files: SHA-256 of every file of the package by its path in it (`engine/execute.py`); study: the study's own files
    by the names of their modules. All are as they were when the run began."""

    files: Mapping[str, str]
    study: Mapping[str, StudyFile]
    _known: dict[tuple[str, ...], str] = field(default_factory=dict)

    def of(self, *modules: str) -> str:
        """Digest of modules by full name, with the closure of what they import of this package, and the data beside."""
        if modules not in self._known:
            own = [m for m in modules if m not in self.study]
            reached = {m for module in own for m in (module, *self._graph.find_upstream_modules(module))}
            reached |= {".".join(m.split(".")[:n]) for m in reached for n in range(1, m.count(".") + 1)}
            code = {m: self._files_of[m] for m in sorted(reached) if m in self._files_of}
            self._known[modules] = digest_of(code, *(self._of_file(self.study[m]) for m in modules if m in self.study))
        return self._known[modules]

    def _of_file(self, file: StudyFile) -> str:
        tree = ast.parse(file.path.read_text(encoding="utf-8"))
        froms = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        named = {f"{n.module}.{alias.name}" for n in froms for alias in n.names} | {str(n.module) for n in froms}
        named |= {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
        return digest_of(file.sha256, self.of(*sorted(named & self._files_of.keys())))

    @cached_property
    def _graph(self) -> ImportGraph:
        import grimp

        # what grimp keeps of earlier runs it tells by the time of a file alone
        return grimp.build_graph(_PACKAGE, cache_dir=None)

    @cached_property
    def _files_of(self) -> Mapping[str, Mapping[str, str]]:
        """The files of every module: its own, and what lies beside a package that is no module."""
        found: dict[str, dict[str, str]] = {}
        for path, sha256 in self.files.items():
            parts = path.split("/")
            if path.endswith(".py"):
                steps = parts[:-1] if parts[-1] == "__init__.py" else [*parts[:-1], parts[-1].removesuffix(".py")]
            else:
                steps = next(
                    parts[:n]
                    for n in range(len(parts) - 1, -1, -1)
                    if "/".join([*parts[:n], "__init__.py"]) in self.files
                )
            found.setdefault(".".join([_PACKAGE, *steps]), {})[path] = sha256
        return found
