"""What the datasets of one Define-XML document share: definitions that are made at their first use."""

from __future__ import annotations

from collections.abc import Iterable

from datacut.spec.load import Specs
from datacut.submission.codelists import CodelistBook
from datacut.submission.items import Item, item_def, item_ref
from datacut.submission.standards import StandardsBook
from datacut.submission.texts import CommentBook, MethodBook
from datacut.submission.whereclauses import Clause, WhereClauseBook
from datacut.submission.xml import Element, make


class Books:
    """The definitions of one document, each kind in the order of first use."""

    def __init__(self, specs: Specs, *, adam: bool) -> None:
        self.standards = StandardsBook(specs.study.standards, adam=adam)
        self.codelists = CodelistBook(specs.codelists, self.standards)
        self.where_clauses = WhereClauseBook()
        self.methods = MethodBook()
        self.comments = CommentBook()
        self.items: list[Element] = []
        self.value_lists: list[Element] = []
        self.cites_crf = False

    def define(self, item: Item) -> None:
        """Add the definition of an item."""
        self.cites_crf |= bool(item.provenance.pages)
        self.items.append(item_def(item, self.comments))

    def value_list(self, dataset: str, variable: str, values: Iterable[tuple[list[Clause], Item]]) -> str | None:
        """OID of a new value list with these items, which are defined here too; None if there are none."""
        refs = []
        for place, (clauses, item) in enumerate(values, start=1):
            self.define(item)
            oids = [self.where_clauses.use(dataset, c) for c in clauses]
            refs.append(item_ref(item, place, self.methods, mandatory=False, clauses=oids))
        if not refs:
            return None
        oid = f"VL.{dataset}.{variable}"
        self.value_lists.append(make("def:ValueListDef", {"OID": oid}, *refs))
        return oid
