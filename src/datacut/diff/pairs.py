"""Which record of an earlier build is which of a later one: by what it was made from, then by its key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from datacut.compare.assignment import assign
from datacut.compare.columns import side_of_frame
from datacut.compare.values import EXACT, unequal_rows
from datacut.history.stored import RAW, Stored

type Numbers = np.ndarray[Any, np.dtype[np.int64]]
type Flags = np.ndarray[Any, np.dtype[np.bool_]]

_KINDS = ("PARAMCD", "DTYPE", "QNAM", "TSPARMCD", "RELID")
"""Variables that tell apart what one record of a source was made into, beside --TESTCD."""
_QUALIFIERS = ("USUBJID", "IDVAR", "IDVARVAL", "QNAM")


@dataclass(frozen=True, eq=False)
class Pairs:
    """Records of one dataset, or rows of one form, of an earlier and a later build: a place for each.

    old, new: its number on each side, 0 where it is not there. ambiguous: places of pairs that others would be as good
    as.
    """

    old: Numbers
    new: Numbers
    ambiguous: frozenset[int] = field(default_factory=frozenset)

    def __len__(self) -> int:
        return len(self.old)

    @property
    def both(self) -> Flags:
        """Places of records that are there on both sides."""
        return (self.old > 0) & (self.new > 0)

    @cached_property
    def place_of_old(self) -> dict[int, int]:
        """The place of each number of the earlier build."""
        return {int(n): at for at, n in enumerate(self.old) if n}

    @cached_property
    def place_of_new(self) -> dict[int, int]:
        """The same of the later one."""
        return {int(n): at for at, n in enumerate(self.new) if n}


def pairs_of(matches: Iterable[tuple[int, int]], old: Iterable[int], new: Iterable[int]) -> Pairs:
    """Pairs of numbers; those of `old` and `new` in none are alone. In the order of the later build."""
    met = list(matches)
    taken_old, taken_new = {a for a, _ in met}, {b for _, b in met}
    alone = [(a, 0) for a in old if a not in taken_old] + [(0, b) for b in new if b not in taken_new]
    places = sorted([*met, *alone], key=lambda pair: (pair[1] or np.inf, pair[0]))
    table = np.array(places, dtype=np.int64).reshape(-1, 2)
    return Pairs(table[:, 0].copy(), table[:, 1].copy())


class Pairing:
    """Pairs of the records of two builds, dataset by dataset. raw: pairs of the rows of each form, by line."""

    def __init__(self, old: Stored, new: Stored, raw: Mapping[str, Pairs]) -> None:
        self.old, self.new = old, new
        self._known: dict[str, Pairs] = {f"{RAW}{form}": pairs for form, pairs in raw.items()}
        self._busy: set[str] = set()

    @property
    def datasets(self) -> list[str]:
        """The datasets of both builds, those of the later one first."""
        return list(dict.fromkeys([*self.new.datasets, *self.old.datasets]))

    def of(self, dataset: str) -> Pairs:
        """Pairs of the records of a dataset; none of what has no records on either side."""
        if dataset not in self._known:
            self._busy.add(dataset)
            self._known[dataset] = self._pair(dataset)
            self._busy.discard(dataset)
        return self._known[dataset]

    def _pair(self, dataset: str) -> Pairs:
        frames = [s.frame(dataset) if dataset in s.datasets else pd.DataFrame() for s in (self.old, self.new)]
        left, right = (np.arange(1, len(frame) + 1) for frame in frames)
        if not len(left) or not len(right):
            return pairs_of([], left.tolist(), right.tolist())
        matches: list[tuple[int, int]] = []
        ambiguous: set[tuple[int, int]] = set()
        for words in (self._origins, self._keys):
            open_old = np.setdiff1d(left, [a for a, _ in matches])
            open_new = np.setdiff1d(right, [b for _, b in matches])
            if not len(open_old) or not len(open_new):
                break
            both = [words(dataset, s, n) for s, n in ((self.old, open_old), (self.new, open_new))]
            met, unsure = _within(frames, (open_old, open_new), both)
            matches += met
            ambiguous |= unsure
        pairs = pairs_of(matches, left.tolist(), right.tolist())
        places = frozenset(pairs.place_of_new[b] for _, b in ambiguous)
        return Pairs(pairs.old, pairs.new, places)

    def _origins(self, dataset: str, stored: Stored, numbers: Numbers) -> list[object]:
        """What each record was made from: its block or call, the pairs of its sources, and what it is of them."""
        table = stored.lineage(dataset)
        made: dict[int, list[tuple[str, int]]] = {}
        columns = (table[c].to_numpy(dtype=object) for c in ("record", "source", "source_record"))
        for record, source, number in zip(*columns, strict=True):
            if source in self._busy or pd.isna(number):
                continue
            pairs = self.of(source)
            places = pairs.place_of_old if stored is self.old else pairs.place_of_new
            at = places.get(int(number))
            if at is not None:
                made.setdefault(int(record), []).append((str(source), at))
        names = [n for n in (*_KINDS, f"{dataset}TESTCD") if n in stored.frame(dataset).columns]
        kinds = [stored.texts(dataset, n) for n in names]
        return [
            (_maker(stored, dataset, int(n)), tuple(sorted(made[n])), tuple(k[n - 1] for k in kinds))
            if n in made
            else (dataset, int(n), stored is self.old)  # made from nothing: known by its key alone
            for n in numbers
        ]

    def _keys(self, dataset: str, stored: Stored, numbers: Numbers) -> list[object]:
        """The key of each record, without sequence numbers."""
        frame = stored.frame(dataset)
        about = stored.how(dataset)
        keys = [k for k in (about["keys"] if about else _QUALIFIERS) if k in frame.columns and not is_sequence(k)]
        texts = [stored.texts(dataset, k) for k in dict.fromkeys([*keys, *(c for c in _KINDS if c in frame.columns)])]
        return [tuple(t[n - 1] for t in texts) for n in numbers]


def is_sequence(variable: str) -> bool:
    """Whether a variable numbers records, so that it moves with those beside it: --SEQ, and references to one."""
    return variable.endswith("SEQ") or variable == "IDVARVAL"


def _within(
    frames: Sequence[pd.DataFrame], numbers: tuple[Numbers, Numbers], words: Sequence[Sequence[object]]
) -> tuple[list[tuple[int, int]], set[tuple[int, int]]]:
    """Pairs of the records that are called the same, those of several in the way in which fewest variables differ; and
    which of them could be others.
    """
    codes = {word: code for code, word in enumerate(dict.fromkeys([*words[0], *words[1]]))}
    groups = [np.array([codes[w] for w in side], dtype=np.int64) for side in words]
    counts = [np.bincount(g, minlength=len(codes)) for g in groups]
    single, shared = (counts[0] == 1) & (counts[1] == 1), (counts[0] > 0) & (counts[1] > 0)
    place = np.zeros(len(codes), np.int64)
    place[groups[1]] = np.arange(len(groups[1]))
    alone = np.flatnonzero(single[groups[0]])
    matches = [(int(numbers[0][at]), int(numbers[1][place[groups[0][at]]])) for at in alone]
    several = shared & ~single
    left, right = (np.flatnonzero(several[g]) for g in groups)
    if not len(left):
        return matches, set()
    names = [c for c in frames[1].columns if c in frames[0].columns and not is_sequence(c)]
    sides = [side_of_frame(f.iloc[n[at] - 1], "") for f, n, at in zip(frames, numbers, (left, right), strict=True)]
    names = [n for n in names if sides[0].variables[n].kind == sides[1].variables[n].kind]
    found = assign(
        [sides[0].column(n) for n in names],
        [sides[1].column(n) for n in names],
        (groups[0][left], groups[1][right]),
        [EXACT] * len(names),
    )
    met = [
        (int(numbers[0][left[a]]), int(numbers[1][right[b]]))
        for a, b in zip(found.ours.tolist(), found.theirs.tolist(), strict=True)
    ]
    unsure = {pair for pair, doubt in zip(met, (found.ambiguous | found.unproven).tolist(), strict=True) if doubt}
    return [*matches, *met], unsure


def _maker(stored: Stored, dataset: str, record: int) -> str:
    """What made a record, by a name that other blocks before it do not change."""
    maker = stored.maker(dataset, record)
    about = stored.how(dataset)
    if about is None or not maker.isdigit():
        return maker
    blocks = about["blocks"]
    own = blocks[int(maker)]
    same = [n for n, block in enumerate(blocks) if (block["source"], block["id"]) == (own["source"], own["id"])]
    return f"{own['source']} {own['id']} {same.index(int(maker))}"


def changed_variables(pairing: Pairing, dataset: str) -> Iterator[tuple[str, Numbers]]:
    """Each variable of which values changed, with the places of the pairs where they did, working columns too."""
    pairs = pairing.of(dataset)
    at = np.flatnonzero(pairs.both)
    if not len(at):
        return
    old, new = (s.frame(dataset) for s in (pairing.old, pairing.new))
    old, new = old.iloc[pairs.old[at] - 1], new.iloc[pairs.new[at] - 1]
    names = [c for c in new.columns if c in old.columns]
    sides = side_of_frame(old, ""), side_of_frame(new, "")
    for name in names:
        if sides[0].variables[name].kind != sides[1].variables[name].kind:
            yield name, at
            continue
        rows = unequal_rows(sides[0].column(name), sides[1].column(name))
        if len(rows):
            yield name, at[rows]
