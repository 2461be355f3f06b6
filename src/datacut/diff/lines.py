"""What differs between two versions of a spec file: values, whatever the comments, the order of keys and the layout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datacut.errors import SpecError
from datacut.spec.document import read_document

NONE = "(none)"
_LONG = 80


def changed_values(old: Path, new: Path, name: str) -> list[tuple[str, str, str]]:
    """Each value that differs: its place (`parameters.PULSE.param`), old and new; of a file that is no YAML, the file.

    A file that is not there is as one without values.
    """
    if new.suffix not in (".yml", ".yaml"):
        return [(name, "as before", "changed")]
    try:
        before, now = (dict(_leaves(read_document(p, name).data, ())) if p.is_file() else {} for p in (old, new))
    except SpecError:
        return [(name, "as before", "changed")]
    places = dict.fromkeys([*now, *before])
    return [
        (".".join(place), _short(before.get(place, NONE)), _short(now.get(place, NONE)))
        for place in places
        if before.get(place) != now.get(place)
    ]


def _leaves(tree: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _leaves(value, (*place, str(key)))
    elif isinstance(tree, list):
        for number, value in enumerate(tree, 1):
            yield from _leaves(value, (*place, str(number)))
    else:
        yield place, str(tree)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONG else f"{plain[: _LONG - 3]}..."
