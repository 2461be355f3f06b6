"""D06 and D07: what each variable, and each value of one, says of itself and of where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from datacut.conformance.define_document import DEF, ODM, DefineDocument, Element, description
from datacut.errors import Finding

SIZED = ("text", "integer", "float")
ON_CRF = ("Investigator", "Subject")
HIDDEN = re.compile(r"\b[Ss]ettings?\b|(?<!\w)_[A-Z]\w*|\$\w+|\bstudy\.[a-z]\w*")
"""Names that only the engine knows: settings, working columns, functions of the study."""
WORKING = re.compile(r"\[(?:[A-Z][A-Z0-9]*\.)?[A-Z][A-Z0-9]*\](?!: )")
"""A working value where it is used; where it is explained, a colon follows."""
OBVIOUS = ("DOMAIN", "RDOMAIN", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QORIG", "PARAM", "PARAMCD", "PARAMN")
"""Assigned variables whose value is the structure of the dataset itself."""


def check_items(document: DefineDocument) -> Iterator[Finding]:
    """D06: label, length, digits, origin with source, role."""
    seen: set[str] = set()
    for use in document.uses:
        ref, item = use.ref, use.item
        group = ref.getparent()
        if group is not None and group.get("Purpose") == "Tabulation" and not ref.get("Role"):
            yield document.broken("define.variable.role", item)
        oid = item.get("OID", "")
        if oid in seen:
            continue
        seen.add(oid)
        if not description(item):
            yield document.broken("define.variable.label", item)
        type_ = item.get("DataType", "")
        if type_ in SIZED and not item.get("Length"):
            yield document.broken("define.variable.length", item, type_)
        if type_ == "float" and not item.get("SignificantDigits"):
            yield document.broken("define.variable.digits", item)
        if not _has_origin(document, item):
            yield document.broken("define.variable.origin", item)
        for origin in item.iterfind(f"{DEF}Origin"):
            if not origin.get("Source"):
                yield document.broken("define.variable.source", item, origin.get("Type", ""))


def check_mandatory(document: DefineDocument) -> Iterator[Finding]:
    """D06: a mandatory variable has a value on every record."""
    for name, pairs in document.variables.items():
        dataset = document.datasets.get(name)
        for ref, item in pairs:
            column = item.get("Name", "")
            if dataset is None or ref.get("Mandatory") != "Yes" or column not in dataset.frame.columns:
                continue
            if missing := int(dataset.frame[column].isna().sum()):
                yield document.broken("define.variable.mandatory", item, f"{missing} records")


def check_methods(document: DefineDocument) -> Iterator[Finding]:
    """D07: methods in words and as expressions, of which a reader can see every name."""
    for method in document.all(f"{ODM}MethodDef"):
        text = description(method)
        formal = method.find(f"{ODM}FormalExpression")
        expression = "" if formal is None else formal.text or ""
        hidden = [m[0] for said in (text, expression) for m in HIDDEN.finditer(said)]
        hidden += [m[0] for m in WORKING.finditer(text) if f"{m[0]}: " not in text]
        if hidden:
            yield document.broken("define.origin.words", method, ", ".join(dict.fromkeys(hidden)))


def check_origins(document: DefineDocument) -> Iterator[Finding]:
    """D07: what each origin asks for."""
    for use in document.uses:
        ref, item = use.ref, use.item
        for origin in item.iterfind(f"{DEF}Origin"):
            match origin.get("Type"):
                case "Collected" if origin.get("Source") in ON_CRF and not (_has_pages(origin) or _is_empty(ref)):
                    yield document.broken("define.origin.pages", item)
                case "Derived" if not ref.get("MethodOID") and not _methods_of_values(document, item):
                    yield document.broken("define.origin.method", item)
                case "Predecessor" if not description(origin):
                    yield document.broken("define.origin.predecessor", item)
                case "Assigned" if not _explained(document, use.dataset, item):
                    yield document.broken("define.origin.comment", item)


def _has_origin(document: DefineDocument, item: Element) -> bool:
    if item.find(f"{DEF}Origin") is not None:
        return True
    entries = [document.items.get(e.get("ItemOID", "")) for e in document.entries(item)]
    return bool(entries) and all(e is not None and e.find(f"{DEF}Origin") is not None for e in entries)


def _is_empty(ref: Element) -> bool:
    return ref.get(f"{DEF}HasNoData") == "Yes"


def _has_pages(origin: Element) -> bool:
    pages = origin.iterfind(f"{DEF}DocumentRef/{DEF}PDFPageRef")
    return any(p.get("PageRefs") or p.get("FirstPage") for p in pages)


def _methods_of_values(document: DefineDocument, item: Element) -> bool:
    entries = document.entries(item)
    return bool(entries) and all(e.get("MethodOID") for e in entries)


def _explained(document: DefineDocument, dataset: str, item: Element) -> bool:
    """A comment, a codelist or a value list; a value that never changes; a name beside its code."""
    name = item.get("Name", "")
    if name in OBVIOUS or item.get(f"{DEF}CommentOID"):
        return True
    if item.find(f"{ODM}CodeListRef") is not None or item.find(f"{DEF}ValueListRef") is not None:
        return True
    built = document.datasets.get(dataset)
    if built is None or name not in built.frame.columns:
        return False
    return len(built.frame[name].unique()) < 2 or bool({f"{name}CD", f"{name}NUM"} & set(built.frame.columns))
