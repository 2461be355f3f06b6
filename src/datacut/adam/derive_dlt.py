"""Dose-limiting toxicities: the window, candidates by rule, the adjudication, contacts, and who is evaluable."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd

from datacut.adam.groups import take
from datacut.adam.misuse import misuse
from datacut.compute.cart.dlt import (
    Policy,
    compute_dlt,
    compute_dlt_candidate,
    compute_dlt_evaluable,
    dlt_in_window,
    dose_adequate,
    parse_dlt_rule,
    possible_days,
    reaches_day,
)
from datacut.compute.threeway import from_yn, sure, to_yn
from datacut.engine.context import Context
from datacut.errors import in_data
from datacut.spec.registry import Column, Keys, NewColumn, Source, SourceColumns, SourceCondition, verb


@verb(
    "column",
    says=(
        '"Y" where every possible day of {onset} (which begins by {end}) lies from the day of {infusion} '
        'to {days} days after it, both included, "N" where none does, missing where partial dates leave '
        'it open; an onset whose time lies before that of the infusion is "N"'
    ),
)
def derive_var_dlt_window(
    dataset: pd.DataFrame, onset: Column, end: Column, infusion: Column, days: float, new: NewColumn
) -> pd.DataFrame:
    """`Y` where an event began from the infusion to `days` days after it, `N` where not, missing where that is open.

    onset, end, infusion: ISO 8601 texts, partial allowed (`dlt_in_window`).
    """
    within = dlt_in_window(dataset[onset], dataset[end], dataset[infusion], int(days))
    return dataset.assign(**{new: to_yn(within)})


@verb(
    "column",
    says=(
        '"Y" where {date} is at least {day} days after {reference} for every day that both can mean, "N" '
        "where for none, else missing"
    ),
)
def derive_var_reaches_day(
    dataset: pd.DataFrame, date: Column, reference: Column, day: float, new: NewColumn
) -> pd.DataFrame:
    """`Y` where `date` is `day` days after `reference` or later, `N` where not, missing where that is open.

    date, reference: ISO 8601 texts, partial allowed; a date that is missing altogether is open (`reaches_day`).
    """
    return dataset.assign(**{new: to_yn(reaches_day(dataset[date], dataset[reference], int(day)))})


@verb(
    "column",
    says={
        "new": (
            '"Y" where a record of {source}[ (where {where})] with the same {by} has one of {dates:or} surely '
            'at least {day} days after {reference}, "N" where none can be or there is none, missing where partial '
            "dates leave it open"
        ),
        "date": (
            "the earliest last possible day of {dates:or} of a record of {source}[ (where {where})] with the "
            "same {by} that is surely at least {day} days after {reference}"
        ),
    },
)
def derive_vars_contact(
    dataset: pd.DataFrame,
    by: Keys,
    source: Source,
    dates: SourceColumns,
    reference: Column,
    day: float,
    new: NewColumn,
    date: NewColumn,
    where: SourceCondition | None = None,
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` where a source record of the key has a date `day` days after `reference` or later, `N` where none has.

    dates: columns of ISO 8601 texts, each a contact, partial allowed; reference likewise. Missing where a partial date
    leaves it open. date: by which day the first sure contact had taken place, missing without one.
    """
    kept = source.loc[context.mask(source, where)]
    start = dataset.drop_duplicates(list(by)).set_index(list(by))[reference]
    each = [kept[list(by)].assign(__dtc=kept[c], __of=c, __at=np.arange(len(kept))) for c in dates]
    seen = pd.concat(each, ignore_index=True).dropna(subset=["__dtc"])
    seen = seen.join(start.rename("__start"), on=list(by), how="inner").reset_index(drop=True)
    reached = reaches_day(seen["__dtc"], seen["__start"].astype("str"), int(day))
    seen = seen.assign(__sure=sure(reached), __open=reached.isna(), __by=possible_days(seen["__dtc"])[1])
    found = seen.groupby(list(by))[["__sure", "__open"]].any()
    certain = seen.loc[seen["__sure"]].sort_values("__by", kind="stable").drop_duplicates(list(by))
    earliest = certain.set_index(list(by))
    first = earliest["__by"]
    place = pd.MultiIndex.from_frame(dataset[list(by)]) if len(by) > 1 else pd.Index(dataset[by[0]])
    at = found.index.get_indexer(place)
    contact = take(found["__sure"].astype("boolean").mask(~found["__sure"] & found["__open"]), at, dataset.index)
    flag = to_yn(contact.where(pd.Series(at >= 0, index=dataset.index), False))
    for column in dates:
        of_column = earliest["__at"].where(earliest["__of"].eq(column))
        found_at = of_column.reindex(place).fillna(-1).to_numpy(dtype=int)
        context.chose(dataset, kept, found_at, {new: column, date: column})
    when = pd.to_datetime(take(first.astype("Int64"), first.index.get_indexer(place), dataset.index), unit="D")
    return dataset.assign(**{new: flag, date: when.astype("datetime64[s]")})


