"""Records of the same key: fewest variables differ; ties are told."""

from itertools import permutations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from datacut.compare import assignment
from datacut.compare.columns import side_of_frame
from datacut.compare.criteria import Criterion, Method
from datacut.compare.datasets import compare_sides


def side(rows, key="01"):
    frame = pd.DataFrame(
        {"KEY": pd.Series([key] * len(rows), dtype="str")}
        | {f"V{i}": pd.Series([r[i] for r in rows], dtype="Float64") for i in range(3)}
    )
    return side_of_frame(frame, key)


def paired(ours, theirs, criterion=None):
    found = compare_sides(side(ours), side(theirs), ["KEY"], criterion or Criterion())
    at = np.arange(found.pairs.amount)
    pairs = [*zip(found.pairs.ours_at(at).tolist(), found.pairs.theirs_at(at).tolist(), strict=True)]
    return pairs, found


def test_the_nearest_record_is_taken_whatever_the_order():
    pairs, found = paired([(1, 1, 1), (5, 5, 5)], [(5, 5, 6), (1, 2, 1)])
    assert pairs == [(0, 1), (1, 0)]
    assert found.unequal == 2
    assert found.pairs.ambiguous.tolist() == []


def test_the_record_that_fits_least_is_left_over():
    pairs, found = paired([(1, 1, 1), (5, 5, 5)], [(9, 9, 9), (5, 5, 6), (1, 1, 2)])
    assert pairs == [(0, 2), (1, 1)]
    assert found.pairs.only_theirs.tolist() == [0]
    pairs, found = paired([(9, 9, 9), (5, 5, 6), (1, 1, 2)], [(1, 1, 1), (5, 5, 5)])
    assert pairs == [(1, 1), (2, 0)]
    assert found.pairs.only_ours.tolist() == [0]


def test_a_tie_is_ambiguous():
    _, found = paired([(1, 1, 1), (2, 2, 1)], [(1, 2, 1), (2, 1, 1)])
    assert found.unequal == 2
    assert found.pairs.ambiguous.tolist() == [0, 1]
    assert all(d.ambiguous for d in found.differences(9))


def test_a_tie_about_who_is_left_over_is_ambiguous():
    _, found = paired([(1, 1, 1)], [(1, 1, 2), (1, 2, 1)])
    assert (found.unequal, found.pairs.ambiguous.tolist()) == (1, [0])
    _, found = paired([(1, 1, 2), (1, 2, 1)], [(1, 1, 1)])
    assert (found.unequal, found.pairs.ambiguous.tolist()) == (1, [0])


def test_identical_records_make_no_tie():
    _, found = paired([(1, 1, 1), (1, 1, 1)], [(1, 1, 2), (1, 1, 3)])
    assert (found.unequal, found.pairs.ambiguous.tolist()) == (2, [])
    _, found = paired([(1, 1, 1)], [(1, 1, 2), (1, 1, 2)])
    assert (found.unequal, found.pairs.ambiguous.tolist()) == (1, [])


def test_what_is_within_the_criterion_is_given_up_for_a_better_pairing():
    """With |y - x| <= 1: in order 1-2 fits and 3-0 does not; crosswise both fit."""
    one = Criterion(Method.ABSOLUTE, 1)
    pairs, found = paired([(1, 0, 0), (3, 0, 0)], [(2, 0, 0), (0, 0, 0)], one)
    assert pairs == [(0, 1), (1, 0)]
    assert found.unequal == 0


ROWS = st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=5)


@given(ROWS, ROWS)
def test_no_pairing_has_fewer_differences(ours, theirs):
    """Against every pairing there is."""
    short, long = sorted((ours, theirs), key=len)
    costs = [
        sum(sum(a != b for a, b in zip(x, y, strict=True)) for x, y in zip(short, chosen, strict=True))
        for chosen in permutations(long, len(short))
    ]
    _, found = paired(ours, theirs)
    assert found.unequal == min(costs)


@given(ROWS, ROWS)
def test_a_tie_is_told_just_where_there_is_one(ours, theirs):
    """Against every pairing with fewest differences and, among these, most identical records."""
    short, long = sorted((ours, theirs), key=len)
    best = {}
    for chosen in permutations(range(len(long)), len(short)):
        pairs = [(x, long[i]) for x, i in zip(short, chosen, strict=True)]
        cost = sum(sum(a != b for a, b in zip(x, y, strict=True)) for x, y in pairs)
        same = sum(x == y for x, y in pairs)
        best.setdefault((cost, -same), set()).add(tuple(sorted(pairs)))
    _, found = paired(ours, theirs)
    assert bool(len(found.pairs.ambiguous)) == (len(best[min(best)]) > 1)


def test_a_large_group_is_paired_step_by_step_and_that_is_told(monkeypatch):
    monkeypatch.setattr(assignment, "LARGEST", 3)
    ours = [(i, i, 0) for i in range(6)]
    theirs = [(i, i, 1) for i in reversed(range(6))]  # one variable differs in every record
    pairs, found = paired(ours, theirs)
    assert pairs == [(i, 5 - i) for i in range(6)]
    assert found.unequal == 6
    assert len(found.pairs.unproven) == 6


def test_groups_beyond_the_budget_of_all_are_paired_step_by_step(monkeypatch):
    monkeypatch.setattr(assignment, "ALL", 3)
    pairs, found = paired([(1, 1, 1), (5, 5, 5)], [(5, 5, 6), (1, 2, 1)])
    assert pairs == [(0, 1), (1, 0)]
    assert len(found.pairs.unproven) == 2
