"""Entries on disk: what a task made, under its key, each in one file that says whether it is whole.

`<first two digits>/<key>`: a line with the SHA-256 of all that follows it, a line of JSON that names the members with
their sizes, and the members one after the other, each Parquet, JSON or a finished file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

type Members = Mapping[str, bytes]
"""What a task made, by name."""

_DIGITS = 64


@dataclass
class Entries:
    """The entries of one folder. spoilt: keys of files that were not whole; they count as not there."""

    folder: Path
    spoilt: list[str] = field(default_factory=list)

    def read(self, key: str) -> Members | None:
        """What is kept under a key; None where nothing is, or where it is not what was written."""
        try:
            data = self._path(key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            self.spoilt.append(key)
            return None
        body = memoryview(data)[_DIGITS + 1 :]
        if data[: _DIGITS + 1] != hashlib.sha256(body).hexdigest().encode() + b"\n":
            self.spoilt.append(key)
            return None
        head, _, _ = data[_DIGITS + 1 :].partition(b"\n")
        members, at = {}, len(head) + 1
        for name, size in json.loads(head):
            members[name] = bytes(body[at : at + size])
            at += size
        return members

    def write(self, key: str, members: Members) -> None:
        """Keep members under a key, whole or not at all, whoever else writes the same."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        head = json.dumps([[name, len(data)] for name, data in members.items()], ensure_ascii=False)
        body = b"".join([head.encode(), b"\n", *members.values()])
        part = path.with_name(f".{key}-{os.getpid()}")
        part.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        part.replace(path)

    def __iter__(self) -> Iterator[str]:
        """All keys."""
        return (path.name for path in sorted(self.folder.glob("??/*")) if not path.name.startswith("."))

    def size(self, key: str) -> int:
        """Bytes of what is kept under a key."""
        return self._path(key).stat().st_size

    def remove(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key
