"""Small frames written as text, conditions written as in specs, and a context that collects findings."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from datacut.engine.context import Context
from datacut.errors import Findings
from datacut.spec.where import Where, parse_where

type Table = Callable[[str], pd.DataFrame]


@pytest.fixture
def table() -> Table:
    """A frame in flight from a text table: `.` missing, `~` a blank, 01 text; columns ...DT and ...DTM are dates."""
    return read_table


@pytest.fixture
def where() -> Callable[[str], Where]:
    return parse_where


@pytest.fixture
def context() -> Context:
    return Context("ADXX", "VAR", findings=Findings(), keys=("USUBJID",))


def read_table(source: str) -> pd.DataFrame:
    lines = [line.split() for line in source.strip().splitlines()]
    names, rows = lines[0], lines[1:]
    assert all(len(r) == len(names) for r in rows), "every line needs as many cells as the header"
    columns = {}
    for place, name in enumerate(names):
        cells = [None if r[place] == "." else r[place].replace("~", " ") for r in rows]
        columns[name] = _typed(name, pd.Series(cells, dtype="object"))
    frame = pd.DataFrame(columns)
    frame["_rid"] = pd.Series(range(1, len(frame) + 1), dtype="Int64")
    return frame


def _typed(name: str, cells: pd.Series) -> pd.Series:
    if name.endswith(("DT", "DTM")):
        return pd.to_datetime(cells).astype("datetime64[s]")
    if any(c[:1] == "0" and c[1:2].isdigit() for c in cells.dropna()):
        return cells.astype("str")
    try:
        numbers = pd.to_numeric(cells).astype("Float64")
    except (ValueError, TypeError):
        return cells.astype("str")
    if cells.isna().all():
        return cells.astype("str")
    whole = not any("." in c for c in cells.dropna())
    return numbers.astype("Int64") if whole else numbers
