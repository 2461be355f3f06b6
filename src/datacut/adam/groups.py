"""Groups, order and matching of records: what several derivation families share.

A missing key is a group of its own within one frame, but matches nothing in another frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.misuse import misuse
from datacut.errors import unplaced


def group_numbers(frame: pd.DataFrame, by: Sequence[str]) -> pd.Series[Any]:
    """A number per group of `by`, in order of first appearance; a missing key is a value like any other."""
    if not len(frame):
        return pd.Series([], index=frame.index, dtype="int64")
    return frame.groupby(list(by), dropna=False, sort=False).ngroup()


def keys_complete(frame: pd.DataFrame, by: Sequence[str]) -> pd.Series[Any]:
    """Rows on which none of the key columns is missing."""
    return frame[list(by)].notna().all(axis=1)


def in_order(
    frame: pd.DataFrame, order: Sequence[str], mode: str = "last", descending: Sequence[str] = ()
) -> pd.DataFrame:
    """The rows of `frame` sorted by `order`, stable; columns of `descending` from high to low.

    A missing value stands where `mode` does not look: last for `first`, first for `last`. So it is picked only where
    there is nothing else.
    """
    if not order:
        return frame
    return frame.sort_values(
        list(order),
        ascending=[c not in descending for c in order],
        na_position="first" if mode == "last" else "last",
        kind="stable",
    )


def pick(
    frame: pd.DataFrame,
    by: Sequence[str],
    order: Sequence[str],
    mode: str,
    descending: Sequence[str] = (),
) -> pd.Index[Any]:
    """Index labels of the first or last row of each group; among equals the frame's own order decides."""
    if mode not in ("first", "last"):
        raise misuse(unplaced("mode"), "no such mode", mode, "Write mode=first or mode=last.")
    ordered = in_order(frame, order, mode, descending)
    keep = ordered.duplicated(list(by), keep="first" if mode == "first" else "last")
    return ordered.index[~keep]


def match(
    dataset: pd.DataFrame, by: Sequence[str], source: pd.DataFrame, source_by: Sequence[str]
) -> np.ndarray[Any, np.dtype[np.intp]]:
    """For each row of `dataset` the position of the source row with its key, -1 without one.

    Keys of `source` must be unique. Raises SpecError if a key is text on one side and a number or date on the other:
    such keys would never meet, and nobody would notice.
    """
    for left, right in zip(by, source_by, strict=True):
        kinds = _kind(dataset[left]), _kind(source[right])
        if len(dataset) and len(source) and None not in kinds and kinds[0] != kinds[1]:
            what = f"{left} is {kinds[0]} and {right} of the source is {kinds[1]}"
            raise misuse(unplaced("merge"), what, "", "Merge by columns of one type.")
    if not len(dataset) or not len(source):
        return np.full(len(dataset), -1, dtype=np.intp)
    # one numbering over both frames: equal keys get equal numbers, whatever their width
    codes = np.zeros(len(dataset) + len(source), dtype=np.int64)
    for left, right in zip(by, source_by, strict=True):
        both = pd.concat([dataset[left].astype(object), source[right].astype(object)], ignore_index=True)
        part, values = pd.factorize(both)
        paired = np.where((codes < 0) | (part < 0), -1, codes * len(values) + part)
        numbered = pd.factorize(paired)[0]
        codes = np.where(paired < 0, -1, numbered)
    ours, theirs = codes[: len(dataset)], codes[len(dataset) :]
    known = theirs >= 0
    place = pd.Series(np.arange(len(source))[known], index=theirs[known])
    found = place.reindex(ours).fillna(-1).to_numpy(dtype=np.intp)
    return np.where(ours < 0, -1, found)


def take(column: pd.Series[Any], positions: np.ndarray[Any, Any], index: pd.Index[Any]) -> pd.Series[Any]:
    """Values of `column` at `positions` on another index, missing where the position is -1; the dtype stays."""
    kept = column.reset_index(drop=True).reindex(pd.Index(positions).where(positions >= 0, -1))
    return kept.set_axis(index)


def text(values: pd.Series[Any] | np.ndarray[Any, Any] | Sequence[object], index: pd.Index[Any]) -> pd.Series[Any]:
    """Values as the text dtype of frames in flight."""
    return pd.Series(np.asarray(values, dtype=object), index=index, dtype="object").astype("str")


def flag(rows: pd.Series[Any], yes: str = "Y", no: str | None = None) -> pd.Series[Any]:
    """`yes` on the rows that are true, `no` (missing if None) on the others."""
    return text([yes if row else no for row in rows], rows.index)


def _kind(column: pd.Series[Any]) -> str | None:
    if column.isna().all():
        return None
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return "a date"
    return "a number" if pd.api.types.is_numeric_dtype(column.dtype) else "text"
