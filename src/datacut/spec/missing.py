"""What is missing for a fault, and what must be missing with it: a wrong number is worse than none.

A column that a fault left without values would be read as missing, and `X MISSING` would hold for every record. So what
reads it, in a call or in a condition, is missing too, and so on through both stages. A parameter counts as a column of
its name, and who says its code reads it; a dataset whose records are chosen by what is missing has no records (`*`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from datacut.spec.bound import CODES, BoundCall, conditions_in
from datacut.spec.calls import codes_in
from datacut.spec.check_codes import compared
from datacut.spec.dataset import DatasetSpec
from datacut.spec.plan import Block, Mapped, Place, Step
from datacut.spec.study import SettingValue
from datacut.spec.where import Where, columns_of

_OF_FRAME = ("Condition", "Cases", "Code", "Codes", "CodeMap")
_OF_SOURCE = ("SourceCondition", "SourceCodeMap")


@dataclass(frozen=True)
class Missing:
    """Follows what is missing through the steps of all stages, in the order in which they run."""

    specs: Mapping[str, DatasetSpec]
    settings: Mapping[str, SettingValue]
    steps: list[Step]

    def with_readers(self, lost: Iterable[Place]) -> dict[Place, None]:
        """What is missing if `lost` is, in the order in which it would have been made."""
        missing = dict.fromkeys(lost)
        for number, step in enumerate(self.steps if missing else ()):
            missing.update(dict.fromkeys(self._missing_in(step, self._needs[number], missing)))
        return missing

    def left_of(self, steps: Iterable[Step], lost: Collection[Place]) -> Iterator[Step]:
        """The steps with what is missing void or gone; a variable that no block makes any more is blank."""
        numbers = {id(step): number for number, step in enumerate(self.steps)}
        for step in steps:
            if step.kind == "records":
                yield from self._records_left(step, lost)
            elif step.void or not self._rests(step, self._needs[numbers[id(step)]], lost):
                yield step
            elif step.kind == "column":
                yield step.as_void()

    def parameters(self, dataset: str, lost: Collection[Place]) -> Iterator[Place]:
        """The parameters of a dataset that are missing."""
        for code in self.specs[dataset].parameters:
            if (dataset, code) in lost or (dataset, "*") in lost:
                yield dataset, code

    # -- what reads it ---------------------------------------------------------------------------------------

    @cached_property
    def _needs(self) -> list[frozenset[Place]]:
        """What each step reads, but for the blocks of records, each of which is asked for itself."""
        return [frozenset(self._reads(s)) if s.kind != "records" else frozenset() for s in self.steps]

    def _reads(self, step: Step) -> Iterator[Place]:
        spared = _spared(step.call) if step.call is not None else frozenset()
        yield from map(self._home, (p for p in step.reads if p[0] != step.dataset or p[1] not in spared))
        if step.predecessor is not None:
            yield self._home(step.predecessor)
        if step.call is not None:
            yield from self._codes(step.call, step.dataset)
        if step.where is not None:
            yield from self._said(step.dataset, step.where)

    def _codes(self, call: BoundCall, frame: str) -> Iterator[Place]:
        """The parameters that a call on `frame` names by their codes."""
        for parameter in call.verb.parameters:
            value = call.values.get(parameter.name)
            of = frame if parameter.takes in _OF_FRAME else call.source if parameter.takes in _OF_SOURCE else None
            if value is None or of is None:
                continue
            for where in conditions_in(value):
                yield from self._said(of, where)
            yield from ((of, code) for code in (codes_in(value) or () if parameter.takes in CODES else ()))

    def _said(self, dataset: str, where: Where) -> Iterator[Place]:
        """The parameters that a condition on a dataset names."""
        yield from ((dataset, text) for column, text in compared(where, self.settings) if column == "PARAMCD")

    def _home(self, place: Place) -> Place:
        """Where a column is made: a qualifier of SUPP-- with the records of its parent."""
        parent = place[0].removeprefix("SUPP")
        return (parent, place[1]) if place[0] not in self.specs and parent in self.specs else place

    def _is_lost(self, places: Iterable[Place], lost: Collection[Place]) -> bool:
        return any(p in lost or (p[0], "*") in lost for p in places)

    def _rests(self, step: Step, needs: Collection[Place], lost: Collection[Place]) -> bool:
        return (step.dataset, "*") in lost or self._is_lost(needs, lost)

    # -- what is missing with it -----------------------------------------------------------------------------

    def _missing_in(self, step: Step, needs: Collection[Place], lost: Collection[Place]) -> Iterator[Place]:
        own, spec = step.dataset, self.specs[step.dataset]
        if step.kind == "records":
            yield from self._missing_records(step, lost)
        elif self._rests(step, needs, lost):
            yield from ((own, w) for w in step.writes or (step.name,))
            if step.kind == "rows":
                yield from ((own, n) for n, p in spec.parameters.items() if p.made_by == step.name)

    def _missing_records(self, step: Step, lost: Collection[Place]) -> Iterator[Place]:
        own = step.dataset
        if any(self._is_gone(block, lost) for block in step.blocks):
            yield own, "*"
            return
        found = {c for d, c in lost if d == own}
        for block in step.blocks:
            taken = () if block.call is not None else block.carried
            missing = [c for c in taken if self._home((block.records.source, c)) in lost]
            missing += [m.name for m in block.mapped if self._is_unmapped(m, block, lost)]
            found |= set(missing)
            yield from ((own, name) for name in missing)
        for code, parameter in self.specs[own].parameters.items():
            if parameter.where is not None and found & set(columns_of(parameter.where)):
                yield own, code

    def _is_gone(self, block: Block, lost: Collection[Place]) -> bool:
        """Whether the records of a block are chosen, or made by its call, of what is missing."""
        records, source = block.records, block.records.source
        conditions = [w for w in (records.where, *(e.where for e in records.exclude)) if w is not None]
        places = {(source, c) for w in conditions for c in columns_of(w)} | {(source, c) for c in records.one_per}
        places |= {p for w in conditions for p in self._said(source, w)} | {(source, "*")}
        if block.call is not None:
            places |= self._of_call(block.call, source)
        return self._is_lost(map(self._home, places), lost)

    def _is_unmapped(self, item: Mapped, block: Block, lost: Collection[Place]) -> bool:
        """Whether a mapping call reads what is missing; of records that the call of its block made it never does."""
        source = block.records.source
        places = self._of_call(item.call, source) | {(source, c) for c in item.columns}
        if block.call is not None:
            places = {p for p in places if p[0] != source}
        return self._is_lost(map(self._home, places), lost)

    def _of_call(self, call: BoundCall, frame: str) -> set[Place]:
        others = {(call.source, c) for c in (*call.source_reads, "*")} if call.source is not None else set()
        return {(frame, c) for c in call.reads} | others | set(self._codes(call, frame))

    def _records_left(self, step: Step, lost: Collection[Place]) -> Iterator[Step]:
        own = step.dataset
        names = dict.fromkeys(n for b in step.blocks for n in (*(m.name for m in b.mapped), *b.carried))
        if (own, "*") in lost:
            step = replace(step, blocks=(), reads=frozenset())
        blocks = [
            replace(b, mapped=tuple(m for m in b.mapped if not self._is_unmapped(m, b, lost))) for b in step.blocks
        ]
        made = {n for b in blocks for n in (*(m.name for m in b.mapped), *b.carried)}
        yield replace(step, blocks=tuple(blocks))
        written = {w for s in self.steps if s.dataset == own and s.kind == "column" for w in s.writes}
        for name in names.keys() - made - written if names.keys() - made else ():
            yield Step(own, "column", name, frozenset(), (name,), early=True, void=True, loc=("variables", name))


def _spared(call: BoundCall) -> frozenset[str]:
    """The columns of the frame without which a call is still right."""
    found: dict[bool, set[str]] = {True: set(), False: set(call.verb.reads)}
    for parameter in call.verb.parameters:
        value = call.values.get(parameter.name)
        if value is not None:
            found[parameter.name in call.verb.may_lack].update(codes_in(value) or ())
    return frozenset(found[True] - found[False])
