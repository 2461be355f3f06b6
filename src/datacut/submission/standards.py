"""The standards a Define-XML document follows: one implementation guide and each terminology package it uses."""

from __future__ import annotations

from datacut.spec.study import Standards
from datacut.submission.xml import Element, make


class StandardsBook:
    """Standards in the order of their first use."""

    def __init__(self, standards: Standards, *, adam: bool) -> None:
        self.dictionaries = standards.dictionaries
        name, version = ("ADaMIG", standards.adamig) if adam else ("SDTMIG", standards.sdtmig)
        self.guide = f"STD.{name}"
        self._elements = {self.guide: _standard(self.guide, name, "IG", None, version)}

    def terminology(self, package: str) -> str:
        """OID of a package such as `SDTM CT 2022-09-30`."""
        publisher, _, version = package.split(" ")
        oid = f"STD.CT.{publisher.upper()}.{version}"
        self._elements.setdefault(oid, _standard(oid, "CDISC/NCI", "CT", publisher, version))
        return oid

    def element(self) -> Element:
        return make("def:Standards", None, *self._elements.values())


def _standard(oid: str, name: str, type_: str, publisher: str | None, version: str) -> Element:
    attributes = {
        "OID": oid,
        "Name": name,
        "Type": type_,
        "PublishingSet": publisher,
        "Version": version,
        "Status": "Final",
    }
    return make("def:Standard", attributes)
