"""What Define-XML asks for and a spec does not say; each finding names the line of the spec."""

from __future__ import annotations

from collections.abc import Iterator

from datacut.errors import Finding, Severity, nearest
from datacut.spec.dataset import DatasetSpec
from datacut.spec.document import Loc
from datacut.spec.lint import Plans
from datacut.spec.load import Specs
from datacut.standards import terminology_packages
from datacut.submission.origins import (
    ON_CRF,
    QUALIFIER_ORIGINS,
    Provenance,
    provenance_of,
    provenance_of_parameter,
    provenance_of_qualifier,
)
from datacut.submission.trace import Trace
from datacut.submission.whereclauses import InexpressibleError, clauses_of

RULE = "spec.define"


def check_described(specs: Specs, plans: Plans) -> list[Finding]:
    """Origins, sources, pages, methods and predecessors that are missing; dictionaries and terminology not at hand."""
    found = [*_versions(specs), *_dictionaries(specs)]
    for folder, datasets, plan in (("sdtm", specs.sdtm, plans.sdtm), ("adam", specs.adam, plans.adam)):
        trace = Trace(specs, plan)
        for name, spec in datasets.items():
            for loc, what, value, remedy in _faults(trace, spec, adam=folder == "adam"):
                where = specs.where(f"{folder}/{name}", loc)
                found.append(Finding(Severity.WARNING, RULE, where, what, value, remedy))
    return list(dict.fromkeys(found))  # a line that is unrolled over topics is told once


type _Fault = tuple[Loc, str, str, str]


def _faults(trace: Trace, spec: DatasetSpec, *, adam: bool) -> Iterator[_Fault]:
    """Place, fault, value and remedy of everything a dataset's spec lacks."""
    for name in spec.variables:
        if not name.startswith("_") and (adam or trace.is_made(spec.dataset, name)):
            loc: Loc = ("variables", name)
            provenance = provenance_of(trace, spec, name, adam=adam)
            yield from ((loc, what, name, remedy) for what, remedy in _lacking(provenance))
            if provenance.origin == "Collected":
                yield from _blocks_without_pages(trace, spec, name, adam=adam)
    for qnam, item in spec.supplemental.items():
        loc = ("supplemental", qnam)
        if item.origin.upper() not in QUALIFIER_ORIGINS:
            yield (*loc, "origin"), "no such origin", item.origin, nearest(item.origin, QUALIFIER_ORIGINS)
            continue
        if not trace.is_made(spec.dataset, qnam):
            continue
        provenance = provenance_of_qualifier(trace, spec, qnam)
        yield from ((loc, what, qnam, remedy) for what, remedy in _lacking(provenance))
    for name in spec.parameters:
        loc = ("parameters", name)
        provenance = provenance_of_parameter(trace, spec, name, Provenance("Assigned", "Sponsor"))
        yield from ((loc, what, name, remedy) for what, remedy in _lacking(provenance))
    for loc, name in trace.derivations.without_words(spec.dataset):
        yield loc, "made by what has no words", name, "Give the function says=, or the line a text."
    for number, value in enumerate(spec.values):
        try:
            clauses_of(value.where)
        except InexpressibleError as fault:
            remedy = "Write it with EQ, NE, IN, NOTIN, LT, LE, GT, GE of values, AND and OR."
            yield ("values", number, "where"), "a condition that Define-XML has no words for", str(fault), remedy


def _blocks_without_pages(trace: Trace, spec: DatasetSpec, name: str, *, adam: bool) -> Iterator[_Fault]:
    """Record blocks from forms without a page whose values are said to be on the annotated CRF."""
    for block in trace.every_block(spec.dataset):
        if name in block.records.set and trace.forms(spec.dataset, name, (block,)):
            provenance = provenance_of(trace, spec, name, adam=adam, blocks=(block,))
            yield from (((*block.loc, "set", name), what, name, remedy) for what, remedy in _lacking(provenance))


def _lacking(provenance: Provenance) -> Iterator[tuple[str, str]]:
    """What an origin of this kind needs and does not have, with the remedy."""
    if provenance.origin is None:
        yield "no origin", "Give origin: Collected, Derived, Assigned, Protocol or Predecessor."
        return
    if provenance.source is None:
        yield "no source of its origin", "Give source: Investigator, Subject, Sponsor or Vendor."
    match provenance.origin:
        case "Derived" if not provenance.method:
            yield "derived, without a method", "Give text: the derivation in words."
        case "Predecessor" if not provenance.predecessor:
            yield "a predecessor, without its variable", "Give predecessor: DATASET.VARIABLE."
        case "Collected" if provenance.source in ON_CRF and not provenance.pages:
            remedy = "Map it from a form that has a page, give pages:, or another origin or source."
            yield "collected, but its call reads no field of a form with a page", remedy


def _versions(specs: Specs) -> Iterator[Finding]:
    """Terminology versions of the study that are not the packaged ones."""
    standards = specs.study.standards
    for key, version in (("ct", standards.ct), ("adam_ct", standards.adam_ct)):
        publisher, _, date = version.partition("ct-")
        known = {p.lower() for p in terminology_packages()}
        if version and f"{publisher} ct {date}" not in known:
            where = specs.where("study", ("standards", key))
            remedy = f"Known: {', '.join(terminology_packages())}."
            yield Finding(Severity.ERROR, RULE, where, "no such terminology package", version, remedy)


def _dictionaries(specs: Specs) -> Iterator[Finding]:
    known = specs.study.standards.dictionaries
    for name, spec in specs.codelists.items():
        if spec.dictionary and spec.dictionary not in known:
            where = specs.where("codelists", ("codelists", name, "dictionary"))
            what = "no such dictionary under standards in study.yml"
            yield Finding(Severity.ERROR, RULE, where, what, spec.dictionary, nearest(spec.dictionary, known))
