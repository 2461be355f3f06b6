"""Differences between two frames of the same records, by key and variable.

Names keep their case. Missing, and text that is empty or blank, are the same; blanks at the end of text do not count,
since a SAS file cannot keep them. A key that occurs twice is reported and its records are not compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from datacut.datasets.model import value_text
from datacut.errors import InputError, nearest

KINDS = ("missing column", "extra column", "type", "duplicate key", "missing row", "extra row", "value")
"""Missing is in theirs only, extra in ours only."""


def compare(ours: pd.DataFrame, theirs: pd.DataFrame, keys: Sequence[str], tolerance: float = 0) -> pd.DataFrame:
    """All differences: the key columns, `variable`, `ours`, `theirs` (as text) and `kind`, one of KINDS.

    Numbers are equal where they differ by `tolerance` or less. Key columns are text, and missing for differences of a
    whole column; for a duplicate key `ours` and `theirs` hold how often it occurs. Raises InputError where a key is not
    in both frames.
    """
    pairs = _pair(ours, theirs, keys)
    parts = [_column_differences(pairs), _row_differences(pairs)]
    for name in pairs.common:
        a, b, different = _values(pairs, name, tolerance)
        found = pairs.keys_of(pairs.in_both[different])
        found["variable"] = name
        found["ours"] = [value_text(v) for v in a[different]]
        found["theirs"] = [value_text(v) for v in b[different]]
        found["kind"] = "value"
        parts.append(found)
    columns = [*keys, "variable", "ours", "theirs", "kind"]
    table = pd.concat([p.reindex(columns=columns).astype("str") for p in parts], ignore_index=True)
    return table.replace("", pd.NA).astype("str")


def compare_summary(
    ours: pd.DataFrame, theirs: pd.DataFrame, keys: Sequence[str], tolerance: float = 0
) -> pd.DataFrame:
    """`variable`, `n_compared`, `n_equal`, `n_different` for every column both have, in our order, keys left out."""
    pairs = _pair(ours, theirs, keys)
    lines = []
    for name in pairs.common:
        a, _, different = _values(pairs, name, tolerance)
        lines.append((name, len(a), len(a) - int(different.sum()), int(different.sum())))
    table = pd.DataFrame(lines, columns=["variable", "n_compared", "n_equal", "n_different"])
    return table.astype({"variable": "str", "n_compared": "Int64", "n_equal": "Int64", "n_different": "Int64"})


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Two frames with their records numbered alike: `at_ours[id]` is the position of the key's record, -1 for none."""

    ours: pd.DataFrame
    theirs: pd.DataFrame
    keys: tuple[str, ...]
    key_values: pd.DataFrame
    count_ours: np.ndarray[Any, Any]
    count_theirs: np.ndarray[Any, Any]
    at_ours: np.ndarray[Any, Any]
    at_theirs: np.ndarray[Any, Any]

    @property
    def in_both(self) -> np.ndarray[Any, Any]:
        return np.flatnonzero((self.count_ours == 1) & (self.count_theirs == 1))

    @property
    def common(self) -> list[str]:
        """Columns of both that can be compared, without the keys."""
        shared = [c for c in self.ours.columns if c in self.theirs.columns and c not in self.keys]
        return [c for c in shared if _same_family(self.ours[c], self.theirs[c])]

    def keys_of(self, ids: np.ndarray[Any, Any]) -> pd.DataFrame:
        chosen = self.key_values.iloc[ids].reset_index(drop=True)
        return pd.DataFrame({k: [value_text(v) for v in chosen[k]] for k in self.keys}, dtype="str")


