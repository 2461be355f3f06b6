"""What code runs with: Python, and all that is installed. Read in a moment: a build that is up to date asks too."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def environment() -> str:
    """SHA-256 of Python's version and of the name and version of every distribution that is installed: what the lock
    file pins."""
    told = "\n".join([sys.version, *sorted(set(_distributions()))])
    return hashlib.sha256(told.encode()).hexdigest()


def _distributions() -> Iterator[str]:
    """The folders of what is known of each distribution, which are named after it and its version."""
    for place in sys.path:
        if Path(place).is_dir():
            names = (path.name for path in Path(place).iterdir())
            yield from (name for name in names if name.endswith((".dist-info", ".egg-info")))
