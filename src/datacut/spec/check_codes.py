"""Texts that specs name and no record can hold: in conditions, in codes of calls, in units, grades and groupings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from datacut.errors import Finding, Severity, nearest
from datacut.spec.bound import CODES, BoundCall, conditions_in
from datacut.spec.calls import Given, codes_in
from datacut.spec.codes import Codes, Texts, topic_of
from datacut.spec.document import Loc
from datacut.spec.load import Specs
from datacut.spec.plan import Block, Step
from datacut.spec.study import UNSCHEDULED, SettingValue
from datacut.spec.where import Comparison, Compound, Literal, SettingRef, Where

RULE = "spec.code"


@dataclass(frozen=True)
class Use:
    """A text that a place in a spec says of a column; made: the place writes it, and the column's codelist is asked."""

    document: str
    loc: Loc
    dataset: str
    column: str
    text: str
    made: bool = False


def compared(where: Where, settings: Mapping[str, SettingValue]) -> Iterator[tuple[str, str]]:
    """Column and text of every comparison with a text, or with a setting that holds one."""
    match where:
        case Comparison(column, "EQ" | "NE" | "IN" | "NOTIN", operands):
            for operand in operands:
                match operand:
                    case Literal(str(text)):
                        yield column, text
                    case SettingRef(name) if name in settings:
                        held = settings[name]
                        yield from ((column, str(v)) for v in (held if isinstance(held, tuple) else (held,)))
        case Compound(_, parts):
            for part in parts:
                yield from compared(part, settings)


def uses(specs: Specs, codes: Codes) -> Iterator[Use]:
    """Every text that SDTM, ADaM and study.yml say of a column of a dataset or form."""
    loc: Loc
    for step in codes.steps:
        document = f"{'sdtm' if step.dataset in specs.sdtm else 'adam'}/{step.dataset}"
        yield from (Use(document, *said) for said in _of_step(step, specs, codes))
    for folder, datasets in (("sdtm", specs.sdtm), ("adam", specs.adam)):
        for name, spec in datasets.items():
            document = f"{folder}/{name}"
            for code, parameter in spec.parameters.items():
                if parameter.where is not None:
                    loc = ("parameters", code, "where")
                    yield from (Use(document, loc, name, c, t) for c, t in compared(parameter.where, codes.settings))
            for number, value in enumerate(spec.values):
                found = compared(value.where, codes.settings)
                yield from (Use(document, ("values", number, "where"), name, c, t) for c, t in found)
    for name, table in specs.study.tables.items():
        for column, dataset in table.codes.items():
            of = specs.sdtm.get(dataset) or specs.adam.get(dataset)
            topic = topic_of(of.variables) if of is not None else None
            for number, row in enumerate(table.rows if topic is not None else ()):
                if row.get(column):
                    yield Use("study", ("tables", name, "rows", number, column), dataset, str(topic), row[column])
    for name, subset in specs.study.analysis_sets.items():
        loc = ("analysis_sets", name, "where")
        yield from (Use("study", loc, "ADSL", c, t) for c, t in compared(subset.where, codes.settings))
    for name, grouping in specs.study.groupings.items():
        for number, level in enumerate(grouping.levels):
            loc = ("groupings", name, "levels", number, "value")
            yield Use("study", loc, "ADSL", grouping.variable, level.value)


def check_codes(specs: Specs, codes: Codes) -> list[Finding]:
    """An error for each text that no record can hold, with its place and the nearest that one can."""
    found: dict[Finding, None] = {}
    for use in uses(specs, codes):
        fault = _fault(use, codes)
        if fault is not None:
            found[_told(specs, use.document, use.loc, *fault)] = None
    others = (_tests_of_units, _tests_of_grades, _sources_of_values)
    return [*found, *(f for check in others for f in check(specs, codes))]


def fault_of(dataset: str, column: str, text: str, texts: Callable[[str, str], Texts]) -> tuple[str, str, str] | None:
    """What is wrong with a text said of a column, the text, and the remedy; None if nothing is known to be."""
    known = texts(dataset, column)
    if known is None or text in known or UNSCHEDULED.fullmatch(text):
        return None
    if dataset.startswith("raw.") and text.casefold() in {k.casefold() for k in known}:
        return None
    return f"no record of {dataset} can have this {column}", text, nearest(text, known)


def _fault(use: Use, codes: Codes) -> tuple[str, str, str] | None:
    if not use.made:
        return fault_of(use.dataset, use.column, use.text, codes.texts)
    spec = codes.specs.sdtm.get(use.dataset) or codes.specs.adam[use.dataset]
    variable = spec.variables.get(use.column)
    terms = codes.terms(variable.codelist) if variable is not None and variable.codelist else None
    if terms is None or use.text in terms:
        return None
    what = f"{variable.codelist if variable else ''}, the codelist of {use.dataset}.{use.column}, has no such value"
    return what, use.text, nearest(use.text, terms)


def _told(specs: Specs, document: str, loc: Loc, what: str, value: str, remedy: str) -> Finding:
    return Finding(Severity.ERROR, RULE, specs.where(document, loc), what, value, remedy)


type _Said = tuple[Loc, str, str, str, bool]


def _of_step(step: Step, specs: Specs, codes: Codes) -> Iterator[_Said]:
    """Texts a step says: its conditions, its codes, and what it writes of fixed texts."""
    for block in step.blocks:
        yield from _of_block(step.dataset, block, specs, codes)
    if step.where is not None:
        yield from (((*step.loc, "where"), step.dataset, c, t, False) for c, t in compared(step.where, codes.settings))
    if step.call is not None:
        yield from _of_call(step.call, (*step.loc, "derive"), step.dataset, step.dataset, step.writes, codes)


