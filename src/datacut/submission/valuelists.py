"""Value-level metadata: what a variable is for one test, qualifier, parameter, category, or condition of the spec."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pandas as pd

from datacut.datasets.model import Dataset, Variable, value_text
from datacut.spec.calls import Text, Word
from datacut.spec.load import Specs
from datacut.spec.plan import Block
from datacut.standards import codelist
from datacut.submission.codelists import CodelistBook
from datacut.submission.describe import RESULTS, Described
from datacut.submission.items import Item
from datacut.submission.origins import (
    Provenance,
    provenance_of,
    provenance_of_parameter,
    provenance_of_qualifier,
)
from datacut.submission.shapes import Shape, shape_of_values
from datacut.submission.topics import Topic, topics_of
from datacut.submission.trace import Trace
from datacut.submission.whereclauses import Check, Clause, InexpressibleError, clauses_of
from datacut.submission.xml import oid_part

UNITS = ("ORRESU", "STRESU")


def value_entries(
    specs: Specs,
    trace: Trace,
    about: Described,
    dataset: Dataset,
    topics: Iterable[Topic],
    variable: Variable,
    book: CodelistBook,
) -> Iterator[tuple[list[Clause], Item]]:
    """The entries of a variable's value list, each with the clauses of which one must hold. topics: of the dataset."""
    declared = [v for v in about.spec.values if v.variable == variable.name] if about.spec else []
    if declared and about.spec:
        yield from _declared(trace, about, variable, book)
    elif variable.name in topics_of(dataset)[2]:
        column = dataset.frame[variable.name]
        for topic in topics:
            values = column.take(topic.records).dropna()
            if len(values):
                yield [topic.clause], _topic_item(specs, trace, about, variable, topic, values, book)
    else:
        yield from _by_category(about, dataset, variable, book)


def _topic_item(
    specs: Specs,
    trace: Trace,
    about: Described,
    variable: Variable,
    topic: Topic,
    values: pd.Series,
    book: CodelistBook,
) -> Item:
    known = about.variables[variable.name]
    provenance, chosen = known.provenance, known.codelist
    digits = None
    if about.spec is None:
        parent = specs.sdtm[about.name.removeprefix("SUPP")]
        provenance = provenance_of_qualifier(trace, parent, topic.value)
        chosen = parent.supplemental[topic.value].codelist if topic.value in parent.supplemental else None
    elif about.adam:
        provenance = provenance_of_parameter(trace, about.spec, topic.value, provenance)
    else:
        blocks = trace.blocks(about.name, topic.variable, topic.value)
        provenance = provenance_of(trace, about.spec, variable.name, adam=False, blocks=blocks)
        chosen = chosen or _codelist_of(blocks, variable.name)
        if variable.name.endswith("STRESN") and topic.value in specs.units.tests:
            digits = specs.units.tests[topic.value].digits
    shape = shape_of_values(values, digits)
    used = [value_text(v) for v in values.unique()]
    standard = codelist(known.standard[0]) if known.standard else None
    if variable.name.endswith(UNITS) and (chosen or standard):
        list_oid: str | None = book.use_subset(chosen or (standard.code if standard else ""), used)
    else:
        collected = provenance.origin == "Collected"
        if chosen is None and standard is not None and variable.name.endswith(RESULTS):
            chosen = standard.code
        list_oid = book.use(chosen, used, collected=collected) if chosen and book.holds(chosen, used) else None
    if list_oid:
        shape = Shape("text", max(len(v.encode()) for v in used))
    suffix = oid_part(".".join(v for c in topic.clause for v in c.values))
    return Item(f"{about.name}.{variable.name}.{suffix}", variable.name, topic.label, shape, provenance, list_oid)


def _declared(
    trace: Trace, about: Described, variable: Variable, book: CodelistBook
) -> Iterator[tuple[list[Clause], Item]]:
    """Entries that the spec states itself under `values`."""
    if about.spec is None:
        return
    base = provenance_of(trace, about.spec, variable.name, adam=about.adam)
    stated = (v for v in about.spec.values if v.variable == variable.name)
    for number, value in enumerate(stated, start=1):
        provenance = base
        if value.origin or value.text:
            origin = value.origin or base.origin
            provenance = replace(base, origin=origin)
            provenance = (
                replace(provenance, method=value.text or base.method)
                if origin == "Derived"
                else Provenance(origin, base.source, base.pages, base.predecessor, comment=value.text or base.comment)
            )
        list_oid = book.use(value.codelist, ()) if value.codelist else None
        length = value.length or variable.length if value.type == "text" else value.length
        shape = Shape(value.type, length, value.significant)
        item_id = f"{about.name}.{variable.name}.{number}"
        try:
            clauses = clauses_of(value.where)
        except InexpressibleError:
            continue  # told by the lint, with its line
        yield clauses, Item(item_id, variable.name, variable.label, shape, provenance, list_oid)


def _by_category(
    about: Described, dataset: Dataset, variable: Variable, book: CodelistBook
) -> Iterator[tuple[list[Clause], Item]]:
    """Entries by --CAT of a variable whose values belong to several standard codelists (DSDECOD)."""
    known, category, frame = about.variables[variable.name], f"{about.name}CAT", dataset.frame
    if category not in frame.columns or not known.has_several(frame[variable.name]):
        return
    for name, part in frame.groupby(category, sort=True):
        values = [value_text(v) for v in part[variable.name].dropna().unique()]
        code = book.fitting(known.standard, values)
        if values and code:
            shape = Shape("text", max(len(v.encode()) for v in values))
            item_id = f"{about.name}.{variable.name}.{oid_part(str(name))}"
            list_oid = book.use(code, values)
            label = variable.label
            item = Item(item_id, variable.name, label, shape, known.provenance, list_oid)
            yield [(Check(category, "EQ", (str(name),)),)], item


def _codelist_of(blocks: tuple[Block, ...], variable: str) -> str | None:
    """The codelist that the calls of all blocks name for a variable."""
    named = set()
    for block in blocks:
        for item in block.mapped:
            if item.name == variable:
                value = dict(item.call.call.named).get("codelist")
                named.add(value.text if isinstance(value, Text | Word) else None)
    return named.pop() if len(named) == 1 else None
