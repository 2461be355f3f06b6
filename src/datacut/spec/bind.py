"""One dataset spec to steps: every call bound, every name checked, everything that is read known.

A fault costs only what it breaks, a variable, a parameter or a record block, and is one finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from datacut.errors import Finding, nearest
from datacut.spec.bound import BoundCall, VerbKind
from datacut.spec.calls import names_in
from datacut.spec.conditions import Conditions
from datacut.spec.dataset import DatasetSpec, Records, VariableSpec
from datacut.spec.document import Loc
from datacut.spec.faults import Faults
from datacut.spec.plan import Block, Catalogue, Mapped, Place, Step
from datacut.spec.registry import Registry
from datacut.spec.tokens import GrammarError
from datacut.spec.where import Where, columns_of

LABELS = ("PARAMCD", "PARAM", "PARAMN", "PARCAT1")
"""Columns that the parameters of a dataset fill."""


@dataclass(frozen=True)
class Bound:
    """The steps of one dataset in file order, what is wrong with it, and its parameters that are left out.

    faults: each finding with the places of what is not made for it.
    """

    steps: tuple[Step, ...]
    faults: Mapping[Finding, tuple[Loc, ...]]
    broken_parameters: frozenset[str]


def bind_dataset(spec: DatasetSpec, registry: Registry, catalogue: Catalogue, faults: Faults) -> Bound:
    """Bind every call of one dataset; `faults`: what is known to be wrong with it, and what else is found."""
    return _Binder(spec, registry, catalogue, faults).bind()


@dataclass(frozen=True)
class _Shared:
    """A variable of the whole dataset that a mapping verb makes, in every block that does not make it itself."""

    loc: Loc
    mapped: Mapped


@dataclass
class _Binder:
    spec: DatasetSpec
    registry: Registry
    catalogue: Catalogue
    faults: Faults
    carried: dict[str, set[str]] = field(default_factory=dict)
    absent: dict[tuple[Loc, Loc, str], dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """Columns that blocks look for, by place and name, and the sources, with their columns, that lack them."""
    made: dict[int, BoundCall] = field(default_factory=dict)
    """Calls that make the records of a block, by its number."""
    unclear: set[str] = field(default_factory=set)
    """Names in calls that do not fit their verbs: what they would write is not known."""

    @cached_property
    def conditions(self) -> Conditions:
        return Conditions(self.spec, self.catalogue, self.faults)

    def bind(self) -> Bound:
        spec = self.spec
        columns, shared = self._variables()
        rows = [s for n in spec.parameters for s in self._rows(n)]
        found = [self._block(i, r, shared) for i, r in enumerate(spec.records)]
        self._tell_absent()
        self._check_parameters()
        self._check_reads([*columns, *rows])
        self._check_makers(columns, shared)
        steps = [s.as_void() if s.loc in self.faults.places else s for s in columns]
        steps += [s for s in rows if s.loc not in self.faults.places]
        blocks = self._carry([b for b in found if b is not None and b.loc not in self.faults.places], steps)
        based = {m.name for b in blocks for m in b.mapped} | {c for b in blocks for c in b.carried} | self._labels
        made = based | {w for s in steps for w in s.writes}
        blank = [
            Step(spec.dataset, "column", n, frozenset(), (n,), early=True, void=True, loc=loc)
            for loc, n in self._names()
            if n not in made
        ]
        steps = self._readable([*blank, *steps], based)
        mapped = {m.name for b in blocks for m in b.mapped}
        writes = tuple(sorted(mapped | self._labels))
        base = Step(
            spec.dataset, "records", "records", self._base_reads(blocks), writes, blocks=tuple(blocks), loc=("records",)
        )
        return Bound((base, *steps), self.faults.found, self._broken_parameters(based))

    @property
    def _labels(self) -> set[str]:
        return set(LABELS) if self.spec.parameters else set()

    def _names(self) -> list[tuple[Loc, str]]:
        """Every variable and supplemental qualifier with its place."""
        parts = {"variables": list(self.spec.variables), "supplemental": list(self.spec.supplemental)}
        return [((part, n), n) for part, names in parts.items() for n in names]

    def _own(self, reads: Iterable[Place]) -> set[str]:
        return {c for d, c in reads if d == self.spec.dataset}

    def _broken_parameters(self, based: set[str]) -> frozenset[str]:
        return frozenset(
            name
            for name, parameter in self.spec.parameters.items()
            if ("parameters", name) in self.faults.places
            or (parameter.where is not None and not set(columns_of(parameter.where)) <= based)
        )

    # -- binding ---------------------------------------------------------------------------------------------

    def _variables(self) -> tuple[list[Step], list[_Shared]]:
        columns: list[Step] = []
        shared: list[_Shared] = []
        items: list[tuple[Loc, VariableSpec]] = [(("variables", n), v) for n, v in self.spec.variables.items()]
        items += [(("supplemental", n), VariableSpec(derive=i.derive)) for n, i in self.spec.supplemental.items()]
        for loc, variable in items:
            name = str(loc[-1])
            if variable.predecessor is not None:
                columns += self._predecessor(name, variable.predecessor, variable.where, loc)
            elif variable.derive is not None:
                bound = self._bind(variable, ("mapping", "column"), name, loc)
                if bound is None:
                    continue
                if bound.kind == "column":
                    columns.append(self._column(name, variable, bound, loc))
                elif loc not in self.faults.places:
                    shared.append(_Shared(loc, Mapped(name, bound, variable.where, loc)))
            elif variable.made_by is not None and variable.made_by not in self.spec.variables:
                known = self.spec.variables
                self.faults.unknown(loc, ("made_by",), "made by a variable that is not here", variable.made_by, known)
        return columns, shared

    def _bind(self, variable: VariableSpec, kinds: tuple[VerbKind, ...], new: str | None, loc: Loc) -> BoundCall | None:
        """The bound call; None without one, or if it does not fit its verb. A name it has wrong is a fault of `loc`."""
        call = variable.derive
        if call is None:
            return None
        try:
            bound = self.registry.bind(call, kinds, new)
        except GrammarError as fault:
            self.faults.add("spec.call", loc, ("derive",), str(fault), str(call), "Mend the call.")
            self.unclear.update(names_in(call))
            return None
        self.conditions.arguments(bound, loc)
        if bound.source is not None:
            held = self.conditions.of_source(bound.source)
            self.conditions.check(bound.conditions("SourceCondition"), held, loc, ("derive",))
            self._source(bound.source, bound.source_reads, loc)
        self.faults.named(loc, ("derive",), "study.yml has no table", bound.tables, self.catalogue.tables)
        if self.spec.parameters and loc[0] != "records":
            what = f"{self.spec.dataset} has no parameter"
            self.faults.named(loc, ("derive",), what, bound.codes, self.spec.parameters)
        return bound

    def _source(self, source: str, reads: Iterable[str], loc: Loc) -> None:
        known = self.catalogue.columns.get(source)
        if known is None:
            self.faults.unknown(loc, ("derive",), "no such source", source, self.catalogue.columns)
            return
        self.faults.named(loc, ("derive",), f"{source} has no column", reads, known)

    def _predecessor(self, name: str, predecessor: str, condition: Where | None, loc: Loc) -> list[Step]:
        own = self.spec.dataset
        bases = {r.source for r in self.spec.records}
        dataset, _, column = predecessor.partition(".")
        known = self.catalogue.columns.get(dataset)
        if known is None or column not in known:
            what = "no such dataset" if known is None else f"{dataset} has no variable"
            self.faults.unknown(
                loc, ("predecessor",), what, column if known else dataset, known or self.catalogue.columns
            )
            return []
        self.conditions.check([condition], self.conditions.of_frame, loc, ("where",))
        reads: set[Place] = {(own, c) for c in (columns_of(condition) if condition else ())}
        if dataset in bases:
            reads.add((own, column))
            self.carried.setdefault(dataset, set()).add(column)
            if len(bases) > 1 and column != "USUBJID" and dataset in self.catalogue.one_per_subject:
                reads.add((own, "USUBJID"))
        elif dataset.startswith("SUPP") and dataset[4:] in bases:
            sequence = {f"{dataset[4:]}SEQ"} & set(self.catalogue.columns[dataset[4:]])
            reads |= {(own, "USUBJID"), *((own, c) for c in sequence)}
            self.carried.setdefault(dataset[4:], set()).update(sequence)
        elif dataset in self.catalogue.one_per_subject:
            reads |= {(dataset, "*"), (dataset, column), (own, "USUBJID")}
        else:
            what = f"{dataset} is neither a base dataset nor one record per subject"
            remedy = "Merge it with derive_vars_merged, which says by what."
            self.faults.add("spec.predecessor", loc, ("predecessor",), what, predecessor, remedy)
            return []
        return [Step(own, "column", name, frozenset(reads), (name,), None, (dataset, column), condition, loc=loc)]

    def _column(self, name: str, variable: VariableSpec, bound: BoundCall, loc: Loc) -> Step:
        columns = {*bound.reads, *(columns_of(variable.where) if variable.where else ())}
        held = self.conditions.of_frame
        self.conditions.check([variable.where], held, loc, ("where",))
        self.conditions.check(bound.conditions("Condition"), held, loc, ("derive",))
        reads = {(self.spec.dataset, c) for c in columns} | self._source_reads(bound)
        own = self.spec.dataset
        return Step(own, "column", name, frozenset(reads), bound.writes, bound, where=variable.where, loc=loc)

    def _rows(self, name: str) -> list[Step]:
        loc: Loc = ("parameters", name)
        bound = self._bind(VariableSpec(derive=self.spec.parameters[name].derive), ("records",), name, loc)
        if bound is None:
            return []
        self.conditions.check(bound.conditions("Condition"), self.conditions.of_frame, loc, ("derive",))
        reads = {(self.spec.dataset, c) for c in bound.reads} | self._source_reads(bound)
        return [Step(self.spec.dataset, "rows", name, frozenset(reads), (), call=bound, loc=loc)]

    def _source_reads(self, bound: BoundCall) -> set[Place]:
        if bound.source is None:
            return set()
        rows = {(bound.source, "*")} if bound.source != self.spec.dataset else set()
        return rows | {(bound.source, c) for c in bound.source_reads}

    # -- record blocks ---------------------------------------------------------------------------------------

    def _block(self, number: int, records: Records, shared: list[_Shared]) -> Block | None:
        """The block as far as it can be made; None if its source is not there."""
        here: Loc = ("records", number)
        if records.source not in self.catalogue.columns:
            self.faults.unknown(here, ("from",), "no such source", records.source, self.catalogue.columns)
            return None
        call = self._bind(VariableSpec(derive=records.derive), ("records",), None, here)
        if records.derive is not None and call is None:
            return None
        if call is not None and not call.writes:
            remedy = "Call it for a parameter (parameters:), or name a verb that writes variables."
            what = "a record block takes over what its verb writes, and this one writes nothing"
            self.faults.add("spec.call", here, ("derive",), what, call.verb.name, remedy)
            return None
        conditions: list[tuple[Loc, Where]] = [(("exclude", i), e.where) for i, e in enumerate(records.exclude)]
        conditions += [(("where",), records.where)] if records.where else []
        self._collected(number, here, ("one_per",), records.one_per)
        held = self.conditions.of_source(records.source)
        for at, condition in conditions:
            self.conditions.check([condition], held, here, at)
            self._collected(number, here, at, columns_of(condition))
        if call is not None:
            self._collected(number, here, ("derive",), call.reads)
            self.conditions.check(call.conditions("Condition"), held, here, ("derive",))
            self.made[number] = call
        own = [s for n, v in records.set.items() for s in self._set(number, n, v)]
        done = {*records.set, *(call.writes if call else ())}
        items = own + [s for s in shared if s.mapped.name not in done]
        for item in items:
            self._collected(number, item.loc, ("derive",), item.mapped.call.reads)
            self._collected(number, item.loc, ("where",), columns_of(item.mapped.where) if item.mapped.where else ())
            read = held if call is None else self.conditions.of_frame
            self.conditions.check([item.mapped.where], read, item.loc, ("where",))
            self.conditions.check(item.mapped.call.conditions("Condition"), read, item.loc, ("derive",))
        good = [i.mapped for i in items if i.loc not in self.faults.places]
        whole = tuple(m for m in good if m.columns <= set(self._offered(number)))
        return Block(records, whole, (), here, call)

    def _offered(self, number: int) -> tuple[str, ...]:
        """What the mapping calls of a block can read: columns of the records its call made, else of its source."""
        call = self.made.get(number)
        return call.writes if call else self.catalogue.columns.get(self.spec.records[number].source, ())

    def _set(self, number: int, name: str, variable: VariableSpec) -> list[_Shared]:
        loc: Loc = ("records", number, "set", name)
        known = {n for _, n in self._names()} | self._labels
        if name not in known and not name.startswith("_"):
            self.faults.unknown(loc, (), f"{self.spec.dataset} has no variable", name, known)
            return []
        if variable.derive is None:
            what = "only a call can make a variable of one block"
            self.faults.add("spec.name", loc, (), what, name, "Write a mapping call.")
            return []
        bound = self._bind(variable, ("mapping",), name, loc)
        made = [] if bound is None else [_Shared(loc, Mapped(name, bound, variable.where, loc))]
        return made if loc not in self.faults.places else []

    def _collected(self, number: int, loc: Loc, at: Loc, columns: Iterable[str]) -> None:
        """Columns the records of a block do not offer; one named by the block's topic is a fault of the topic."""
        records, known = self.spec.records[number], self._offered(number)
        source = f"what {self.made[number].verb.name} makes" if number in self.made else records.source
        for column in dict.fromkeys(columns):
            if column in known:
                continue
            if column in records.topic.values():
                self.faults.unknown(("records", number), (), f"{source} has no column", column, known)
            else:
                self.absent.setdefault((loc, at, column), {})[source] = known

    def _tell_absent(self) -> None:
        """One finding for a name, however many of the sources it is looked for in do not have it."""
        for (loc, at, column), sources in self.absent.items():
            known = {c for columns in sources.values() for c in columns}
            what = f"{', '.join(sources)} {'has' if len(sources) == 1 else 'have'} no column"
            self.faults.unknown(loc, at, what, column, known)

    def _carry(self, blocks: list[Block], steps: list[Step]) -> list[Block]:
        """Blocks with the columns they take over as they are and that no mapping call makes.

        Of what their call made, each variable no column call makes; of a dataset, what is read and named in keys.
        """
        wanted = {c for s in steps for c in self._own(s.reads)} | set(self.spec.keys)
        wanted |= {c for p in self.spec.parameters.values() if p.where for c in columns_of(p.where)}
        out = []
        for block in blocks:
            source, mapped = block.records.source, {m.name for m in block.mapped}
            if block.call is not None:
                kept = {n for _, n in self._names()} | wanted
                carried = kept & set(block.call.writes) - mapped - {w for s in steps for w in s.writes}
                block = replace(block, carried=tuple(sorted(carried)))
            elif not source.startswith("raw."):
                carried = (wanted | self.carried.get(source, set())) & set(self.catalogue.columns[source]) - mapped
                block = replace(block, carried=tuple(sorted(carried)))
            out.append(block)
        return out

    def _base_reads(self, blocks: list[Block]) -> frozenset[Place]:
        reads: set[Place] = set()
        for block in blocks:
            source = block.records.source
            reads |= {(source, c) for c in ("*", *block.reads)}
            calls = [m.call for m in block.mapped] + ([block.call] if block.call else [])
            reads |= {p for call in calls for p in self._source_reads(call)}
        return frozenset(reads)

    def _readable(self, steps: list[Step], based: set[str]) -> list[Step]:
        """Columns that read what nothing makes are void, rows gone: a block left out takes along what others read."""
        makers = Counter(w for s in steps for w in s.writes)
        out = []
        for step in steps:
            others = {c for c, n in makers.items() if c not in step.writes or n > 1} | based
            if self._own(step.reads) <= others:
                out.append(step)
            elif step.kind == "column":
                out.append(step.as_void())
        return out

    # -- what is read and nothing makes, what is declared and nothing makes ----------------------------------

    def _base_columns(self) -> set[str]:
        """Columns of the records that blocks of datasets, and calls of blocks, bring along."""
        numbers = [i for i, r in enumerate(self.spec.records) if i in self.made or not r.source.startswith("raw.")]
        return {c for i in numbers for c in self._offered(i)}

    def _check_parameters(self) -> None:
        known = self._base_columns() | {n for r in self.spec.records for n in r.set} | set(self.spec.variables)
        for name, parameter in self.spec.parameters.items():
            loc: Loc = ("parameters", name)
            if parameter.where is not None:
                self.conditions.check([parameter.where], self.conditions.of_frame, loc, ("where",))
                columns = columns_of(parameter.where)
                self.faults.named(loc, ("where",), "the base records have no column", columns, known)
            if parameter.made_by is not None and parameter.made_by not in self.spec.parameters:
                what = "made by a parameter that is not here"
                self.faults.unknown(loc, ("made_by",), what, parameter.made_by, self.spec.parameters)

    def _check_reads(self, steps: list[Step]) -> None:
        available = self._base_columns() | self._labels | {n for _, n in self._names()} | self.unclear
        available |= {n for r in self.spec.records for n in r.set} | {w for s in steps for w in s.writes}
        readers: dict[str, list[Step]] = {}
        for step in steps:
            for column in sorted(self._own(step.reads) - available):
                readers.setdefault(column, []).append(step)
        for column, (first, *others) in readers.items():
            at = ("where",) if first.where and column in columns_of(first.where) else ("derive",)
            what, also = f"{self.spec.dataset} has no column", tuple(s.loc for s in others)
            self.faults.add("spec.name", first.loc, at, what, column, nearest(column, available), also)

    def _check_makers(self, columns: list[Step], shared: list[_Shared]) -> None:
        makers: dict[str, str] = {}
        for step in columns:
            for column in step.writes:
                if column in makers:
                    what, remedy = f"already written by {makers[column]}", "Let one of the two write it."
                    self.faults.add("spec.name", step.loc, ("derive",), what, column, remedy)
                makers[column] = step.name
        made = {s.mapped.name for s in shared} | {n for r in self.spec.records for n in r.set} | self._labels
        made |= {c for call in self.made.values() for c in call.writes}
        in_rows = any(p.derive for p in self.spec.parameters.values())
        in_rows |= any(r.derive and i not in self.made for i, r in enumerate(self.spec.records))
        for name, variable in self.spec.variables.items():
            loc: Loc = ("variables", name)
            maker = variable.made_by
            whole = maker in self.spec.variables and ("variables", str(maker)) not in self.faults.places
            if whole and name not in makers:
                what, remedy = f"{maker} does not write it", "Name it in that call."
                self.faults.add("spec.name", loc, ("made_by",), what, name, remedy)
            nothing = variable.derive is None and variable.predecessor is None and maker is None
            if nothing and name not in made and name not in makers and not in_rows:
                remedy = "Remove it, or say how it is made."
                self.faults.add("spec.name", loc, (), "nothing makes this variable", name, remedy)
