"""Dose-limiting toxicity: candidates by rule, adjudication, window, evaluable participants, the sentinel gap.

Three-valued inputs are nullable boolean series: True, False, missing for unknown. The definitions are project
conventions (instruments document, section 12) [P] with every number an argument; the protocol overrides them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from datacut.compute.boundaries import above
from datacut.compute.threeway import all_of, any_of, name_where, sure

type Policy = Literal["registry", "conservative"]


def _days_after(date: pd.Series[Any], start: pd.Series[Any]) -> pd.Series[Any]:
    """Whole days from start to date (0 = same day), Int64, missing if either is; times of day are ignored."""
    missing = (date.isna() | start.isna()).to_numpy()
    days = [s.to_numpy().astype("datetime64[D]").astype("int64") for s in (date, start)]
    return pd.Series(np.where(missing, 0, days[0] - days[1]), index=date.index, dtype="Int64").mask(missing)


def dlt_in_window(onset: pd.Series[Any], infusion: pd.Series[Any], dlt_window_days: int = 28) -> pd.Series[Any]:
    """Whether an event began in the DLT window, day 0 to `dlt_window_days` after the first infusion, both inclusive.

    onset, infusion: dates on the same index. Nullable boolean, missing if either date is.
    """
    day = _days_after(onset, infusion)
    return ((day >= 0) & (day <= dlt_window_days)).astype("boolean")


def dlt_observed(last_seen: pd.Series[Any], infusion: pd.Series[Any], dlt_window_days: int = 28) -> pd.Series[Any]:
    """Whether follow-up reached the last day of the DLT window: nullable boolean, missing if either date is."""
    return (_days_after(last_seen, infusion) >= dlt_window_days).astype("boolean")


def dose_adequate(
    actual: pd.Series[Any], planned: pd.Series[Any], dlt_min_dose_fraction: float = 0.8
) -> pd.Series[Any]:
    """Whether at least `dlt_min_dose_fraction` of the planned dose was given (same unit).

    Nullable boolean, missing if unknown. Compared in decimal: exactly 80 % is adequate. A planned dose not above
    0 is unknown.
    """
    plan = planned.astype("Float64")
    share = (actual.astype("Float64") / plan.where(plan > 0)).round(9)
    return (share >= dlt_min_dose_fraction).astype("boolean")


_RULE: Final = re.compile(
    r"(?P<rule>\S+) (?P<kind>\S+) (?P<grade>[1-5])(?: OVER (?P<over>\d+(?:\.\d+)?) DAYS| PAST DAY (?P<past>\d+))?"
)


@dataclass(frozen=True, slots=True)
class DltRule:
    """An event of a kind is a candidate from a grade on, if need be one that lasts.

    kind: as the caller classifies events; `ANY` is every kind. over_days: at this grade or higher for more days than
    that; past_day: still so after that day since the infusion; None: at once.
    """

    rule: str
    kind: str
    grade: int
    over_days: float | None = None
    past_day: int | None = None


def parse_dlt_rule(text: str) -> DltRule:
    """A rule from its text in the settings: `DLT02 CRS 4`, `DLT02 CRS 3 OVER 3 DAYS`, `DLT07 HAEM 4 PAST DAY 28`.

    Raises ValueError for another form.
    """
    found = _RULE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"A DLT rule reads 'ID KIND GRADE' and maybe 'OVER n DAYS' or 'PAST DAY n', not {text!r}.")
    over, past = found["over"], found["past"]
    return DltRule(
        found["rule"],
        found["kind"],
        int(found["grade"]),
        None if over is None else float(over),
        None if past is None else int(past),
    )


def compute_dlt_candidate(
    *,
    kind: pd.Series[Any],
    grade: pd.Series[Any],
    days_at_grade: pd.Series[Any],
    last_day: pd.Series[Any],
    related: pd.Series[Any],
    in_window: pd.Series[Any],
    excluded: pd.Series[Any],
    dlt_rules: Sequence[DltRule],
) -> pd.DataFrame:
    """Whether each event meets a rule: columns `candidate` (nullable boolean) and `rules` (ids, joined by "; ").

    kind: text of the rules; grade: highest, 1-5; days_at_grade, last_day: how long, and until which day since the
    infusion, the event was at the grade of the rule or higher; related: at least possibly; in_window: began in the DLT
    window; excluded: by the protocol's exclusions (alopecia, B-cell aplasia, ...). Nullable booleans. A candidate is
    related, in the window, not excluded and meets a rule; unknown where a missing part decides. Source: [P].
    """
    told = all_of([related, in_window, ~excluded.astype("boolean")])
    met: dict[str, pd.Series[Any]] = {}
    for rule in dlt_rules:
        parts = [(grade.astype("Int64") >= rule.grade).astype("boolean")]
        if rule.kind != "ANY":
            parts.append(kind.eq(rule.kind).astype("boolean").mask(kind.isna()))
        if rule.over_days is not None:
            parts.append(above(days_at_grade, rule.over_days))
        if rule.past_day is not None:
            parts.append(above(last_day, rule.past_day))
        state = all_of(parts)
        met[rule.rule] = any_of([met[rule.rule], state]) if rule.rule in met else state
    never = pd.Series(False, index=kind.index, dtype="boolean")
    candidate = all_of([told, any_of([never, *met.values()])])
    named = name_where(pd.DataFrame({rule: sure(state) for rule, state in met.items()}, index=kind.index))
    return pd.DataFrame({"candidate": candidate, "rules": named.where(sure(candidate)).astype("str")})


def compute_dlt(candidate: pd.Series[Any], adjudicated: pd.Series[Any]) -> pd.DataFrame:
    """Whether each event is a DLT: columns `dlt` (nullable boolean) and `reason` where rule and adjudication differ.

    The adjudicated flag decides. Not adjudicated: a candidate is unknown (pending), another event is none. Source: [P].
    """
    rule, judged = candidate.astype("boolean"), adjudicated.astype("boolean")
    dlt = judged.where(judged.notna(), rule.mask(rule))
    reason = pd.Series(None, index=candidate.index, dtype="str")
    reason = reason.mask(sure(judged) & ~sure(rule), "adjudicated a DLT without a rule that is met")
    reason = reason.mask(sure(~judged) & sure(rule), "a rule is met but adjudicated not a DLT")
    reason = reason.mask(judged.isna() & sure(rule), "a rule is met and adjudication is pending")
    reason = reason.mask(judged.isna() & rule.isna(), "not known whether a rule is met, not adjudicated")
    return pd.DataFrame({"dlt": dlt.astype("boolean"), "reason": reason.astype("str")})


def compute_dlt_evaluable(
    *,
    infused: pd.Series[Any],
    dlt: pd.Series[Any],
    dose_adequate: pd.Series[Any],
    observed: pd.Series[Any],
    withdrew: pd.Series[Any],
    no_expansion: pd.Series[Any],
    unrelated: pd.Series[Any],
    pending: pd.Series[Any],
    dlt_early_policy: Policy = "registry",
) -> pd.DataFrame:
    """DLT-evaluable or not, per participant: columns `flag` (`Y`, `N`, missing = not yet known) and `reason`.

    All inputs nullable boolean on one index. infused: got the first infusion. dlt: a DLT in the window.
    dose_adequate: got the planned dose. observed: followed to the end of the window. Early completion holds if
    withdrew (before its end), no_expansion (of the cells, or treatment invalid) and unrelated (events possibly not
    related) are all true and no possibly related event is pending.
    Evaluable: infused and (DLT, or adequate dose and observed, or early completion). Policy `conservative` does
    not accept early completion. Unknown inputs leave the flag missing only where they decide.
    Raises ValueError for another policy.
    """
    if dlt_early_policy not in ("registry", "conservative"):
        raise ValueError(f"The early-completion policy is 'registry' or 'conservative', not {dlt_early_policy!r}.")
    given, toxic, dosed, seen, left, flat, not_ours, open_event = (
        s.astype("boolean") for s in (infused, dlt, dose_adequate, observed, withdrew, no_expansion, unrelated, pending)
    )
    completed = dosed & seen
    early = left & flat & not_ours & ~open_event
    accepted = early & (dlt_early_policy == "registry")
    evaluable = given & (toxic | completed | accepted)

    def sure(state: pd.Series[Any]) -> Any:
        return state.fillna(False).to_numpy(dtype=bool)

    reasons: list[tuple[Any, str]] = [
        (sure(~given), "not infused"),
        (sure(given & toxic), "DLT in the window"),
        (sure(given & completed), "dose received and observed to the end of the window"),
        (sure(given & accepted), "early completion: withdrawn, no expansion, events not related"),
        (evaluable.isna().to_numpy(), "not yet known"),
        (sure(early), "early completion not accepted"),
        (sure(left & flat & not_ours & open_event), "related event pending"),
        (sure(~dosed), "dose below the planned dose"),
        (sure(~seen), "not observed to the end of the window"),
    ]
    text = np.select([mask for mask, _ in reasons], [why for _, why in reasons], default="not evaluable")
    flag = evaluable.map({True: "Y", False: "N"}).astype("str")
    return pd.DataFrame({"flag": flag, "reason": pd.Series(text, index=infused.index, dtype="str")})


def compute_sentinel_gap(
    infusion_start: pd.Series[Any], infusion_end: pd.Series[Any], group: pd.Series[Any]
) -> pd.Series[Any]:
    """Days from the end of the first participant's infusion to the start of the second's, in each dose group.

    Dates and group on one index, one row per participant. Int64 on the second participant's row (by start date,
    then row order), missing on every other; compare it with the protocol's minimum. Missing starts are left out.
    """
    frame = pd.DataFrame({"start": infusion_start, "end": infusion_end, "group": group}).reset_index(drop=True)
    ordered = frame.dropna(subset=["start", "group"]).sort_values("start", kind="stable")
    rank = ordered.groupby("group", sort=False).cumcount()
    first_end = ordered.groupby("group", sort=False)["end"].transform(lambda ends: ends.iloc[0])
    gap = _days_after(ordered["start"], first_end).where(rank == 1)
    return gap.reindex(frame.index).set_axis(infusion_start.index)


def compute_sentinel_kept(gap: pd.Series[Any], sentinel_days: int = 14) -> pd.Series[Any]:
    """Whether the second participant's infusion kept the distance: nullable boolean, missing where there is no gap.

    gap: days of `compute_sentinel_gap`; exactly `sentinel_days` is kept. The registry states 14 days [V].
    """
    return (gap.astype("Int64") >= sentinel_days).astype("boolean")
