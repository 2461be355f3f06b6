"""Time-to-event records out of candidate events and censorings. ADaM BDS-TTE 1.0; the sources stand in the spec."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from datacut.adam.groups import group_numbers, keys_complete
from datacut.engine.context import RID, Context, NewRecords
from datacut.errors import Severity
from datacut.spec.registry import Column, Columns, Condition, verb

type Positions = np.ndarray[Any, np.dtype[np.intp]]

CENSORED = "Censored"
TRACE = ("EVNTDESC", "CNSDTDSC", "SRCDOM", "SRCVAR", "SRCSEQ")


@verb(
    "records",
    reads=TRACE,
    writes=("STARTDT", "CNSR"),
    says={
        "": (
            "one record for each {by}[ with a record where {where}]: ADT is the earliest {date} from {start} on of "
            "the candidate records that are {events:or} in {candidate}, with CNSR 0[; but one that is "
            "{competing:or} before it or on its date, from {start} on, ends the time with CNSR 2 (3, ... by place in "
            "this list, of several on one date the first)]; "
            "without either, CNSR is 1 and ADT the last {date} of the first of {censors} in {candidate} that has a "
            "candidate record with a {date}, {start} if that is earlier (the record is chosen all the same)[; of a "
            "candidate whose {date} is before {start} and whose {latest} is not, the date is {start}]. EVNTDESC, "
            "CNSDTDSC, SRCDOM, SRCVAR and SRCSEQ are those of the chosen record, of several on one date the first, "
            "for a censoring the last, in the order of the records of the dataset "
            "(EVNTDESC of a censoring is Censored, CNSDTDSC of a competing event its EVNTDESC); STARTDT is "
            "{start}; without {start} there is no record"
        ),
        "STARTDT": "{start}",
        "CNSR": "0 for an event, 1 for a censoring, 2 (3, ...) for a competing event",
    },
)
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
    latest: Column | None = None,
    *,
    context: Context,
) -> NewRecords:
    """One record per group: the earliest event from `start` on, else the first rule of `censors` that gives a date.

    The rows of the dataset are candidates, made by its record blocks from as many datasets as need be; `candidate` says
    what each is, EVNTDESC and CNSDTDSC what it is called as an event and as a censoring, SRCDOM, SRCVAR and SRCSEQ
    where it was found. An event is the earliest of the candidates named in `events`, on one date of the first named. A
    competing event before it, or on its date, ends the time with CNSR 2 (3, ... for those named later). Otherwise CNSR
    is 1, and the date that of the first name in `censors` with a candidate: its last. No date counts before `start`;
    but a censoring before it is taken at `start`. where: groups at risk, those with a row that satisfies it. latest:
    the last possible day of a candidate whose `date` is the first: one that may lie on either side of `start` counts,
    at `start`, and is a warning. Missing
    start, or nothing to censor by: no record, and the latter is a finding. STARTDT is `start`. EVNTDESC of a censoring
    is Censored; CNSDTDSC of a competing event is its EVNTDESC.
    """
    kept = dataset.loc[dataset[start].notna() & keys_complete(dataset, by)]
    if where is not None:
        risk = pd.MultiIndex.from_frame(kept.loc[context.mask(kept, where), list(by)].drop_duplicates())
        kept = kept.loc[pd.MultiIndex.from_frame(kept[list(by)]).isin(risk)]
    groups = group_numbers(kept, by).to_numpy()
    first = kept.iloc[np.flatnonzero(~pd.Series(groups).duplicated().to_numpy())]
    begin = first[start].to_numpy()
    days, dated = kept[date].to_numpy(), kept[date].notna().to_numpy()
    if latest is not None:
        either = dated & (days < begin[groups]) & (kept[latest].to_numpy() >= begin[groups])
        days = np.where(either, begin[groups], days)
        _report_either(kept, either & kept[candidate].isin([*events, *(competing or [])]).to_numpy(), date, context)
    after = dated & (days >= begin[groups])
    names = kept[candidate].astype(object)

    def earliest(wanted: list[str]) -> Positions:
        rank = names.map({name: place for place, name in enumerate(wanted)}).to_numpy(dtype=float)
        rows = np.flatnonzero(after & ~np.isnan(rank))
        return _first_of(rows[np.lexsort((rank[rows], days[rows], groups[rows]))], groups, len(first))

    def last(wanted: str) -> Positions:
        rows = np.flatnonzero(dated & names.eq(wanted).to_numpy(dtype=bool))
        return _first_of(rows[np.lexsort((rows, days[rows], groups[rows]))][::-1], groups, len(first))

    event, other = earliest(events), earliest(competing or [])
    both = (event >= 0) & (other >= 0)
    beaten = (other >= 0) & (~both | (days[other] <= days[event]))
    chosen = np.where(beaten, other, event)
    rivals = {name: 2 + place for place, name in enumerate(competing or [])}
    cnsr = np.where(beaten, names.map(rivals).fillna(0).to_numpy(dtype=int)[other], 0)
    for name in censors:
        open_ = chosen < 0
        chosen, cnsr = np.where(open_, last(name), chosen), np.where(open_, 1, cnsr)
    for lost in np.flatnonzero(chosen < 0):
        context.report(
            kept,
            first.index[lost : lost + 1],
            date,
            "adam.tte.censor",
            f"neither an event nor a date to censor at ({', '.join(censors)})",
            remedy="Give a censoring rule that every participant at risk has.",
            severity=Severity.ERROR,
        )
    held = np.flatnonzero(chosen >= 0)
    found = kept.iloc[chosen[held]].reset_index(drop=True)
    censored = pd.Series(cnsr[held] == 1)
    columns = list(dict.fromkeys([*by, "STARTDT", date, "CNSR", *TRACE]))
    made = found.assign(
        STARTDT=pd.Series(begin[held], dtype=dataset[start].dtype),
        CNSR=pd.Series(cnsr[held], dtype="Int64"),
        EVNTDESC=found["EVNTDESC"].mask(censored, CENSORED),
        CNSDTDSC=found["CNSDTDSC"].where(censored, found["EVNTDESC"]).mask(pd.Series(cnsr[held] == 0)),
    )
    made[date] = pd.Series(np.maximum(begin[held], days[chosen[held]]), dtype=dataset[date].dtype)
    parents = pd.DataFrame({"position": np.arange(len(made)), "parent": found[RID]})
    return NewRecords(made[columns], parents)


def _report_either(kept: pd.DataFrame, rows: np.ndarray[Any, Any], date: str, context: Context) -> None:
    context.report(
        kept,
        kept.index[rows],
        date,
        "adam.tte.either",
        "a partial date that may lie before or after the start of the time; the event counts at the start",
        remedy="Ask for the date.",
        severity=Severity.WARNING,
    )


def _first_of(rows: Positions, groups: np.ndarray[Any, Any], count: int) -> Positions:
    """Of rows in order, the first of each group; -1 for a group without one."""
    group, place = np.unique(groups[rows], return_index=True)
    out = np.full(count, -1, dtype=np.intp)
    out[group] = rows[place]
    return out