@verb(
    "column",
    says={
        "new": (
            '"Y" where {related} and {in_window} are "Y", {excluded} is "N" and one of these rules is met, '
            'else "N", missing where a missing part decides: {rules} (id, value of {kind}, ANY for all, '
            "{grade} from which it holds, or {grade_at_least} where that is missing, and if given for more "
            "than so many {days}, not if {ongoing} leaves it open, or past that {last_day})"
        ),
        "rule": 'the ids of the rules that are met where {new} is "Y": {rules}',
    },
)
def derive_vars_dlt_candidate(
    dataset: pd.DataFrame,
    new: NewColumn,
    kind: Column,
    grade: Column,
    grade_at_least: Column,
    days: Column,
    last_day: Column,
    ongoing: Column,
    related: Column,
    in_window: Column,
    excluded: Column,
    rules: list[str],
    rule: NewColumn,
    *,
    context: Context,
) -> pd.DataFrame:
    """`Y` where an event is a candidate by one of `rules`, else `N`; rule: the ids met, joined by "; ".

    kind: as the rules name it; grade: highest; grade_at_least: the lowest that is possible where it is missing; days:
    how long the event lasted; last_day: its last day since the infusion; ongoing: `Y` while it goes on. related,
    in_window, excluded: `Y` or `N`. Missing where a missing part decides (`compute_dlt_candidate`). A rule that cannot
    be read is a spec error.
    """
    try:
        parsed = [parse_dlt_rule(text) for text in rules]
    except ValueError as problem:
        raise misuse(in_data(context.dataset, new), str(problem), "; ".join(rules), "Mend the rule.") from problem
    found = compute_dlt_candidate(
        kind=dataset[kind],
        grade=dataset[grade],
        grade_at_least=dataset[grade_at_least],
        days_at_grade=dataset[days].astype("Float64"),
        last_day=dataset[last_day],
        ongoing=from_yn(dataset[ongoing]),
        related=from_yn(dataset[related]),
        in_window=from_yn(dataset[in_window]),
        excluded=from_yn(dataset[excluded]),
        dlt_rules=parsed,
    )
    return dataset.assign(**{new: to_yn(found["candidate"]), rule: found["rules"]})


@verb(
    "column",
    says={
        "new": (
            '{adjudicated}, but "N" where {in_window} or {related} is "N"; where it is missing: missing if '
            '{candidate} is "Y" or missing (pending), "N" if {candidate} is "N"'
        ),
        "reason": "where the flag is not simply the adjudication {adjudicated}, why",
    },
)
def derive_vars_dlt(
    dataset: pd.DataFrame,
    candidate: Column,
    adjudicated: Column,
    related: Column,
    in_window: Column,
    new: NewColumn,
    reason: NewColumn,
) -> pd.DataFrame:
    """`Y` where an event is a dose-limiting toxicity, `N` where not, missing where that is not known (`compute_dlt`).

    All columns `Y`, `N` or missing; reason: where the flag is not simply the adjudication, why.
    """
    found = compute_dlt(
        candidate=from_yn(dataset[candidate]),
        adjudicated=from_yn(dataset[adjudicated]),
        related=from_yn(dataset[related]),
        in_window=from_yn(dataset[in_window]),
    )
    return dataset.assign(**{new: to_yn(found["dlt"]), reason: found["reason"]})


