"""Methods and comments: each text is defined once, however many items refer to it."""

from __future__ import annotations

from datacut.submission.supplement import NAME
from datacut.submission.xml import Element, make, make_text, translated

SUPPLEMENT = "LF.supplement"
"""Leaf of the supplementary document."""

ENGINE = "datacut"
"""Context of a formal expression: the language of the spec."""


class MethodBook:
    """Derivations in words with the call that makes them."""

    def __init__(self) -> None:
        self._oids: dict[tuple[str, str | None], str] = {}

    def use(self, item: str, text: str, expression: str | None) -> str:
        """OID of the method; `item` (`AE.AESEQ`) names the first that needs it."""
        return self._oids.setdefault((text, expression), f"MT.{item}")

    def elements(self) -> list[Element]:
        return [_method(oid, text, expression) for (text, expression), oid in self._oids.items()]


class CommentBook:
    """Comments on datasets, variables and values."""

    def __init__(self) -> None:
        self._oids: dict[str, str] = {}

    def use(self, item: str, text: str | None) -> str | None:
        """OID of the comment; None where there is none."""
        return self._oids.setdefault(text, f"COM.{item}") if text else None

    def elements(self) -> list[Element]:
        return [
            make("def:CommentDef", {"OID": oid}, translated("Description", t), _supplement(t))
            for t, oid in self._oids.items()
        ]


def _method(oid: str, text: str, expression: str | None) -> Element:
    formal = None
    if expression:
        formal = make_text("FormalExpression", expression)
        formal.set("Context", ENGINE)
    attributes = {"OID": oid, "Name": f"Algorithm for {oid.removeprefix('MT.')}", "Type": "Computation"}
    return make("MethodDef", attributes, translated("Description", text), formal, _supplement(text))


def _supplement(text: str) -> Element | None:
    """The reference to the supplementary document of a text that names it."""
    return make("def:DocumentRef", {"leafID": SUPPLEMENT}) if NAME in text else None
