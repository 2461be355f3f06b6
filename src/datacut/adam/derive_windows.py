"""Analysis visits from windows of study days, and the record that stands for a visit. ADaMIG 1.3 section 4.5.3."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import flag, keys_complete, pick, text
from datacut.adam.misuse import misuse
from datacut.engine.context import Context
from datacut.errors import Location, in_data, nearest
from datacut.spec.registry import Column, Columns, Condition, NewColumn, verb
from datacut.spec.study import Window


@verb(
    "column",
    gives={"new": ("windows", "baseline_visit")},
    says={
        "new": (
            "the name of the analysis visit whose window in define-supplement.html, windows {windows:plain}, "
            "holds the study day {day}[; of {baseline_visit:plain} where {baseline}, and there alone]"
        ),
        "number": (
            "the number of the analysis visit whose window in define-supplement.html, windows "
            "{windows:plain}, holds the study day {day}[; of {baseline_visit:plain} where {baseline}, and "
            "there alone]"
        ),
        "target": (
            "the target day of the analysis visit whose window in define-supplement.html, windows "
            "{windows:plain}, holds the study day {day}[; of {baseline_visit:plain} where {baseline}, and "
            "there alone]"
        ),
    },
)
def derive_vars_window(
    dataset: pd.DataFrame,
    day: Column,
    new: NewColumn,
    windows: str,
    number: NewColumn | None = None,
    target: NewColumn | None = None,
    baseline: Condition | None = None,
    baseline_visit: str = "Baseline",
    *,
    context: Context,
) -> pd.DataFrame:
    """The analysis visit whose window holds the study day (CDISC days, ends included, an end left blank is open).

    windows: name of a list in study.yml; number, target: receive its AVISITN and target day. baseline: the rows that
    satisfy it are `baseline_visit` whatever their day, and no other row is. A missing day, or one in no window:
    missing. Windows that overlap are refused.
    """
    known = context.windows.get(windows)
    if known is None:
        raise misuse(in_data(context.dataset, new), "no such windows", windows, nearest(windows, context.windows))
    by_day = [w for w in known if baseline is None or w.avisit != baseline_visit]
    _require_apart(by_day, in_data(context.dataset, new))
    value = dataset[day].astype("Float64")
    chosen = np.full(len(dataset), None, dtype=object)
    for window in by_day:
        inside = value.notna()
        if window.low is not None:
            inside &= value >= window.low
        if window.high is not None:
            inside &= value <= window.high
        chosen[inside.fillna(False).to_numpy(dtype=bool)] = window
    if baseline is not None:
        at_baseline = next((w for w in known if w.avisit == baseline_visit), None)
        if at_baseline is None:
            remedy = nearest(baseline_visit, [w.avisit for w in known])
            raise misuse(in_data(context.dataset, new), f"no window in {windows}", baseline_visit, remedy)
        chosen[context.mask(dataset, baseline).to_numpy()] = at_baseline
    return dataset.assign(**_columns(chosen, dataset.index, new, number, target))


@verb(
    "column",
    gives={"new": ('"Y"',)},
    says=(
        '"Y" on the record of each {by}[, of those where {where},] whose {day} is closest to '
        "{target}{choice?complete=, one where {complete} before others|}; of two equally close the "
        "{tie?later=later|earlier}[, on one day the last by {order}]; one without {day} or {target} only "
        "if there is no other"
    ),
)
def derive_var_closest_flag(
    dataset: pd.DataFrame,
    by: Columns,
    day: Column,
    target: Column,
    new: NewColumn,
    where: Condition | None = None,
    order: Columns | None = None,
    tie: str = "later",
    complete: Condition | None = None,
    choice: str = "closest",
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` on the record of each group (subject, parameter, visit) closest to its target day, among those of `where`.

    Distance is in days (day -1 and day 1 are one apart). tie: of two equally close, the `later` or the `earlier` day;
    on one day the last by `order`. choice: `closest`, or `complete`: a record that satisfies `complete` comes before
    one that does not, however close. A record without day or target is flagged only if its group has no other; one with
    a missing key never.
    """
    if tie not in ("later", "earlier"):
        raise misuse(in_data(context.dataset, new), "no such tie", tie, "Write later or earlier.")
    if choice not in ("closest", "complete"):
        raise misuse(in_data(context.dataset, new), "no such choice", choice, "Write closest or complete.")
    kept = dataset.loc[context.mask(dataset, where) & keys_complete(dataset, by)]
    first = context.mask(kept, complete if choice == "complete" else None).astype("int64")
    real, aim = _without_gap(kept[day]), _without_gap(kept[target])
    work = kept.assign(__first=first, __distance=(real - aim).abs(), __day=real if tie == "later" else -real)
    columns = ["__first", "__distance", "__day", *(order or [])]
    chosen = pick(work, by, columns, "last", descending=["__distance"])
    return dataset.assign(**{new: flag(pd.Series(dataset.index.isin(chosen), index=dataset.index))})


def _without_gap(day: pd.Series[Any]) -> pd.Series[Any]:
    number = day.astype("Float64")
    return number.where(~(number > 0).fillna(False), number - 1)


def _columns(
    chosen: np.ndarray[Any, Any], index: pd.Index[Any], new: str, number: str | None, target: str | None
) -> dict[str, pd.Series[Any]]:
    found: list[Window | None] = list(chosen)
    out: dict[str, pd.Series[Any]] = {new: text([w.avisit if w else None for w in found], index)}
    if number is not None:
        numbers = pd.Series([w.avisitn if w else None for w in found], index=index, dtype="Float64")
        whole = bool((numbers.dropna() % 1 == 0).all())
        out[number] = numbers.astype("Int64") if whole else numbers
    if target is not None:
        out[target] = pd.Series([w.target if w else None for w in found], index=index, dtype="Int64")
    return out


def _require_apart(windows: list[Window], place: Location) -> None:
    ends = sorted(
        (-np.inf if w.low is None else w.low, np.inf if w.high is None else w.high, w.avisit) for w in windows
    )
    for (_, high, first), (low, _, second) in pairwise(ends):
        if low <= high:
            raise misuse(place, f"windows {first} and {second} overlap", "", "Mend them in study.yml.")
