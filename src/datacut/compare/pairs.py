"""Which record of one side is compared with which of the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from datacut.compare.assignment import assign
from datacut.compare.columns import Column, Rows
from datacut.compare.criteria import Criterion
from datacut.compare.identical import Numbers, grouped
from datacut.compare.values import EXACT, unequal_rows

type Columns = Mapping[str, tuple[Column, Column]]


@dataclass(frozen=True, slots=True)
class Paired:
    """Records of two sides, paired.

    ours, theirs: positions of the pairs, in the order of ours; None where every record is paired with the one in
    its place. amount: of pairs; only_ours, only_theirs: positions without a partner. unequal: of each compared
    variable the pairs, as positions in `ours`, whose values differ. repeated: records whose key stands on another
    record of their side too, among those that were not equal at once; ambiguous, unproven: pairs of
    such, see `Assigned`.
    """

    ours: Rows | None
    theirs: Rows | None
    amount: int
    only_ours: Rows
    only_theirs: Rows
    unequal: Mapping[str, Rows]
    repeated: int = 0
    ambiguous: Rows = field(default_factory=lambda: np.zeros(0, np.intp))
    unproven: Rows = field(default_factory=lambda: np.zeros(0, np.intp))

    def ours_at(self, pairs: Rows) -> Rows:
        """Positions in ours of these pairs."""
        return pairs if self.ours is None else self.ours[pairs]

    def theirs_at(self, pairs: Rows) -> Rows:
        """Positions in theirs of these pairs."""
        return pairs if self.theirs is None else self.theirs[pairs]


def pair_records(
    keys: Sequence[tuple[Column, Column]] | None,
    compared: Columns,
    lengths: tuple[int, int],
    criteria: Mapping[str, Criterion],
) -> Paired:
    """Pair the records of two sides by their keys and compare them.

    keys: columns of both sides, each pair of one kind (`harmonised`); None pairs records in order, and what one side
    has more is without a partner. Keys are equal exactly; missing is a value of its own. compared: the other
    variables, by name; criteria: those that are not EXACT. Where a key stands on several records of a side, they are
    paired so that fewest variables differ, and among such pairings so that most records are identical.
    """
    ours, theirs, only_ours, only_theirs = _by_place(lengths) if keys is None else _first(keys, lengths)
    unequal = _unequal(compared, ours, theirs, criteria)
    amount = lengths[0] - len(only_ours)
    first = Paired(ours, theirs, amount, only_ours, only_theirs, unequal)
    return first if keys is None else _settled(first, keys, compared, criteria)


def _by_place(lengths: tuple[int, int]) -> tuple[Rows | None, Rows | None, Rows, Rows]:
    amount = min(lengths)
    rows = None if lengths[0] == lengths[1] else np.arange(amount, dtype=np.intp)
    return rows, rows, np.arange(amount, lengths[0]), np.arange(amount, lengths[1])


def _first(
    keys: Sequence[tuple[Column, Column]], lengths: tuple[int, int]
) -> tuple[Rows | None, Rows | None, Rows, Rows]:
    """Pairs of the same key; the first record of a key with the first, the second with the second."""
    none = np.zeros(0, np.intp)
    if lengths[0] == lengths[1] and not any(len(unequal_rows(*key)) for key in keys):
        return None, None, none, none
    (x, y), amount = grouped(keys, lengths)
    counts = [np.bincount(codes, minlength=amount) for codes in (x, y)]
    most = int(max(c.max(initial=1) for c in counts))
    if most > 1:
        # a number for each key and how many records of it came before
        x, y = (codes * most + _nth(codes) for codes in (x, y))
        (x, y), amount = _dense(x, y)
    place = np.full(amount, -1, np.intp)
    place[y] = np.arange(lengths[1])
    partner = place[x]
    ours = np.flatnonzero(partner >= 0)
    theirs = partner[ours]
    alone = np.ones(lengths[1], bool)
    alone[theirs] = False
    return ours, theirs, np.flatnonzero(partner < 0), np.flatnonzero(alone)


def _nth(codes: Numbers) -> Numbers:
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    nth = np.empty(len(codes), np.int64)
    nth[order] = np.arange(len(codes)) - np.repeat(starts, np.diff(np.r_[starts, len(codes)]))
    return nth


def _dense(x: Numbers, y: Numbers) -> tuple[tuple[Numbers, Numbers], int]:
    different, codes = np.unique(np.concatenate([x, y]), return_inverse=True)
    return (codes[: len(x)], codes[len(x) :]), len(different)


def _unequal(
    compared: Columns, ours: Rows | None, theirs: Rows | None, criteria: Mapping[str, Criterion]
) -> dict[str, Rows]:
    return {
        name: unequal_rows(left.take(ours), right.take(theirs), criteria.get(name, EXACT))
        for name, (left, right) in compared.items()
    }


def _settled(
    first: Paired, keys: Sequence[tuple[Column, Column]], compared: Columns, criteria: Mapping[str, Criterion]
) -> Paired:
    """The pairs of keys that stand several times and are not identical are made again, with whom is left over."""
    exactly = [
        unequal_rows(compared[name][0].take(first.ours), compared[name][1].take(first.theirs))
        for name in criteria
        if name in compared
    ]
    other = np.unique(np.concatenate([np.zeros(0, np.intp), *first.unequal.values(), *exactly]))
    rows = np.r_[first.ours_at(other), first.only_ours], np.r_[first.theirs_at(other), first.only_theirs]
    if not len(rows[0]) or not len(rows[1]):
        return first
    codes, amount = grouped([(k[0].take(rows[0]), k[1].take(rows[1])) for k in keys], (len(rows[0]), len(rows[1])))
    counts = [np.bincount(c, minlength=amount) for c in codes]
    several = (counts[0] > 0) & (counts[1] > 0) & ((counts[0] > 1) | (counts[1] > 1))
    again = [several[c] for c in codes]
    if not again[0].any():
        return first
    left, right = (side[mask] for side, mask in zip(rows, again, strict=True))
    made = assign(
        [c[0].take(left) for c in compared.values()],
        [c[1].take(right) for c in compared.values()],
        (codes[0][again[0]], codes[1][again[1]]),
        [criteria.get(name, EXACT) for name in compared],
    )
    kept = np.setdiff1d(np.arange(first.amount), other[again[0][: len(other)]], assume_unique=True)
    ours = np.r_[first.ours_at(kept), left[made.ours]]
    theirs = np.r_[first.theirs_at(kept), right[made.theirs]]
    order = np.argsort(ours, kind="stable")
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    new = np.arange(len(kept), len(ours))
    unequal = {}
    for name, (x, y) in compared.items():
        stayed = place[: len(kept)][np.isin(kept, first.unequal[name], assume_unique=True)]
        found = unequal_rows(x.take(ours[new]), y.take(theirs[new]), criteria.get(name, EXACT))
        unequal[name] = np.sort(np.r_[stayed, place[new[found]]])
    return Paired(
        ours[order],
        theirs[order],
        len(order),
        np.setdiff1d(np.r_[first.only_ours, left], left[made.ours], assume_unique=False),
        np.setdiff1d(np.r_[first.only_theirs, right], right[made.theirs], assume_unique=False),
        unequal,
        len(left) + len(right),
        np.sort(place[new[made.ambiguous]]),
        np.sort(place[new[made.unproven]]),
    )
