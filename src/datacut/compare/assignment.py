"""Which records of one key belong together, where the key stands on several: fewest variables differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from datacut.compare.columns import Column, Rows
from datacut.compare.criteria import Criterion, Flags
from datacut.compare.identical import Numbers, grouped, numbered
from datacut.compare.values import unequal_rows

LARGEST = 40_000
"""Pairs of one group that are all looked at (200 records of each side); a larger group is paired step by step."""
ALL = 4_000_000
"""Pairs of all groups together that are looked at, the smallest groups first."""
BATCH = 500_000
"""Pairs that are looked at in one go."""

type Costs = np.ndarray[Any, np.dtype[np.int64]]
type Group = tuple[Rows, Rows]


@dataclass(frozen=True, slots=True)
class Assigned:
    """Pairs of positions of both sides.

    ambiguous: another pairing of the same records has as few differences; unproven: the group was so large that a
    pairing with fewer was not ruled out.
    """

    ours: Rows
    theirs: Rows
    ambiguous: Flags
    unproven: Flags


def assign(
    ours: Sequence[Column], theirs: Sequence[Column], groups: tuple[Numbers, Numbers], criteria: Sequence[Criterion]
) -> Assigned:
    """Pair records within groups of the same key, as many of a group as its smaller side has.

    ours, theirs: the compared variables of the records of all groups, each pair of one kind; groups: the group of each
    record, from 0; criteria: one for each variable. Identical records are paired first: that makes no pairing worse,
    since what is equal to one of two identical records is equal to the other.
    """
    pairs = _Pairs(groups)
    same, amount = grouped(list(zip(ours, theirs, strict=True)), [len(groups[0]), len(groups[1])])
    pairs.add(*_matched(groups[0] * amount + same[0], groups[1] * amount + same[1]))
    few: list[Group] = []
    looked_at = 0
    for group in sorted(pairs.left(), key=lambda g: len(g[0]) * len(g[1])):
        size = len(group[0]) * len(group[1])
        looked_at += size
        if len(group[0]) == len(group[1]) == 1:
            pairs.add(*group)
        elif size <= LARGEST and looked_at <= ALL:
            few.append(group)
        else:
            _step_by_step(pairs, group, ours, theirs)
    for group, costs in _costs(few, ours, theirs, criteria):
        x, y = linear_sum_assignment(costs)
        tied = _tied(costs, x, y, same[0][group[0]], same[1][group[1]])
        pairs.add(group[0][x], group[1][y], ambiguous=tied)
    return pairs.result()


class _Pairs:
    """The pairs found so far, and who is left."""

    def __init__(self, groups: tuple[Numbers, Numbers]) -> None:
        self._groups = groups
        self._open = tuple(np.ones(len(g), bool) for g in groups)
        self._found: list[tuple[Rows, Rows, Flags, Flags]] = []

    def add(self, ours: Rows, theirs: Rows, *, ambiguous: Flags | None = None, unproven: bool = False) -> None:
        none = np.zeros(len(ours), bool)
        self._found.append((ours, theirs, none if ambiguous is None else ambiguous, none | unproven))
        self._open[0][ours] = False
        self._open[1][theirs] = False

    def left(self) -> list[Group]:
        """The records of each group that has some left on both sides."""
        sides = []
        for groups, still in zip(self._groups, self._open, strict=True):
            rows = np.flatnonzero(still)
            rows = rows[np.argsort(groups[rows], kind="stable")]
            names, starts = np.unique(groups[rows], return_index=True)
            sides.append(dict(zip(names.tolist(), np.split(rows, starts[1:]), strict=len(rows) > 0)))
        return [(rows, sides[1][name]) for name, rows in sides[0].items() if name in sides[1]]

    def result(self) -> Assigned:
        columns = [np.concatenate(parts) for parts in zip(*self._found, strict=True)]
        order = np.argsort(columns[0], kind="stable")
        ours, theirs, ambiguous, unproven = (c[order] for c in columns)
        return Assigned(ours, theirs, ambiguous, unproven)


def _matched(ours: Numbers, theirs: Numbers) -> Group:
    """Positions of pairs of the same number: the first with the first, the second with the second."""
    found = []
    for codes in (ours, theirs):
        order = np.argsort(codes, kind="stable")
        ordered = codes[order]
        first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, np.intp)
        lengths = np.diff(np.r_[first, len(ordered)])
        found.append((order, ordered, np.arange(len(ordered)) - np.repeat(first, lengths)))
    (order_x, codes_x, nth_x), (order_y, codes_y, nth_y) = found
    most = int(max(nth_x.max(initial=0), nth_y.max(initial=0))) + 1
    _, x, y = np.intersect1d(codes_x * most + nth_x, codes_y * most + nth_y, assume_unique=True, return_indices=True)
    return order_x[x], order_y[y]


def _costs(
    groups: Sequence[Group], ours: Sequence[Column], theirs: Sequence[Column], criteria: Sequence[Criterion]
) -> Iterator[tuple[Group, Costs]]:
    """How many variables differ between each record of a group and each of the other side."""
    batch: list[Group] = []
    size = 0
    for number, group in enumerate(groups, start=1):
        batch.append(group)
        size += len(group[0]) * len(group[1])
        if size < BATCH and number < len(groups):
            continue
        x = np.concatenate([np.repeat(g[0], len(g[1])) for g in batch])
        y = np.concatenate([np.tile(g[1], len(g[0])) for g in batch])
        costs = np.zeros(size, np.int64)
        for left, right, criterion in zip(ours, theirs, criteria, strict=True):
            costs[unequal_rows(left.take(x), right.take(y), criterion)] += 1
        start = 0
        for one in batch:
            shape = len(one[0]), len(one[1])
            yield one, costs[start : start + shape[0] * shape[1]].reshape(shape)
            start += shape[0] * shape[1]
        batch, size = [], 0


def _tied(costs: Costs, x: Rows, y: Rows, same_x: Numbers, same_y: Numbers) -> Flags:
    """Which pairs of a best pairing are others in another best pairing, and not only for an identical record.

    Records that are identical count as one with a number, so that a pairing is a flow from the ones to the others. It
    has another of the same cost just where its residual network has a circle that costs nothing and is more than one
    step there and back.
    """
    if costs.shape[0] > costs.shape[1]:
        order = np.argsort(y)
        found = np.zeros(len(x), bool)
        found[order] = _tied(costs.T, y[order], x[order], same_y, same_x)
        return found
    _, first_x, of_x = np.unique(same_x, return_index=True, return_inverse=True)
    _, first_y, of_y = np.unique(same_y, return_index=True, return_inverse=True)
    flow = np.zeros((len(first_x), len(first_y)), np.int64)
    np.add.at(flow, (of_x[x], of_y[y]), 1)
    spare = np.bincount(of_y, minlength=len(first_y)) - flow.sum(axis=0)
    price = costs[np.ix_(first_x, first_y)]
    if spare.any():  # a last row stands for nobody, who takes whom the others leave
        flow, price = np.vstack([flow, spare]), np.vstack([price, np.zeros(len(first_y), np.int64)])
    back = flow > 0
    way_x = np.zeros(len(flow), np.int64)
    while True:  # a best pairing leaves no way round that costs less than nothing
        way_y = (way_x[:, None] + price).min(axis=0)
        shorter = np.minimum(way_x, np.where(back, way_y - price, way_x[:, None]).min(axis=1))
        if (shorter == way_x).all():
            break
        way_x = shorter
    free = way_x[:, None] + price == way_y
    tied = np.zeros_like(back)
    for a, b in np.argwhere(back[: len(first_x)]):
        tied[a, b] = _leads_round(free, back, a, b)
    result: Flags = tied[of_x[x], of_y[y]]
    return result


def _leads_round(free: Flags, back: Flags, a: int, b: int) -> bool:
    """Whether a way over free steps, and back over pairs, leads from a to b without the step from a to b itself."""
    reached = free[a].copy()
    reached[b] = False
    seen = np.zeros(len(free), bool)
    seen[a] = True
    while True:
        new = back[:, reached].any(axis=1) & ~seen
        if not new.any():
            return False
        seen |= new
        steps = free[new].any(axis=0)
        if steps[b]:
            return True
        reached |= steps


def _step_by_step(pairs: _Pairs, group: Group, ours: Sequence[Column], theirs: Sequence[Column]) -> None:
    """Pair a large group: records that differ in one variable, then in those that differ most, then as they come."""
    x, y = group
    noise = np.random.default_rng(1)
    hashes: list[tuple[Numbers, Numbers]] = []
    shared: list[int] = []
    for left, right in zip(ours, theirs, strict=True):
        codes, amount = numbered([left.take(x), right.take(y)])
        words = noise.integers(-(1 << 62), 1 << 62, amount)
        hashes.append((words[codes[: len(x)]], words[codes[len(x) :]]))
        shared.append(len(_matched(*hashes[-1])[0]))
    whole = [
        np.sum([h[side] for h in hashes], axis=0) if hashes else np.zeros(len(group[side]), np.int64) for side in (0, 1)
    ]
    left_out: list[Sequence[int]] = [[v] for v in range(len(hashes))]
    least = sorted(range(len(hashes)), key=shared.__getitem__)
    left_out += [least[:count] for count in range(2, len(hashes) + 1)] or [[]]
    open_x, open_y = np.arange(len(x)), np.arange(len(y))
    for variables in left_out:
        keys = [whole[side] - sum((hashes[v][side] for v in variables), start=np.int64(0)) for side in (0, 1)]
        i, j = _matched(keys[0][open_x], keys[1][open_y])
        pairs.add(x[open_x[i]], y[open_y[j]], unproven=True)
        open_x, open_y = np.delete(open_x, i), np.delete(open_y, j)
