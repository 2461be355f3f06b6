"""Codes of a study renamed: everywhere at once, or in one place.

Codes are PARAMCD, --TESTCD and QNAM. A place is what stands at one loc of one document. What is renamed follows from
the calls and conditions as they are bound, not from the text: the code `PREDEQ` is another thing than the column of
that name.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from datacut.spec.bound import CODES, BoundCall
from datacut.spec.calls import Call, CasesValue, ListValue, MapValue, Text, Value, Word
from datacut.spec.codes import Condition, topic_of
from datacut.spec.dataset import DatasetSpec
from datacut.spec.document import Document, Loc
from datacut.spec.grading import Grading
from datacut.spec.lint import Plans
from datacut.spec.load import Specs, parse_document
from datacut.spec.plan import Block, Step
from datacut.spec.sentences import printable, with_values
from datacut.spec.study import Codelists, Study
from datacut.spec.units import Units
from datacut.spec.where import Comparison, Compound, Literal, Where

type Names = Mapping[str, str]
"""New code by old one."""


@dataclass(frozen=True)
class Place:
    """One place that names codes; `written(names)` is what stands there once they are renamed."""

    document: str
    loc: Loc
    codes: frozenset[str]
    written: Callable[[Names], Any]
    key: bool = False

    def __str__(self) -> str:
        return f"{self.document} {'.'.join(map(str, self.loc))}"


def is_code(column: str) -> bool:
    return column == "PARAMCD" or column.endswith("TESTCD")


def codes_of(where: Where) -> Iterator[str]:
    match where:
        case Comparison(column, _, operands) if is_code(column):
            yield from (o.value for o in operands if isinstance(o, Literal) and isinstance(o.value, str))
        case Compound(_, parts):
            for part in parts:
                yield from codes_of(part)


def in_condition(where: Where, names: Names) -> Where:
    match where:
        case Comparison(column, comparator, operands) if is_code(column):
            said = (
                replace(o, value=names.get(str(o.value), o.value)) if isinstance(o, Literal) else o for o in operands
            )
            return Comparison(column, comparator, tuple(said))
        case Compound(operator, parts):
            return Compound(operator, tuple(in_condition(p, names) for p in parts))
        case _:
            return where


def in_value(value: Value, names: Names) -> Value:
    match value:
        case Word(text) | Text(text):
            return type(value)(names.get(text, text))
        case ListValue(items):
            return ListValue(tuple(in_value(i, names) for i in items))
        case MapValue(pairs):
            return MapValue(tuple((k, in_value(v, names)) for k, v in pairs))
        case _:
            return value


def texts_in(value: Value) -> Iterator[str]:
    match value:
        case Word(text) | Text(text):
            yield text
        case ListValue(items):
            for item in items:
                yield from texts_in(item)
        case MapValue(pairs):
            for _, item in pairs:
                yield from texts_in(item)


def _names_codes(bound: BoundCall, name: str, writes_code: bool) -> bool:
    takes = next(p.takes for p in bound.verb.parameters if p.name == name)
    fixed = takes in ("str", "str | float") and any(name in bound.verb.gives.get(to, ()) for to in ("", "new"))
    return takes in CODES or (writes_code and fixed)


def in_call(bound: BoundCall, writes_code: bool) -> tuple[frozenset[str], Callable[[Names], str]]:
    """The codes a call names, and the call with them renamed."""
    order = [p.name for p in bound.verb.parameters]
    given = dict(zip(order, bound.call.args, strict=False)) | dict(bound.call.named)
    found: set[str] = set()
    for name, value in given.items():
        known = bound.values[name]
        if isinstance(known, Condition):
            found |= set(codes_of(known))
        elif isinstance(known, CasesValue):
            for when, then in known.items:
                found |= {*codes_of(when), *(texts_in(then) if writes_code else ())}
        elif _names_codes(bound, name, writes_code):
            found |= set(texts_in(value))

    def written(names: Names) -> str:
        def renamed(name: str, value: Value) -> Value:
            known = bound.values[name]
            if isinstance(known, Condition):
                return Text(str(in_condition(known, names)))
            if isinstance(known, CasesValue):
                cases = ((str(in_condition(when, names)), then) for when, then in known.items)
                return MapValue(tuple((when, in_value(then, names) if writes_code else then) for when, then in cases))
            return in_value(value, names) if _names_codes(bound, name, writes_code) else value

        args = tuple(renamed(n, v) for n, v in zip(order, bound.call.args, strict=False))
        return str(Call(bound.call.verb, args, tuple((n, renamed(n, v)) for n, v in bound.call.named)))

    return frozenset(found), written


def places(specs: Specs, plans: Plans) -> list[Place]:
    """Every place of SDTM, ADaM, codelists, units, grades and tables of the study that names a code."""
    found = {(p.document, p.loc): p for p in (*_of_tables(specs), *_of_qualifiers(specs, plans))}
    for step in (*plans.sdtm.steps, *plans.adam.steps):
        folder = "sdtm" if step.dataset in specs.sdtm else "adam"
        for place in _of_step(step, f"{folder}/{step.dataset}", specs):
            found.setdefault((place.document, place.loc), place)
    for folder, datasets in (("sdtm", specs.sdtm), ("adam", specs.adam)):
        for name, spec in datasets.items():
            for place in _of_dataset(spec, f"{folder}/{name}", specs):
                found.setdefault((place.document, place.loc), place)
    for test in specs.units.tests:
        base, _, specimen = test.partition("-")
        tail = f"-{specimen}" if specimen else ""
        told = frozenset([base])
        place = Place("units", ("tests", test), told, lambda n, b=base, t=tail: n.get(b, b) + t, key=True)
        found[("units", place.loc)] = place
    for number, rule in enumerate(specs.grading.rules):
        loc: Loc = ("rules", number, "test")
        found[("grading", loc)] = Place("grading", loc, frozenset([rule.test]), lambda n, t=rule.test: n.get(t, t))
    gathered = collected(specs, plans)
    return [p for p in found.values() if p.codes and not p.codes & gathered]


def collected(specs: Specs, plans: Plans) -> frozenset[str]:
    """Codes that the export itself brings: data name them, so that specs alone cannot rename them."""
    found: set[str] = set()
    for step in plans.sdtm.steps:
        for mapped in (m for b in step.blocks for m in b.mapped):
            if is_code(mapped.name) and mapped.call.verb.name.startswith("assign"):
                found |= plans.codes.texts(step.dataset, mapped.name) or set()
    return frozenset(found)


def _of_dataset(spec: DatasetSpec, document: str, specs: Specs) -> Iterator[Place]:
    for code, parameter in spec.parameters.items():
        yield Place(document, ("parameters", code), frozenset([code]), lambda n, c=code: n.get(c, c), key=True)
        if parameter.where is not None:
            yield _condition(document, ("parameters", code, "where"), parameter.where)
        if parameter.made_by is not None:
            loc: Loc = ("parameters", code, "made_by")
            by = parameter.made_by
            yield Place(document, loc, frozenset([by]), lambda n, b=by: n.get(b, b))
    for number, value in enumerate(spec.values):
        yield _condition(document, ("values", number, "where"), value.where)
    topic = topic_of(spec.variables)
    codelist = spec.variables[topic].codelist if topic is not None and is_code(topic) else None
    if codelist in specs.codelists:
        for number, term in enumerate(specs.codelists[codelist].terms):
            loc = ("codelists", codelist, "terms", number, "value")
            yield Place("codelists", loc, frozenset([term.value]), lambda n, v=term.value: n.get(v, v))


def _of_tables(specs: Specs) -> Iterator[Place]:
    for name, table in specs.study.tables.items():
        for number, row in enumerate(table.rows):
            for column in row.keys() & table.codes.keys():
                loc: Loc = ("tables", name, "rows", number, column)
                yield Place("study", loc, frozenset([row[column]]), lambda n, v=row[column]: n.get(v, v))


def _of_qualifiers(specs: Specs, plans: Plans) -> Iterator[Place]:
    """Where a QNAM is defined, and where it is read: by relations of SDTM, and as predecessor and source of ADaM."""
    loc: Loc
    for name, spec in specs.sdtm.items():
        for qnam in spec.supplemental:
            told = frozenset([qnam])
            yield Place(f"sdtm/{name}", ("supplemental", qnam), told, lambda n, q=qnam: n.get(q, q), key=True)
    for name, spec in specs.adam.items():
        for variable, item in spec.variables.items():
            dataset, _, qnam = (item.predecessor or "").partition(".")
            if dataset.startswith("SUPP"):
                loc = ("variables", variable, "predecessor")
                yield Place(f"adam/{name}", loc, frozenset([qnam]), lambda n, d=dataset, q=qnam: f"{d}.{n.get(q, q)}")
    for step in (*plans.sdtm.steps, *plans.adam.steps):
        document = f"{'sdtm' if step.dataset in specs.sdtm else 'adam'}/{step.dataset}"
        for block in step.blocks:
            made = {m.name: m.call for m in block.mapped}
            known = specs.sdtm.get(block.records.source)
            if block.call is not None and known is not None and known.supplemental.keys() & block.call.reads:
                loc = (*block.loc, "derive")
                yield Place(document, loc, *_in_columns(block.call, frozenset(known.supplemental)))
            fixed = plans.codes.fixed(made["SRCDOM"], "SRCDOM", step.dataset) if "SRCVAR" in made else frozenset()
            if any(f"SUPP{d}" in fixed for d, s in specs.sdtm.items() if s.supplemental):
                loc = (*block.loc, "set", "SRCVAR", "derive")
                yield Place(document, loc, *in_call(made["SRCVAR"], writes_code=True))


def _in_columns(bound: BoundCall, columns: frozenset[str]) -> tuple[frozenset[str], Callable[[Names], str]]:
    """Those of the columns that a call names as such, and the call with them renamed."""
    order = [p.name for p in bound.verb.parameters]
    given = dict(zip(order, bound.call.args, strict=False)) | dict(bound.call.named)
    naming = {p.name for p in bound.verb.parameters if p.takes in ("Column", "Columns", "Keys")} & given.keys()

    def written(names: Names) -> str:
        def renamed(name: str, value: Value) -> Value:
            return in_value(value, names) if name in naming else value

        args = tuple(renamed(n, v) for n, v in zip(order, bound.call.args, strict=False))
        return str(Call(bound.call.verb, args, tuple((n, renamed(n, v)) for n, v in bound.call.named)))

    return columns & {t for n in naming for t in texts_in(given[n])}, written


def _condition(document: str, loc: Loc, where: Where) -> Place:
    return Place(document, loc, frozenset(codes_of(where)), lambda names: str(in_condition(where, names)))


def _call(document: str, loc: Loc, bound: BoundCall, writes_code: bool) -> Place:
    return Place(document, loc, *in_call(bound, writes_code))


def _of_step(step: Step, document: str, specs: Specs) -> Iterator[Place]:
    for block in step.blocks:
        yield from _of_block(block, document, specs, step.dataset)
    if step.where is not None and step.kind == "column":
        yield _condition(document, (*step.loc, "where"), step.where)
    if step.call is not None:
        yield _call(document, (*step.loc, "derive"), step.call, any(map(is_code, step.writes)))


def _of_block(block: Block, document: str, specs: Specs, dataset: str) -> Iterator[Place]:
    records = block.records
    for number, exclusion in enumerate(records.exclude):
        yield _condition(document, (*block.loc, "exclude", number, "where"), exclusion.where)
    if records.where is not None:
        yield _condition(document, (*block.loc, "where"), records.where)
    if block.call is not None:
        yield _call(document, (*block.loc, "derive"), block.call, writes_code=True)
    spec = specs.sdtm.get(dataset) or specs.adam[dataset]
    for mapped in block.mapped:
        part = "variables" if mapped.name in spec.variables else "supplemental"
        loc: Loc = (*block.loc, "set", mapped.name) if mapped.name in records.set else (part, mapped.name)
        yield _call(document, (*loc, "derive"), mapped.call, is_code(mapped.name))


def renamed(specs: Specs, chosen: list[tuple[Place, Names]]) -> Specs:
    """The specs with the codes of these places renamed, their documents read again."""
    trees = {name: copy.deepcopy(specs.documents[name].data) for name in {p.document.lower() for p, _ in chosen}}
    for place, names in sorted(chosen, key=lambda pair: pair[0].key):
        _put(trees[place.document.lower()], place, names)
    typed = {n: Document(specs.documents[n].path, t, specs.documents[n].lines) for n, t in trees.items()}
    changes: dict[str, Any] = {"documents": {**specs.documents, **typed}}
    documents = {n: with_values(document, printable(specs.study)) for n, document in typed.items()}
    for folder, datasets in (("sdtm", specs.sdtm), ("adam", specs.adam)):
        read = {
            n: parse_document(documents[f"{folder}/{n}".lower()], DatasetSpec)
            for n in datasets
            if f"{folder}/{n}".lower() in documents
        }
        kept = {
            n: s.model_copy(update={"variables": {v: i for v, i in s.variables.items() if v in datasets[n].variables}})
            for n, s in read.items()
        }
        changes[folder] = {**datasets, **kept}
    if "codelists" in documents:
        changes["codelists"] = parse_document(documents["codelists"], Codelists).codelists
    if "units" in documents:
        changes["units"] = parse_document(documents["units"], Units)
    if "study" in documents:
        changes["study"] = parse_document(documents["study"], Study)
    if "grading" in documents:
        changes["grading"] = parse_document(documents["grading"], Grading)
    return replace(specs, **changes)


def _put(tree: Any, place: Place, names: Names) -> None:
    *way, last = place.loc
    node = tree
    for step in way[:-1] if last == "derive" else way:
        node = node[step]
    if last == "derive":
        if isinstance(node[way[-1]], str):
            node[way[-1]] = place.written(names)
            return
        node = node[way[-1]]
    if place.key:
        items = [(place.written(names) if k == last else k, v) for k, v in node.items()]
        node.clear()
        node.update(items)
    elif isinstance(node, list) and isinstance(node[last], str) is False:
        raise AssertionError(place)
    else:
        node[last] = place.written(names)
