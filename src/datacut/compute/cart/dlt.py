"""Dose-limiting toxicity: candidates by rule, adjudication, window, evaluable participants, the sentinel gap.

Three-valued inputs are nullable boolean series: True, False, missing for unknown. The definitions are project
conventions (instruments document, section 12) [P] with every number an argument; the protocol overrides them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from datacut.compute.boundaries import above
from datacut.compute.courses import course_bounds
from datacut.compute.dates import datetime_part
from datacut.compute.threeway import all_of, any_of, name_where, sure

type Policy = Literal["registry", "conservative"]


def possible_days(start: pd.Series[Any], end: pd.Series[Any] | None = None) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """The first and the last day on which something can have begun, in days since 1970-01-01, int64.

    start, end: ISO 8601 texts, partial allowed: it did not begin after the last possible day of its end. What is not
    known at all is open (`courses.FAR`).
    """
    none = pd.Series(None, index=start.index, dtype="str")
    bounds = course_bounds(start, none if end is None else end)
    return bounds["start_min"], bounds["start_max"]


def dlt_in_window(
    onset: pd.Series[Any], end: pd.Series[Any], infusion: pd.Series[Any], dlt_window_days: int = 28
) -> pd.Series[Any]:
    """Whether an event began in the DLT window, day 0 to `dlt_window_days` after the first infusion, both inclusive.

    onset, end, infusion: ISO 8601 texts, partial allowed; an event begins by its end. Nullable boolean, missing where
    what is not known decides. An onset whose time lies before that of the infusion on day 0 is before it; a day without
    a time is a day of the window.
    """
    (first, last), (start, latest) = possible_days(onset, end), possible_days(infusion)
    inside = (first >= latest) & (last <= start + dlt_window_days)
    outside = (last < start) | (first > latest + dlt_window_days)
    outside |= (datetime_part(onset) < datetime_part(infusion)).fillna(False)
    return inside.astype("boolean").mask(outside, False).mask(~inside & ~outside)


def reaches_day(date: pd.Series[Any], infusion: pd.Series[Any], day: int) -> pd.Series[Any]:
    """Whether a date is `day` days after the infusion or later: nullable boolean, missing where that is not known.

    date, infusion: ISO 8601 texts, partial allowed.
    """
    (first, last), (start, latest) = possible_days(date), possible_days(infusion)
    reached = (first >= latest + day).astype("boolean")
    return reached.mask(~reached & (last >= start + day))


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


def _lasted(days: pd.Series[Any], limit: float, ongoing: pd.Series[Any]) -> pd.Series[Any]:
    """Whether an event lasted longer than a limit; unknown while it goes on and has not yet."""
    longer = above(days, limit)
    return longer.mask(sure(~longer) & sure(ongoing))


def compute_dlt_candidate(
    *,
    kind: pd.Series[Any],
    grade: pd.Series[Any],
    grade_at_least: pd.Series[Any],
    days_at_grade: pd.Series[Any],
    last_day: pd.Series[Any],
    ongoing: pd.Series[Any],
    related: pd.Series[Any],
    in_window: pd.Series[Any],
    excluded: pd.Series[Any],
    dlt_rules: Sequence[DltRule],
) -> pd.DataFrame:
    """Whether each event meets a rule: columns `candidate` (nullable boolean) and `rules` (ids, joined by "; ").

    kind: text of the rules; grade: highest, 1-5; grade_at_least: where it is missing, the lowest that is possible, if
    anything tells; days_at_grade, last_day: how long, and until which day since the
    infusion, the event was at the grade of the rule or higher; ongoing: it may yet last longer; related: at least
    possibly; in_window: began in the DLT window; excluded: by the protocol's exclusions (alopecia, B-cell aplasia,
    ...). Nullable booleans. A candidate is related, in the window, not excluded and meets a rule; unknown where a
    missing part decides. Source: [P].
    """
    told = all_of([related, in_window, ~excluded.astype("boolean")])
    met: dict[str, pd.Series[Any]] = {}
    for rule in dlt_rules:
        reached = (grade_at_least.astype("Int64") >= rule.grade).astype("boolean")
        high = (grade.astype("Int64") >= rule.grade).astype("boolean")
        parts = [high.where(grade.notna(), reached.where(sure(reached)))]
        if rule.kind != "ANY":
            parts.append(kind.eq(rule.kind).astype("boolean").mask(kind.isna()))
        if rule.over_days is not None:
            parts.append(_lasted(days_at_grade, rule.over_days, ongoing))
        if rule.past_day is not None:
            parts.append(_lasted(last_day, rule.past_day, ongoing))
        state = all_of(parts)
        met[rule.rule] = any_of([met[rule.rule], state]) if rule.rule in met else state
    never = pd.Series(False, index=kind.index, dtype="boolean")
    candidate = all_of([told, any_of([never, *met.values()])])
    named = name_where(pd.DataFrame({rule: sure(state) for rule, state in met.items()}, index=kind.index))
    return pd.DataFrame({"candidate": candidate, "rules": named.where(sure(candidate)).astype("str")})


def compute_dlt(
    *, candidate: pd.Series[Any], adjudicated: pd.Series[Any], related: pd.Series[Any], in_window: pd.Series[Any]
) -> pd.DataFrame:
    """Whether each event is a DLT: columns `dlt` (nullable boolean) and `reason` where it is not simply as adjudicated.

    The adjudicated flag decides, of an event at least possibly related: it counts unless its known parts lie outside
    the window. Not adjudicated: a candidate is unknown (pending), another event is none. Nullable booleans. Source:
    [P].
    """
    rule, judged = candidate.astype("boolean"), adjudicated.astype("boolean")
    outside = sure(judged) & sure(~in_window.astype("boolean"))
    unrelated = sure(judged) & sure(~related.astype("boolean"))
    dlt = judged.where(judged.notna(), rule.mask(rule)).mask(outside | unrelated, False)
    undated = sure(judged) & in_window.isna() & ~unrelated
    reasons: list[tuple[pd.Series[Any], str]] = [
        (outside, "adjudicated a DLT but outside the window"),
        (unrelated, "adjudicated a DLT but not related"),
        (undated, "adjudicated a DLT; its onset may lie outside the window"),
        (sure(judged) & ~sure(rule), "adjudicated a DLT without a rule that is met"),
        (sure(~judged) & sure(rule), "a rule is met but adjudicated not a DLT"),
        (judged.isna() & sure(rule), "a rule is met and adjudication is pending"),
        (judged.isna() & rule.isna(), "not known whether a rule is met, not adjudicated"),
    ]
    return pd.DataFrame({"dlt": dlt.astype("boolean"), "reason": _first_reason(reasons, candidate.index)})


def _first_reason(reasons: Sequence[tuple[pd.Series[Any], str]], index: pd.Index[Any]) -> pd.Series[Any]:
    """The words of the first state that is True; missing if none is."""
    words = pd.Series(None, index=index, dtype="str")
    for state, why in reasons:
        words = words.mask(words.isna() & state.astype(bool), why)
    return words.astype("str")


def _evaluable(states: dict[str, pd.Series[Any]], policy: Policy) -> pd.Series[Any]:
    """The rule itself: infused, and toxic, or dosed and seen, or completed early where the policy accepts that."""
    given, toxic, dosed, seen, *early = states.values()
    ways = [toxic, dosed & seen] + ([all_of(early)] if policy == "registry" else [])
    return given & any_of(ways)


def compute_dlt_evaluable(
    *,
    infused: pd.Series[Any],
    dlt: pd.Series[Any],
    dose_adequate: pd.Series[Any],
    observed: pd.Series[Any],
    off: pd.Series[Any],
    left_before: pd.Series[Any],
    lost: pd.Series[Any],
    no_expansion: pd.Series[Any],
    unrelated: pd.Series[Any],
    pending: pd.Series[Any],
    over: pd.Series[Any],
    dlt_early_policy: Policy = "registry",
) -> pd.DataFrame:
    """DLT-evaluable or not, per participant: columns `flag` (`Y`, `N`, missing = not known, or not yet) and `reason`.

    All inputs nullable boolean on one index. infused: got the first infusion. dlt: a DLT in the window. dose_adequate:
    got the planned dose. observed: a safety contact at the end of the window or later. off: off the study; left_before:
    before the end of the window; lost: by loss or death. no_expansion of the cells. unrelated: no event judged related.
    pending: a related event is. over: the window had ended at the cut. Evaluable: infused and (DLT, or adequate dose
    and observed, or early completion: left_before, not lost, no_expansion, unrelated, nothing pending); policy
    `conservative` does not accept early completion. Who is on study, and was not observed, is not yet known. Unknown
    inputs leave the flag missing only where they decide, and the reason names those. Raises ValueError for another
    policy.
    """
    if dlt_early_policy not in ("registry", "conservative"):
        raise ValueError(f"The early-completion policy is 'registry' or 'conservative', not {dlt_early_policy!r}.")
    states = {
        "infusion": infused.astype("boolean"),
        "toxicity": dlt.astype("boolean"),
        "dose": dose_adequate.astype("boolean"),
        "contact at the end of the window": observed.astype("boolean"),
        "date of leaving": left_before.astype("boolean"),
        "reason of leaving": ~lost.astype("boolean"),
        "expansion": no_expansion.astype("boolean"),
        "relation of events": unrelated.astype("boolean"),
        "pending events": ~pending.astype("boolean"),
    }
    given, toxic, dosed, seen, *_ = states.values()
    early = all_of(list(states.values())[4:])
    evaluable = _evaluable(states, dlt_early_policy)
    waits = sure(given) & sure(~seen) & ~sure(off) & ~sure(~dosed) & ~sure(evaluable)
    evaluable = evaluable.mask(waits)
    reasons: list[tuple[pd.Series[Any], str]] = [
        (sure(~given), "NOT INFUSED"),
        (sure(given & toxic), "DLT IN THE WINDOW"),
        (sure(given & dosed & seen), "WINDOW COMPLETED"),
        (sure(given & early), "EARLY COMPLETION"),
        (waits & sure(~over.astype("boolean")), "WINDOW NOT OVER AT CUT-OFF"),
        (waits, "NO SAFETY CONTACT AT END OF WINDOW"),
        (evaluable.isna(), "NOT KNOWN"),
        (sure(seen & ~dosed) | (sure(~dosed) & ~sure(left_before)), "DOSE BELOW MINIMUM"),
        (sure(all_of(list(states.values())[4:8])) & sure(pending), "RELATED EVENT PENDING"),
        (sure(left_before), "LEFT BEFORE END OF WINDOW"),
    ]
    text = _first_reason(reasons, infused.index).fillna("NO SAFETY CONTACT AT END OF WINDOW")
    deciding = {}
    for name, state in states.items():
        yes, no = (_evaluable(states | {name: state.fillna(end)}, dlt_early_policy) for end in (True, False))
        deciding[name] = state.isna() & (yes.isna() != no.isna()) | sure(yes != no)
    doubts = name_where(pd.DataFrame(deciding)).fillna("several parts").str.upper()
    text = text.mask(text == "NOT KNOWN", "NOT KNOWN: " + doubts)
    flag = evaluable.map({True: "Y", False: "N"}).astype("str")
    return pd.DataFrame({"flag": flag, "reason": text.astype("str")})


def compute_sentinel_gap(
    infusion_start: pd.Series[Any], infusion_end: pd.Series[Any], group: pd.Series[Any], sentinel_days: int = 14
) -> pd.DataFrame:
    """Days from the end of the first participant's infusion to the start of the second's, in each dose group.

    infusion_start, infusion_end: ISO 8601 texts of the first infusion, partial allowed; group on the same index, one
    row a participant, those without group or infusion left out by the caller. Columns on the second participant's row
    (by first possible day, then row order), missing on every other: `gap` (Int64), missing where a date is not
    complete, and `kept` (nullable boolean): whether it is `sentinel_days` or more, missing where that, or who was
    second, is not known. The registry states 14 days [V].
    """
    (first, last), (low, high) = possible_days(infusion_start), possible_days(infusion_end)
    # an infusion does not end before it begins
    frame = pd.DataFrame({"group": group, "first": first, "last": last, "low": low.where(low > first, first)})
    frame["high"] = high
    gap = pd.Series(pd.NA, index=frame.index, dtype="Int64").reset_index(drop=True)
    kept = pd.Series(pd.NA, index=frame.index, dtype="boolean").reset_index(drop=True)
    ordered = frame.reset_index(drop=True).dropna(subset=["group"]).sort_values("first", kind="stable")
    for _, members in ordered.groupby("group", sort=False):
        if len(members) < 2:
            continue
        one, two = members.iloc[0], members.iloc[1]
        sure_order = one["last"] <= members["first"].iloc[1:].min() and two["last"] <= members["first"].iloc[2:].min()
        least, most = two["first"] - one["high"], two["last"] - one["low"]
        place = members.index[1]
        if (sure_order or len(members) == 2) and least == most:
            gap[place] = least
        if sure_order or len(members) == 2:
            kept[place] = True if least >= sentinel_days else False if most < sentinel_days else pd.NA
    return pd.DataFrame({"gap": gap.set_axis(group.index), "kept": kept.set_axis(group.index)})
