"""D09: codelists against the packaged terminology and against the values they are for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from datacut.conformance.define_document import DEF, ODM, DefineDocument, Element, code_of, terms_of
from datacut.errors import Finding
from datacut.standards import codelist as standard_codelist

RESULTS = ("ORRES", "STRESC", "AVALC")
"""Endings of variables that hold results."""
_MEASURED = re.compile(r"(<|>|<=|>=)?\s*-?\d+(\.\d+)?")
CODES = ("TESTCD", "PARMCD", "PARAMCD", "ARMCD", "ETCD")
"""Endings of variables that hold short codes."""


def check_codelists(document: DefineDocument) -> Iterator[Finding]:
    """D09: C-codes, extended terms, unused terms, decodes, external dictionaries."""
    for codelist in document.codelists.values():
        external = codelist.find(f"{ODM}ExternalCodeList")
        if external is not None:
            if not (external.get("Dictionary", "").strip() and external.get("Version", "").strip()):
                yield document.broken("define.codelist.dictionary", codelist)
            continue
        yield from _codes(document, codelist)
    yield from _uses(document)


def _codes(document: DefineDocument, codelist: Element) -> Iterator[Finding]:
    if codelist.get(f"{DEF}StandardOID") is None:
        return
    code = code_of(codelist)
    if not code:
        yield document.broken("define.codelist.code", codelist)
        return
    standard = standard_codelist(code)
    if standard is None:
        yield document.broken("define.codelist.code", codelist, code, "no such codelist in the packaged terminology")
        return
    for term in terms_of(codelist):
        value = term.get("CodedValue", "")
        cdisc = standard.by_value.get(value)
        if term.get(f"{DEF}ExtendedValue") == "Yes":
            if cdisc is not None or not standard.extensible:
                yield document.broken("define.codelist.extended", codelist, value)
        elif cdisc is None or code_of(term) != cdisc.code:
            yield document.broken("define.codelist.term", codelist, value)


def _uses(document: DefineDocument) -> Iterator[Finding]:
    """Terms nobody has, and codes without decodes, by the items that refer to a list."""
    values: dict[str, set[str]] = {}
    collected: set[str] = set()
    codes: set[str] = set()
    for use in document.uses:
        item, codelist = use.item, document.codelist_of(use.item)
        if codelist is None:
            continue
        oid = codelist.get("OID", "")
        extended = (t.get("CodedValue", "") for t in terms_of(codelist) if t.get(f"{DEF}ExtendedValue") == "Yes")
        measured = [t for t in extended if _MEASURED.fullmatch(t)]
        if measured and item.get("Name", "").endswith(RESULTS):
            yield document.broken("define.codelist.measured", item, ", ".join(measured), oid)
        origin = item.find(f"{DEF}Origin")
        if origin is not None and origin.get("Type") == "Collected":
            collected.add(oid)
        if item.get("Name", "").endswith(CODES):
            codes.add(oid)
        values.setdefault(oid, set()).update(use.values)
    for oid, used in values.items():
        codelist = document.codelists[oid]
        terms = [t.get("CodedValue", "") for t in terms_of(codelist)]
        spare = [t for t in terms if t not in used]
        if spare and oid not in collected:
            yield document.broken("define.codelist.unused", codelist, ", ".join(spare))
        if oid in codes and any(t.tag == f"{ODM}EnumeratedItem" for t in terms_of(codelist)):
            yield document.broken("define.codelist.decode", codelist)
