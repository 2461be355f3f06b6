"""Yes, no and unknown: criteria combined into one result, observed and with non-responder imputation, with reasons.

A criterion is a nullable boolean series: True, False, missing for unknown; one row per assessment. In results the
three are text `Y`, `N` and missing. Source: project convention (instruments document, section 0.3) [P]; NRI is the
usual non-responder imputation: unknown counts as `N`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd


def to_yn(state: pd.Series[Any]) -> pd.Series[Any]:
    """`Y`, `N`, missing (`str`) of True, False, unknown."""
    return state.astype("boolean").astype(object).map({True: "Y", False: "N"}).astype("str")


def from_yn(text: pd.Series[Any]) -> pd.Series[Any]:
    """True, False, unknown (nullable boolean) of `Y`, `N`, missing. Raises ValueError for another text."""
    other = text.notna() & ~text.isin(["Y", "N"])
    if other.any():
        raise ValueError(f"Three-valued results are Y, N or missing, not {text[other].iloc[0]!r}.")
    return text.astype(object).map({"Y": True, "N": False}).astype("boolean")


def sure(state: pd.Series[Any]) -> pd.Series[Any]:
    """Plain boolean: where a state is known to be True."""
    return state.astype("boolean").fillna(False).astype(bool)


def all_of(states: list[pd.Series[Any]]) -> pd.Series[Any]:
    """False if any is False, else unknown if any is unknown, else True: nullable boolean."""
    result = states[0].astype("boolean")
    for state in states[1:]:
        result = result & state.astype("boolean")
    return result


def any_of(states: list[pd.Series[Any]]) -> pd.Series[Any]:
    """True if any is True, else unknown if any is unknown, else False: nullable boolean."""
    return ~all_of([~state.astype("boolean") for state in states])


def name_where(marks: pd.DataFrame, lead: str = "") -> pd.Series[Any]:
    """Per row the names of the columns that are True, joined by "; " after `lead`; missing if none is.

    marks: plain boolean columns, named as the reader should see them.
    """
    names = np.array([str(name) for name in marks.columns], dtype=object)
    rows = marks.to_numpy(dtype=bool)
    texts = [lead + "; ".join(names[row]) if row.any() else None for row in rows]
    return pd.Series(texts, index=marks.index, dtype="str")


def name_missing(values: pd.DataFrame, lead: str = "not done: ") -> pd.Series[Any]:
    """Why a score of these items is missing, per row: the names of the missing columns; missing if none is."""
    return name_where(values.isna(), lead)


def combine_criteria(criteria: Mapping[str, pd.Series[Any]]) -> pd.DataFrame:
    """One result of several criteria that must all hold.

    criteria: nullable boolean by label, on one index. Returns `str` columns: each label (`Y`, `N`, missing); then
    `observed` (N if any is N, else missing if any is unknown, else Y), `nri` (observed, but N where missing) and
    `reason`: "not met: ..." for N, "unknown: ..." for missing, missing for Y. So `nri` is Y only where `observed` is.
    Raises ValueError if there is no criterion.
    """
    if not criteria:
        raise ValueError("A composite needs at least one criterion.")
    states = pd.DataFrame({label: state.astype("boolean") for label, state in criteria.items()})
    observed = all_of([states[label] for label in states])
    failed = name_where(states.eq(False).fillna(False).astype(bool), "not met: ")
    result = pd.DataFrame({label: to_yn(states[label]) for label in states})
    result["observed"] = to_yn(observed)
    result["nri"] = to_yn(observed.fillna(False))
    result["reason"] = failed.where(failed.notna(), name_missing(states, "unknown: "))
    return result
