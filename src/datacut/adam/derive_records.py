"""New records out of records that exist: the extreme one, a summary, and those that are expected but absent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import group_numbers, keys_complete, pick, text
from datacut.adam.misuse import misuse
from datacut.engine.context import RID, Context, NewRecords
from datacut.errors import in_data, nearest
from datacut.spec.registry import Column, Columns, Condition, verb

SUMMARIES = ("count", "min", "max", "sum", "mean")
PARAMETER = ("PARAMCD", "PARAM", "PARAMN", "PARCAT1")


@verb(
    "records",
    says=(
        "the {mode:plain} record of each {by}[, of those where {where},] by {order}[ ({descending} from "
        "high to low)], once more[; DTYPE is {dtype}]"
    ),
)
def derive_extreme_records(
    dataset: pd.DataFrame,
    by: Columns,
    order: Columns,
    where: Condition | None = None,
    mode: str = "last",
    descending: Columns | None = None,
    dtype: str | None = None,
    *,
    context: Context,
) -> NewRecords:
    """The first or last record of each group, of those that satisfy `where`, once more as the new parameter.

    order as in `derive_var_extreme_flag`. All columns of the record are kept but the parameter's own; dtype is the text
    of DTYPE (MAXIMUM, LOV, ...). Rows with a missing key are left out.
    """
    rows = context.mask(dataset, where) & keys_complete(dataset, by)
    chosen = dataset.loc[pick(dataset.loc[rows], by, order, mode, descending or ())].sort_values(RID)
    made = chosen.drop(columns=[c for c in (*PARAMETER, RID) if c in chosen]).reset_index(drop=True)
    if dtype is not None:
        made["DTYPE"] = text([dtype] * len(made), made.index)
    parents = pd.DataFrame({"position": np.arange(len(chosen)), "parent": chosen[RID].to_numpy()})
    return NewRecords(made, parents)


@verb(
    "records",
    reads=("AVAL",),
    says=(
        "one record for each {by}[ of the records where {where}]: AVAL is {statistic?count=their "
        "number|min=the smallest AVAL|max=the largest AVAL|sum=the sum of AVAL, missing if one is|the "
        "mean of AVAL, missing if one is}[; DTYPE is {dtype}]"
    ),
)
def derive_summary_records(
    dataset: pd.DataFrame,
    by: Columns,
    statistic: str,
    where: Condition | None = None,
    dtype: str | None = None,
    *,
    context: Context,
) -> NewRecords:
    """One record per group of the rows of `where`: AVAL is their number, or min, max, sum or mean of their AVAL.

    sum and mean are missing if one AVAL is (narrow with `AVAL NOT MISSING` if the plan leaves it out); min and max
    leave missing values out. dtype is the text of DTYPE (AVERAGE, ...).
    """
    if statistic not in SUMMARIES:
        raise misuse(
            in_data(context.dataset, context.variable), "no such statistic", statistic, nearest(statistic, SUMMARIES)
        )
    kept = dataset.loc[context.mask(dataset, where)]
    groups = group_numbers(kept, by)
    made = kept.loc[~groups.duplicated(), list(by)].reset_index(drop=True)
    value = kept["AVAL"].astype("Float64").groupby(groups)
    if statistic == "count":
        result: pd.Series[Any] = value.size()
    elif statistic in ("min", "max"):
        result = value.min() if statistic == "min" else value.max()
    else:
        result = value.sum() if statistic == "sum" else value.mean()
        result = result.where(kept["AVAL"].notna().groupby(groups).all())
    made["AVAL"] = pd.Series(result.astype("Float64").array, index=made.index)
    if dtype is not None:
        made["DTYPE"] = text([dtype] * len(made), made.index)
    parents = pd.DataFrame({"position": groups.to_numpy(dtype=np.int64), "parent": kept[RID].to_numpy()})
    return NewRecords(made, parents)


@verb(
    "records",
    reads=("PARAMCD", "AVISIT"),
    says=(
        "one record without value for each {by} with a record of {param:plain} and each analysis visit "
        "of define-supplement.html, windows {windows:plain}, with a target day (day 1 is {reference}) "
        "from 1 on and not after {until} that it lacks"
    ),
)
def derive_expected_records(
    dataset: pd.DataFrame,
    by: Columns,
    param: str,
    windows: str,
    reference: Column,
    until: Column,
    *,
    context: Context,
) -> NewRecords:
    """A record without value for each analysis visit a group should have but has not.

    For each group of `by` with a record of `param`, each window of the list (study.yml) whose target day, counted from
    `reference`, is not after `until` (data cut, end of study) and whose AVISIT the group lacks. Windows with a target
    before day 1 are never expected. The records carry `by`, PARAMCD, AVISIT, AVISITN and the two dates; parents are
    the group's records of the parameter. No expectation where a date is missing.
    """
    known = context.windows.get(windows)
    if known is None:
        raise misuse(
            in_data(context.dataset, context.variable), "no such windows", windows, nearest(windows, context.windows)
        )
    own = dataset.loc[(dataset["PARAMCD"] == param).fillna(False).astype(bool)]
    groups = group_numbers(own, by)
    seen = set(zip(groups, own["AVISIT"], strict=True))
    first = own.loc[~groups.duplicated()].reset_index(drop=True)
    made: list[dict[str, object]] = []
    parents: list[tuple[int, object]] = []
    rids = own[RID].groupby(groups).agg(list)
    for number, record in enumerate(first.to_dict("records")):
        start, end = record[reference], record[until]
        if pd.isna(start) or pd.isna(end):
            continue
        reached = (end.normalize() - start.normalize()).days + 1
        for window in known:
            if window.target is None or not 1 <= window.target <= reached or (number, window.avisit) in seen:
                continue
            parents += [(len(made), rid) for rid in rids[number]]
            made.append(
                {c: record[c] for c in (*by, reference, until)} | {"AVISIT": window.avisit, "AVISITN": window.avisitn}
            )
    columns = list(dict.fromkeys([*by, reference, until]))
    rows = pd.DataFrame(made, columns=[*columns, "AVISIT", "AVISITN"])
    rows = rows.astype({c: own[c].dtype for c in columns} | {"AVISIT": "str", "AVISITN": "Float64"})
    rows["PARAMCD"] = text([param] * len(rows), rows.index)
    return NewRecords(rows, pd.DataFrame(parents, columns=["position", "parent"]))
