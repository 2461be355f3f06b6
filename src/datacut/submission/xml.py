"""Elements of a Define-XML document: prefixed names in, one text out that is the same each time."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

type Element = etree._Element

NAMESPACES = {
    None: "http://www.cdisc.org/ns/odm/v1.3",
    "def": "http://www.cdisc.org/ns/def/v2.1",
    "xlink": "http://www.w3.org/1999/xlink",
}
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def make(tag: str, attributes: Mapping[str, str | None] | None = None, *children: Element | None) -> Element:
    """An element with the attributes and children that are there; `def:Origin`, `xlink:href` are prefixed names."""
    element = etree.Element(_qualified(tag, default=None), nsmap=NAMESPACES)
    for name, value in (attributes or {}).items():
        if value is not None:
            element.set(_qualified(name, default=""), value)
    element.extend(c for c in children if c is not None)
    return element


def make_text(tag: str, text: str) -> Element:
    """An element that holds only text."""
    element = make(tag)
    element.text = text
    return element


def translated(tag: str, text: str | None) -> Element | None:
    """A `Description` or `Decode` in English; None where there is nothing to say."""
    if not text:
        return None
    inner = make_text("TranslatedText", text)
    inner.set(LANGUAGE, "en")
    return make(tag, None, inner)


def yes(condition: bool) -> str | None:
    """`Yes`, or no attribute at all: some attributes of Define-XML may only be `Yes`."""
    return "Yes" if condition else None


def oid_part(text: str) -> str:
    """A text as part of an OID: what is no letter, digit, dot or hyphen becomes an underscore."""
    return re.sub(r"[^A-Za-z0-9.\-]", "_", text)


def to_bytes(root: Element, stylesheet: str) -> bytes:
    """The document, indented, with the instruction that shows it through a stylesheet beside it."""
    etree.cleanup_namespaces(root, keep_ns_prefixes=[p for p in NAMESPACES if p])
    etree.indent(root)
    root.addprevious(etree.ProcessingInstruction("xml-stylesheet", f'type="text/xsl" href="{stylesheet}"'))
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _qualified(name: str, default: str | None) -> str:
    prefix, _, local = name.rpartition(":")
    if not prefix and default == "":
        return local
    return f"{{{NAMESPACES[prefix or None]}}}{local}"
