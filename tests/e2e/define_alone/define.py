"""A reader of Define-XML 2.1 with its supplement: methods, comments, code lists and tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from lxml import etree

ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
DEF = "{http://www.cdisc.org/ns/def/v2.1}"


class Define:
    """The methods of one `define.xml`."""

    def __init__(self, path: Path) -> None:
        root = etree.parse(path).getroot()
        self._methods = {m.get("OID"): _text(m) for m in root.iter(ODM + "MethodDef")}
        self._comments = {c.get("OID"): _text(c) for c in root.iter(DEF + "CommentDef")}
        self._items = {i.get("OID"): i for i in root.iter(ODM + "ItemDef")}
        self._groups = {g.get("Name"): g for g in root.iter(ODM + "ItemGroupDef")}
        self._lists = {v.get("OID"): v for v in root.iter(DEF + "ValueListDef")}
        self._clauses = {w.get("OID"): w for w in root.iter(DEF + "WhereClauseDef")}
        self.tables = _tables(path.with_name("define-supplement.html"))

    def comment(self, dataset: str) -> str:
        """The comment of a dataset."""
        return self._comments[self._groups[dataset].get(DEF + "CommentOID")]

    def method(self, dataset: str, variable: str, param: str | None = None) -> str:
        """The method of a variable, or of its values where PARAMCD is `param`."""
        if param is not None:
            return self.by_parameter(dataset, variable)[param]
        return self._methods[self._reference(dataset, variable).get("MethodOID")]

    def by_parameter(self, dataset: str, variable: str) -> dict[str, str]:
        """The methods of the value level of a variable, by PARAMCD."""
        item = self._items[self._reference(dataset, variable).get("ItemOID")]
        values = self._lists[item.find(DEF + "ValueListRef").get("ValueListOID")]
        found = {}
        for reference in values.iter(ODM + "ItemRef"):
            for clause in reference.iter(DEF + "WhereClauseRef"):
                for check in self._clauses[clause.get("WhereClauseOID")].iter(ODM + "RangeCheck"):
                    if self._items[check.get(DEF + "ItemOID")].get("Name") == "PARAMCD":
                        names = [v.text for v in check.iter(ODM + "CheckValue")]
                        found |= dict.fromkeys(names, self._methods.get(reference.get("MethodOID"), ""))
        return found

    def _reference(self, dataset: str, variable: str) -> etree._Element:
        references = self._groups[dataset].iter(ODM + "ItemRef")
        return next(r for r in references if self._items[r.get("ItemOID")].get("Name") == variable)


def read[T](text: str, pattern: str, cast: Callable[[str], T]) -> T:
    """What a sentence holds at the group of a pattern; an error where the sentence reads otherwise."""
    found = re.search(pattern, text, re.DOTALL)
    if found is None:
        raise ValueError(f"The Define does not say {pattern}: {text}")
    return cast(found[1])


def quoted(text: str) -> list[str]:
    return re.findall(r'"([^"]*)"', text)


def named(text: str) -> list[str]:
    """The names of a list in words, `a, b and c`."""
    return re.split(r", | and ", text)


def part(text: str, name: str) -> str:
    """What a method says behind its rule of the working value `[NAME]`."""
    return read(text, rf"\[{name}\]: (.*?)(?= \[[A-Z.]+\]: |\Z)", str)


def rule(text: str) -> str:
    """The rule of a method, without what it says of working values."""
    return read(text, r"Rule: (.*?)(?= \[[A-Z.]+\]: |\Z)", str)


def _text(element: etree._Element) -> str:
    return " ".join(t.text.strip() for t in element.iter(ODM + "TranslatedText"))


def _tables(path: Path) -> dict[str, list[dict[str, str]]]:
    """The tables of the supplement by their headings."""
    page = etree.parse(path, etree.HTMLParser(encoding="utf-8"))
    found: dict[str, list[dict[str, str]]] = {}
    for heading in page.iter("h2"):
        after = heading.xpath("following-sibling::*[self::table or self::h2][1][self::table]")
        if after:
            rows = [["".join(cell.itertext()).strip() for cell in row] for row in after[0].iter("tr")]
            found[heading.text.strip()] = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    return found
