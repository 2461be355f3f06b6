"""Where a value of a dataset comes from: its call, the values of the inputs, and so on to the field of the CRF."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from datacut.datasets.lineage import EVERY
from datacut.datasets.model import value_text
from datacut.engine.filter import mask
from datacut.errors import DatacutError
from datacut.history.find import matching
from datacut.history.stored import MISSING, RAW, SUBJECT, Stored
from datacut.history.tree import Node
from datacut.spec.where import columns_of, conjuncts_of, parse_where

type Json = dict[str, Any]


SHOWN = 6
"""Records of one kind that a bounded answer follows; one that is not bounded has all."""
BUDGET = 40
"""Values that a bounded answer follows from one value on."""


class Values:
    """Traces values of one build. depth: calls that are followed from a value on, all if None; a value that was
    followed before is named and not followed again.
    """

    def __init__(self, stored: Stored, depth: int | None = None) -> None:
        self.stored = stored
        self.bounded = depth is not None
        self._depth = depth
        self._left = BUDGET
        self._met: set[tuple[str, int, str]] = set()

    def spend(self) -> None:
        """Of many values alike a bounded answer follows the first alone."""
        self._left = 0

    def few[T](self, items: Sequence[T], make: Callable[[T], Iterable[Node]]) -> Iterator[Node]:
        """The nodes of each of many; of a bounded answer those of the first, and how many more there are."""
        most = SHOWN if self.bounded else len(items)
        for item in items[:most]:
            yield from make(item)
        if len(items) > most:
            yield Node("note", f"... and {len(items) - most} more (--json has all)", {"more": len(items) - most})

    # -- nodes -----------------------------------------------------------------------------------------------

    def value(self, dataset: str, record: int, variable: str, depth: int = 0) -> Node:
        """A value of a record, or of a row of a form, with what it comes from below it."""
        if dataset.startswith(RAW):
            return self.field(dataset.removeprefix(RAW), record, variable)
        stored = self.stored
        there = dataset in stored.datasets and variable in stored.frame(dataset).columns
        if not there and (origin := self._carried(dataset, record, variable)) is not None:
            return self.value(*origin, variable, depth)
        self._left -= 1
        shown = (stored.value(dataset, record, variable) or MISSING) if there else "(no value kept)"
        key = stored.key(dataset, record) if dataset in stored.datasets else ""
        node = Node(
            "value",
            f"{dataset}.{variable} = {shown}  [{key}]",
            {"dataset": dataset, "record": record, "variable": variable, "value": shown, "key": key},
        )
        place = (dataset, record, variable)
        if place in self._met:
            node.facts["followed"] = "above"
            return node
        if self._depth is not None and (depth >= self._depth or self._left < 0):
            node.text += "  ..."
            return node
        self._met.add(place)
        self._explain(node, dataset, record, variable, depth)
        return node

    def field(self, form: str, line: int, field: str) -> Node:
        """A field of a row of a form: where it stands in the export and on the CRF."""
        about = self.stored.study["forms"][form]
        frame, why = self.stored.raw(form)
        value = f"({why})"
        if frame is not None and line in frame.index and field in frame.columns:
            value = value_text(frame.at[line, field]) or MISSING
        record, occurrence = self.stored.identity(form, line)
        label = about["fields"].get(field, "")
        page = f", page {about['page']}" if about["page"] else ""
        known = f"record {record}, occurrence {occurrence}; " if record else ""
        return Node(
            "raw",
            f"{about['file']}:{line}:{field} = {value}\n{known}CRF {about['label']}{page}: {label}",
            {
                "file": about["file"],
                "line": line,
                "field": field,
                "value": value,
                "record_id": record,
                "occurrence": occurrence,
                "form": form,
                "form_label": about["label"],
                "page": about["page"],
                "field_label": label,
            },
        )

    def record(self, dataset: str, record: int) -> Node:
        """A record and the records it was made from, down to rows of forms."""
        stored = self.stored
        if dataset.startswith(RAW):
            return self.row(dataset.removeprefix(RAW), record)
        if dataset not in stored.datasets:
            return Node("record", f"{dataset} record {record}", {"dataset": dataset, "record": record})
        key = stored.key(dataset, record)
        node = Node("record", f"{dataset} record {record}  [{key}]", {"dataset": dataset, "record": record, "key": key})
        place = (dataset, record, "")
        if place in self._met:
            node.facts["followed"] = "above"
            return node
        self._met.add(place)
        node.below = list(self.few(stored.sources(dataset, record), lambda source: [self.record(*source)]))
        return node

    def _carried(self, dataset: str, record: int, variable: str) -> tuple[str, int] | None:
        """The record of the source that a column which is not kept was taken over from, as it is."""
        how = self.stored.how(dataset) if dataset in self.stored.datasets else None
        maker = self.stored.maker(dataset, record) if how is not None else ""
        if how is None or not maker.isdigit() or variable in how["columns"]:
            return None
        block = how["blocks"][int(maker)]
        own = [s for s in self.stored.sources(dataset, record) if s[0] == block["source"]]
        return own[0] if own and variable in block["carried"] else None

    def row(self, form: str, line: int) -> Node:
        """A row of a form."""
        about = self.stored.study["forms"].get(form)
        if about is None:
            return Node("raw", f"{form} line {line}", {"form": form, "line": line})
        record, occurrence = self.stored.identity(form, line)
        known = f"  record {record}, occurrence {occurrence}" if record else ""
        page = f", page {about['page']}" if about["page"] else ""
        return Node(
            "raw",
            f"{about['file']}:{line}{known}; CRF {about['label']}{page}",
            {
                "file": about["file"],
                "line": line,
                "record_id": record,
                "occurrence": occurrence,
                "form": form,
                "form_label": about["label"],
                "page": about["page"],
            },
        )

    # -- how a value is made ---------------------------------------------------------------------------------

    def _explain(self, node: Node, dataset: str, record: int, variable: str, depth: int) -> None:
        stored, how = self.stored, self.stored.how(dataset)
        if how is None:
            node.below = list(self._without_spec(dataset, record, variable, depth))
            return
        maker = stored.maker(dataset, record)
        added = how["added"].get(maker)
        column = how["columns"].get(variable)
        if column is not None and (added is None or not column.get("early")):
            self._by_column(node, how, column, dataset, record, variable, depth)
        elif added is not None:
            self._by_adding(node, added, maker, dataset, record, variable, depth)
        elif maker.isdigit():
            self._by_block(node, how["blocks"][int(maker)], dataset, record, variable, depth)
        else:
            node.below = [self.record(*source) for source in stored.sources(dataset, record)]

    def _without_spec(self, dataset: str, record: int, variable: str, depth: int) -> Iterator[Node]:
        """A value of a SUPP--, which is a column of its parent's calls; or of a dataset that was received."""
        for source, number in self.stored.sources(dataset, record):
            if dataset.startswith("SUPP") and variable == "QVAL":
                qnam = self.stored.value(dataset, record, "QNAM")
                yield self.value(source, number, qnam, depth)
            else:
                yield self.record(source, number)

    def _by_column(
        self, node: Node, how: Json, column: Json, dataset: str, record: int, variable: str, depth: int
    ) -> None:
        _say(node, column)
        own = self._condition(dataset, record, column)
        if column.get("predecessor"):
            node.below = [*own, *self._predecessor(how, column["predecessor"], dataset, record, depth)]
            return
        node.below = [*own, *self._inputs(column, dataset, record, depth)]
        node.below += self._others(column, dataset, record, variable, depth)

    def _condition(self, dataset: str, record: int, about: Json) -> Iterator[Node]:
        """Whether the record satisfies the condition of a call, where it has one."""
        if about.get("where"):
            held = self._holds(dataset, record, about["where"])
            told = {True: "holds", False: "does not hold, so the value is missing", None: "cannot be judged"}[held]
            yield Node(
                "condition", f"only where {about['where']}: {told}", {"condition": about["where"], "holds": held}
            )

    def _holds(self, dataset: str, record: int, where: str) -> bool | None:
        try:
            if dataset.startswith(RAW):
                row = self.stored.frame(dataset).loc[[record]]
                return bool(mask(row, parse_where(where), self.stored.settings).iloc[0])
            return bool(self.stored.inside(dataset, parse_where(where))[record - 1])
        except (DatacutError, KeyError):
            return None

    def _inputs(self, about: Json, dataset: str, record: int, depth: int) -> Iterator[Node]:
        """What a call reads of its own record."""
        condition = about.get("where")
        also = [c for part in conjuncts_of(parse_where(condition)) for c in columns_of(part)] if condition else []
        for name in dict.fromkeys((*about.get("reads", ()), *also)):
            yield self.value(dataset, record, name, depth + 1)

    def _others(self, about: Json, dataset: str, record: int, variable: str, depth: int) -> Iterator[Node]:
        """The records that a call looks at beside its own: those it chose, or those of the same key."""
        chosen = self.stored.chosen(dataset, record, variable)
        for source, number, column in chosen:
            inner = self.value(source, number, column, depth + 1)
            inner.facts["chosen"] = True
            inner.text = f"chosen: {inner.text}"
            yield inner
        keyed = about.get("source")
        if keyed is not None:
            yield from self._keyed(about, keyed, dataset, record, variable, depth, told=bool(chosen))
        elif about.get("by"):
            yield from self._group(about, dataset, record, variable)

    def _keyed(
        self, about: Json, source: str, dataset: str, record: int, variable: str, depth: int, *, told: bool
    ) -> Iterator[Node]:
        """The records of the source with the same key that the call may look at; followed where none is told."""
        if source not in self.stored.datasets and not source.startswith(RAW):
            yield Node("note", f"source {source}: facts of the study, no records of participants", {"source": source})
            return
        rows, said = matching(self.stored, about, source, dataset, record)
        setting = " and ".join(said)
        yield Node(
            "group",
            f"records of {source} where {setting or 'all'}: {len(rows)}",
            {"dataset": source, "condition": setting, "records": len(rows)},
        )
        taken = about.get("taken", {}).get(variable)
        shown = [taken] if taken else [c for c in about.get("source_reads", ()) if c not in about.get("source_by", ())]
        if told:
            return
        yield from self.few(rows, lambda number: [self.value(source, number, c, depth + 1) for c in shown])

    def _group(self, about: Json, dataset: str, record: int, variable: str) -> Iterator[Node]:
        """The records of the same group among which a call chooses or compares: candidates, and those with a value."""
        frame = self.stored.frame(dataset)
        names = [n for n in about["by"] if n in frame.columns]
        rows = np.ones(len(frame), dtype=bool)
        for name in names:
            texts = self.stored.texts(dataset, name)
            rows &= texts == texts[record - 1]
        same = int(rows.sum())
        conditions = about.get("candidates", ())
        for condition in conditions:
            try:
                rows &= self.stored.inside(dataset, parse_where(condition))
            except DatacutError:
                conditions = [f"{condition} (not judged: a column of it is not kept)"]
        chosen = rows & (frame[variable].notna().to_numpy() if variable in frame.columns else False)
        text = f"{same} records with the same {', '.join(names)}"
        if conditions:
            text += f"; {int(rows.sum())} of them candidates: {' and '.join(conditions)}"
        node = Node(
            "group",
            text,
            {
                "dataset": dataset,
                "by": names,
                "condition": " and ".join(conditions),
                "records": same,
                "candidates": (np.flatnonzero(rows) + 1).tolist(),
            },
        )
        if len(chosen) and 0 < chosen.sum() < max(rows.sum(), 2):
            numbers = [int(n) for n in np.flatnonzero(chosen) + 1]
            node.below = list(self.few(numbers, lambda n: [self._named(dataset, n, variable)]))
        yield node

    def _named(self, dataset: str, record: int, variable: str) -> Node:
        shown, key = self.stored.value(dataset, record, variable), self.stored.key(dataset, record)
        return Node(
            "chosen",
            f"{dataset}.{variable} = {shown} on record {record}  [{key}]",
            {"dataset": dataset, "record": record, "variable": variable, "value": shown, "key": key},
        )

    def _predecessor(self, how: Json, place: list[str], dataset: str, record: int, depth: int) -> Iterator[Node]:
        """The value that was taken over: of the record's source, of a qualifier, or of the subject."""
        stored = self.stored
        source, column = place
        if source.startswith("SUPP"):
            yield from self._qualifier(source, column, dataset, record, depth)
            return
        own = [number for name, number in stored.sources(dataset, record) if name == source]
        of_subjects = source in stored.datasets and not stored.frame(source)[SUBJECT].duplicated().any()
        if source in how["bases"] and (column == SUBJECT or len(how["bases"]) == 1 or not of_subjects) and own:
            yield from (self.value(source, number, column, depth + 1) for number in own)
            return
        if source not in stored.datasets:
            yield Node("note", f"{source} is not in the build", {"source": source})
            return
        person = stored.value(dataset, record, SUBJECT)
        rows = np.flatnonzero(stored.texts(source, SUBJECT) == person) + 1
        yield from (self.value(source, int(number), column, depth + 1) for number in rows[:1])

    def _qualifier(self, source: str, qnam: str, dataset: str, record: int, depth: int) -> Iterator[Node]:
        stored, parent = self.stored, source.removeprefix("SUPP")
        if source in stored.datasets:
            frame, sequence = stored.frame(source), f"{parent}SEQ"
            rows = frame["QNAM"].eq(qnam) & frame[SUBJECT].eq(stored.value(dataset, record, SUBJECT))
            if sequence in stored.frame(dataset).columns:
                rows &= frame["IDVARVAL"].eq(stored.value(dataset, record, sequence))
            found = np.flatnonzero(rows.fillna(False).to_numpy(dtype=bool)) + 1
            if len(found):
                yield self.value(source, int(found[0]), "QVAL", depth + 1)
                return
        yield Node("note", f"{source} has no {qnam} of this record", {"source": source, "qnam": qnam})

    def _by_adding(
        self, node: Node, added: Json, maker: str, dataset: str, record: int, variable: str, depth: int
    ) -> None:
        """A value that the call which added the record set: from its parents."""
        _say(node, added | {"call": f"record added by {maker}: {added.get('call', '')}"})
        parents = [(s, n) for s, n, _ in self.stored.chosen(dataset, record, EVERY)]
        outside = [p for p in self.stored.sources(dataset, record) if not parents]
        reads = [c for c in added.get("reads", ()) if c not in added.get("by", ())]

        def of(parent: tuple[str, int]) -> Iterator[Node]:
            names = [c for c in dict.fromkeys((variable, *reads)) if self._has(parent[0], c)]
            if not names or parent[0].startswith(RAW):
                yield self.record(*parent)
            yield from (self.value(*parent, name, depth + 1) for name in names)

        node.below += self.few([*parents, *outside], of)

    def _has(self, dataset: str, column: str) -> bool:
        return dataset in self.stored.datasets and column in self.stored.frame(dataset).columns

    def _by_block(self, node: Node, block: Json, dataset: str, record: int, variable: str, depth: int) -> None:
        """A value that a record block maps, or takes over as it is."""
        origin = block["source"]
        lines = [number for name, number in self.stored.sources(dataset, record) if name == origin]
        mapped = block["mapped"].get(variable)
        if mapped is None:
            if block["call"] is not None:
                _say(node, block["call"])
                for number in lines:
                    node.below += [self.value(origin, number, c, depth + 1) for c in block["call"]["reads"]]
            elif variable in block["carried"]:
                node.below = [self.value(origin, number, variable, depth + 1) for number in lines]
            else:
                node.below = [self.record(origin, number) for number in lines]
            return
        _say(node, mapped)
        for number in lines:
            if block["call"] is not None:
                node.below.append(self.record(origin, number))
                continue
            node.below += list(self._condition(origin, number, mapped))
            node.below += list(self._inputs(mapped, origin, number, depth))
            if mapped.get("source"):
                node.below += list(self._keyed(mapped, mapped["source"], origin, number, variable, depth, told=False))
            if not mapped.get("reads"):
                node.below.append(self.record(origin, number))


def _say(node: Node, about: Json) -> None:
    """Add the call and its words to a value."""
    said, call = about.get("words") or "", about.get("call") or ""
    if call:
        node.facts["call"] = call
        node.text += f"\nby {' '.join(call.split())}"
    if said:
        node.facts["words"] = said
        node.text += f"\n{said[:1].upper()}{said[1:]}" if not call else f": {said}"


def records_of(values: Values, dataset: str, numbers: Iterable[int], variable: str | None) -> Iterator[Node]:
    """Records of an analysis: each with the value analysed, followed to where it was collected."""

    def of(number: int) -> Iterator[Node]:
        if variable is not None and variable in values.stored.frame(dataset).columns:
            yield values.value(dataset, number, variable)
            values.spend()
        else:
            yield values.record(dataset, number)

    return values.few(list(numbers), of)
