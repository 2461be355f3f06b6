"""The order of execution of one stage, computed from what each call reads and writes.

Within a dataset, columns that row steps need come first, then rows, then all other columns. A step that reads another
dataset of the stage waits for that dataset's rows and for the columns it reads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from datacut.errors import Finding, Severity
from datacut.spec.bind import Bound, bind_dataset
from datacut.spec.dataset import DatasetSpec
from datacut.spec.document import Loc
from datacut.spec.faults import Failure, Faults
from datacut.spec.missing import Missing
from datacut.spec.plan import Catalogue, Locate, Place, Plan, Step
from datacut.spec.registry import Registry

SHOWN = 5
"""Variables named in a finding before it says how many more there are."""


@dataclass(frozen=True)
class StageSpecs:
    """The datasets of one stage, what they can read, and by dataset who gives file:line of a place in its spec."""

    specs: Mapping[str, DatasetSpec]
    catalogue: Catalogue
    where: Mapping[str, Locate]


def plan_stages(
    stages: Sequence[StageSpecs], registry: Registry, failures: Collection[Failure] = ()
) -> tuple[Plan, ...]:
    """Bind every call of each stage, in the order in which they run, and order its steps.

    What reads what is missing for a fault, in its own stage or a later one, is not made either (`spec.missing`), and
    the finding names it. failures: calls that a build could not make.
    """
    specs = {name: spec for stage in stages for name, spec in stage.specs.items()}
    settings = {name: value for stage in stages for name, value in stage.catalogue.settings.items()}
    bound: dict[str, Bound] = {}
    ordered: list[list[Step]] = []
    causes: list[list[tuple[Finding, list[Place]]]] = []
    for stage in stages:
        own = {
            n: bind_dataset(
                s, registry, stage.catalogue, Faults.of(stage.where[n], (f for f in failures if f.dataset == n))
            )
            for n, s in stage.specs.items()
        }
        bound |= own
        steps, circles = _ordered([_waiting(s, stage.catalogue) for b in own.values() for s in _mark_early(b.steps)])
        ordered.append(steps)
        causes.append(
            [(_left_out(f, at), _lost(specs[n], at, b.steps)) for n, b in own.items() for f, at in b.faults.items()]
            + [(_circle(c, stage.where), [(s.dataset, w) for s in c for w in s.writes or (s.name,)]) for c in circles]
        )
    missing = Missing(specs, settings, [step for steps in ordered for step in steps])
    broken = {(n, p) for n, b in bound.items() for p in b.broken_parameters}
    unread = ((s.dataset, w) for s in missing.steps if s.void and (s.call or s.predecessor) for w in s.writes)
    lost = missing.with_readers([*(place for found in causes for _, lost in found for place in lost), *broken, *unread])
    return tuple(
        Plan(
            tuple(missing.left_of(steps, lost)),
            tuple(_told(finding, seeds, missing.with_readers(seeds), specs) for finding, seeds in found),
            frozenset(p for n in stage.specs for p in missing.parameters(n, lost)),
            frozenset(lost),
        )
        for stage, steps, found in zip(stages, ordered, causes, strict=True)
    )


# -- order ---------------------------------------------------------------------------------------------------


def _mark_early(steps: Iterable[Step]) -> list[Step]:
    """Columns that row steps need, directly or not, are early: they come before the rows."""
    steps = list(steps)
    makers = {w: s for s in steps for w in s.writes if s.kind == "column"}
    early: set[str] = set()
    todo = [c for s in steps if s.kind == "rows" for d, c in s.reads if d == s.dataset]
    while todo:
        step = makers.get(todo.pop())
        if step is None or step.name in early:
            continue
        early.add(step.name)
        todo += [c for d, c in step.reads if d == step.dataset]
    return [replace(s, early=True) if s.kind == "column" and s.name in early else s for s in steps]


def _waiting(step: Step, catalogue: Catalogue) -> Step:
    """A step of records that comes after the records of other datasets, whatever it reads."""
    first = catalogue.waits.get(step.dataset, ()) if step.kind == "records" else ()
    return replace(step, reads=step.reads | {(name, "*") for name in first}) if first else step


def _ordered(steps: list[Step]) -> tuple[list[Step], list[list[Step]]]:
    """Steps in execution order, and the circles among them; what stands on a circle is made void."""
    circles: list[list[Step]] = []
    while True:
        sorter = TopologicalSorter(_graph(steps))
        try:
            sorter.prepare()
            break
        except CycleError as fault:
            indices = fault.args[1][:0:-1]
            start = indices.index(min(indices))
            circle = [steps[i] for i in (*indices[start:], *indices[:start])]
            circles.append(circle)
            steps = list(_without(steps, circle))
    ordered: list[Step] = []
    while sorter.is_active():
        # file order among the steps that are ready, so that the order is the same on every run
        for index in sorted(sorter.get_ready()):
            ordered.append(steps[index])
            sorter.done(index)
    return ordered, circles


def _graph(steps: list[Step]) -> dict[int, set[int]]:
    """For each step, by its place in the list, the steps it waits for."""
    base: dict[str, set[int]] = {}
    rows: dict[str, set[int]] = {}
    early: dict[str, set[int]] = {}
    makers: dict[Place, set[int]] = {}
    for index, step in enumerate(steps):
        group = base if step.kind == "records" else rows if step.kind == "rows" else early if step.early else {}
        group.setdefault(step.dataset, set()).add(index)
        for column in step.writes:
            makers.setdefault((step.dataset, column), set()).add(index)
    graph: dict[int, set[int]] = {}
    for index, step in enumerate(steps):
        own = step.dataset
        needs: set[int] = set()
        if step.kind != "records":
            needs |= base.get(own, set())
        if step.kind == "rows":
            needs |= early.get(own, set()) | {i for i in rows[own] if i < index}
        if step.kind == "column" and not step.early:
            needs |= rows.get(own, set())
        for dataset, column in step.reads:
            if column != "*":
                needs |= makers.get((dataset, column), set())
            elif dataset != own:
                needs |= base.get(dataset, set()) | rows.get(dataset, set())
        graph[index] = needs - {index}
    return graph


def _without(steps: list[Step], circle: list[Step]) -> Iterator[Step]:
    """The steps with the circle cut: its columns void, else its row steps gone, else its datasets empty."""
    columns = [s for s in circle if s.kind == "column" and s.reads]
    rows = [s for s in circle if s.kind == "rows"]
    cut = {id(s) for s in columns or rows}
    emptied = set() if cut else {s.dataset for s in circle}
    for step in steps:
        if id(step) not in cut and step.dataset not in emptied:
            yield step
        elif step.kind == "records":
            yield replace(step, blocks=(), reads=frozenset())
        elif step.kind == "column":
            yield step.as_void()


def _circle(circle: list[Step], where: Mapping[str, Locate]) -> Finding:
    first = next((s for s in circle if s.kind == "column"), circle[0])
    names = [f"{s.dataset}.{s.name}" for s in circle]
    value = " needs ".join([*names, names[0]])
    place = where[first.dataset](first.loc)
    return Finding(Severity.ERROR, "spec.circle", place, "these need each other", value, "Break the circle.")


# -- what is missing for a fault -----------------------------------------------------------------------------


def _lost(spec: DatasetSpec, locs: Iterable[Loc], steps: Sequence[Step]) -> list[Place]:
    """What is not made at the places of a fault: a variable and those its call writes too, or a parameter.

    Records that one block of several would have made are left out, and the finding says so; with the last block all
    records of the dataset are missing.
    """
    lost: list[str] = []
    for loc in locs:
        if loc[0] == "records" and len(loc) == 2:
            lost += ["*"] if not any(s.blocks for s in steps) else []
            continue
        lost.append(str(loc[-1]))
        made = spec.variables if loc[0] == "variables" else spec.parameters if loc[0] == "parameters" else {}
        lost += [n for n, v in made.items() if v.made_by == loc[-1]]
        lost += [w for s in steps if s.loc == loc for w in s.writes]
    return [(spec.dataset, n) for n in dict.fromkeys(lost)]


def _left_out(finding: Finding, locs: Iterable[Loc]) -> Finding:
    """The finding, where it is of a whole block of records with what that means for them."""
    whole = any(loc[0] == "records" and len(loc) == 2 for loc in locs)
    return replace(finding, what=f"{finding.what}; its records are left out") if whole else finding


def _told(
    finding: Finding, seeds: Collection[Place], missing: Collection[Place], specs: Mapping[str, DatasetSpec]
) -> Finding:
    """The finding with what is missing for it; a dataset without records is named once, and not if it has said so."""
    empty = {d for d, c in missing if c == "*"}
    names = [d for d, c in missing if c == "*" and (d, c) not in seeds]
    names += [f"{d}.{c}" for d, c in missing if d not in empty and _is_kept(specs[d], c)]
    if not names:
        return finding
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return replace(finding, what=f"{finding.what}; missing for it: {', '.join(names[:SHOWN])}{more}")


def _is_kept(spec: DatasetSpec, name: str) -> bool:
    kept = name in spec.variables or name in spec.supplemental or name in spec.parameters
    return kept and not name.startswith("_")
