"""Levels that stand in several places of the specs, say a dose: a place that was forgotten is told before any data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from datacut.errors import Finding, Severity, nearest
from datacut.spec.document import Loc
from datacut.spec.load import Specs
from datacut.spec.study import CodelistSpec

RULE = "spec.level"


def check_levels(specs: Specs) -> Iterator[Finding]:
    """Terms without a number of the setting, pairs of terms without an arm, and groupings without a level."""
    for name, codelist in specs.codelists.items():
        yield from _numbers(specs, name, codelist)
        yield from _joins(specs, name, codelist)
    for name, grouping in specs.study.groupings.items():
        if grouping.codelist is not None:
            values = [level.value for level in grouping.levels]
            yield from _grouping(specs, name, grouping.codelist, values)


def _numbers(specs: Specs, name: str, codelist: CodelistSpec) -> Iterator[Finding]:
    if codelist.numbers is None:
        return
    where = specs.where("codelists", ("codelists", name, "numbers"))
    if codelist.numbers not in specs.study.settings:
        remedy = nearest(codelist.numbers, specs.study.settings)
        yield Finding(Severity.ERROR, RULE, where, "no such setting", codelist.numbers, remedy)
        return
    numbers = _setting(specs, codelist.numbers)
    terms = [term.value for term in codelist.terms]
    wanted = [str(place) for place in range(1, len(numbers) + 1)]
    if terms != wanted:
        what = f"the setting {codelist.numbers} has {len(numbers)} numbers, and the terms are not 1 to {len(numbers)}"
        remedy = f"Give {name} one term for each number of {codelist.numbers}, or take the number away."
        yield Finding(Severity.ERROR, RULE, where, what, ", ".join(terms), remedy)


def _joins(specs: Specs, name: str, codelist: CodelistSpec) -> Iterator[Finding]:
    if codelist.joins is None:
        return
    where = specs.where("codelists", ("codelists", name, "joins"))
    absent = [part for part in codelist.joins if part not in specs.codelists]
    if absent:
        yield Finding(Severity.ERROR, RULE, where, "no such codelist", absent[0], nearest(absent[0], specs.codelists))
        return
    first, second = (specs.codelists[part].terms for part in codelist.joins)
    collected = {spelling for term in codelist.terms for spelling in term.collected}
    for pair in (f"{a.value}-{b.value}" for a in first for b in second):
        if pair not in collected:
            what = f"no term of {name} collects this pair of {' and '.join(codelist.joins)}"
            yield Finding(Severity.ERROR, RULE, where, what, pair, f"Add a term to {name} with collected: [{pair}].")


def _grouping(specs: Specs, name: str, codelist: str, levels: Sequence[str]) -> Iterator[Finding]:
    loc: Loc = ("groupings", name)
    where = specs.where("study", loc)
    if codelist not in specs.codelists:
        yield Finding(Severity.ERROR, RULE, where, "no such codelist", codelist, nearest(codelist, specs.codelists))
        return
    spec = specs.codelists[codelist]
    wanted = [term.decode for term in spec.terms]
    for value in [*(w for w in wanted if w not in levels), *(v for v in levels if v not in wanted)]:
        what = f"a level of grouping {name} or a term of codelist {codelist}, and not both"
        yield Finding(Severity.ERROR, RULE, where, what, value, f"Give both {name} and {codelist} the level.")
    numbers = _setting(specs, spec.numbers) if spec.numbers in specs.study.settings else []
    if set(wanted) == set(levels) and len(numbers) == len(wanted):
        ordered = [decode for _, decode in sorted(zip(map(float, numbers), wanted, strict=True))]
        if list(levels) != ordered:
            what = f"the levels of grouping {name} are not in order of the setting {spec.numbers}"
            yield Finding(Severity.ERROR, RULE, where, what, "; ".join(levels), f"Order them: {'; '.join(ordered)}.")


def _setting(specs: Specs, name: str | None) -> list[str]:
    value = specs.study.settings[str(name)].value
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]
