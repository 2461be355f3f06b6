"""Item definitions: variables, and values of variables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from datacut.submission.origins import Provenance
from datacut.submission.shapes import Shape
from datacut.submission.texts import CommentBook, MethodBook
from datacut.submission.xml import Element, make, translated, yes

ACRF = "LF.acrf"
"""Leaf of the annotated CRF."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item: a variable (`AE.AETERM`), or a variable for some records (`LB.LBORRES.ALT`)."""

    id: str
    name: str
    label: str
    shape: Shape
    provenance: Provenance
    codelist: str | None = None
    value_list: str | None = None
    empty: bool = False
    other_origins: tuple[Provenance, ...] = ()

    @property
    def oid(self) -> str:
        return f"IT.{self.id}"

    def says_more_than(self, whole: Item) -> bool:
        """Whether it says something of some records that is not said of the whole variable; a length is no news."""
        mine, theirs = ((i.shape.type, i.codelist, i.provenance) for i in (self, whole))
        return mine != theirs


EMPTY = "No values up to the data cut."


def item_def(item: Item, comments: CommentBook) -> Element:
    """The ItemDef."""
    said = item.provenance.comment
    comment = " ".join(t for t in (said, EMPTY if item.empty else None) if t) or None
    shape = item.shape
    attributes = {
        "OID": item.oid,
        "Name": item.name,
        "SASFieldName": item.name,
        "DataType": shape.type,
        "Length": _number(shape.length),
        "SignificantDigits": _number(shape.digits),
        "def:DisplayFormat": shape.format,
        "def:CommentOID": comments.use(item.id, comment),
    }
    return make(
        "ItemDef",
        attributes,
        translated("Description", item.label),
        make("CodeListRef", {"CodeListOID": item.codelist}) if item.codelist else None,
        *(_origin(p) for p in (item.provenance, *item.other_origins)),
        make("def:ValueListRef", {"ValueListOID": item.value_list}) if item.value_list else None,
    )


def item_ref(
    item: Item,
    place: int,
    methods: MethodBook,
    *,
    mandatory: bool,
    role: str | None = None,
    key: int | None = None,
    clauses: Iterable[str] = (),
) -> Element:
    """The ItemRef of a dataset or value list, with the method of a derived item."""
    provenance = item.provenance
    method = methods.use(item.id, provenance.method, provenance.expression) if provenance.method else None
    attributes = {
        "ItemOID": item.oid,
        "OrderNumber": str(place),
        "Mandatory": "Yes" if mandatory else "No",
        "KeySequence": _number(key),
        "MethodOID": method,
        "Role": role,
        "def:HasNoData": yes(item.empty),
    }
    return make("ItemRef", attributes, *(make("def:WhereClauseRef", {"WhereClauseOID": c}) for c in clauses))


def _origin(provenance: Provenance) -> Element | None:
    if provenance.origin is None:
        return None
    pages = None
    if provenance.pages:
        kind = "PhysicalRef" if all(p.isdigit() for p in provenance.pages) else "NamedDestination"
        page = make("def:PDFPageRef", {"PageRefs": " ".join(provenance.pages), "Type": kind})
        pages = make("def:DocumentRef", {"leafID": ACRF}, page)
    attributes = {"Type": provenance.origin, "Source": provenance.source}
    return make("def:Origin", attributes, translated("Description", provenance.predecessor), pages)


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)
