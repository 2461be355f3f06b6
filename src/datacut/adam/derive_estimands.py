"""Responses as estimands: each result observed and imputed, by the strategy of each intercurrent event. ICH E9(R1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from datacut.adam.derive_response import records_of, require_pairs, stacked
from datacut.adam.groups import text
from datacut.adam.misuse import misuse
from datacut.compute.estimands import Strategies, apply_strategies
from datacut.compute.threeway import from_yn
from datacut.engine.context import Context, NewRecords
from datacut.errors import Location, in_data, nearest
from datacut.spec.registry import Column, Columns, Condition, NewCodes, NewColumn, Table, verb


@verb(
    "records",
    writes=("PARAMCD", "AVALC", "AVAL", "AVALRSN", "DTYPE"),
    says=(
        "for each record[ where {where}] one record for each view {views}, by the strategies of that column in "
        "define-supplement.html, table {estimands}. The state is {values:own}, missing where {assessed} is; the "
        'events {events} have come where {flags}, in that order, are "Y", and may have where these are missing. '
        'Composite: the result is "Y" if the state is and no such event has come, "N" if the state is or one has, else '
        "missing. While on treatment: missing once the event has come or may have, unless a composite one has. "
        "Treatment policy: the event does not matter. A visit with {assessed} missing, where none of {gone:or} has "
        'surely come, is {missed:plain}: if composite, "N" where it has no result yet. If {missed:plain} is not '
        "evaluable, each visit with {assessed} missing is missing, whatever event has come; if it is composite, one "
        "after {gone:or} has the result that the events make, else none. A result missing at a visit with {assessed} "
        'is {unknown:plain}: "N" if composite, missing if not evaluable. AVALC is the result, AVAL 1 for '
        '"Y" and 0 for "N"; DTYPE is the name behind the view, blank for {observed:plain}; {cause} of "N" is the first '
        "event that makes it so, {missed:plain} or {unknown:plain}, else {not_met:plain}. A response without "
        "strategies for a view has no record of it"
    ),
)
def derive_param_estimands(
    dataset: pd.DataFrame,
    by: Columns,
    params: NewCodes,
    values: Columns,
    reasons: Columns,
    estimands: Table,
    events: list[str],
    flags: Columns,
    gone: list[str],
    assessed: Column,
    views: dict[str, str],
    cause: NewColumn,
    missed: str = "VISIT NOT ASSESSED",
    unknown: str = "NOT KNOWN",
    not_met: str = "CRITERION NOT MET",
    observed: str = "OBSERVED",
    where: Condition | None = None,
    *,
    context: Context,
) -> NewRecords:
    """Per row of `where` (a visit) a record for each of `params` and each view: what its strategies make of the state.

    values: the state as assessed, `Y`, `N` or missing, one column a parameter; reasons: why it is not Y. events: names
    of the intercurrent events, flags: their columns, `Y`, `N` or missing (not known) by the visit; gone: those after
    which there are no visits. assessed: a column that is missing at a visit nobody assessed. estimands: a row for each
    `response` (a parameter) and `event` (of `events`, `missed` for a visit not assessed, and `unknown` for a result not
    known), and a column of strategies for each view. views: `{column: DTYPE}`; the DTYPE `observed` stands for the
    records without one. A response whose cells of a view are all blank has no records of it. A strategy is composite,
    treatment policy or while on treatment; of `missed` and `unknown` composite or not evaluable. AVALC is the result,
    AVAL 1 for Y and 0 for N, AVALRSN why it is not Y, and `cause` of N the event, `missed`, `unknown` or `not_met`.
    Raises SpecError for a table with a row too few, too many, or a strategy it does not know.
    """
    place = in_data(context.dataset, context.variable)
    require_pairs(params, values, context)
    _require_rows(estimands, params, [*events, missed, unknown], place)
    kept = dataset.loc[context.mask(dataset, where)]
    there = kept[assessed].notna()
    came = {name: from_yn(kept[flag]) for name, flag in zip(events, flags, strict=True)}
    made = []
    for code, value, reason in zip(params, values, reasons, strict=True):
        own = estimands.loc[estimands["response"] == code].set_index("event")
        for view, dtype in views.items():
            if own[view].isna().all():
                continue
            strategies = _strategies(
                own[view], events, missed, unknown, replace(place, key=f"estimands, {code}, {view}")
            )
            found = apply_strategies(from_yn(kept[value]), there, came, strategies, gone=tuple(gone))
            why = found["cause"].map({"missed": missed, "unknown": unknown}).fillna(found["cause"])
            why = why.mask(found["result"].eq("N") & why.isna(), not_met)
            words = _words(found, kept[reason], there, why, not_met)
            new = records_of(kept, by, code, found["result"], words, None if dtype == observed else dtype)
            new.rows[cause] = text(why.where(found["result"].eq("N")), new.rows.index)
            made.append(new)
    return stacked(made)


def _strategies(cells: pd.Series[Any], events: list[str], missed: str, unknown: str, place: Location) -> Strategies:
    words = {str(event): "" if pd.isna(cell) else str(cell) for event, cell in cells.items()}
    try:
        return Strategies({event: words[event] for event in events}, words[missed], words[unknown])
    except ValueError as error:
        raise misuse(place, str(error), "", "Mend the table in study.yml.") from error


def _words(
    found: pd.DataFrame, reason: pd.Series[Any], there: pd.Series[Any], cause: pd.Series[Any], not_met: str
) -> pd.Series[Any]:
    """Why a result is not Y: its criteria, the event that makes it N, or what may or may not have come first."""
    by_event = cause.notna() & cause.ne(not_met)
    words = reason.where(there, "visit not assessed").mask(by_event & there, cause.str.lower())
    words = words.mask(found["open"].notna(), "unknown: " + found["open"].str.lower())
    return words.mask(found["result"].eq("Y"))


def _require_rows(table: pd.DataFrame, params: list[str], events: list[str], place: Location) -> None:
    wanted = {(code, event) for code in params for event in events}
    given = list(zip(table["response"], table["event"], strict=True))
    for row in given:
        if row not in wanted or given.count(row) > 1:
            remedy = nearest(str(row[0]), params) if row[0] not in params else nearest(str(row[1]), events)
            raise misuse(place, "estimands has a row too many, or twice", " / ".join(map(str, row)), remedy)
    for row in sorted(wanted - set(given)):
        raise misuse(place, "estimands has no row", " / ".join(row), "Add it in study.yml.")
