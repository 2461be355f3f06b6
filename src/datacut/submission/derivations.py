"""How a variable is made, in words: its text, what its calls say, and what every working column in them is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from datacut.spec.dataset import DatasetSpec
from datacut.spec.document import Loc
from datacut.spec.load import Specs
from datacut.spec.plan import Block, Mapped, Place, Plan, Step
from datacut.spec.wording import Wording, source_name

RAW = "raw."
MOST_BLOCKS = 6
"""Different sentences of record blocks told one by one; more are those of forms with a field for each test."""
_WORKING = re.compile(r"\[(?:(?P<source>[A-Z][A-Z0-9]*)\.)?(?P<name>[A-Z][A-Z0-9]*)\]")


class Derivations:
    """The sentences of one stage."""

    def __init__(self, specs: Specs, plan: Plan) -> None:
        self.wording = Wording(specs.study.settings)
        self._specs: dict[str, DatasetSpec] = {s.dataset: s for s in (*specs.sdtm.values(), *specs.adam.values())}
        self._blocks: dict[str, tuple[Block, ...]] = {}
        self._makers: dict[Place, Step] = {}
        self._rows: dict[Place, Step] = {}
        for step in plan.steps:
            if step.kind == "records":
                self._blocks[step.dataset] = step.blocks
            elif step.kind == "rows":
                self._rows[step.dataset, step.name] = step
            for column in step.writes if step.kind == "column" and not step.void else ():
                self._makers[step.dataset, column] = step
        in_blocks = {
            (d, c) for d, bs in self._blocks.items() for b in bs for c in (*b.carried, *(m.name for m in b.mapped))
        }
        self._steps = plan.steps
        self._places: set[Place] = {*self._makers, *in_blocks}

    def of_variable(self, dataset: str, name: str, blocks: tuple[Block, ...] | None = None) -> str:
        """What a variable is, its working columns explained; blank where its calls say nothing. Without its text."""
        return self._explained(dataset, self._line((dataset, name), blocks), blocks)

    def of_column(self, dataset: str, name: str) -> str:
        """What a call says of a column, its working columns named and not explained; blank where it says nothing."""
        return self._line((dataset, name), None)

    def of_parameter(self, dataset: str, name: str) -> str:
        """How the records of a derived parameter are made."""
        spec = self._specs[dataset]
        step = self._rows.get((dataset, spec.parameters[name].made_by or name))
        said = self.wording.sentence(step.call, name) if step is not None and step.call is not None else None
        return self._explained(dataset, said or "", None)

    def expression(self, dataset: str, name: str, blocks: tuple[Block, ...] | None = None) -> str | None:
        """The one call that makes a variable or the records of a parameter, if a reader can see all that it names."""
        chosen = self._blocks.get(dataset, ()) if blocks is None else blocks
        step = self._makers.get((dataset, name))
        made = [(step.call, step.where)] if step is not None else []
        made = made or [(m.call, m.where) for b in chosen for m in b.mapped if m.name == name]
        calls = {self.wording.expression(call, where) if call is not None else None for call, where in made}
        return calls.pop() if len(calls) == 1 else None

    def expression_of_parameter(self, dataset: str, name: str) -> str | None:
        """The call that adds the records of a derived parameter, if a reader can see all that it names."""
        step = self._rows.get((dataset, self._specs[dataset].parameters[name].made_by or name))
        return self.wording.expression(step.call) if step is not None and step.call is not None else None

    def without_words(self, dataset: str) -> Iterator[tuple[Loc, str]]:
        """Place and name of each verb and function of a dataset that has no words, on a line without a text."""
        for step in self._steps:
            if step.dataset == dataset and step.call is not None and not self._has_text(step):
                unsaid = [name for name, says in step.call.rules.items() if not says]
                unsaid += [] if step.call.verb.says else [step.call.verb.name]
                yield from ((step.loc, name) for name in unsaid)

    def _has_text(self, step: Step) -> bool:
        part, name = map(str, step.loc)
        return bool(getattr(self._specs[step.dataset], part)[name].text)

    def records_of(self, dataset: str) -> str:
        """Which records a dataset has: of which records of its sources, block by block."""
        spec = self._specs[dataset]
        texts = [self._records(b) for b in self._blocks.get(dataset, ())]
        texts += [f"left out: {self.wording.condition(e.where)}" for r in spec.records for e in r.exclude]
        return self._explained(dataset, "; ".join(dict.fromkeys(texts)), None)

    def parameters_of(self, dataset: str) -> str:
        """Which of the records that a dataset has from its sources are those of each parameter."""
        selected = {n: p.where for n, p in self._specs[dataset].parameters.items() if p.where is not None}
        texts = [f"{name} where {self.wording.condition(where)}" for name, where in selected.items()]
        return self._explained(dataset, "; ".join(texts), None)

    def _records(self, block: Block) -> str:
        records, name = block.records, source_name(block.records.source)
        made = self.wording.sentence(block.call, "") if block.call is not None else None
        text = f"{made}, from {name}" if made else name
        if records.where is not None:
            text += f" where {self.wording.condition(records.where, _dataset_of(block))}"
        if records.one_per:
            text += f", the last record of each {', '.join(records.one_per)}"
        return f"{_label(block)} ({text})" if records.id else text

    def _explained(self, dataset: str, text: str, blocks: tuple[Block, ...] | None) -> str:
        """A sentence with what its working columns are, each once, those that others need first."""
        known: dict[str, str] = {}
        self._collect(dataset, text, blocks, known)
        if not text:
            return ""
        return " ".join([f"{_capital(text)}.", *(f"{name}: {said}." for name, said in known.items())])

    def _collect(self, dataset: str, text: str, blocks: tuple[Block, ...] | None, known: dict[str, str]) -> None:
        for found in _WORKING.finditer(text):
            name, source, column = found[0], found["source"] or dataset, f"_{found['name']}"
            if name in known or (source, column) not in self._places:
                continue
            said = self._line((source, column), blocks if source == dataset else None)
            said = said if source == dataset else _of_source(said, source)
            known[name] = ""  # so that a circle ends
            self._collect(source, said, blocks if source == dataset else None, known)
            del known[name]
            known[name] = said or "missing"

    def _line(self, place: Place, blocks: tuple[Block, ...] | None) -> str:
        """What a column is, its working columns named; with the text of a working column, which stands nowhere else."""
        dataset, name = place
        spec = self._specs[dataset].variables.get(name)
        own = (spec.text or "").rstrip(".") if spec is not None and name.startswith("_") else ""
        parts = [own, self._by_call(place) or self._by_blocks(place, blocks) or self._by_rows(place)]
        return ": ".join(p for p in parts if p)

    def _by_rows(self, place: Place) -> str:
        """What calls that add records say of a column that all of them write, by parameter where they differ."""
        told: dict[str, list[str]] = {}
        for (dataset, parameter), step in self._rows.items():
            if dataset == place[0] and step.call is not None and self.wording.says_of_all(step.call, place[1]):
                told.setdefault(self.wording.sentence(step.call, place[1]) or "", []).append(parameter)
        if len(told) == 1:
            return next(iter(told))
        return "; ".join(f"{said} of {', '.join(parameters)}" for said, parameters in told.items())

    def _by_call(self, place: Place) -> str:
        step = self._makers.get(place)
        if step is None:
            return ""
        if step.predecessor is not None:
            said: str | None = f"{step.predecessor[1]} of {step.predecessor[0]}"
        else:
            said = self.wording.sentence(step.call, place[1]) if step.call is not None else None
        if said and step.where is not None:
            said += f"; only where {self.wording.condition(step.where)}, else missing"
        return said or ""

    def _by_blocks(self, place: Place, blocks: tuple[Block, ...] | None) -> str:
        """What the record blocks make of a column; blocks that make it alike are told together."""
        dataset, name = place
        told: dict[str, list[str]] = {}
        chosen = self._blocks.get(dataset, ()) if blocks is None else blocks
        for block in chosen:
            for said in self._in_block(block, name):
                told.setdefault(said, []).append(_label(block))
        if len(told) > MOST_BLOCKS and all(b.records.source.startswith(RAW) for b in chosen):
            forms = dict.fromkeys(source_name(b.records.source) for b in chosen if name in {m.name for m in b.mapped})
            return f"a value of the CRF, by test: {'; '.join(forms)}"
        if len(told) == 1 and sum(map(len, told.values())) == len(chosen):
            return next(iter(told))
        return "; ".join(f"{said} in {', '.join(dict.fromkeys(ids))}" for said, ids in told.items())

    def _in_block(self, block: Block, name: str) -> Iterator[str]:
        if block.call is not None and name in block.carried:
            yield self.wording.sentence(block.call, name) or ""
        elif name in block.carried:
            yield f"{name} of {block.records.source}"
        for item in block.mapped:
            if item.name == name:
                source = _dataset_of(block)
                yield _of_source(self._mapped(item), source) if source else self._mapped(item)

    def _mapped(self, item: Mapped) -> str:
        said = self.wording.sentence(item.call, item.name) or ""
        return said if item.where is None else f"{said} where {self.wording.condition(item.where)}"


def _label(block: Block) -> str:
    """What sentences call a record block: its id and the first value of its topic, else its source."""
    records = block.records
    return " ".join([records.id, *[*records.topic.values()][:1]]) if records.id else source_name(records.source)


def _dataset_of(block: Block) -> str | None:
    """The dataset whose columns the mapping calls of a block read; None of a form, and of what a call makes."""
    return None if block.call is not None or block.records.source.startswith(RAW) else block.records.source


def _of_source(text: str, source: str) -> str:
    """A sentence about a column of another dataset, whose working columns carry its name."""
    return _WORKING.sub(lambda m: m[0] if m["source"] else f"[{source}.{m['name']}]", text)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
