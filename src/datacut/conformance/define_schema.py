"""D01 to D03: the schema, references and definitions, context and version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from lxml import etree

from datacut.conformance.define_document import ARM, DEF, ODM, DefineDocument
from datacut.errors import Finding, in_file, rule

SHOWN = 20
"""Faults of the schema that are named; one fault often brings others."""

REFERENCES = {
    "ItemOID": f"{ODM}ItemDef",
    f"{DEF}ItemOID": f"{ODM}ItemDef",
    "CodeListOID": f"{ODM}CodeList",
    "MethodOID": f"{ODM}MethodDef",
    f"{DEF}CommentOID": f"{DEF}CommentDef",
    "ValueListOID": f"{DEF}ValueListDef",
    "WhereClauseOID": f"{DEF}WhereClauseDef",
    f"{DEF}StandardOID": f"{DEF}Standard",
    f"{DEF}ArchiveLocationID": f"{DEF}leaf",
    "leafID": f"{DEF}leaf",
    "ItemGroupOID": f"{ODM}ItemGroupDef",
}
"""An attribute that refers, and the element it refers to."""


def check_schema(document: DefineDocument) -> Iterator[Finding]:
    """D01: the schema of Define-XML 2.1, with ARM 1.0 if the document has analysis results."""
    schema = _schema(arm=next(document.all(f"{ARM}AnalysisResultDisplays"), None) is not None)
    if schema.validate(document.tree):
        return
    faults = list(schema.error_log)
    for fault in faults[:SHOWN]:
        yield rule("define.schema").finding(in_file(document.shown, fault.line), detail=_plain(fault.message))
    if len(faults) > SHOWN:
        yield rule("define.schema").finding(in_file(document.shown), detail=f"{len(faults) - SHOWN} more")


def check_references(document: DefineDocument) -> Iterator[Finding]:
    """D02: every reference resolves, every definition is referred to."""
    defined: dict[tuple[str, str], bool] = {}
    for tag in dict.fromkeys(REFERENCES.values()):
        for element in document.all(tag):
            defined[tag, element.get("OID") or element.get("ID") or ""] = False
    for element in document.root.iter(etree.Element):
        for attribute, tag in REFERENCES.items():
            oid = element.get(attribute)
            if oid is None:
                continue
            if (tag, oid) in defined:
                defined[tag, oid] = True
            else:
                detail = f"{etree.QName(attribute).localname} {oid}"
                yield document.broken("define.reference.dangling", element, oid, detail)
    unused = {key for key, used in defined.items() if not used and key[0] != f"{ODM}ItemGroupDef"}
    for tag in dict.fromkeys(REFERENCES.values()):
        for element in document.all(tag):
            oid = element.get("OID") or element.get("ID") or ""
            if (tag, oid) in unused:
                yield document.broken("define.reference.unused", element, oid)


def check_root(document: DefineDocument) -> Iterator[Finding]:
    """D03: context and version."""
    context = document.root.get(f"{DEF}Context", "")
    if context not in ("Submission", "Other"):
        yield document.broken("define.document.context", document.root, context)
    for version in document.all(f"{ODM}MetaDataVersion"):
        stated = version.get(f"{DEF}DefineVersion", "")
        if not re.fullmatch(r"2\.1\.(0|[1-9]\d*)", stated):
            yield document.broken("define.document.version", version, stated)


@cache
def _schema(*, arm: bool) -> etree.XMLSchema:
    folder, name = ("cdisc-arm-1.0", "arm1-0-0.xsd") if arm else ("cdisc-define-2.1", "define2-1-0.xsd")
    home = Path(str(files("defineutils"))) / "validate" / "schema"
    return etree.XMLSchema(etree.parse(home / folder / name))


def _plain(message: str) -> str:
    return message.replace(ODM, "").replace(DEF, "def:").replace(ARM, "arm:").rstrip(".")
