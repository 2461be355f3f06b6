"""Two other interval designs of dose escalation beside BOIN, for comparison: i3+3 and mTPI-2.

Sources: Liu M, Wang SJ, Ji Y. J Biopharm Stat 2020;30:294-304 (i3+3) [R]; Guo W et al. Contemp Clin Trials
2017;58:23-33 (mTPI-2) [R]. Equivalence interval around the target, ends included. Exclusion of too toxic doses as in
`boin`. A decision aid, never the protocol's rule.
"""

from __future__ import annotations

from fractions import Fraction

from datacut.compute.boin import Action, elimination_bound


def _interval(equivalence_low: float, equivalence_high: float, n: int, y: int) -> tuple[Fraction, Fraction]:
    low, high = Fraction(str(equivalence_low)), Fraction(str(equivalence_high))
    if not 0 < low < high < 1:
        raise ValueError(f"An equivalence interval needs 0 < low < high < 1, not {low}, {high}.")
    if n < 1 or not 0 <= y <= n:
        raise ValueError(f"{y} toxicities among {n} participants allow no decision.")
    return low, high


def _is_excluded(n: int, y: int, target: float, cutoff: float, min_n: int) -> bool:
    bound = elimination_bound(n, target, cutoff, min_n)
    return bound is not None and y >= bound


def i3plus3_action(
    n: int,
    y: int,
    target: float = 0.30,
    equivalence_low: float = 0.25,
    equivalence_high: float = 0.35,
    *,
    cutoff: float = 0.95,
    min_n: int = 3,
) -> Action:
    """What i3+3 does at y toxicities among n: escalate (E), stay (S), de-escalate (D), de-escalate and exclude (DU).

    y/n below the interval: E; inside: S; above: S if (y - 1)/n lies below the interval, else D. Compared as exact
    fractions. Raises ValueError for impossible counts or interval.
    """
    low, high = _interval(equivalence_low, equivalence_high, n, y)
    if _is_excluded(n, y, target, cutoff, min_n):
        return "DU"
    rate = Fraction(y, n)
    if rate < low:
        return "E"
    return "S" if rate <= high or Fraction(y - 1, n) < low else "D"


def mtpi2_action(
    n: int,
    y: int,
    target: float = 0.30,
    equivalence_low: float = 0.25,
    equivalence_high: float = 0.35,
    *,
    cutoff: float = 0.95,
    min_n: int = 3,
) -> Action:
    """What mTPI-2 does at y toxicities among n: E, S, D or DU, as for `i3plus3_action`.

    (0, 1) is cut outwards from the equivalence interval into intervals of its width (shorter at the ends); the one with
    the largest unit probability mass under Beta(y + 1, n - y + 1), its probability divided by its length, decides:
    below is E, the equivalence interval S, above D. Raises ValueError for impossible counts or interval.
    """
    from scipy import special  # not before it is needed: it is slow to import

    low, high = _interval(equivalence_low, equivalence_high, n, y)
    if _is_excluded(n, y, target, cutoff, min_n):
        return "DU"
    width = high - low
    cuts = [low, high]
    while cuts[0] > 0:
        cuts.insert(0, max(cuts[0] - width, Fraction(0)))
    while cuts[-1] < 1:
        cuts.append(min(cuts[-1] + width, Fraction(1)))
    below = [float(special.betainc(y + 1, n - y + 1, float(cut))) for cut in cuts]
    masses = [
        (b - a) / float(end - start)
        for a, b, start, end in zip(below[:-1], below[1:], cuts[:-1], cuts[1:], strict=True)
    ]
    start = cuts[masses.index(max(masses))]
    if start < low:
        return "E"
    return "S" if start == low else "D"
