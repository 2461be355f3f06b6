"""Digests of values, and values as JSON: what keys are over, and the form in which what is no frame is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any


def digest_of(*parts: object) -> str:
    """SHA-256 of texts and what JSON can say of values; the order of the keys of a map does not count.

    >>> digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    True
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def json_bytes(value: object) -> bytes:
    """A value as JSON that is the same for the same value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=_plain).encode()


def json_from(data: bytes) -> Any:
    """The value of `json_bytes`; what was a tuple is a list."""
    return json.loads(data)


def _plain(value: object) -> object:
    """What JSON has no word for."""
    dump = getattr(value, "model_dump", None)
    if dump is not None:
        return dump(mode="json")
    if isinstance(value, Mapping):
        return {str(k): v for k, v in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(value)
    return list(value) if isinstance(value, Iterable) else repr(value)
