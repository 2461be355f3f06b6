"""Time-to-event records out of candidate events and censorings. ADaM BDS-TTE 1.0; the sources stand in the spec."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import keys_complete
from datacut.datasets.context import RID, Context, NewRecords
from datacut.errors import Severity
from datacut.spec.registry import Column, Columns, Condition, verb

TRACE = ("EVNTDESC", "CNSDTDSC", "SRCDOM", "SRCVAR", "SRCSEQ")


@verb("records", reads=TRACE, writes=("STARTDT", "CNSR"))
def derive_param_tte(
    dataset: pd.DataFrame,
    by: Columns,
    candidate: Column,
    start: Column,
    date: Column,
    events: list[str],
    censors: list[str],
    competing: list[str] | None = None,
    where: Condition | None = None,
    *,
    context: Context,
) -> NewRecords:
    """One record per group: the earliest event from `start` on, else the first rule of `censors` that gives a date.

    The rows of the dataset are candidates, made by its record blocks from as many datasets as need be; `candidate` says
    what each is, EVNTDESC and CNSDTDSC what it is called as an event and as a censoring, SRCDOM, SRCVAR and SRCSEQ
    where it was found. An event is the earliest of the candidates named in `events`, on one date of the first named. A
    competing event before it, or on its date, ends the time with CNSR 2 (3, ... for those named later). Otherwise CNSR
    is 1, and the date that of the first name in `censors` with a candidate: its last. No date counts before `start`;
    but a censoring before it is taken at `start`. where: groups at risk, those with a row that satisfies it. Missing
    start, or nothing to censor by: no record, and the latter is a finding. STARTDT is `start`.
    """
    kept = dataset.loc[dataset[start].notna() & keys_complete(dataset, by)]
    if where is not None:
        risk = pd.MultiIndex.from_frame(kept.loc[context.mask(kept, where), list(by)].drop_duplicates())
        kept = kept.loc[pd.MultiIndex.from_frame(kept[list(by)]).isin(risk)]
    rows: list[dict[str, object]] = []
    parents: list[tuple[int, object]] = []
    for _, own in kept.groupby(list(by), sort=False):
        begin = own[start].iloc[0]
        dated = own.loc[own[date].notna()]
        after = dated.loc[dated[date] >= begin]
        event = _earliest(after, candidate, date, events)
        other = _earliest(after, candidate, date, competing or [])
        if other is not None and (event is None or other[date] <= event[date]):
            chosen, cnsr = other, 2 + (competing or []).index(str(other[candidate]))
        elif event is not None:
            chosen, cnsr = event, 0
        else:
            last = next((c for name in censors if (c := _last(dated, candidate, date, name)) is not None), None)
            if last is None:
                what = f"neither an event nor a date to censor at ({', '.join(censors)})"
                context.report(
                    own,
                    own.index[:1],
                    date,
                    "adam.tte.censor",
                    what,
                    remedy="Give a censoring rule that every participant at risk has.",
                    severity=Severity.ERROR,
                )
                continue
            chosen, cnsr = last, 1
        rows.append(
            {c: chosen[c] for c in (*by, "SRCDOM", "SRCVAR", "SRCSEQ")}
            | {"STARTDT": begin, date: max(begin, chosen[date]), "CNSR": cnsr}
            | {"EVNTDESC": None if cnsr == 1 else chosen["EVNTDESC"]}
            | {"CNSDTDSC": chosen["CNSDTDSC"] if cnsr == 1 else None}
        )
        parents.append((len(rows) - 1, chosen[RID]))
    columns = list(dict.fromkeys([*by, "STARTDT", date, "CNSR", *TRACE]))
    made = pd.DataFrame(rows, columns=columns)
    kinds = {c: dataset[c].dtype for c in columns if c in dataset} | {"STARTDT": dataset[start].dtype, "CNSR": "Int64"}
    made = made.astype(kinds)
    return NewRecords(made, pd.DataFrame(parents, columns=["position", "parent"]))


def _earliest(rows: pd.DataFrame, candidate: str, date: str, names: list[str]) -> dict[str, Any] | None:
    chosen = rows.loc[rows[candidate].isin(names).astype(bool)]
    if not len(chosen):
        return None
    rank = chosen[candidate].map({name: place for place, name in enumerate(names)})
    order = np.lexsort((rank.to_numpy(dtype=int), chosen[date].to_numpy()))
    return _record(chosen, int(order[0]))


def _last(rows: pd.DataFrame, candidate: str, date: str, name: str) -> dict[str, Any] | None:
    chosen = rows.loc[rows[candidate].eq(name).fillna(False).astype(bool)]
    return _record(chosen.sort_values(date, kind="stable"), -1) if len(chosen) else None


def _record(rows: pd.DataFrame, place: int) -> dict[str, Any]:
    return {str(c): rows[c].iloc[place] for c in rows.columns}
