"""What becomes of a response when an intercurrent event comes first, by a strategy for each event.

Source: ICH E9(R1) (strategies); which one holds for which response and event is the study's [P]. Events are told visit
by visit: True on or before it, False, or unknown because their date or nature is known in part only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from datacut.compute.threeway import all_of, any_of, name_where, sure, to_yn

COMPOSITE: Final = "composite"
POLICY: Final = "treatment policy"
WHILE: Final = "while on treatment"
NOT_EVALUABLE: Final = "not evaluable"
EVENT_STRATEGIES: Final = (COMPOSITE, POLICY, WHILE)
"""composite: N from the event on. treatment policy: as assessed. while on treatment: no result from it on."""
GAP_STRATEGIES: Final = (COMPOSITE, NOT_EVALUABLE)
"""Of what is no event: a visit nobody assessed, a result that is not known. composite: N; not evaluable: no result."""


@dataclass(frozen=True, slots=True)
class Strategies:
    """The strategy of each event in order, of a visit that nobody assessed, and of a result that is not known."""

    events: Mapping[str, str]
    missed: str
    unknown: str

    def __post_init__(self) -> None:
        wanted = [(s, EVENT_STRATEGIES) for s in self.events.values()]
        for strategy, allowed in [*wanted, (self.missed, GAP_STRATEGIES), (self.unknown, GAP_STRATEGIES)]:
            if strategy not in allowed:
                raise ValueError(f"A strategy here is one of {', '.join(allowed)}, not {strategy!r}.")


def apply_strategies(
    state: pd.Series[Any],
    assessed: pd.Series[Any],
    events: Mapping[str, pd.Series[Any]],
    strategies: Strategies,
    *,
    gone: tuple[str, ...] = (),
) -> pd.DataFrame:
    """The result of each visit: `result` (Y, N, missing), `cause` and `open`.

    state: nullable boolean, the response as assessed; assessed: plain boolean; events: nullable boolean, the event came
    on or before the visit; gone: those after which there are no visits, so that a visit not assessed is not a missed
    one. A visit not assessed has no state; if its strategy is not evaluable it has no result, whatever came first.
    cause: of N the first event that makes it so, or `missed`, `unknown`; missing where the state itself is N. open: of
    no result, the events that may or may not have come first, joined.
    """
    out = state.astype("boolean").where(assessed)
    cause = pd.Series(None, index=state.index, dtype="str")
    composite = [name for name, strategy in strategies.events.items() if strategy == COMPOSITE]
    if composite:
        out = all_of([out, *(~events[name].astype("boolean") for name in composite)])
        for name in composite:
            cause = cause.mask(cause.isna() & sure(events[name]), name)
    stopped = [name for name, strategy in strategies.events.items() if strategy == WHILE]
    for name in stopped:
        out = out.mask(events[name].astype("boolean").fillna(True).astype(bool) & cause.isna())
    asked = pd.DataFrame({name: events[name].isna() for name in [*composite, *stopped]}, index=state.index)
    nobody = pd.Series(False, index=state.index, dtype="boolean")
    left = sure(any_of([nobody, *(events[name] for name in gone)]))
    gaps = [("missed", strategies.missed, ~assessed & ~left), ("unknown", strategies.unknown, assessed)]
    for name, strategy, where in gaps:
        if strategy == COMPOSITE:
            filled = out.isna() & where
            out, cause = out.mask(filled, False), cause.mask(filled, name)
    if strategies.missed == NOT_EVALUABLE:
        out, cause = out.where(assessed), cause.where(assessed)
    open_ = name_where(asked).where(out.isna() & assessed)
    return pd.DataFrame({"result": to_yn(out), "cause": cause, "open": open_.astype("str")})
