"""A built dataset and its variables, as every writer sees them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import pandas as pd

from datacut.compute.rounding import decimal_text
from datacut.datasets.lineage import empty_lineage, no_makers, no_values

DTYPES = {
    "text": "str",
    "integer": "Int64",
    "float": "Float64",
    "date": "datetime64[s]",
    "datetime": "datetime64[s]",
    "time": "Int64",
}
"""Type of a variable to dtype of its column. A time is in seconds since midnight."""

MAX_TEXT = 200
MAX_LABEL = 40
VARIABLE_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")
DATASET_NAME = re.compile(r"[A-Z][A-Z0-9]{0,7}")


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: type is one of `DTYPES`; length in bytes (text only), format (`DATE9.`), place in the key."""

    name: str
    label: str
    type: str
    length: int | None = None
    format: str | None = None
    key: int | None = None


@dataclass(frozen=True, eq=False)
class Dataset:
    """One built dataset: the frame holds exactly the variables, in order, sorted by the keys.

    lineage, values, makers: see `datasets.lineage`; working: its working columns, in the order of the records.
    """

    name: str
    label: str
    variables: tuple[Variable, ...]
    frame: pd.DataFrame
    keys: tuple[str, ...] = ()
    lineage: pd.DataFrame = field(default_factory=empty_lineage)
    values: pd.DataFrame = field(default_factory=no_values)
    makers: pd.DataFrame = field(default_factory=no_makers)
    working: pd.DataFrame = field(default_factory=pd.DataFrame)

    def variable(self, name: str) -> Variable:
        """The variable of that name; KeyError if there is none."""
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise KeyError(name)


def record_key(frame: pd.DataFrame, keys: tuple[str, ...], position: int) -> str:
    """The key of one row of `frame` as messages name it: `CT-001|ALT|2`, or `row 3` without keys."""
    present = [k for k in keys if k in frame.columns]
    if not present:
        return f"row {position + 1}"
    return "|".join(value_text(frame[k].iloc[position]) for k in present)


def value_text(value: object) -> str:
    """A value as text: a number to 15 significant digits, missing empty, a midnight timestamp its date."""
    if value is None or (not isinstance(value, str) and bool(pd.isna(value))):  # type: ignore[call-overload]
        return ""
    if isinstance(value, pd.Timestamp):
        return value.isoformat().removesuffix("T00:00:00")
    if isinstance(value, float):
        return decimal_text(value) if math.isfinite(value) else repr(float(value))
    return str(value)