@verb(
    "column",
    says={
        "new": (
            '"Y" where {infused} is "Y" and one of these holds: {toxic} is "Y"; {dose} is at least '
            '{min_fraction} of {planned} and {observed} is "Y"{policy?registry=; or early completion: '
            '{left_before} is "Y", {lost} is "N", {no_expansion} and {unrelated} are "Y" and {pending} is '
            '"N"|}. "N" where none holds whatever missing parts are, missing where they decide; missing too '
            '(not yet known) where {off} is not "Y", {observed} is "N", the dose is not surely below that part and '
            "no other condition surely holds"
        ),
        "reason": (
            'the first that holds: "NOT INFUSED": {infused} is "N"; "DLT IN THE WINDOW": {toxic} is "Y"; '
            '"WINDOW COMPLETED": {dose} is at least {min_fraction} of {planned} and {observed} is "Y"; '
            '"EARLY COMPLETION": {left_before} is "Y", {lost} is "N", {no_expansion} and {unrelated} are "Y" '
            'and {pending} is "N"; where {off} is not "Y", {observed} is "N" and the dose is not surely below that '
            'part, "WINDOW NOT OVER AT CUT-OFF" if {over} is "N", else "NO SAFETY CONTACT AT END OF WINDOW"; '
            '"NOT KNOWN: " and the parts that decide and are missing; "DOSE BELOW MINIMUM": the dose is '
            'below that part and {observed} is "Y" or {left_before} is "N"; "RELATED EVENT PENDING": all of '
            'early completion holds but {pending}, which is "Y"; "LEFT BEFORE END OF WINDOW": {left_before} '
            'is "Y"; else "NO SAFETY CONTACT AT END OF WINDOW"'
        ),
    },
)
def derive_vars_dlt_evaluable(
    dataset: pd.DataFrame,
    infused: Column,
    toxic: Column,
    dose: Column,
    planned: Column,
    min_fraction: float,
    observed: Column,
    off: Column,
    left_before: Column,
    lost: Column,
    no_expansion: Column,
    unrelated: Column,
    pending: Column,
    over: Column,
    policy: str,
    new: NewColumn,
    reason: NewColumn,
) -> pd.DataFrame:
    """`Y` where a participant is DLT-evaluable, `N` where not, missing where that is not known, and why.

    dose, planned: amounts in one unit, min_fraction the part needed (`dose_adequate`); the other columns `Y`, `N` or
    missing; policy: `registry` or `conservative` (`compute_dlt_evaluable`).
    """
    states: dict[str, pd.Series[Any]] = {
        "infused": from_yn(dataset[infused]),
        "dlt": from_yn(dataset[toxic]),
        "dose_adequate": dose_adequate(dataset[dose], dataset[planned], min_fraction),
        "observed": from_yn(dataset[observed]),
        "off": from_yn(dataset[off]),
        "left_before": from_yn(dataset[left_before]),
        "lost": from_yn(dataset[lost]),
        "no_expansion": from_yn(dataset[no_expansion]),
        "unrelated": from_yn(dataset[unrelated]),
        "pending": from_yn(dataset[pending]),
        "over": from_yn(dataset[over]),
    }
    found = compute_dlt_evaluable(**states, dlt_early_policy=cast(Policy, policy))
    return dataset.assign(**{new: found["flag"], reason: found["reason"]})
