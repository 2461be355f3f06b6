"""Digests of code: a module with all it imports of this package, and with what its packages hold beside modules."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import distributions
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from datacut.cache.content import digest_of

if TYPE_CHECKING:
    from grimp import ImportGraph

_PACKAGE = "datacut"


@dataclass
class Code:
    """files: SHA-256 of every file of the package by its path in it (`engine/execute.py`), as they were when read;
    folder: where what was found of the imports may be kept."""

    files: Mapping[str, str]
    folder: Path
    _known: dict[str, str] = field(default_factory=dict)

    def of(self, *modules: str) -> str:
        """Digest of modules of this package, by full name, with the closure of their imports."""
        key = " ".join(modules)
        if key not in self._known:
            reached = {m for module in modules for m in (module, *self._graph.find_upstream_modules(module))}
            self._known[key] = digest_of({m: self._files_of[m] for m in sorted(reached)}, environment())
        return self._known[key]

    def of_file(self, module: ModuleType, sha256: str) -> str:
        """Digest of a module of the study: its file, and the closure of what it imports of this package."""
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        froms = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        named = {f"{n.module}.{alias.name}" for n in froms for alias in n.names} | {str(n.module) for n in froms}
        named |= {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
        return digest_of(sha256, self.of(*sorted(named & self._files_of.keys())))

    @cached_property
    def _graph(self) -> ImportGraph:
        import grimp

        return grimp.build_graph(_PACKAGE, cache_dir=str(self.folder))

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


@cache
def environment() -> str:
    """Python, and the version of every distribution that is installed: what the lock file pins."""
    return digest_of(sys.version, sorted({f"{d.name} {d.version}" for d in distributions()}))
