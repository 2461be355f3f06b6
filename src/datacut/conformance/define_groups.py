"""D04 and D05: standards, and what each dataset says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from datacut.conformance.define_document import DEF, HREF, ODM, DefineDocument, Element, description
from datacut.errors import Finding

ONE_RECORD = {"STUDYID", "USUBJID"}


def check_standards(document: DefineDocument) -> Iterator[Finding]:
    """D04: an implementation guide and terminology with versions; datasets and codelists point at them."""
    standards = {s.get("OID", ""): s for s in document.all(f"{DEF}Standard")}
    types = {oid: s.get("Type", "") for oid, s in standards.items()}
    for standard in standards.values():
        if not standard.get("Version", "").strip():
            yield document.broken("define.standard.listed", standard, standard.get("Name", ""), "no version")
    if "IG" not in types.values():
        yield document.broken("define.standard.listed", document.root, "IG", "no implementation guide")
    pointed = {c.get(f"{DEF}StandardOID") for c in document.codelists.values()} - {None}
    if pointed and "CT" not in types.values():
        yield document.broken("define.standard.listed", document.root, "CT", "no terminology package")
    for group in document.groups.values():
        if not _placed(group, types, "IG"):
            yield document.broken("define.standard.dataset", group)
    for codelist in document.codelists.values():
        if not _placed(codelist, types, "CT"):
            yield document.broken("define.standard.codelist", codelist)


def _placed(element: Element, types: dict[str, str], wanted: str) -> bool:
    """Points at a standard of the wanted type (one that is not listed is a dangling reference), or is non-standard."""
    oid = element.get(f"{DEF}StandardOID")
    marked = element.get(f"{DEF}IsNonStandard") == "Yes"
    return marked if oid is None else types.get(oid, wanted) == wanted and not marked


def check_groups(document: DefineDocument) -> Iterator[Finding]:
    """D05: label, class, structure, purpose, repeating, keys, file and no-data flag of each dataset."""
    for name, group in document.groups.items():
        if not description(group):
            yield document.broken("define.dataset.label", group)
        found = group.find(f"{DEF}Class")
        if found is None or not found.get("Name"):
            yield document.broken("define.dataset.class", group)
        if not group.get(f"{DEF}Structure", "").strip():
            yield document.broken("define.dataset.structure", group)
        if group.get("Purpose") not in ("Tabulation", "Analysis"):
            yield document.broken("define.dataset.purpose", group, group.get("Purpose", ""))
        yield from _repeating(document, name, group)
        yield from _keys(document, group)
        yield from _leaf(document, name, group)
        yield from _no_data(document, name, group)


def _repeating(document: DefineDocument, name: str, group: Element) -> Iterator[Finding]:
    dataset = document.datasets.get(name)
    stated = group.get("Repeating", "")
    if dataset is None or stated != "No":
        return
    columns = [c for c in dataset.frame.columns if c == "USUBJID"]
    if not columns or dataset.frame.duplicated(columns).any():
        yield document.broken("define.dataset.repeating", group, stated)


def _keys(document: DefineDocument, group: Element) -> Iterator[Finding]:
    given = [ref.get("KeySequence") for ref in group.iterfind(f"{ODM}ItemRef")]
    places = sorted(int(k) for k in given if k is not None and k.isdigit())
    if not places or places != list(range(1, len(places) + 1)):
        yield document.broken("define.dataset.keys", group, " ".join(map(str, places)))


def _leaf(document: DefineDocument, name: str, group: Element) -> Iterator[Finding]:
    leafs = {leaf.get("ID"): leaf for leaf in document.all(f"{DEF}leaf")}
    leaf = leafs.get(group.get(f"{DEF}ArchiveLocationID"))
    href = "" if leaf is None else leaf.get(HREF, "")
    dangling = leaf is None and group.get(f"{DEF}ArchiveLocationID") is not None
    wanted = "" if group.get(f"{DEF}HasNoData") == "Yes" else f"{name.lower()}.xpt"
    if not dangling and href != wanted:
        yield document.broken("define.dataset.leaf", group, href)


def _no_data(document: DefineDocument, name: str, group: Element) -> Iterator[Finding]:
    dataset = document.datasets.get(name)
    if dataset is None:
        return
    marked = group.get(f"{DEF}HasNoData") == "Yes"
    if marked != dataset.frame.empty or (marked and group.get(f"{DEF}CommentOID") is None):
        yield document.broken("define.dataset.nodata", group, group.get(f"{DEF}HasNoData", ""))
    for ref, item in document.variables[name]:
        column = item.get("Name", "")
        if column not in dataset.frame.columns:
            continue
        marked = ref.get(f"{DEF}HasNoData") == "Yes"
        filled = bool(dataset.frame[column].notna().any())
        if marked and (filled or item.get(f"{DEF}CommentOID") is None):
            yield document.broken("define.dataset.nodata", item, "Yes")
        elif not marked and not filled and not dataset.frame.empty:
            yield document.broken("define.dataset.nodata", item, "", "no values")
