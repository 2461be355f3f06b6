"""B-cell depletion and return: aplasia and reconstitution.

Source: anchors Mackensen A et al. Nat Med 2022;28:2124-32 and Muller F et al. N Engl J Med 2024;390:687-700 [R]; no
numeric threshold is published for lupus, so every number is an argument [P]. A B cell is CD19 or CD20 positive (a
product with two targets); counts are cells/uL, days since the infusion.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BCellCourse:
    """B-cell depletion of one participant, in days since the infusion; None where it does not apply.

    depleted: None if never assessed. last_before: last assessment after infusion before onset (None: onset was the
    first), last_aplastic: last aplastic one before reconstitution or censoring; with `onset` and `reconstitution` they
    bound the two interval-censored times. duration: onset to reconstitution, or to censoring when `censored` (still
    aplastic), 0 if never depleted. normal: first assessment at or above the laboratory's lower limit after onset.
    """

    depleted: bool | None
    last_before: float | None = None
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
    bcell_threshold: float = 10.0,
    *,
    bcell_confirm: bool = False,
    censor_day: float | None = None,
    lower_limit: float | None = None,
) -> BCellCourse:
    """Onset and end of B-cell aplasia: counts below `bcell_threshold` (a count equal to it is not aplastic).

    day: since the infusion, only those after 0 are used; count: cells/uL; blq: below quantification, aplastic.
    Neither count nor blq: not assessed. Reconstitution is the first count at or above the threshold after onset;
    bcell_confirm: only if the next assessment is so too. censor_day: a new B-cell depleting therapy; later counts are
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
    low = [c < bcell_threshold and not math.isclose(c, bcell_threshold, rel_tol=1e-9) for _, c in seen]
    if not any(low):
        return BCellCourse(depleted=False, duration=0.0)
    start = low.index(True)
    back = next(
        (
            i
            for i in range(start + 1, len(seen))
            if not low[i] and (not bcell_confirm or (i + 1 < len(seen) and not low[i + 1]))
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
        last_before=seen[start - 1][0] if start else None,
        onset=onset,
        last_aplastic=max(d for (d, _), is_low in zip(seen[:back], low[:back], strict=True) if is_low),
        reconstitution=None if back is None else end,
        duration=end - onset,
        censored=back is None,
        censored_at=end if back is None else None,
        normal=normal,
    )
