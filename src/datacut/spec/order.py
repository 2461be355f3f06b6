"""The order of execution of one stage, computed from what each call reads and writes.

Within a dataset, columns that row steps need come first, then rows, then all other columns. A step that reads another
dataset of the stage waits for that dataset's rows and for the columns it reads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from datacut.errors import Finding, Severity
from datacut.spec.bind import bind_dataset
from datacut.spec.dataset import DatasetSpec
from datacut.spec.document import Loc
from datacut.spec.faults import Failure
from datacut.spec.plan import Catalogue, Locate, Place, Plan, Step
from datacut.spec.registry import Registry

SHOWN = 5
"""Variables named in a finding before it says how many more there are."""


def plan_stage(
    specs: Mapping[str, DatasetSpec],
    registry: Registry,
    catalogue: Catalogue,
    where: Mapping[str, Locate],
    failures: Collection[Failure] = (),
) -> Plan:
    """Bind every call of a stage and order its steps; `where` gives, per dataset, file:line of a place in its spec.

    A finding names the variables of the stage that are missing for it; failures: calls that a build could not make.
    """
    bound = {
        n: bind_dataset(s, registry, catalogue, where[n], [f for f in failures if f.dataset == n])
        for n, s in specs.items()
    }
    steps, circles = _ordered([_waiting(s, catalogue) for b in bound.values() for s in _mark_early(b.steps)])
    findings = [
        _told(f, _lost(specs[n], locs, b.steps), steps, specs) for n, b in bound.items() for f, locs in b.faults.items()
    ]
    findings += [
        _told(_circle(c, where), [(s.dataset, w) for s in c for w in s.writes or (s.name,)], steps, specs)
        for c in circles
    ]
    broken = {(n, p) for n, b in bound.items() for p in b.broken_parameters}
    return Plan(tuple(_without_readers(steps)), tuple(findings), frozenset(broken))


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


def _without_readers(steps: list[Step]) -> Iterator[Step]:
    """The steps, those void or gone that read a void working column: it has no type, so no verb can work on it."""
    lost: set[Place] = set()
    for step in steps:
        if not step.void and step.reads & lost and step.kind != "records":
            if step.kind == "rows":
                continue
            step = step.as_void()
        if step.void:
            lost |= {(step.dataset, c) for c in step.writes if c.startswith("_")}
        yield step


def _circle(circle: list[Step], where: Mapping[str, Locate]) -> Finding:
    first = next((s for s in circle if s.kind == "column"), circle[0])
    names = [f"{s.dataset}.{s.name}" for s in circle]
    value = " needs ".join([*names, names[0]])
    place = where[first.dataset](first.loc)
    return Finding(Severity.ERROR, "spec.circle", place, "these need each other", value, "Break the circle.")


# -- what is missing for a fault -----------------------------------------------------------------------------


def _lost(spec: DatasetSpec, locs: Iterable[Loc], steps: Iterable[Step]) -> list[Place]:
    """What is not made at the places of a fault: a variable and those its call writes too, or a parameter."""
    lost: list[str] = []
    for loc in locs:
        if loc[0] == "records" and len(loc) == 2:
            return [(spec.dataset, "*")]
        lost.append(str(loc[-1]))
        lost += [n for n, v in spec.variables.items() if v.made_by == loc[-1] and loc[0] == "variables"]
        lost += [w for s in steps if s.loc == loc for w in s.writes]
    return [(spec.dataset, n) for n in dict.fromkeys(lost)]


def _told(finding: Finding, lost: list[Place], steps: list[Step], specs: Mapping[str, DatasetSpec]) -> Finding:
    if any(column == "*" for _, column in lost):
        return replace(finding, what=f"{finding.what}; its records are left out")
    missing = dict.fromkeys(lost)
    for step in steps:
        missing.update(dict.fromkeys(_missing_in(step, missing)))
    kept = [f"{d}.{c}" for d, c in missing if not c.startswith("_") and _is_kept(specs[d], c)]
    if not kept:
        return finding
    more = f" and {len(kept) - SHOWN} more" if len(kept) > SHOWN else ""
    return replace(finding, what=f"{finding.what}; missing for it: {', '.join(kept[:SHOWN])}{more}")


def _missing_in(step: Step, missing: Mapping[Place, None]) -> Iterator[Place]:
    """What a step makes of what is missing; a parameter counts as a column of its name."""
    own = step.dataset
    for block in step.blocks:
        source = block.records.source
        lost = {c for d, c in missing if d == source}
        if block.call is not None:
            others = {(block.call.source, c) for c in block.call.source_reads}
            if lost & set(block.call.reads) or others & missing.keys():
                yield from ((own, c) for c in (*block.carried, *(m.name for m in block.mapped)))
            continue
        yield from ((own, c) for c in block.carried if c in lost)
        for item in block.mapped:
            other = {(item.call.source, c) for c in item.call.source_reads}
            if item.columns & lost or other & missing.keys():
                yield own, item.name
    if step.kind != "records" and step.reads & missing.keys():
        yield from ((own, w) for w in step.writes or (step.name,))


def _is_kept(spec: DatasetSpec, name: str) -> bool:
    return name in spec.variables or name in spec.supplemental or name in spec.parameters
