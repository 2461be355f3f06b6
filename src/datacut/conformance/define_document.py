"""A Define-XML file as its checks read it; nothing here knows how it was made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from lxml import etree

from datacut.datasets.model import Dataset, value_text
from datacut.errors import Finding, Location, in_file, rule

type Element = etree._Element

ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
DEF = "{http://www.cdisc.org/ns/def/v2.1}"
ARM = "{http://www.cdisc.org/ns/arm/v1.0}"
HREF = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True)
class Use:
    """One reference to an item: dataset, ItemRef, ItemDef and the different values it describes, as text."""

    dataset: str
    ref: Element
    item: Element
    values: frozenset[str]


@dataclass(frozen=True)
class Texts:
    """A column as text: the different values, and for each record the place of its value there, -1 where missing."""

    codes: np.ndarray
    values: tuple[str, ...]

    def of(self, records: np.ndarray) -> frozenset[str]:
        """The different values of some records."""
        return frozenset(self.values[code] for code in np.unique(self.codes[records]) if code >= 0)

    def where(self, comparator: str, values: list[str]) -> np.ndarray:
        """Which records meet a comparison; a missing value meets none."""
        held = np.array([*(compared(v, comparator, values) for v in self.values), False], dtype=bool)
        return held.take(self.codes)


class DefineDocument:
    """One define.xml and the datasets it is to describe. shown: the file as messages name it."""

    def __init__(self, path: Path, shown: str, datasets: Mapping[str, Dataset]) -> None:
        self.tree = etree.parse(path)
        self.root = self.tree.getroot()
        self.shown = shown
        self.datasets = datasets
        self._texts: dict[tuple[str, str], Texts] = {}
        self._masks: dict[tuple[str, str], np.ndarray] = {}

    def all(self, tag: str) -> Iterator[Element]:
        return self.root.iter(tag)

    @cached_property
    def groups(self) -> dict[str, Element]:
        """ItemGroupDef by name."""
        return {g.get("Name", ""): g for g in self.all(f"{ODM}ItemGroupDef")}

    @cached_property
    def items(self) -> dict[str, Element]:
        return {i.get("OID", ""): i for i in self.all(f"{ODM}ItemDef")}

    @cached_property
    def codelists(self) -> dict[str, Element]:
        return {c.get("OID", ""): c for c in self.all(f"{ODM}CodeList")}

    @cached_property
    def value_lists(self) -> dict[str, Element]:
        return {v.get("OID", ""): v for v in self.all(f"{DEF}ValueListDef")}

    @cached_property
    def where_clauses(self) -> dict[str, Element]:
        return {w.get("OID", ""): w for w in self.all(f"{DEF}WhereClauseDef")}

    @cached_property
    def variables(self) -> dict[str, list[tuple[Element, Element]]]:
        """By dataset, reference and definition of each variable in order of the references."""
        return {name: self._defined(group.iterfind(f"{ODM}ItemRef")) for name, group in self.groups.items()}

    @cached_property
    def uses(self) -> list[Use]:
        """Every variable, and every entry of its value list, with the values it describes."""
        found = []
        for name, pairs in self.variables.items():
            dataset = self.datasets.get(name)
            for ref, item in pairs:
                column = item.get("Name", "")
                texts = None if dataset is None else self.texts(dataset, column)
                found.append(Use(name, ref, item, frozenset() if texts is None else frozenset(texts.values)))
                met = {} if dataset is None else {e.get("ItemOID"): m for e, m in self.records_of(dataset, item)}
                for entry, value in self._defined(self.entries(item)):
                    held = frozenset() if texts is None else texts.of(met[entry.get("ItemOID")])
                    found.append(Use(name, entry, value, held))
        return found

    def _defined(self, refs: Iterable[Element]) -> list[tuple[Element, Element]]:
        pairs = ((ref, self.items.get(ref.get("ItemOID", ""))) for ref in refs)
        return [(ref, item) for ref, item in pairs if item is not None]

    def entries(self, item: Element) -> list[Element]:
        """The references of the value list of a variable."""
        ref = item.find(f"{DEF}ValueListRef")
        values = self.value_lists.get(ref.get("ValueListOID", "")) if ref is not None else None
        return [] if values is None else list(values.iterfind(f"{ODM}ItemRef"))

    def codelist_of(self, item: Element) -> Element | None:
        ref = item.find(f"{ODM}CodeListRef")
        return None if ref is None else self.codelists.get(ref.get("CodeListOID", ""))

    def texts(self, dataset: Dataset, column: str) -> Texts | None:
        """The values of a column as text; None if the dataset does not have it."""
        key = (dataset.name, column)
        if column in dataset.frame.columns and key not in self._texts:
            codes, values = pd.factorize(dataset.frame[column])
            self._texts[key] = Texts(codes, tuple(value_text(v) for v in values))
        return self._texts.get(key)

    def records_of(self, dataset: Dataset, item: Element) -> list[tuple[Element, np.ndarray]]:
        """Each entry of a variable's value list, and which records meet one of its where clauses."""
        found = []
        for entry in self.entries(item):
            chosen = np.zeros(len(dataset.frame), dtype=bool)
            for ref in entry.iterfind(f"{DEF}WhereClauseRef"):
                if (clause := self.where_clauses.get(ref.get("WhereClauseOID", ""))) is not None:
                    chosen = chosen | self._met(dataset, clause)
            found.append((entry, chosen))
        return found

    def _met(self, dataset: Dataset, clause: Element) -> np.ndarray:
        """Which records meet every check of one clause."""
        key = (dataset.name, clause.get("OID", ""))
        if key not in self._masks:
            chosen = np.ones(len(dataset.frame), dtype=bool)
            for check in clause.iterfind(f"{ODM}RangeCheck"):
                item = self.items.get(check.get(f"{DEF}ItemOID", ""))
                texts = None if item is None else self.texts(dataset, item.get("Name", ""))
                values = [v.text or "" for v in check.iterfind(f"{ODM}CheckValue")]
                if texts is None:
                    chosen = np.zeros(len(dataset.frame), dtype=bool)
                else:
                    chosen = chosen & texts.where(check.get("Comparator", ""), values)
            self._masks[key] = chosen
        return self._masks[key]

    def where(self, element: Element) -> Location:
        """File, line and, as `IT.AE.AESEQ`, the OID of the definition."""
        named = element.get("OID") or element.get("ID") or element.get("Name") or etree.QName(element).localname
        return in_file(self.shown, element.sourceline or 0, key=named)

    def broken(self, id_: str, element: Element, value: str = "", detail: str = "") -> Finding:
        """A finding of a rule at an element."""
        return rule(id_).finding(self.where(element), value, detail)


def compared(text: str, comparator: str, values: list[str]) -> bool:
    """Whether a value meets a comparison; what is no number is neither less nor greater."""
    if comparator in ("EQ", "IN", "NE", "NOTIN"):
        return (text in values) == (comparator in ("EQ", "IN"))
    try:
        number, limit = float(text), float(values[0])
    except ValueError:
        return False
    return {"LT": number < limit, "LE": number <= limit, "GT": number > limit, "GE": number >= limit}[comparator]


def description(element: Element) -> str:
    """Text of the Description; blank where there is none."""
    return "".join(t.text or "" for t in element.iterfind(f"{ODM}Description/{ODM}TranslatedText")).strip()


def terms_of(codelist: Element) -> list[Element]:
    """The items of a codelist, coded or enumerated."""
    return [i for i in codelist if i.tag in (f"{ODM}CodeListItem", f"{ODM}EnumeratedItem")]


def code_of(element: Element) -> str:
    """C-code of a codelist or term; blank where there is none."""
    return next((a.get("Name", "") for a in element.iterfind(f"{ODM}Alias") if a.get("Context") == "nci:ExtCodeID"), "")
