"""Raw tables written as text, and a context with a few codelists, fields, visits and units."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from datacut.engine.context import Context
from datacut.errors import Findings
from datacut.spec.crf import CrfField, FieldType
from datacut.spec.study import CodelistSpec, Term, Visit
from datacut.spec.units import TestUnits as UnitsOfTest
from datacut.spec.units import Units
from datacut.spec.where import Where, parse_where

type Raw = Callable[..., pd.DataFrame]

CODELISTS = {
    "NY": CodelistSpec(
        name="No Yes",
        terms=(
            Term(value="Y", decode="Yes", code="C49488", collected=("Yes", "是")),
            Term(value="N", decode="No", code="C49487", collected=("No", "否")),
        ),
    ),
    "TICK": CodelistSpec(name="Tick", terms=(Term(value="Y", collected=("1", "X")),)),
    "UNIT": CodelistSpec(name="Unit", extensible=True, terms=(Term(value="10^9/L", collected=("10*9/L",)),)),
    "LEVEL": CodelistSpec(name="Level", terms=(Term(value="1", decode="Low"), Term(value="2"))),
    "VISIT": CodelistSpec(
        name="Visit",
        terms=(
            Term(value="Screening", collected=("SCR",)),
            Term(value="Infusion", collected=("D0 PRE",)),
            Term(value="Day 7", collected=("D7",)),
            Term(value="End of study", collected=("EOS",)),
        ),
    ),
}
VISITS = {
    "SCR": Visit(visit="Screening", visitnum=1, target=-17),
    "INF": Visit(visit="Infusion", visitnum=6, target=0),
    "D7": Visit(visit="Day 7", visitnum=9, target=7),
    "EOS": Visit(visit="End of study", visitnum=99),
}
UNITS = Units(
    texts=("BLQ",),
    spellings={"gram/dL": "g/dL"},
    tests={
        "HGB": UnitsOfTest(standard="g/L", factors={"g/dL": 10}),
        "CREAT": UnitsOfTest(standard="umol/L", factors={"mg/dL": 88.4}, digits=1),
        "PH": UnitsOfTest(standard=""),
    },
)


@pytest.fixture
def raw() -> Raw:
    """A frame of text columns with `_rid`, `_row` and `_file`: `.` missing, `~` a blank."""
    return read_raw


def read_raw(source: str, file: str | None = "raw/form.csv") -> pd.DataFrame:
    lines = [line.split() for line in source.strip().splitlines()]
    names, rows = lines[0], lines[1:]
    assert all(len(r) == len(names) for r in rows), "every line needs as many cells as the header"
    cells = [[None if c == "." else c.replace("~", " ") for c in r] for r in rows]
    frame = pd.DataFrame(cells, columns=names, dtype="str")
    frame["_rid"] = pd.Series(range(1, len(frame) + 1), dtype="Int64")
    if file is not None:
        frame["_row"] = pd.Series(range(2, len(frame) + 2), dtype="Int64")
        frame["_file"] = pd.Series(file, index=frame.index, dtype="str")
    return frame


@pytest.fixture
def where() -> Callable[[str], Where]:
    return parse_where


@pytest.fixture
def context() -> Context:
    return make_context()


def make_context(**changes: object) -> Context:
    given: dict[str, object] = {
        "codelists": CODELISTS,
        "visits": VISITS,
        "units": UNITS,
        "keys": ("USUBJID",),
        "fields": {
            "TICKED": CrfField(label="Ticked", type=FieldType.TICK, codelist="TICK"),
            "DAT": CrfField(label="Date", type=FieldType.DATE, format="d/m/y"),
        },
    }
    return Context("XX", "XXVAR", findings=Findings(), **(given | changes))  # type: ignore[arg-type]


def told(context: Context) -> list[str]:
    """Findings as `severity rule where value`."""
    return [f"{f.severity} {f.rule} {f.where} {f.value}".strip() for f in context.findings]


def listed(values: pd.Series) -> list[object]:
    """Values with None for missing."""
    return [None if pd.isna(v) else v for v in values]
