"""`define.html`: a Define-XML document as a page, since browsers no longer apply stylesheets to XML themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from datacut.submission.xml import NAMESPACES, Element

_ODM, _DEF = (f"{{{NAMESPACES[prefix]}}}" for prefix in (None, "def"))
_HREF = f"{{{NAMESPACES['xlink']}}}href"
_SIGNS = {"EQ": "=", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "IN": "in", "NOTIN": "not in"}


@dataclass(frozen=True, slots=True)
class Row:
    """One variable, or what holds of it under a condition. codelist: OID and name; origins, notes: lines of text."""

    name: str
    condition: str
    label: str
    key: str
    shape: str
    mandatory: str
    codelist: tuple[str, str] | None
    origins: tuple[str, ...]
    notes: tuple[str, ...]
    expression: str


def render_define(root: Element) -> bytes:
    """The whole page."""
    environment = Environment(
        loader=PackageLoader("datacut.submission"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    page = _Page(root)
    about = {
        "title": page.version.get("Name"),
        "description": page.version.get("Description"),
        "standards": list(page.all(f"{_DEF}Standard")),
        "documents": [(leaf.get(_HREF), _text(leaf)) for leaf in page.version.iterfind(f"{_DEF}leaf")],
        "datasets": [page.dataset(g) for g in page.all(f"{_ODM}ItemGroupDef")],
        "codelists": [page.codelist(c) for c in page.all(f"{_ODM}CodeList")],
    }
    return environment.get_template("define.html.j2").render(about).encode()


class _Page:
    """What the page says of each definition."""

    def __init__(self, root: Element) -> None:
        self.version = next(root.iter(f"{_ODM}MetaDataVersion"))
        self._by_oid = {oid: e for e in self.version.iter() if (oid := e.get("OID")) is not None}

    def all(self, tag: str) -> Iterator[Element]:
        return self.version.iter(tag)

    def dataset(self, group: Element) -> dict[str, object]:
        refs = list(group.iterfind(f"{_ODM}ItemRef"))
        leaf = group.find(f"{_DEF}leaf")
        classes = [e.get("Name", "") for e in group.iter(f"{_DEF}Class", f"{_DEF}SubClass")]
        keyed = sorted((int(k), r) for r in refs if (k := r.get("KeySequence")))
        return {
            "name": group.get("Name"),
            "label": _text(group.find(f"{_ODM}Description")),
            "class_": ", ".join(classes),
            "structure": group.get(f"{_DEF}Structure"),
            "keys": ", ".join(self._by_oid[r.get("ItemOID", "")].get("Name", "") for _, r in keyed),
            "file": None if leaf is None else leaf.get(_HREF),
            "note": self._said(group.get(f"{_DEF}CommentOID")),
            "rows": list(self._rows(refs)),
        }

    def codelist(self, element: Element) -> dict[str, object]:
        outside = element.find(f"{_ODM}ExternalCodeList")
        items = element.iterfind("*[@CodedValue]")
        return {
            "oid": element.get("OID"),
            "name": element.get("Name"),
            "dictionary": None if outside is None else f"{outside.get('Dictionary')} {outside.get('Version')}",
            "terms": [(i.get("CodedValue"), _text(i), i.get(f"{_DEF}ExtendedValue") == "Yes") for i in items],
        }

    def _rows(self, refs: Iterable[Element]) -> Iterator[Row]:
        for ref in refs:
            item = self._by_oid[ref.get("ItemOID", "")]
            yield self._row(ref, item)
            listed = item.find(f"{_DEF}ValueListRef")
            if listed is not None:
                yield from self._rows(self._by_oid[listed.get("ValueListOID", "")].iterfind(f"{_ODM}ItemRef"))

    def _row(self, ref: Element, item: Element) -> Row:
        clauses = (self._clause(c.get("WhereClauseOID", "")) for c in ref.iterfind(f"{_DEF}WhereClauseRef"))
        parts = (item.get("DataType"), item.get("Length"), item.get(f"{_DEF}DisplayFormat"))
        listed = item.find(f"{_ODM}CodeListRef")
        oid = "" if listed is None else listed.get("CodeListOID", "")
        method = self._by_oid.get(ref.get("MethodOID", ""))
        formal = None if method is None else method.find(f"{_ODM}FormalExpression")
        notes = (self._said(ref.get("MethodOID")), self._said(item.get(f"{_DEF}CommentOID")))
        return Row(
            item.get("Name", ""),
            " or ".join(clauses),
            _text(item.find(f"{_ODM}Description")),
            ref.get("KeySequence", ""),
            " ".join(p for p in parts if p),
            ref.get("Mandatory", ""),
            (oid, self._by_oid[oid].get("Name", "")) if oid else None,
            tuple(_origin(o) for o in item.iterfind(f"{_DEF}Origin")),
            tuple(n for n in notes if n),
            "" if formal is None else formal.text or "",
        )

    def _clause(self, oid: str) -> str:
        return " and ".join(self._check(c) for c in self._by_oid[oid].iterfind(f"{_ODM}RangeCheck"))

    def _check(self, check: Element) -> str:
        name = self._by_oid[check.get(f"{_DEF}ItemOID", "")].get("Name")
        values = ", ".join(v.text or "" for v in check.iterfind(f"{_ODM}CheckValue"))
        return f"{name} {_SIGNS[check.get('Comparator', 'EQ')]} {values}"

    def _said(self, oid: str | None) -> str:
        """The description of a method or comment."""
        return _text(self._by_oid[oid].find(f"{_ODM}Description")) if oid else ""


def _origin(origin: Element) -> str:
    pages = [p.get("PageRefs", "") for p in origin.iter(f"{_DEF}PDFPageRef")]
    parts = (origin.get("Type"), origin.get("Source"), _text(origin), f"page {' '.join(pages)}" if pages else "")
    return ", ".join(p for p in parts if p)


def _text(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()
