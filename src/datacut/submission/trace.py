"""From a variable back to the CRF fields it was taken from, by what the calls of the plan read, and how in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from datacut.spec.calls import Text
from datacut.spec.load import Specs
from datacut.spec.plan import Block, Place, Plan, Step
from datacut.submission.derivations import Derivations

RAW = "raw."


class Trace:
    """What the steps of one stage say of a variable's sources."""

    def __init__(self, specs: Specs, plan: Plan) -> None:
        self._specs = specs
        self.derivations = Derivations(specs, plan)
        self._blocks: dict[str, tuple[Block, ...]] = {}
        self._makers: dict[Place, list[Step]] = {}
        for step in plan.steps:
            if step.kind == "records":
                self._blocks[step.dataset] = step.blocks
            for column in step.writes if step.kind == "column" else ():
                self._makers.setdefault((step.dataset, column), []).append(step)

    def forms(self, dataset: str, variable: str, blocks: Iterable[Block] | None = None) -> tuple[str, ...]:
        """Forms whose own fields the variable is taken from, directly or through other variables.

        blocks: only what these record blocks make. A field that every form of a system has (subject, visit, record
        number) counts only where no other is read.
        """
        fields = list(dict.fromkeys(self._fields((dataset, variable), blocks, set())))
        own = [(f, c) for f, c in fields if f in self._specs.forms and c in self._specs.forms[f].fields]
        return tuple(dict.fromkeys(f for f, _ in own or fields if f in self._specs.forms))

    def pages(self, forms: Iterable[str]) -> tuple[str, ...]:
        """Pages of the annotated CRF, each once, in their order."""
        found = {p for f in forms for p in self._specs.forms[f].page.replace(",", " ").split()}
        return tuple(sorted(found, key=lambda p: (not p.isdigit(), int(p) if p.isdigit() else 0, p)))

    def is_made(self, dataset: str, variable: str) -> bool:
        """Whether any call makes a variable; a faulty one does not, and is a finding of its own."""
        mapped = (m.name for b in self.every_block(dataset) for m in b.mapped)
        return variable in mapped or any(not s.void for s in self._makers.get((dataset, variable), ()))

    def every_block(self, dataset: str) -> tuple[Block, ...]:
        """The record blocks of a dataset."""
        return self._blocks.get(dataset, ())

    def blocks(self, dataset: str, topic: str, value: str) -> tuple[Block, ...]:
        """Record blocks that make the records of a topic value: those that hardcode it, else those that collect it."""
        fixed, collected = [], []
        for block in self._blocks.get(dataset, ()):
            call = next((m.call.call for m in block.mapped if m.name == topic), None)
            if call is None or call.verb != "hardcode":
                collected.append(block)
            elif call.args and call.args[0] == Text(value):
                fixed.append(block)
        return tuple(fixed or collected)

    def _fields(self, place: Place, blocks: Iterable[Block] | None, seen: set[Place]) -> Iterator[tuple[str, str]]:
        """Form and column of everything read for a place; circles are walked once."""
        dataset, column = place
        if place in seen or column == "*":
            return
        seen.add(place)
        for block in self._blocks.get(dataset, ()) if blocks is None else blocks:
            yield from self._walk(dataset, _read_in(block, column), blocks, seen)
        for step in self._makers.get(place, ()):
            yield from self._walk(dataset, sorted(step.reads), blocks, seen)

    def _walk(
        self, own: str, places: Iterable[Place], blocks: Iterable[Block] | None, seen: set[Place]
    ) -> Iterator[tuple[str, str]]:
        for source, column in places:
            if source.startswith(RAW):
                if column != "*":
                    yield source.removeprefix(RAW), column
            else:
                yield from self._fields((source, column), blocks if source == own else None, seen)


def _read_in(block: Block, column: str) -> list[Place]:
    """What a record block reads for a column; what its own call makes comes from all that the call reads."""
    read: list[Place] = [(block.records.source, column)] if column in block.carried else []
    for item in block.mapped:
        if item.name == column:
            read += [(block.records.source, c) for c in sorted(item.columns)]
            read += [(item.call.source, c) for c in item.call.source_reads if item.call.source]
    if read and block.call is not None:
        read = [(block.records.source, c) for c in block.call.reads]
        read += [(block.call.source, c) for c in block.call.source_reads if block.call.source]
    return read
