"""Read the packaged CSV files, once per process."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def rows(path: str) -> tuple[dict[str, str], ...]:
    """All rows of one packaged file, e.g. `sdtmig_3_4/variables.csv`."""
    text = files(__package__).joinpath(path).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def split(cell: str) -> tuple[str, ...]:
    """The parts of a cell that holds several values."""
    return tuple(cell.split(";")) if cell else ()