def _pair(ours: pd.DataFrame, theirs: pd.DataFrame, keys: Sequence[str]) -> _Pairs:
    for side, frame in (("ours", ours), ("theirs", theirs)):
        for key in keys:
            if key not in frame.columns:
                raise InputError(f"key {key} is not a column of {side}. {nearest(key, map(str, frame.columns))}")
    for key in keys:
        if not _same_family(ours[key], theirs[key]):
            raise InputError(f"key {key} is {_family(ours[key])} in ours and {_family(theirs[key])} in theirs")
    both = pd.DataFrame({k: pd.concat([_plain(ours[k]), _plain(theirs[k])], ignore_index=True) for k in keys})
    ids = both.groupby(list(keys), dropna=False, sort=True).ngroup().to_numpy()
    size = int(ids.max()) + 1 if len(ids) else 0
    split = len(ours)
    first = pd.Series(ids).drop_duplicates()
    key_values = both.iloc[first.sort_values().index]
    return _Pairs(
        ours=ours,
        theirs=theirs,
        keys=tuple(keys),
        key_values=key_values,
        count_ours=np.bincount(ids[:split], minlength=size),
        count_theirs=np.bincount(ids[split:], minlength=size),
        at_ours=_positions(ids[:split], size),
        at_theirs=_positions(ids[split:], size),
    )


def _positions(ids: np.ndarray[Any, Any], size: int) -> np.ndarray[Any, Any]:
    found = np.full(size, -1)
    found[ids] = np.arange(len(ids))
    return found


def _values(pairs: _Pairs, name: str, tolerance: float) -> tuple[pd.Series[Any], pd.Series[Any], np.ndarray[Any, Any]]:
    ids = pairs.in_both
    a = _plain(pairs.ours[name]).iloc[pairs.at_ours[ids]].reset_index(drop=True)
    b = _plain(pairs.theirs[name]).iloc[pairs.at_theirs[ids]].reset_index(drop=True)
    same = (a == b).fillna(False).to_numpy(dtype=bool)
    if _family(a) == "number" and tolerance > 0:
        same = same | ((a - b).abs() <= tolerance).fillna(False).to_numpy(dtype=bool)
    both_missing = (a.isna() & b.isna()).to_numpy(dtype=bool)
    return a, b, ~(same | both_missing)


def _column_differences(pairs: _Pairs) -> pd.DataFrame:
    lines: list[tuple[str, str, str | None, str | None]]
    lines = [("missing column", c, None, None) for c in pairs.theirs.columns if c not in pairs.ours.columns]
    lines += [("extra column", c, None, None) for c in pairs.ours.columns if c not in pairs.theirs.columns]
    for name in pairs.ours.columns:
        if name in pairs.theirs.columns and not _same_family(pairs.ours[name], pairs.theirs[name]):
            lines.append(("type", name, _family(pairs.ours[name]), _family(pairs.theirs[name])))
    return pd.DataFrame(lines, columns=["kind", "variable", "ours", "theirs"], dtype="str")


def _row_differences(pairs: _Pairs) -> pd.DataFrame:
    ours, theirs = pairs.count_ours, pairs.count_theirs
    twice = (ours > 1) | (theirs > 1)
    parts = []
    for kind, chosen in (
        ("duplicate key", twice),
        ("missing row", (ours == 0) & ~twice),
        ("extra row", (theirs == 0) & ~twice),
    ):
        ids = np.flatnonzero(chosen)
        found = pairs.keys_of(ids)
        found["kind"] = kind
        if kind == "duplicate key":
            found["ours"] = [str(n) for n in ours[ids]]
            found["theirs"] = [str(n) for n in theirs[ids]]
        parts.append(found)
    return pd.concat(parts, ignore_index=True)


def _family(values: pd.Series[Any]) -> str:
    if pd.api.types.is_bool_dtype(values):
        return "text"
    if pd.api.types.is_numeric_dtype(values):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    present = values.dropna()
    if values.dtype == object and not len(present):
        return "any"
    dates = values.dtype == object and not any(isinstance(v, str) for v in present) and hasattr(present.iloc[0], "year")
    return "date" if dates else "text"


def _same_family(a: pd.Series[Any], b: pd.Series[Any]) -> bool:
    kinds = {_family(a), _family(b)}
    return len(kinds) == 1 or "any" in kinds


def _plain(values: pd.Series[Any]) -> pd.Series[Any]:
    """The values in the one dtype of their family."""
    family = _family(values)
    if family == "number":
        return values.astype("Float64")
    if family == "date":
        return pd.Series(pd.to_datetime(values), index=values.index).astype("datetime64[us]")
    if family == "any":
        return values
    text = values.map(value_text, na_action="ignore").astype("str").str.rstrip(" ")
    return text.mask(text.eq("").fillna(False))
