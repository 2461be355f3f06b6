"""BOIN dose escalation as a decision aid: boundaries, decision table, action, and the MTD at the end.

Source: Liu S, Yuan Y. J R Stat Soc C 2015;64:507-23; Yuan Y et al. Clin Cancer Res 2016;22:4291-301; CRAN
package BOIN (`get.boundary`, `select.mtd`) [V]. Only evaluable participants are counted. n: treated and evaluable,
y: of these with a dose-limiting toxicity. Never labelled the protocol's rule unless the protocol says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from datacut.compute.isotonic import pool_adjacent_violators

type Action = Literal["E", "S", "D", "DU"]


class Boundaries(NamedTuple):
    """Escalate at an observed rate up to `escalate`, de-escalate from `deescalate` on."""

    escalate: float
    deescalate: float


class Selection(NamedTuple):
    """The chosen level (1-based, None if there is none) and the isotonic estimates, NaN for non-candidates."""

    level: int | None
    estimates: npt.NDArray[np.float64]


def boin_boundaries(target: float = 0.30, p1: float | None = None, p2: float | None = None) -> Boundaries:
    """The two boundaries of the observed toxicity rate, unrounded.

    p1: highest rate seen as too low, default 0.6 target; p2: lowest rate seen as too toxic, default 1.4 target.
    Raises ValueError unless 0 < p1 < target < p2 < 1.
    """
    low = 0.6 * target if p1 is None else p1
    high = 1.4 * target if p2 is None else p2
    if not 0 < low < target < high < 1:
        raise ValueError(f"BOIN needs 0 < p1 < target < p2 < 1, not {low}, {target}, {high}.")
    escalate = math.log((1 - low) / (1 - target)) / math.log(target * (1 - low) / (low * (1 - target)))
    deescalate = math.log((1 - target) / (1 - high)) / math.log(high * (1 - target) / (target * (1 - high)))
    return Boundaries(escalate, deescalate)


def _require_counts(n: int, y: int) -> None:
    if not 0 <= y <= n:
        raise ValueError(f"{y} toxicities among {n} participants cannot be.")


def probability_over(n: int, y: int, target: float = 0.30) -> float:
    """Posterior probability that the toxicity rate exceeds the target, Beta(1, 1) prior."""
    from scipy import special  # not before it is needed: it is slow to import

    _require_counts(n, y)
    return float(special.betaincc(y + 1, n - y + 1, target))


def elimination_bound(n: int, target: float = 0.30, cutoff: float = 0.95, min_n: int = 3) -> int | None:
    """The fewest toxicities among n that eliminate a dose; None if none does (always below `min_n` participants)."""
    if n < min_n:
        return None
    return next((y for y in range(n + 1) if probability_over(n, y, target) > cutoff), None)


def boin_action(
    n: int,
    y: int,
    target: float = 0.30,
    p1: float | None = None,
    p2: float | None = None,
    *,
    cutoff: float = 0.95,
    min_n: int = 3,
    lowest: bool = False,
    highest: bool = False,
    next_eliminated: bool = False,
    eliminated: bool = False,
) -> Action:
    """What to do at the current dose: escalate (E), stay (S), de-escalate (D), de-escalate and eliminate (DU).

    lowest, highest, next_eliminated: no dose below, no dose above, or the one above is eliminated: D or E becomes
    S. eliminated: the current dose, or one below it, was eliminated before: DU whatever the counts say now. DU at the
    lowest dose means stop. Raises ValueError for n < 1 or impossible counts.
    """
    _require_counts(n, y)
    if n < 1:
        raise ValueError("A decision needs at least one evaluable participant.")
    bounds = boin_boundaries(target, p1, p2)
    bound = elimination_bound(n, target, cutoff, min_n)
    if eliminated or (bound is not None and y >= bound):
        return "DU"
    if y / n <= bounds.escalate:
        return "S" if highest or next_eliminated else "E"
    if y / n >= bounds.deescalate:
        return "S" if lowest else "D"
    return "S"


def boin_decision_table(
    n_max: int,
    target: float = 0.30,
    p1: float | None = None,
    p2: float | None = None,
    *,
    cutoff: float = 0.95,
    min_n: int = 3,
) -> pd.DataFrame:
    """One row per n = 1 ... n_max, all Int64: `escalate_at_most`, `stay_from`, `stay_to`, `deescalate_at_least`,
    `eliminate_at_least`; missing where no count leads there. P(over) is `probability_over`.
    """
    bounds = boin_boundaries(target, p1, p2)
    rows: list[list[int | None]] = []
    for n in range(1, n_max + 1):
        up = [y for y in range(n + 1) if y / n <= bounds.escalate]
        down = [y for y in range(n + 1) if y / n >= bounds.deescalate]
        stay = [y for y in range(n + 1) if y not in up and y not in down]
        rows.append(
            [
                n,
                max(up, default=None),
                min(stay, default=None),
                max(stay, default=None),
                min(down, default=None),
                elimination_bound(n, target, cutoff, min_n),
            ]
        )
    names = ["n", "escalate_at_most", "stay_from", "stay_to", "deescalate_at_least", "eliminate_at_least"]
    return pd.DataFrame(rows, columns=names, dtype="Int64")


def _isotonic(n: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The published estimate: mean under Beta(y + 0.05, n - y + 0.05), pooled with the inverse of its variance."""
    a, b = y + 0.05, n - y + 0.05
    return pool_adjacent_violators((a / (a + b)).tolist(), ((a + b) ** 2 * (a + b + 1) / (a * b)).tolist())


