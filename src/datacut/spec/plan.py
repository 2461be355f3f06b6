"""The order of execution of one stage, computed from what each call reads and writes.

A stage is one graph over the steps of all its datasets (decision 0001):
records  the base rows of a dataset, with every variable a mapping verb makes
rows     one parameter (or other records verb) that adds rows
column   one call that adds columns to rows that exist

Within a dataset, columns that row steps need come first, then rows, then all other columns. A step that reads another
dataset of the stage waits for that dataset's rows and for the columns it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from datacut.errors import Finding, Severity, nearest
from datacut.spec.dataset import DatasetSpec, Records, VariableSpec
from datacut.spec.document import Loc
from datacut.spec.registry import BoundCall, Registry
from datacut.spec.tokens import GrammarError
from datacut.spec.where import Where, columns_of, settings_of

type StepKind = Literal["records", "column", "rows"]
type Locate = Callable[[Loc], str]


@dataclass(frozen=True)
class Mapped:
    """A variable made by a mapping verb inside a record block."""

    name: str
    call: BoundCall
    where: Where | None


@dataclass(frozen=True)
class Block:
    """One record block with its bound calls; `carried` are the source columns its dataset reads later."""

    records: Records
    mapped: tuple[Mapped, ...]
    carried: tuple[str, ...]
    loc: Loc


@dataclass(frozen=True)
class Step:
    """One unit of execution; reads holds (dataset, column), where column `*` means its rows.

    void: the call has a fault, which is a finding; the step writes missing values so that the rest can be built.
    """

    dataset: str
    kind: StepKind
    name: str
    reads: frozenset[tuple[str, str]]
    writes: tuple[str, ...]
    call: BoundCall | None = None
    predecessor: tuple[str, str] | None = None
    where: Where | None = None
    blocks: tuple[Block, ...] = ()
    early: bool = False
    void: bool = False


@dataclass(frozen=True)
class Plan:
    """Steps of a stage in execution order, all findings met while binding, and the parameters left out for them."""

    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    broken_parameters: frozenset[tuple[str, str]] = frozenset()


@dataclass
class Catalogue:
    """What can be read: columns of every source by name (`raw.ae`, `DM`, `study`); one_per_subject: mergeable by USUBJID."""

    columns: dict[str, tuple[str, ...]]
    settings: tuple[str, ...]
    one_per_subject: frozenset[str] = frozenset()
    earlier: frozenset[str] = frozenset()


def plan_stage(
    specs: Mapping[str, DatasetSpec],
    registry: Registry,
    catalogue: Catalogue,
    where: Mapping[str, Locate],
) -> Plan:
    """Bind every call of a stage and order its steps; `where` gives, per dataset, file:line of a place in its spec."""
    findings: list[Finding] = []
    steps: list[Step] = []
    broken: set[tuple[str, str]] = set()
    for name, spec in specs.items():
        binder = _Binder(spec, registry, catalogue, where[name], findings)
        steps += binder.steps()
        broken |= {(name, str(loc[1])) for loc in binder.broken if loc[0] == "parameters"}
    ordered = _order(steps, findings)
    return Plan(tuple(ordered), tuple(findings), frozenset(broken))


@dataclass
class _Binder:
    spec: DatasetSpec
    registry: Registry
    catalogue: Catalogue
    where: Locate
    findings: list[Finding]
    carried: dict[str, set[str]] = field(default_factory=dict)
    broken: set[Loc] = field(default_factory=set)

    def steps(self) -> list[Step]:
        spec = self.spec
        bases = [r.source for r in spec.records]
        for number, records in enumerate(spec.records):
            if records.source not in self.catalogue.columns:
                self._fault(("records", number, "from"), "no such source", records.source, self.catalogue.columns)
        columns: list[Step] = []
        mapping: list[tuple[str, VariableSpec, BoundCall]] = []
        for name, variable in spec.variables.items():
            loc: Loc = ("variables", name)
            if variable.predecessor is not None:
                step = self._predecessor(name, variable.predecessor, variable.where, bases, loc)
                if step is not None:
                    columns.append(step)
            elif variable.derive is not None:
                bound = self._bind(variable, ("mapping", "column"), name, loc)
                if bound is None:
                    continue
                if bound.verb.kind == "mapping":
                    mapping.append((name, variable, bound))
                else:
                    columns.append(self._column(name, variable, bound))
            elif variable.made_by is not None:
                self._made_by(name, variable.made_by, loc)
        for qnam, item in spec.supplemental.items():
            variable = VariableSpec(derive=item.derive, codelist=item.codelist)
            bound = self._bind(variable, ("mapping", "column"), qnam, ("supplemental", qnam))
            if bound is None:
                continue
            if bound.verb.kind == "mapping":
                mapping.append((qnam, variable, bound))
            else:
                columns.append(self._column(qnam, variable, bound))
        rows = [s for n, p in spec.parameters.items() if p.derive for s in self._rows(n)]
        self._check_parameters()
        blocks = tuple(self._block(i, r, mapping) for i, r in enumerate(spec.records))
        steps = [*columns, *rows]
        self._check_reads(blocks, steps)
        steps = [replace(s, void=True) if self._is_broken(s) else s for s in steps if not self._is_dropped(s)]
        blocks = self._carry(tuple(b for b in blocks if b.loc not in self.broken), steps)
        mapped = {m.name for b in blocks for m in b.mapped}
        labels = ("PARAMCD", "PARAM", "PARAMN", "PARCAT1") if spec.parameters else ()
        base = Step(
            spec.dataset,
            "records",
            "records",
            self._base_reads(blocks),
            tuple(sorted(mapped | set(labels))),
            blocks=blocks,
        )
        made = mapped | {w for s in steps for w in s.writes} | {c for b in blocks for c in b.carried} | set(labels)
        voids = [
            Step(spec.dataset, "column", name, frozenset(), (name,), void=True)
            for name in (*spec.variables, *spec.supplemental)
            if name not in made
        ]
        return _mark_early([base, *voids, *steps])

    def _is_broken(self, step: Step) -> bool:
        return step.kind == "column" and any((k, step.name) in self.broken for k in ("variables", "supplemental"))

    def _is_dropped(self, step: Step) -> bool:
        return step.kind == "rows" and ("parameters", step.name) in self.broken

    # -- binding ---------------------------------------------------------------------------------------------

    def _bind(
        self,
        variable: VariableSpec,
        kinds: tuple[Literal["mapping", "column", "records"], ...],
        new: str,
        loc: Loc,
    ) -> BoundCall | None:
        call = variable.derive
        if call is None:
            return None
        try:
            bound = self.registry.bind(call, kinds, new)
        except GrammarError as fault:
            self.broken.add(loc)
            self.findings.append(
                Finding(
                    Severity.ERROR,
                    "spec.call",
                    self.where(loc),
                    str(fault),
                    str(call),
                    "Mend the call.",
                )
            )
            return None
        self._settings((*bound.settings, *(settings_of(variable.where) if variable.where else ())), loc)
        if bound.source is not None:
            self._source(bound.source, bound.source_reads, loc)
        return bound

    def _settings(self, names: Iterable[str], loc: Loc) -> None:
        for name in names:
            if name not in self.catalogue.settings:
                self._fault(loc, "no such setting", f"${name}", self.catalogue.settings, name)

    def _source(self, source: str, reads: Iterable[str], loc: Loc) -> None:
        if source not in self.catalogue.columns:
            self._fault(loc, "no such source", source, self.catalogue.columns)
            return
        known = self.catalogue.columns[source]
        for column in reads:
            if column not in known:
                self._fault(loc, f"{source} has no column", column, known)

    def _check_parameters(self) -> None:
        known = {c for r in self.spec.records for c in self.catalogue.columns.get(r.source, ())}
        for name, parameter in self.spec.parameters.items():
            loc: Loc = ("parameters", name)
            if parameter.where is not None:
                self._settings(settings_of(parameter.where), loc)
                for column in columns_of(parameter.where):
                    if column not in known:
                        self._fault(loc, "the base records have no column", column, known)
            if parameter.made_by is not None and parameter.made_by not in self.spec.parameters:
                self._fault(loc, "made by a parameter that is not here", parameter.made_by, self.spec.parameters)

    def _predecessor(
        self, name: str, predecessor: str, condition: Where | None, bases: list[str], loc: Loc
    ) -> Step | None:
        dataset, _, column = predecessor.partition(".")
        known = self.catalogue.columns.get(dataset)
        if known is None:
            self._fault(loc, "no such dataset", dataset, self.catalogue.columns)
            return None
        if column not in known and not dataset.startswith("SUPP"):
            self._fault(loc, f"{dataset} has no variable", column, known)
            return None
        reads: set[tuple[str, str]] = set()
        if dataset in bases:
            if column != name:
                reads.add((self.spec.dataset, column))
            self.carried.setdefault(dataset, set()).add(column)
        elif dataset.startswith("SUPP") and dataset[4:] in bases:
            self.carried.setdefault(dataset[4:], set()).add(f"{dataset[4:]}SEQ")
        elif dataset in self.catalogue.one_per_subject:
            reads |= {(dataset, "*"), (dataset, column), (self.spec.dataset, "USUBJID")}
        else:
            remedy = "Merge it with derive_vars_merged, which says by what."
            self.findings.append(
                Finding(
                    Severity.ERROR,
                    "spec.predecessor",
                    self.where(loc),
                    f"{dataset} is neither a base dataset nor one record per subject",
                    predecessor,
                    remedy,
                )
            )
            return None
        reads |= {(self.spec.dataset, c) for c in (columns_of(condition) if condition else ())}
        return Step(
            self.spec.dataset,
            "column",
            name,
            frozenset(reads),
            (name,),
            predecessor=(dataset, column),
            where=condition,
        )

    def _column(self, name: str, variable: VariableSpec, bound: BoundCall) -> Step:
        reads = {(self.spec.dataset, c) for c in bound.reads}
        if variable.where is not None:
            reads |= {(self.spec.dataset, c) for c in columns_of(variable.where)}
        return Step(
            self.spec.dataset,
            "column",
            name,
            frozenset(reads | self._source_reads(bound)),
            bound.writes,
            call=bound,
            where=variable.where,
        )

    def _rows(self, name: str) -> list[Step]:
        parameter = self.spec.parameters[name]
        bound = self._bind(VariableSpec(derive=parameter.derive), ("records",), name, ("parameters", name))
        if bound is None:
            return []
        reads = {(self.spec.dataset, c) for c in bound.reads} | self._source_reads(bound)
        return [Step(self.spec.dataset, "rows", name, frozenset(reads), (), call=bound)]

    def _source_reads(self, bound: BoundCall) -> set[tuple[str, str]]:
        if bound.source is None:
            return set()
        rows = {(bound.source, "*")} if bound.source != self.spec.dataset else set()
        return rows | {(bound.source, c) for c in bound.source_reads}

    def _made_by(self, name: str, maker: str, loc: Loc) -> None:
        if maker not in self.spec.variables:
            self._fault(loc, "made by a variable that is not here", maker, self.spec.variables)

    def _block(self, number: int, records: Records, shared: list[tuple[str, VariableSpec, BoundCall]]) -> Block:
        own: list[Mapped] = []
        for name, variable in records.set.items():
            loc: Loc = ("records", number, "set", name)
            bound = self._bind(variable, ("mapping",), name, loc) if variable.derive else None
            if bound is not None:
                own.append(Mapped(name, bound, variable.where))
        names = {m.name for m in own}
        mapped = own + [Mapped(n, b, v.where) for n, v, b in shared if n not in names]
        known = set(self.catalogue.columns.get(records.source, ()))
        for item in mapped:
            wanted = set(item.call.reads) | (set(columns_of(item.where)) if item.where else set())
            kind = "variables" if item.name in self.spec.variables else "supplemental"
            loc = ("records", number, "set", item.name) if item.name in names else (kind, item.name)
            for column in sorted(wanted - known):
                self._fault(loc, f"{records.source} has no column", column, known)
        conditions = [w for w in (records.where, *(e.where for e in records.exclude)) if w is not None]
        for condition in conditions:
            self._settings(settings_of(condition), ("records", number))
            for column in columns_of(condition):
                if column not in known:
                    self._fault(("records", number), f"{records.source} has no column", column, known)
        whole = [
            m
            for m in mapped
            if not {("records", number, "set", m.name), ("variables", m.name), ("supplemental", m.name)} & self.broken
        ]
        return Block(records, tuple(whole), (), ("records", number))

    # -- what a block must carry, and what nothing provides ---------------------------------------------------

    def _carry(self, blocks: tuple[Block, ...], steps: list[Step]) -> tuple[Block, ...]:
        wanted = {c for s in steps for d, c in s.reads if d == self.spec.dataset}
        wanted |= {c for s in steps if s.call for c in s.call.reads}
        for parameter in self.spec.parameters.values():
            wanted |= set(columns_of(parameter.where)) if parameter.where else set()
        wanted |= set(self.spec.keys)
        out = []
        for block in blocks:
            source = block.records.source
            if source.startswith("raw.") or source not in self.catalogue.columns:
                out.append(block)
                continue
            known = self.catalogue.columns[source]
            mapped = {m.name for m in block.mapped}
            carried = (wanted | self.carried.get(source, set())) & set(known) - mapped
            out.append(Block(block.records, block.mapped, tuple(sorted(carried)), block.loc))
        return tuple(out)

    def _base_reads(self, blocks: tuple[Block, ...]) -> frozenset[tuple[str, str]]:
        reads: set[tuple[str, str]] = set()
        for block in blocks:
            source = block.records.source
            reads.add((source, "*"))
            conditions = [w for w in (block.records.where, *(e.where for e in block.records.exclude)) if w]
            used = {c for w in conditions for c in columns_of(w)} | set(block.carried)
            for item in block.mapped:
                used |= set(item.call.reads) | (set(columns_of(item.where)) if item.where else set())
                reads |= self._source_reads(item.call)
            reads |= {(source, c) for c in used}
        return frozenset(reads)

    def _check_reads(self, blocks: tuple[Block, ...], steps: list[Step]) -> None:
        spec = self.spec
        base = {c for r in spec.records for c in self.catalogue.columns.get(r.source, ()) if "." not in r.source}
        mapped = {m.name for b in blocks for m in b.mapped} | {n for r in spec.records for n in r.set}
        available = mapped | base | set(spec.variables) | set(spec.supplemental)
        available |= {w for s in steps for w in s.writes} | {"PARAMCD", "PARAM", "PARAMN", "PARCAT1"}
        makers: dict[str, str] = {}
        for step in steps:
            loc: Loc = ("parameters" if step.kind == "rows" else "variables", step.name)
            for dataset, column in sorted(step.reads):
                if dataset == spec.dataset and column not in available:
                    self._fault(loc, f"{spec.dataset} has no column", column, available)
            for column in step.writes if step.kind == "column" else ():
                if column in makers:
                    self._fault(loc, f"already written by {makers[column]}", column, ())
                makers[column] = step.name
        labels = {"PARAMCD", "PARAM", "PARAMN", "PARCAT1"} if spec.parameters else set()
        for name, variable in spec.variables.items():
            if variable.made_by is not None and variable.made_by in spec.variables and name not in makers:
                self._fault(("variables", name), f"{variable.made_by} does not write it", name, makers)
            nothing = variable.derive is None and variable.predecessor is None and variable.made_by is None
            in_rows = any(p.derive for p in spec.parameters.values())
            if nothing and name not in mapped | labels | set(makers) and not in_rows:
                self._fault(("variables", name), "nothing makes this variable", name, ())

    def _fault(self, loc: Loc, what: str, value: str, known: Iterable[str], word: str | None = None) -> None:
        self.broken.add(loc)
        remedy = nearest(word or value, known) if known else "Remove it, or say how it is made."
        self.findings.append(Finding(Severity.ERROR, "spec.name", self.where(loc), what, value, remedy))


def _mark_early(steps: list[Step]) -> list[Step]:
    """Columns that row steps need, directly or not, are early: they come before the rows."""
    makers = {w: s for s in steps for w in s.writes if s.kind == "column"}
    early: set[str] = set()
    todo = [c for s in steps if s.kind == "rows" for d, c in s.reads if d == s.dataset]
    while todo:
        column = todo.pop()
        step = makers.get(column)
        if step is None or step.name in early:
            continue
        early.add(step.name)
        todo += [c for d, c in step.reads if d == step.dataset]
    return [Step(**{**vars(s), "early": True}) if s.kind == "column" and s.name in early else s for s in steps]


def _order(steps: list[Step], findings: list[Finding]) -> list[Step]:
    number = {id(s): i for i, s in enumerate(steps)}
    by_dataset: dict[str, list[Step]] = {}
    for step in steps:
        by_dataset.setdefault(step.dataset, []).append(step)
    rows_done: dict[str, list[int]] = {}
    makers: dict[tuple[str, str], list[int]] = {}
    for dataset, own in by_dataset.items():
        rows_done[dataset] = [number[id(s)] for s in own if s.kind in ("records", "rows")]
        for step in own:
            for column in step.writes:
                makers.setdefault((dataset, column), []).append(number[id(step)])
    graph: dict[int, set[int]] = {}
    for step in steps:
        me = number[id(step)]
        needs: set[int] = set()
        own = by_dataset[step.dataset]
        if step.kind != "records":
            needs |= {number[id(s)] for s in own if s.kind == "records"}
        if step.kind == "rows":
            earlier = [number[id(s)] for s in own if s.kind == "rows" and number[id(s)] < me]
            needs |= set(earlier) | {number[id(s)] for s in own if s.early}
        if step.kind == "column" and not step.early:
            needs |= set(rows_done[step.dataset])
        for dataset, column in step.reads:
            if column == "*":
                needs |= set(rows_done.get(dataset, ())) if dataset != step.dataset else set()
            else:
                needs |= set(makers.get((dataset, column), ()))
        graph[me] = needs - {me}
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as fault:
        circle = [steps[i] for i in fault.args[1]]
        named = " needs ".join(f"{s.dataset}.{s.name}" for s in reversed(circle))
        findings.append(
            Finding(
                Severity.ERROR,
                "spec.circle",
                circle[0].dataset,
                "these need each other",
                named,
                "Break the circle.",
            )
        )
        return []
    ordered: list[Step] = []
    while sorter.is_active():
        # file order among the steps that are ready, so that the order is the same on every run
        for index in sorted(sorter.get_ready()):
            ordered.append(steps[index])
            sorter.done(index)
    return ordered
