"""Codelists of a Define-XML document: only terms used or collected, with C-codes, extensions marked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from datacut.spec.study import CodelistSpec, Dictionary
from datacut.standards import Codelist, codelist
from datacut.submission.standards import StandardsBook
from datacut.submission.xml import Element, make, oid_part, translated, yes

CODES = "nci:ExtCodeID"
"""Context of an Alias that holds a C-code."""


@dataclass
class _Entry:
    name: str
    type: str
    study: CodelistSpec | None
    standard: Codelist | None
    values: set[str] = field(default_factory=set)
    collected: bool = False


class CodelistBook:
    """Every codelist asked for, each defined once with all values its variables have."""

    def __init__(self, study: dict[str, CodelistSpec], standards: StandardsBook) -> None:
        self._study = study
        self._standards = standards
        self._entries: dict[str, _Entry] = {}
        self._external: dict[str, tuple[Dictionary, str]] = {}
        self._own: dict[tuple[str, tuple[tuple[str, str], ...], str], str] = {}

    def own(self, dataset: str, name: str, terms: list[tuple[str, str]], type_: str) -> str:
        """OID of a list of values and decodes that the data give; datasets with the same terms share it."""
        return self._own.setdefault((name, tuple(terms), type_), f"CL.{dataset}.{name}")

    def use(self, name: str, values: Iterable[str], type_: str = "text", *, collected: bool = False) -> str:
        """OID of a codelist of the study, or by C-code of controlled terminology, that must hold these values.

        collected: the values are chosen on a form, so that every term that can be chosen there belongs to the list.
        """
        spec = self._study.get(name)
        if spec is not None and spec.dictionary in self._standards.dictionaries:
            return self.external(spec.dictionary, type_)
        code = (spec.code if spec else name) or None
        oid = f"CL.{name}" if type_ == "text" else f"CL.{name}.{type_.upper()}"
        entry = self._entries.setdefault(oid, self._entry(name, spec, code, type_))
        entry.values.update(values)
        entry.collected |= collected
        return oid

    def use_subset(self, name: str, values: Iterable[str]) -> str:
        """OID of the part of a codelist that one test uses; tests that use the same values share it."""
        chosen = sorted(set(values))
        spec = self._study.get(name)
        oid = oid_part(f"CL.{name}.{'_'.join(chosen)}")
        entry = self._entry(name, spec, (spec.code if spec else name) or None, "text")
        self._entries.setdefault(oid, entry).values.update(chosen)
        self._entries[oid].name = f"{entry.name}: {', '.join(chosen)}"
        return oid

    def name_of(self, code: str) -> str:
        """The codelist of the study with a C-code; the code itself where the study has none."""
        return next((name for name, spec in self._study.items() if spec.code == code), code)

    def collects(self, name: str) -> bool:
        """Whether a codelist of the study has terms that can be chosen on a form."""
        return any(t.collected for t in self._study[name].terms) if name in self._study else False

    def holds(self, name: str, values: Iterable[str]) -> bool:
        """Whether a codelist has all these values, or may be extended by them."""
        spec = self._study.get(name)
        entry = self._entry(name, spec, (spec.code if spec else name) or None, "text")
        known = {t.value for t in spec.terms} if spec else set()
        known |= set(entry.standard.by_value) if entry.standard else set()
        return set(values) <= known

    def fitting(self, codes: Iterable[str], values: Iterable[str]) -> str | None:
        """The first of several lists of controlled terminology that holds all values, else the first that is there."""
        lists = [found for code in codes if (found := codelist(code))]
        wanted = set(values)
        whole = (c.code for c in lists if wanted <= c.by_value.keys())
        return next(whole, lists[0].code if lists else None)

    def external(self, dictionary: str, type_: str) -> str:
        """OID of a dictionary that is kept elsewhere."""
        oid = oid_part(f"CL.{dictionary}.{type_}".upper())
        self._external[oid] = (self._standards.dictionaries[dictionary], type_)
        return oid

    def elements(self) -> list[Element]:
        lists = [self._element(oid, entry) for oid, entry in self._entries.items()]
        lists += [_of_data(oid, terms, type_) for (_, terms, type_), oid in self._own.items()]
        return lists + [_external(oid, *entry) for oid, entry in self._external.items()]

    def _entry(self, name: str, spec: CodelistSpec | None, code: str | None, type_: str) -> _Entry:
        standard = codelist(code) if code else None
        return _Entry((standard.name if standard else spec.name if spec else "") or name, type_, spec, standard)

    def _element(self, oid: str, entry: _Entry) -> Element:
        standard = entry.standard
        terms = _terms(entry)
        decoded = any(t.decode not in ("", t.value) for t in terms)
        items = [_item(t, place, decoded) for place, t in enumerate(terms, start=1)]
        attributes = {
            "OID": oid,
            "Name": entry.name,
            "DataType": entry.type,
            "def:StandardOID": self._standards.terminology(standard.package) if standard else None,
            "def:IsNonStandard": yes(standard is None),
        }
        return make("CodeList", attributes, *items, _alias(standard.code if standard else ""))


@dataclass(frozen=True, slots=True)
class _Term:
    value: str
    decode: str
    code: str
    extended: bool


def _terms(entry: _Entry) -> list[_Term]:
    """Terms in the order of the study's list, then those of the standard, then values that neither has."""
    study = {t.value: t for t in entry.study.terms} if entry.study else {}
    standard = entry.standard.by_value if entry.standard else {}
    wanted = entry.values | {v for v, t in study.items() if t.collected and entry.collected}
    order = dict.fromkeys(v for v in (*study, *standard, *sorted(wanted)) if v in wanted)
    found = []
    for value in order:
        own, cdisc = study.get(value), standard.get(value)
        decode = (own.decode if own else "") or (cdisc.decode if cdisc else "")
        extended = entry.standard is not None and cdisc is None
        found.append(_Term(value, decode, cdisc.code if cdisc else "", extended))
    return found


def _item(term: _Term, place: int, decoded: bool) -> Element:
    attributes = {
        "CodedValue": term.value,
        "OrderNumber": str(place),
        "def:ExtendedValue": yes(term.extended),
    }
    if not decoded:
        return make("EnumeratedItem", attributes, _alias(term.code))
    return make("CodeListItem", attributes, translated("Decode", term.decode or term.value), _alias(term.code))


def _of_data(oid: str, terms: tuple[tuple[str, str], ...], type_: str) -> Element:
    decoded = any(decode for _, decode in terms)
    made = [_Term(value, decode, "", False) for value, decode in terms]
    attributes = {"OID": oid, "Name": oid.removeprefix("CL."), "DataType": type_, "def:IsNonStandard": "Yes"}
    return make("CodeList", attributes, *(_item(t, place, decoded) for place, t in enumerate(made, start=1)))


def _external(oid: str, dictionary: Dictionary, type_: str) -> Element:
    inner = make("ExternalCodeList", {"Dictionary": dictionary.name, "Version": dictionary.version})
    attributes = {"OID": oid, "Name": dictionary.name, "DataType": type_, "def:IsNonStandard": "Yes"}
    return make("CodeList", attributes, inner)


def _alias(code: str) -> Element | None:
    return make("Alias", {"Name": code, "Context": CODES}) if code else None