def select_mtd(
    n: Sequence[int],
    y: Sequence[int],
    target: float = 0.30,
    *,
    cutoff: float = 0.95,
    min_n: int = 3,
    bound: float | None = None,
) -> Selection:
    """The maximum tolerated dose at the end of escalation, by weighted isotonic regression.

    n, y: per dose level, lowest first. Candidates were given to someone and are not eliminated (nor above an
    eliminated level). The nearest estimate to the target wins; among equal ones the highest level below the
    target, the lowest above it. bound: optional, an estimate may not exceed it (`boundMTD`: the de-escalation
    boundary). No candidate, or the lowest level eliminated: no level. Raises ValueError for impossible counts.
    """
    if len(n) != len(y):
        raise ValueError(f"{len(n)} levels need as many toxicity counts, not {len(y)}.")
    estimates = np.full(len(n), np.nan)
    candidates: list[int] = []
    for level, (treated, toxic) in enumerate(zip(n, y, strict=True)):
        _require_counts(treated, toxic)
        limit = elimination_bound(treated, target, cutoff, min_n)
        if limit is not None and toxic >= limit:
            break
        if treated > 0:
            candidates.append(level)
    if not candidates:
        return Selection(None, estimates)
    fitted = _isotonic(np.array(n, dtype="float64")[candidates], np.array(y, dtype="float64")[candidates])
    estimates[candidates] = fitted
    ranked = fitted + np.arange(1, len(candidates) + 1) * 1e-10
    eligible = [i for i in range(len(candidates)) if bound is None or ranked[i] <= bound]
    if not eligible:
        return Selection(None, estimates)
    best = min(eligible, key=lambda i: (abs(float(ranked[i]) - target), i))
    return Selection(candidates[best] + 1, estimates)


def boin_chain(
    levels: Sequence[int],
    n: Sequence[int],
    y: Sequence[int],
    top: int,
    target: float = 0.30,
    p1: float | None = None,
    p2: float | None = None,
    *,
    cutoff: float = 0.95,
    min_n: int = 3,
) -> list[Action]:
    """The action of each review of a sequence, every one knowing those before it.

    levels: place of the dose reviewed, 1 the lowest of `top` doses; n, y: counts known at the review. A dose that got
    DU stays eliminated with those above it: DU at each later review of one of them, and nobody escalates into it. A
    corrected count changes every review from its own on. Raises ValueError for impossible counts.
    """
    actions: list[Action] = []
    eliminated_from = top + 1
    for place, treated, toxic in zip(levels, n, y, strict=True):
        action = boin_action(
            treated,
            toxic,
            target,
            p1,
            p2,
            cutoff=cutoff,
            min_n=min_n,
            lowest=place == 1,
            highest=place >= top,
            next_eliminated=place + 1 >= eliminated_from,
            eliminated=place >= eliminated_from,
        )
        if action == "DU":
            eliminated_from = min(eliminated_from, place)
        actions.append(action)
    return actions


def toxicity_estimates(
    n: Sequence[int], y: Sequence[int], target: float = 0.30, confidence: float = 0.95
) -> pd.DataFrame:
    """What is known of each dose level at the end: `n`, `y` (Int64), `estimate`, `lower`, `upper`, `over` (Float64).

    estimate: isotonic, as in `select_mtd` (Beta(0.05, 0.05)) but over every level given to someone, eliminated ones
    too; lower, upper: equal-tailed credible interval, and over: posterior probability of exceeding the target, both of
    the level alone under the prior of the elimination rule, Beta(1, 1), so that over is what eliminates. Missing where
    nobody was treated. Source: BOIN `select.mtd`, `get.boundary` [V]. Raises ValueError for impossible counts.
    """
    from scipy import special  # not before it is needed: it is slow to import

    if len(n) != len(y):
        raise ValueError(f"{len(n)} levels need as many toxicity counts, not {len(y)}.")
    over = [probability_over(treated, toxic, target) for treated, toxic in zip(n, y, strict=True)]
    table = pd.DataFrame({"n": list(n), "y": list(y)}, dtype="Int64")
    tried = table[table["n"] > 0]
    toxic_at, treated_at = (tried[c].to_numpy(dtype="float64") for c in ("y", "n"))
    tail = (1 - confidence) / 2
    columns = {
        "estimate": _isotonic(treated_at, toxic_at),
        "lower": special.betaincinv(toxic_at + 1, treated_at - toxic_at + 1, tail),
        "upper": special.betaincinv(toxic_at + 1, treated_at - toxic_at + 1, 1 - tail),
        "over": np.array(over, dtype="float64")[tried.index],
    }
    return table.join(pd.DataFrame(columns, index=tried.index, dtype="Float64"))
