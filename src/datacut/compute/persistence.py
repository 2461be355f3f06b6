"""How long the transgene stays: first and last quantifiable sample, and the day it counts as lost.

Times in days since the infusion. Which sample ends persistence is a project convention [P]; the loss is
interval-censored between the last quantifiable sample before it and the day given here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

type PersistRule = Literal["two_consecutive_blq", "first_blq", "last_quantifiable"]


@dataclass(frozen=True, slots=True)
class Persistence:
    """Course of the transgene in one participant; None where it does not apply.

    detected: None if no sample was taken after infusion. first: first quantifiable sample. lost: the day of the loss;
    last_before: last quantifiable sample before it. Not lost: `censored_at`, the last sample taken.
    """

    detected: bool | None
    first: float | None = None
    last_before: float | None = None
    lost: float | None = None
    censored_at: float | None = None


def transgene_persistence(
    day: Sequence[float],
    conc: Sequence[float],
    blq: Sequence[bool],
    persist_rule: PersistRule = "two_consecutive_blq",
) -> Persistence:
    """When the transgene was lost after it had been quantifiable.

    day: since the infusion, only those after 0 are used; conc: any unit; blq: taken and below the limit. Neither a
    value nor BLQ: not taken. Rules: `two_consecutive_blq`, lost at the first of two samples in a row below the limit;
    `first_blq`, at the first one; `last_quantifiable`, at the last quantifiable sample if a later one is below the
    limit. Raises ValueError for unequal lengths, doubled days or another rule.
    """
    if persist_rule not in ("two_consecutive_blq", "first_blq", "last_quantifiable"):
        raise ValueError(
            f"Persistence ends by two_consecutive_blq, first_blq or last_quantifiable, not {persist_rule!r}."
        )
    if not len(day) == len(conc) == len(blq):
        raise ValueError(f"Days, values and BLQ flags must be equally many, not {len(day)}, {len(conc)}, {len(blq)}.")
    taken = sorted(
        (float(d), bool(below))
        for d, c, below in zip(day, conc, blq, strict=True)
        if d > 0 and (below or not math.isnan(c))
    )
    if len({d for d, _ in taken}) < len(taken):
        raise ValueError("Two samples on the same day; settle replicates first.")
    found = [d for d, below in taken if not below]
    if not found:
        return Persistence(detected=False if taken else None)
    after = [(d, below) for d, below in taken if d >= found[0]]
    run = 2 if persist_rule == "two_consecutive_blq" else 1
    lost = next((after[i][0] for i in range(len(after) - run + 1) if all(b for _, b in after[i : i + run])), None)
    if persist_rule == "last_quantifiable":
        lost = found[-1] if after[-1][1] else None
    if lost is None:
        return Persistence(detected=True, first=found[0], censored_at=taken[-1][0])
    return Persistence(detected=True, first=found[0], last_before=max(d for d in found if d <= lost), lost=lost)
