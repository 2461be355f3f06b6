"""Results made again from the records that trace names: XPT files, numpy and scipy, nothing of the product.

A sample of them here, more by hand (`make traced`): DATACUT_TRACED results of each method and statistic of each output,
of the cut DATACUT_TRACED_CUT.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from math import floor, log10
from pathlib import Path

import pandas as pd
import pytest
from tests.e2e.recompute import EACH, RECOMPUTE, Asked, recompute, spread

from datacut.datasets.ard import LABEL
from datacut.history.cells import Page, Result
from datacut.history.stored import Stored
from datacut.history.tree import Node

CUT = int(os.environ.get("DATACUT_TRACED_CUT", "2"))
LEAST = 1e-70
"""pandas reads the zero of a transport file as 5e-79."""
NEAR = {"rel": 1e-9, "abs": 1e-9}


@pytest.fixture(scope="module")
def stored(base):
    return Stored(base.cut(CUT).home.resolve(), base.root)


@cache
def transport(home: Path, dataset: str) -> pd.DataFrame:
    frame = pd.read_sas(home / "adam" / f"{dataset.lower()}.xpt", format="xport", encoding="utf-8")
    numbers = frame.select_dtypes("number")
    return frame.assign(**numbers.mask(numbers.abs() < LEAST, 0.0))


def records(home: Path, dataset: str, numbers: Sequence[int], variable: str | None) -> pd.DataFrame:
    """Records of a dataset by number; a variable of the subject comes from ADSL."""
    frame = transport(home, dataset).iloc[[n - 1 for n in numbers]]
    if variable is None or variable in frame.columns:
        return frame
    people = transport(home, "ADSL").set_index("USUBJID")
    return frame.assign(**{variable: frame["USUBJID"].map(people[variable])})


def asked_of(page: Page) -> Iterator[Result]:
    """Of each method and statistic so many results; of zeros, and of those without a value, a tenth of these at most,
    or one where there is nothing else.
    """
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in page.results:
        groups.setdefault((result.method, result.stat_name), []).append(result)
    for results in groups.values():
        some = spread([r for r in results if r.stat], EACH)
        yield from some
        for others in ([r for r in results if r.stat == 0], [r for r in results if r.stat is None]):
            yield from spread(others, max(len(some) // 10, 0 if some else 1))


def told(page: Page, node: Node, result: Result) -> Asked:
    """A result as trace answers it, with the records it names."""
    home, facts = page.stored.home, node.facts
    of = next((n.facts for n in node.below if n.kind == "denominator"), None)
    whole = None
    if of is not None:
        exposure = re.search(r"exposure=(\w+)", facts["call"])
        whole = records(home, of["dataset"], of["records"], exposure[1] if exposure else None)
    return Asked(
        method=facts["method"],
        stat=result.stat_name,
        call=facts["call"],
        settings=page.stored.settings,
        variable=facts["variable"],
        level=result.variable_level,
        label=page.rows.get(result.row, ("",))[-1],
        frame=records(home, facts["dataset"], facts["records"], facts["variable"]),
        whole=whole,
    )


@cache
def page_of(stored: Stored, output: str) -> Page:
    return Page(stored, output)


def test_every_statistic_of_every_output_is_one_that_is_recomputed(stored):
    told = {(r.method, r.stat_name) for name in stored.study["outputs"] for r in page_of(stored, name).results}
    known = {(method, stat) for method, stats in RECOMPUTE.items() for stat in stats}
    assert told - known == set()
    assert len(told) > 80


def test_results_are_those_of_the_records_named(stored):
    met: Counter[tuple[str, str]] = Counter()
    wrong = []
    for output in stored.study["outputs"]:
        page = page_of(stored, output)
        for result in asked_of(page):
            met[result.method, result.stat_name] += 1
            made = recompute(told(page, page.answer(result), result))
            if made != (None if result.stat is None else pytest.approx(result.stat, **NEAR)):
                wrong.append((output, result.row, result.column, result.method, result.stat_name, result.stat, made))
    assert wrong == []
    assert min(met.values()) >= 1
    assert len(met) > 80


def test_who_is_absent_is_who_of_the_denominator_is_not_found(stored):
    asked = 0
    for output in stored.study["outputs"]:
        page = page_of(stored, output)
        for result in spread([r for r in page.results if r.method == "ard_count_without" and r.stat_name == "m"], EACH):
            node = page.answer(result)
            absence = next(n.facts for n in node.below if n.kind == "absence")
            of = next(n.facts for n in node.below if n.kind == "denominator")
            home, looked = stored.home, absence["dataset"]
            there = set(transport(home, looked)["USUBJID"].iloc[[n - 1 for n in absence["records"]]])
            absent = set(transport(home, "ADSL")["USUBJID"].iloc[[n - 1 for n in node.facts["records"]]])
            every = set(transport(home, "ADSL")["USUBJID"].iloc[[n - 1 for n in of["records"]]])
            assert absence["candidates"] == len(transport(home, looked))
            assert absent == every - there, (output, result)
            asked += 1
    assert asked > 10


_SHAPE = re.compile(r"xx(?:\.x+)?(%?)|x \(s(\d+)\)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def half_of_last(text: str, significant: int | None, stat: float) -> float:
    """Half of the last digit that is shown."""
    if significant is None:
        return 0.5 * 10.0 ** -len(text.partition(".")[2])
    return 0.5 * 10.0 ** (floor(log10(abs(stat))) - significant + 1) if stat else 0.0


def test_a_printed_number_is_its_statistic_rounded_as_its_pattern_says(stored):
    """Of all results: so many decimals as the pattern has, and within half of the last digit."""
    ard = pd.read_parquet(stored.home / "ard.parquet")
    ard = ard[ard["method"].ne(LABEL) & ard["stat"].notna() & ard["pattern"].notna()]
    shown = 0
    for text, pattern, stat, output in ard[["formatted", "pattern", "stat", "output"]].itertuples(index=False):
        shape = _SHAPE.search(pattern)
        assert shape is not None, (output, pattern)
        before = pattern[: shape.start()]
        found = _NUMBER.match(text.removeprefix(before).removeprefix(">=")) if text.startswith(before) else None
        if found is None:
            # nothing, the dash of a column of nobody, or what the pattern has in place of a zero
            assert not _NUMBER.search(text) or stat == 0, (output, text, pattern, stat)
            continue
        significant = int(shape[2]) if shape[2] else None
        if significant is None and found[0] != "100":
            decimals = shape[0].rstrip("%").partition(".")[2]
            assert len(found[0].partition(".")[2]) == len(decimals), (output, text, pattern)
        assert abs(float(found[0]) - stat) <= half_of_last(found[0], significant, stat) + 1e-9 * max(1, abs(stat)), (
            output,
            text,
            stat,
        )
        shown += 1
    assert shown > 10_000