def _of_block(dataset: str, block: Block, specs: Specs, codes: Codes) -> Iterator[_Said]:
    source, records = block.records.source, block.records
    conditions: list[tuple[Loc, Where]] = [((*block.loc, "exclude", i), e.where) for i, e in enumerate(records.exclude)]
    conditions += [((*block.loc, "where"), records.where)] if records.where else []
    for loc, where in conditions:
        yield from ((loc, source, c, t, False) for c, t in compared(where, codes.settings))
    if block.call is not None:
        yield from _of_call(block.call, (*block.loc, "derive"), source, dataset, block.call.writes, codes)
    for mapped in block.mapped:
        own = mapped.name in records.set
        loc = (*block.loc, "set", mapped.name) if own else _place(specs, dataset, mapped.name)
        if mapped.where is not None and block.call is None:
            yield from (((*loc, "where"), source, c, t, False) for c, t in compared(mapped.where, codes.settings))
        yield from _of_call(mapped.call, (*loc, "derive"), source, dataset, (mapped.name,), codes)


def _place(specs: Specs, dataset: str, name: str) -> Loc:
    spec = specs.sdtm.get(dataset) or specs.adam[dataset]
    return ("variables" if name in spec.variables else "supplemental", name)


def _of_call(
    call: BoundCall, loc: Loc, frame: str, made: str, writes: tuple[str, ...], codes: Codes
) -> Iterator[_Said]:
    """Conditions and codes of a call on `frame`, and the texts it writes to columns of `made`."""
    for parameter in call.verb.parameters:
        value = call.values.get(parameter.name)
        of = frame if parameter.takes in ("Condition", "Cases", "Code", "Codes", "CodeMap") else call.source
        if value is None or of is None:
            continue
        for where in conditions_in(value):
            yield from ((loc, of, c, t, False) for c, t in compared(where, codes.settings))
        if parameter.takes in CODES and not parameter.takes.startswith("New"):
            yield from ((loc, of, topic, t, False) for topic, t in _topics(codes, of, value))
    for column in writes:
        texts = codes.fixed(call, column, made)
        yield from ((loc, made, column, text, True) for text in texts)


def _topics(codes: Codes, dataset: str, value: Given) -> Iterator[tuple[str, str]]:
    spec = codes.specs.sdtm.get(dataset) or codes.specs.adam.get(dataset)
    topic = topic_of(spec.variables) if spec is not None else None
    if topic is not None:
        yield from ((topic, code) for code in codes_in(value) or ())


def _tests_of_units(specs: Specs, codes: Codes) -> Iterator[Finding]:
    """Tests of units.yml that no domain has; a test may carry its specimen (`GLUC-URINE`)."""
    known = _all_codes(specs.sdtm, codes)
    for test in specs.units.tests if known is not None else ():
        if known is not None and test not in known and test.rpartition("-")[0] not in known:
            yield _told(specs, "units", ("tests", test), "no domain has this test", test, nearest(test, known))


def _tests_of_grades(specs: Specs, codes: Codes) -> Iterator[Finding]:
    """Tests of grading.yml that no dataset has."""
    known = _all_codes({**specs.sdtm, **specs.adam}, codes)
    for number, rule in enumerate(specs.grading.rules if known is not None else ()):
        if known is not None and rule.test not in known:
            loc: Loc = ("rules", number, "test")
            yield _told(specs, "grading", loc, "no dataset has this test", rule.test, nearest(rule.test, known))


def _sources_of_values(specs: Specs, codes: Codes) -> Iterator[Finding]:
    """SRCVAR that a block of records fixes and the dataset it fixes as SRCDOM does not have."""
    for step in codes.steps:
        for block in step.blocks:
            made = {m.name: m.call for m in block.mapped}
            if not {"SRCDOM", "SRCVAR"} <= made.keys():
                continue
            for dataset in codes.fixed(made["SRCDOM"], "SRCDOM", step.dataset):
                known = _columns(specs, dataset)
                for variable in codes.fixed(made["SRCVAR"], "SRCVAR", step.dataset) if known else ():
                    if variable not in known:
                        own = "SRCVAR" in block.records.set
                        at = (*block.loc, "set", "SRCVAR") if own else _place(specs, step.dataset, "SRCVAR")
                        loc, what = (*at, "derive"), f"{dataset} has no variable"
                        yield _told(specs, f"adam/{step.dataset}", loc, what, variable, nearest(variable, known))


def _columns(specs: Specs, dataset: str) -> tuple[str, ...]:
    """The variables of a dataset, or the QNAMs of a SUPP--; none if the study does not make it."""
    if (spec := specs.sdtm.get(dataset) or specs.adam.get(dataset)) is not None:
        return tuple(spec.variables)
    parent = specs.sdtm.get(dataset.removeprefix("SUPP"))
    return tuple(parent.supplemental) if parent is not None else ()


def _all_codes(datasets: Mapping[str, object], codes: Codes) -> frozenset[str] | None:
    """The codes of all datasets; None if one of them is open."""
    found: set[str] = set()
    for name in datasets:
        spec = codes.specs.sdtm.get(name) or codes.specs.adam[name]
        topic = topic_of(spec.variables)
        texts = codes.texts(name, topic) if topic else frozenset()
        if texts is None:
            return None
        found |= texts
    return frozenset(found)
