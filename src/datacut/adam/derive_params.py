"""New parameters: one record per group, made of the records of other parameters. ADaMIG 1.3 section 3.3.4, 4.2."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import flag, group_numbers, pick, text
from datacut.engine.context import RID, Context, NewRecords
from datacut.errors import Severity
from datacut.spec.registry import CodeMap, Codes, Column, Columns, Condition, Function, NewColumn, verb
from datacut.spec.where import Compound

SHOWN = 5
"""Inputs named in a reason before it says how many more there are."""


@verb(
    "records",
    reads=("PARAMCD", "AVAL"),
    says=(
        "one record for each {by}[ of the records where {where}] from {use?=AVAL|{use}} of {params}: "
        "{value}[ ({optional} may be missing)][; {last} of its last record by these]"
    ),
)
def derive_param_computed(
    dataset: pd.DataFrame,
    by: Columns,
    params: CodeMap,
    value: Function,
    where: Condition | None = None,
    use: Column | None = None,
    reason: NewColumn | None = None,
    optional: Codes | None = None,
    options: dict[str, str] | None = None,
    contradiction: Function | None = None,
    last: Columns | None = None,
    *,
    context: Context,
) -> NewRecords:
    """One record per group that has a record of any of `params`: what `value` makes of them.

    params: `{part: PARAMCD}`, the part that each parameter plays in the function, or a list of parameters whose parts
    have their names. value receives a frame with one row per group and one column per part in the order of `params`,
    holding AVAL (or the column `use`), missing where the group has no such record. Numbers go to AVAL, text to AVALC.
    Where the result is missing, `reason` names the parameters that are, but for those of `optional`, which the function
    can do without; without a `reason` a missing result makes no record. The record holds the `by` columns, those of
    `last` and these, nothing else. last: columns taken from the last record of the group in their order, of those with
    a value if there are any. options go to `value` by name.
    contradiction receives the same frame and says in words where inputs contradict each other: a warning each. Two
    records of one parameter in a group are an error finding, and that input is missing.
    """
    kept = dataset.loc[context.mask(dataset, where) & dataset["PARAMCD"].isin(list(params.values()))]
    groups = group_numbers(kept, by)
    wide = _wide(kept, groups, params, use or "AVAL", context)
    made = value(wide, **(options or {}))
    if contradiction is not None:
        _tell_contradictions(contradiction(wide), kept.loc[~groups.duplicated(), [*by, RID]], context)
    if reason is None:
        known = made.notna().to_numpy(dtype=bool)
        made, kept = made.loc[known], kept.loc[known[groups.to_numpy(dtype=np.int64)]]
        groups = group_numbers(kept, by)
    first = kept.loc[~groups.duplicated()]
    rows = first[list(by)].reset_index(drop=True)
    if last:
        rows[list(last)] = _closing(kept, groups, use or "AVAL", last).reset_index(drop=True)
    is_text = not pd.api.types.is_numeric_dtype(made.dtype)
    rows["AVALC" if is_text else "AVAL"] = (
        text(made.astype(object), rows.index) if is_text else pd.Series(made.astype("Float64").array, index=rows.index)
    )
    if reason is not None:
        needed = wide.rename(columns=params).drop(columns=optional or [])
        rows[reason] = _reasons(needed, made, rows.index)
    return NewRecords(rows, _edges(groups, kept[RID]))


@verb(
    "records",
    reads=("PARAMCD",),
    says=(
        'one record for each {by}[ of the records where {where}]: AVALC "Y" (AVAL 1) if one meets '
        '{criterion}, else "N" (0), missing where a missing value leaves it open'
    ),
)
def derive_param_exist_flag(
    dataset: pd.DataFrame,
    by: Columns,
    criterion: Condition,
    where: Condition | None = None,
    *,
    context: Context,
) -> NewRecords:
    """One record per group of the rows of `where`: AVALC `Y` (AVAL 1) if any row meets the criterion, else `N` (0).

    If no row meets it and a missing value leaves one open, AVALC and AVAL are missing. A group without rows has no
    record.
    """
    kept = dataset.loc[context.mask(dataset, where)]
    groups = group_numbers(kept, by)
    holds = context.mask(kept, criterion)
    open_ = ~holds & ~context.mask(kept, Compound("NOT", (criterion,)))
    rows = kept.loc[~groups.duplicated(), list(by)].reset_index(drop=True)
    yes = holds.groupby(groups).any().reset_index(drop=True).astype(bool)
    unknown = open_.groupby(groups).any().reset_index(drop=True).astype(bool) & ~yes
    rows["AVALC"] = flag(yes, "Y", "N").where(~unknown)
    rows["AVAL"] = yes.astype("Float64").where(~unknown)
    return NewRecords(rows, _edges(groups, kept[RID]))


def _tell_contradictions(words: pd.Series[Any], groups: pd.DataFrame, context: Context) -> None:
    """A warning for each group with words; its place is made of the group's columns."""
    place = replace(context, keys=tuple(c for c in groups.columns if c != RID))
    for position, what in words.dropna().items():
        place.report(
            groups,
            [groups.index[int(str(position))]],
            context.variable,
            "adam.param.contradiction",
            "answers contradict each other",
            value=str(what),
            remedy="Ask the site which of the two holds.",
            severity=Severity.WARNING,
        )


def _wide(
    kept: pd.DataFrame, groups: pd.Series[Any], params: dict[str, str], column: str, context: Context
) -> pd.DataFrame:
    keyed = pd.DataFrame({"group": groups, "param": kept["PARAMCD"]})
    several = keyed.duplicated(keep=False)
    context.report(
        kept,
        several,
        "PARAMCD",
        "adam.param.several",
        "several records of one parameter in a group; none is used",
        remedy="Choose one with where=, or add what tells them apart to by=.",
    )
    once = ~several
    wide = {}
    for part, param in params.items():
        rows = once & (kept["PARAMCD"] == param).fillna(False).astype(bool)
        values = pd.Series(kept.loc[rows, column].array, index=groups[rows].to_numpy())
        wide[part] = values.reindex(range(groups.nunique()))
    return pd.DataFrame(wide, columns=list(params))


def _closing(kept: pd.DataFrame, groups: pd.Series[Any], use: str, last: list[str]) -> pd.DataFrame:
    """The columns `last` of the last record of each group, in the order of the groups."""
    known = kept.assign(__group=groups, __known=kept[use].notna().astype("int64"))
    chosen = known.loc[pick(known, ["__group"], ["__known", *last], "last")]
    return chosen.sort_values("__group")[list(last)]


def _reasons(wide: pd.DataFrame, made: pd.Series[Any], index: pd.Index[Any]) -> pd.Series[Any]:
    absent = wide.isna().to_numpy()
    out: list[str | None] = []
    for row, lost in zip(absent, made.isna(), strict=True):
        names = [str(c) for c, gone in zip(wide.columns, row, strict=True) if gone]
        if not lost:
            out.append(None)
        elif not names:
            out.append("Cannot be computed from the values given")
        else:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            out.append(f"Missing: {', '.join(names[:SHOWN])}{more}")
    return text(out, index)


def _edges(groups: pd.Series[Any], rid: pd.Series[Any]) -> pd.DataFrame:
    return pd.DataFrame({"position": groups.to_numpy(dtype=np.int64), "parent": rid.to_numpy()})
