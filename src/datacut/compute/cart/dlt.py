"""Dose-limiting toxicity window, DLT-evaluable participants and the sentinel gap; B-cell depletion.

Three-valued inputs are nullable boolean series: True, False, missing for unknown. The definitions are project
conventions (instruments document, sections 12 and 15) with every number an argument; the protocol overrides them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

type Policy = Literal["registry", "conservative"]


def _days_after(date: pd.Series[Any], start: pd.Series[Any]) -> pd.Series[Any]:
    """Whole days from start to date (0 = same day), Int64, missing if either is; times of day are ignored."""
    missing = (date.isna() | start.isna()).to_numpy()
    days = [s.to_numpy().astype("datetime64[D]").astype("int64") for s in (date, start)]
    return pd.Series(np.where(missing, 0, days[0] - days[1]), index=date.index, dtype="Int64").mask(missing)


def dlt_in_window(onset: pd.Series[Any], infusion: pd.Series[Any], window_days: int = 28) -> pd.Series[Any]:
    """Whether an event began in the DLT window, day 0 to `window_days` after the first infusion, both inclusive.

    onset, infusion: dates on the same index. Nullable boolean, missing if either date is.
    """
    day = _days_after(onset, infusion)
    return ((day >= 0) & (day <= window_days)).astype("boolean")


def dlt_observed(last_seen: pd.Series[Any], infusion: pd.Series[Any], window_days: int = 28) -> pd.Series[Any]:
    """Whether follow-up reached the last day of the DLT window: nullable boolean, missing if either date is."""
    return (_days_after(last_seen, infusion) >= window_days).astype("boolean")


def dose_adequate(actual: pd.Series[Any], planned: pd.Series[Any], fraction: float = 0.8) -> pd.Series[Any]:
    """Whether at least `fraction` of the planned dose was given (same unit): nullable boolean, missing if unknown.

    Compared in decimal: exactly 80 % is adequate. A planned dose not above 0 is unknown.
    """
    plan = planned.astype("Float64")
    share = (actual.astype("Float64") / plan.where(plan > 0)).round(9)
    return (share >= fraction).astype("boolean")


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
    policy: Policy = "registry",
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
    if policy not in ("registry", "conservative"):
        raise ValueError(f"The early-completion policy is 'registry' or 'conservative', not {policy!r}.")
    given, toxic, dosed, seen, left, flat, not_ours, open_event = (
        s.astype("boolean") for s in (infused, dlt, dose_adequate, observed, withdrew, no_expansion, unrelated, pending)
    )
    completed = dosed & seen
    early = left & flat & not_ours & ~open_event
    accepted = early & (policy == "registry")
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


@dataclass(frozen=True, slots=True)
class BCellCourse:
    """B-cell depletion of one participant, in days since the infusion; None where it does not apply.

    depleted: None if never assessed. duration: onset to reconstitution, or to censoring when `censored` (still
    aplastic), 0 if never depleted. normal: first assessment at or above the laboratory's lower limit after onset.
    """

    depleted: bool | None
    onset: float | None = None
    last_aplastic: float | None = None
    reconstitution: float | None = None
    duration: float | None = None
    censored: bool = False
    censored_at: float | None = None
    normal: float | None = None


def bcell_course(
    day: Sequence[float],
    count: Sequence[float],
    blq: Sequence[bool],
    threshold: float = 10.0,
    *,
    confirmed: bool = False,
    censor_day: float | None = None,
    lower_limit: float | None = None,
) -> BCellCourse:
    """Onset and end of B-cell aplasia: counts below `threshold` (a count equal to it is not aplastic).

    day: since the infusion, only those after 0 are used; count: cells/uL; blq: below quantification, aplastic.
    Neither count nor blq: not assessed. Reconstitution is the first count at or above the threshold after onset;
    confirmed: only if the next assessment is so too. censor_day: a new B-cell depleting therapy; later counts are
    not used, and aplasia until then is censored there. Raises ValueError for unequal lengths or doubled days.
    """
    if not len(day) == len(count) == len(blq):
        raise ValueError(f"Days, counts and BLQ flags must be equally many, not {len(day)}, {len(count)}, {len(blq)}.")
    seen = sorted(
        (float(d), 0.0 if below else float(c))
        for d, c, below in zip(day, count, blq, strict=True)
        if d > 0 and (below or not math.isnan(c)) and (censor_day is None or d <= censor_day)
    )
    if len({d for d, _ in seen}) < len(seen):
        raise ValueError("Two B-cell counts on the same day; settle replicates first.")
    if not seen:
        return BCellCourse(depleted=None)
    low = [c < threshold and not math.isclose(c, threshold, rel_tol=1e-9) for _, c in seen]
    if not any(low):
        return BCellCourse(depleted=False, duration=0.0)
    start = low.index(True)
    back = next(
        (
            i
            for i in range(start + 1, len(seen))
            if not low[i] and (not confirmed or (i + 1 < len(seen) and not low[i + 1]))
        ),
        None,
    )
    onset = seen[start][0]
    end = seen[back][0] if back is not None else (seen[-1][0] if censor_day is None else censor_day)
    normal = None
    if lower_limit is not None:
        normal = next((d for d, c in seen[start + 1 :] if c >= lower_limit), None)
    return BCellCourse(
        depleted=True,
        onset=onset,
        last_aplastic=max(d for (d, _), is_low in zip(seen[:back], low[:back], strict=True) if is_low),
        reconstitution=None if back is None else end,
        duration=end - onset,
        censored=back is None,
        censored_at=end if back is None else None,
        normal=normal,
    )
