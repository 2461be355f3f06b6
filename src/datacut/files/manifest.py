"""What a build wrote: SHA-256 of every file, as JSON that two equal builds write equally."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def file_entries(folder: Path) -> dict[str, dict[str, Any]]:
    """`bytes` and `sha256` of every file under `folder`, by its path from there with forward slashes."""
    return {
        p.relative_to(folder).as_posix(): {"bytes": p.stat().st_size, "sha256": sha256_of(p)}
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def write_manifest(path: Path, entries: Mapping[str, Any]) -> None:
    """Write JSON with sorted keys, UTF-8, one newline at the end, on every platform the same."""
    text = json.dumps(entries, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_bytes(f"{text}\n".encode())
